"""A stand-in for Google's sign-in and the Gmail API, as strict as Google's documentation says.

What passes here conforms to the documentation; it proves nothing about Google's service itself.
"""
