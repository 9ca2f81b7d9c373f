"""Mailboxes behind Microsoft Graph."""
