"""The Director's own mail: a message is accepted with the verification and sent whatever happens after."""
