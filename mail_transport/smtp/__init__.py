"""Speaking to a server that sends mail (RFC 5321), as far as the login and no further."""
