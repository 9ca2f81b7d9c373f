"""Connectivity checks: the diagnostics of a verification, without mail, before a profile is even saved."""
