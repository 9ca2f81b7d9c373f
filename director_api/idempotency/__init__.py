"""Repeating a POST safely: ``Idempotency-Key`` after draft-ietf-httpapi-idempotency-key-header-07."""
