"""A whole installation on one machine, to try: a mail server, a Director, two Actors.

`mail_server`, `mailboxes`, `ntlm`, `pop3` and `smtp_intake` run in `.sandbox`, the rest in `.venv`;
neither environment has the other's packages.
"""
