"""Google's cloud: access tokens, and what its sign-in and the Gmail API answer."""
