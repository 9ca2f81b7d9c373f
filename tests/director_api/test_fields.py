"""Hosts and account names as people write them."""

import pytest
from pydantic import TypeAdapter, ValidationError

from director_api.clock import new_id
from director_api.fields import AccountName, Host
from director_api.outbox.message import verification_message

HOST: TypeAdapter[str] = TypeAdapter(Host)


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("IMAP.Example.com.", "imap.example.com"),
        ("192.0.2.10", "192.0.2.10"),
        ("2001:DB8::25", "2001:db8::25"),
        ("[2001:db8::25]", "2001:db8::25"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("faß.example", "xn--fa-hia.example"),  # IDNA 2008: 2003 made it fass
        ("mail_1.example.com", "mail_1.example.com"),
    ],
)
def test_a_host_is_a_name_or_an_address(written: str, stored: str) -> None:
    assert HOST.validate_python(written) == stored


@pytest.mark.parametrize(
    "written",
    [
        "",
        "imaps://x",
        "host:993",
        "a b",
        "-x.example",
        "300.1.2.3",
        "x..y",
        "xn--zz--.example",
        "☃️..",
        "a" * 64,
    ],
)
def test_what_is_no_host_is_refused(written: str) -> None:
    with pytest.raises(ValidationError):
        HOST.validate_python(written)


@pytest.mark.parametrize("name", ["user@example.com", "CORP\\user"])
def test_an_account_may_be_written_either_way(name: str) -> None:
    assert TypeAdapter[str](AccountName).validate_python(name) == name


def test_mail_to_an_internationalised_domain_is_addressed_in_ascii() -> None:
    message = verification_message("d@example.test", "anna@bücher.example", "x" * 26, new_id())
    assert message["To"] == "anna@xn--bcher-kva.example"
