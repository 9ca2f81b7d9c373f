"""What Actors call: enrollment, the long poll, renewal, results."""
