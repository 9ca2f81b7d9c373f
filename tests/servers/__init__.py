"""Real mail servers, started from a temporary folder on free loopback ports."""
