"""A stand-in for Microsoft Entra and Microsoft Graph, as strict as their documentation says."""
