"""Servers, ports and what a provider wants, for an address: from a table, or from the address's domain."""
