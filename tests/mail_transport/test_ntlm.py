"""NTLM's two answers, and what it makes of a challenge that is none."""

import struct
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail_transport.failures import MailFailure
from mail_transport.ntlm import ntlm
from wire_contract.failure_codes import FailureCode

HEADER = struct.Struct("<8sIHHIIQ8xHHI8x")
FLAGS = 0xE2898235
TARGET = "CORP".encode("utf-16-le")
INFO = struct.pack("<HH", 2, len(TARGET)) + TARGET + bytes(4)


def challenge(
    payload: bytes = TARGET + INFO,
    *,
    kind: int = 2,
    name: tuple[int, int] = (len(TARGET), 56),
    info: tuple[int, int] = (len(INFO), 64),
    flags: int = FLAGS,
) -> bytes:
    """A challenge message; `name` and `info` are where the payload has them, as (size, offset)."""
    fields = (name[0], name[0], name[1], flags, 1, info[0], info[0], info[1])
    return HEADER.pack(b"NTLMSSP\0", kind, *fields) + payload


GOOD = challenge()


def _failure(message: bytes) -> FailureCode:
    respond = ntlm(r"CORP\x", "secret")
    respond(b"")
    with pytest.raises(MailFailure) as caught:
        respond(message)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return caught.value.code


@pytest.mark.parametrize("prompt", [b"", b"NTLM supported", GOOD])
def test_it_begins_whatever_the_prompt_and_answers_one_challenge(prompt: bytes) -> None:
    respond = ntlm(r"CORP\x", "secret")
    assert respond(prompt).startswith(b"NTLMSSP\0\1\0\0\0")
    answer = respond(GOOD)
    assert answer.startswith(b"NTLMSSP\0\3\0\0\0")
    assert "CORP".encode("utf-16-le") in answer
    with pytest.raises(MailFailure) as caught:
        respond(GOOD)
    assert caught.value.code is FailureCode.PROTOCOL_VIOLATION


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"garbage" * 20,
        b"NTLMSSP\0",
        GOOD[:40],
        GOOD[:-1],
        challenge(kind=1),
        challenge(kind=3),
        challenge(kind=9),
        challenge(name=(8, 1000)),
        challenge(name=(8, 2**32 - 1)),
        challenge(info=(len(INFO), 65)),
        challenge(info=(65535, 0)),
        challenge(TARGET + b"\2\0\xff", info=(3, 64)),
        GOOD + bytes(8192),
    ],
)
def test_what_is_no_challenge_is_a_violation(message: bytes) -> None:
    assert _failure(message) is FailureCode.PROTOCOL_VIOLATION


@given(message=st.binary(max_size=200))
def test_no_bytes_break_it(message: bytes) -> None:
    assert _failure(message) is FailureCode.PROTOCOL_VIOLATION


@given(
    payload=st.binary(max_size=120),
    name=st.tuples(st.integers(0, 200), st.integers(0, 200)),
    info=st.tuples(st.integers(0, 200), st.integers(0, 200)),
    flags=st.integers(0, 2**32 - 1),
)
def test_no_payload_breaks_it(
    payload: bytes, name: tuple[int, int], info: tuple[int, int], flags: int
) -> None:
    respond = ntlm(r"CORP\x", "secret")
    respond(b"")
    with suppress(MailFailure):  # the one exception that may leave it
        answer = respond(challenge(payload, name=name, info=info, flags=flags))
        assert answer.startswith(b"NTLMSSP\0\3\0\0\0")
        assert len(answer) < 1024


def test_without_a_name_nobody_else_logs_in() -> None:
    with pytest.raises(MailFailure) as caught:
        ntlm("", "secret")
    assert caught.value.code is FailureCode.AUTH_INVALID_CREDENTIALS
