"""Speaking to mail servers: connections, TLS, diagnostics. Shared by the Actor and the Director."""
