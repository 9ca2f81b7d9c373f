"""Signed records of verifications: what was proved, for whoever must show it without asking the Director."""
