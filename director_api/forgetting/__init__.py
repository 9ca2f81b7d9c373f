"""Forgetting what is old: how long is a setting, and each transaction is short."""
