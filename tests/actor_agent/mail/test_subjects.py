"""Codes are found through whatever gateways do to a subject, and nowhere else."""

from email.header import Header

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actor_agent.mail.evidence import evidence_of
from actor_agent.mail.subjects import codes_among, decoded, header_fields, subjects_of

CODE = "Ab3-_xyzAb3-_xyzAb3-_xyz12"
LOCATOR = CODE[:8]


def _codes(subject: bytes) -> list[str]:
    return codes_among(subjects_of(b"Subject: " + subject + b"\r\n\r\n"), (LOCATOR,))


def _encoded(text: str, charset: str) -> bytes:
    return Header(text, charset, maxlinelen=60).encode(linesep="\r\n").encode()


@pytest.mark.parametrize(
    "subject",
    [
        f"({CODE})".encode(),
        f"[EXTERNAL] Fwd: ({CODE})".encode(),
        f"[EXTERNAL]\r\n ({CODE})".encode(),
        f"Fwd: ({CODE[:10]}\r\n {CODE[10:]})".encode(),
        f"=?utf-8?q?=28{CODE.replace('_', '=5F')}=29?=".encode(),
        _encoded(f"Überprüfung ({CODE})", "utf-8"),
        _encoded(f"Проверка ({CODE})", "koi8-r"),
        _encoded(f"確認 ({CODE})", "iso-2022-jp"),
        f"=?x-unheard-of?q?=28{CODE.replace('_', '=5F')}=29?=".encode(),
        b"=?utf-8?q?[EXTERN]?= (" + CODE.encode() + b")",
        "Überprüfung ".encode("latin-1") + f"({CODE})".encode(),
        *(f"[EXTERNAL]{char}({CODE})".encode() for char in "\u2028\u2029\x85\x0b\x0c\x1c\r"),
    ],
)
def test_a_code_is_found_through(subject: bytes) -> None:
    assert _codes(subject) == [CODE]


@pytest.mark.parametrize(
    "subject",
    [
        CODE.encode(),
        f"x{CODE}".encode(),
        f"(x{CODE})".encode(),
        f"({CODE}x)".encode(),
        f"[{CODE}]".encode(),
        f"({CODE[1:]}x)".encode(),
        b"",
        b"=?utf-8?b?%%%?=",
    ],
)
def test_no_code_is_seen_in(subject: bytes) -> None:
    assert _codes(subject) == []


def test_the_name_of_the_field_may_be_in_any_case_and_others_do_not_count() -> None:
    raw = f"X-Subject: ({CODE})\r\nSUBJECT: no\r\nsubject : ({CODE})\r\n\r\n".encode()
    assert codes_among(subjects_of(raw), (LOCATOR,)) == [CODE]
    assert codes_among(subjects_of(f"X-Subject: ({CODE})\r\n\r\n".encode()), (LOCATOR,)) == []


def test_the_best_locator_comes_first() -> None:
    other = "q" * 26
    assert codes_among(subjects_of(f"Subject: ({other}) ({CODE})".encode()), (LOCATOR, "q" * 8)) == [
        CODE,
        other,
    ]


@given(st.binary(max_size=2000))
def test_no_bytes_break_the_reading_of_headers(raw: bytes) -> None:
    codes_among(subjects_of(b"Subject: " + raw), (LOCATOR,))
    evidence_of(b"Received: " + raw, "INBOX")


@given(
    st.text(max_size=300), st.sampled_from(["utf-8", "utf-16", "iso-2022-jp", "koi8-r", "nonsense", "rot13"])
)
def test_no_encoded_word_breaks_decoding(text: str, charset: str) -> None:
    decoded(f"=?{charset}?q?{text}?= =?{charset}?b?{text}?=")


def test_fields_keep_their_order_and_folds() -> None:
    assert header_fields(b"A: 1\r\n 2\r\nB: 3\r\n") == [("a", "1\r\n 2"), ("b", "3")]


def test_evidence_tells_the_way_of_a_message() -> None:
    raw = (
        b"Received: from relay.example.test (relay [192.0.2.1])\r\n\tby mx.example.test with ESMTP id 1;\r\n"
        b"\tTue, 24 Nov 2026 12:00:00 +0100\r\nReceived: by nowhere; yesterday\r\n"
        b"Message-ID: <1@example.test>\r\nDate: Tue, 24 Nov 2026 11:59:00 +0100\r\n\r\n"
    )
    evidence = evidence_of(raw, "INBOX")
    first, second = evidence.received
    assert (first.from_, first.by) == ("relay.example.test", "mx.example.test")
    assert first.at is not None
    assert first.at.isoformat() == "2026-11-24T12:00:00+01:00"
    assert (second.from_, second.by, second.at) == (None, "nowhere", None)
    assert evidence.message_id == "<1@example.test>"
