"""Who may call: roles, API tokens, and the credentials of Actors."""
