"""``actor probe URL``: the diagnosis of a check at a prompt, without a Director."""
