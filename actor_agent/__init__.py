"""The Actor: polls the Director for work and looks into mailboxes from where it stands."""
