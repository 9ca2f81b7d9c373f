"""Mailboxes behind the Gmail API (https://developers.google.com/workspace/gmail/api)."""
