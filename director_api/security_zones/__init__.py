"""Security zones: named groups of Actors."""
