"""What ``ACTOR_EGRESS_ALLOW`` lets through."""

import pytest

from mail_transport.egress import EgressPolicy


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "::1", "169.254.169.254", "fe80::1%eth0"])
@pytest.mark.parametrize("mapped", [False, True])
def test_an_empty_list_keeps_from_loopback_and_link_local(address: str, mapped: bool) -> None:
    if mapped and ":" not in address:
        address = f"::ffff:{address}"
    assert not EgressPolicy.parse("").allows("mail.example.test", address, 143)


@pytest.mark.parametrize("address", ["10.0.0.5", "192.0.2.7", "2001:db8::7"])
def test_an_empty_list_allows_the_rest(address: str) -> None:
    assert EgressPolicy.parse(" ").allows("mail.example.test", address, 143)


@pytest.mark.parametrize(
    ("text", "host", "address", "port", "allowed"),
    [
        ("127.0.0.1", "localhost", "127.0.0.1", 143, True),
        ("127.0.0.1:993", "localhost", "127.0.0.1", 143, False),
        ("127.0.0.1:993", "localhost", "127.0.0.1", 993, True),
        ("10.0.0.0/8", "mail.example.test", "10.1.2.3", 143, True),
        ("10.0.0.0/8", "mail.example.test", "11.1.2.3", 143, False),
        ("10.0.0.0/8:993", "mail.example.test", "10.1.2.3", 143, False),
        ("mail.example.test", "MAIL.example.test.", "192.0.2.7", 143, True),
        ("mail.example.test", "other.example.test", "192.0.2.7", 143, False),
        ("*.example.test", "mail.example.test", "192.0.2.7", 143, True),
        ("*.example.test", "example.test", "192.0.2.7", 143, False),
        ("*.example.test", "badexample.test", "192.0.2.7", 143, False),
        ("*.example.test", "mail.example.test", "127.0.0.1", 143, False),
        ("[2001:db8::]/32", "mail.example.test", "2001:db8::7", 143, True),
        ("[2001:db8::7]:993", "mail.example.test", "2001:db8::7", 143, False),
        ("2001:db8::7", "mail.example.test", "2001:db8::7", 143, True),
        ("192.0.2.7, 10.0.0.0/8", "mail.example.test", "10.0.0.1", 143, True),
    ],
)
def test_a_list_names_all_that_is_allowed(
    text: str, host: str, address: str, port: int, allowed: bool
) -> None:
    assert EgressPolicy.parse(text).allows(host, address, port) is allowed


@pytest.mark.parametrize("text", ["a b", "host:99999", "*.*", "http://x", "10.0.0.0/99", "x:0"])
def test_what_is_no_entry_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a host|a port is from"):
        EgressPolicy.parse(text)
