"""Verifications: runs over a profile, made of one check for each Actor."""
