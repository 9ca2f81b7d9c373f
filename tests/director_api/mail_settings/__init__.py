"""Tests of the Director's mail settings."""
