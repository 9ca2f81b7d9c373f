"""What the Director measures of itself."""
