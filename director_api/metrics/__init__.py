"""What the Director measures of itself, for Prometheus."""
