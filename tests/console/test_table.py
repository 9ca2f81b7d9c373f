"""The table of profiles, live."""

from tests.console.conftest import Installation


def test_verified_without_a_reload(installation: Installation) -> None:
    mailbox = installation.mail.add_user()
    installation.profile(mailbox)
    installation.play("verify", address=mailbox.address)
