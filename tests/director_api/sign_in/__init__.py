"""Signing in by an OpenID Connect issuer."""
