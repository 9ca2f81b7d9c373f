"""Microsoft's clouds: an app's sign-in at Entra, and what Entra and Graph answer."""
