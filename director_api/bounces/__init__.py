"""Undeliverable mail that comes back to the Director."""
