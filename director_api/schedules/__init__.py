"""What is due by time alone for a profile: scheduled verifications, and notices of secrets that expire."""
