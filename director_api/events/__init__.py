"""What happened, in order: a log that live pages follow and that webhooks are sent from."""
