"""Email profiles: a mailbox, how to read it, and the Actors that may use it."""
