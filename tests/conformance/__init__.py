"""Both OpenAPI documents against a running Director, by tools that others made."""
