"""Telling other systems what happened, after the Standard Webhooks specification 1.0."""
