"""Limits on how often a caller may ask."""
