"""The URLs that ``actor probe`` takes."""

import pytest

from actor_agent.probe.url import parse_url


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("imap://mail.example.test", "imap://mail.example.test:143"),
        ("imap://mail.example.test?starttls", "imap://mail.example.test:143?starttls"),
        ("imaps://mail.example.test/", "imaps://mail.example.test:993"),
        ("pop3://mail.example.test", "pop3://mail.example.test:110"),
        ("pop3s://[::1]", "pop3s://[::1]:995"),
        ("smtp://mail.example.test", "smtp://mail.example.test:25"),
        ("smtp://mail.example.test?starttls", "smtp://mail.example.test:587?starttls"),
        ("smtps://mail.example.test:2465", "smtps://mail.example.test:2465"),
    ],
)
def test_a_url_says_protocol_port_and_encryption(text: str, written: str) -> None:
    assert str(parse_url(text)) == written


def test_a_url_may_name_the_account() -> None:
    assert parse_url("imaps://carl%40example.test@mail.example.test").username == "carl@example.test"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("https://mail.example.test", "begins with"),
        ("mail.example.test", "begins with"),
        ("imaps://", "no host"),
        ("imap://carl:secret@mail.example.test", "--password-file"),
        ("imaps://mail.example.test?starttls", "begin with TLS"),
        ("imap://mail.example.test?tls", "only ?starttls"),
        ("imap://mail.example.test/INBOX", "nothing follows"),
        ("imap://mail.example.test:99999", "ort"),
    ],
)
def test_what_can_not_be_probed_is_said(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said.replace("?", r"\?")):
        parse_url(text)
