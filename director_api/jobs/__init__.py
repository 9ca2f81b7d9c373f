"""Jobs without mail that Actors lease beside checks: connectivity checks and look-ups for autoconfiguration."""
