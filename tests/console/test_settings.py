"""The Director's own mail, set in the console."""

from tests.console.conftest import Installation


def test_mail_is_set_and_what_was_not_touched_stays(installation: Installation) -> None:
    director, returned = installation.director, installation.mail.add_user()
    ports = installation.mail.dovecot.ports
    installation.play(
        "emailSettings",
        host=installation.mail.host,
        port=str(ports.imap),
        username=returned.username,
        password=returned.password,
    )
    saved = director.get("/settings/email")
    assert saved["from_address"] == "codes@example.test"
    assert saved["encryption"] == "starttls"
    assert saved["tls"]["ca_certificate"] == installation.mail.ca_pem.strip()
    assert saved["bounces"]["username"] == returned.username
    assert saved["bounces"]["password"]["set"]
