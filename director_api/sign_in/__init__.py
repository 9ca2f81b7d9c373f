"""Signing in for a separate frontend: access tokens of an OpenID Connect issuer."""
