"""Repeating a POST safely."""
