"""What a firewall must let through for a profile, ready for a change request."""
