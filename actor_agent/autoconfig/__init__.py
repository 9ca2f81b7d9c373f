"""Finding out which mail servers a domain names, from where the Actor stands."""
