"""For how long an answer asks to be left alone: in its header, or in Gmail's words; and what is no such thing."""

import json

import pytest

from mail_transport.google.failures import api_failure
from mail_transport.waiting import asked_to_wait, wait_asked_by
from mail_transport.web import Answer
from wire_contract.failure_codes import FailureCode

DATE = "Mon, 30 Nov 2026 08:00:00 GMT"
LATER = "Mon, 30 Nov 2026 08:01:30 GMT"


def _gmail(sentence: str, *, reason: str = "userRateLimitExceeded", **headers: str) -> float:
    error = {"code": 403, "message": sentence, "errors": [{"reason": reason}]}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    failure = api_failure(Answer(403, {"date": DATE, **named}, json.dumps({"error": error}).encode()))
    assert (failure.code is FailureCode.GMAIL_THROTTLED) is (reason == "userRateLimitExceeded")
    return wait_asked_by(failure)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "17"}, 17),
        ({"retry-after": "99999999999999999999"}, 3600),
        ({"retry-after": LATER, "date": DATE}, 90),
        ({"retry-after": LATER.replace("GMT", "-0000"), "date": DATE}, 90),
        ({"retry-after": "Fri, 31 Dec 9999 23:59:59 GMT", "date": DATE}, 3600),
        ({"retry-after": "Fri, 31 Dec 9999 23:59:59 GMT"}, 3600),
    ],
)
def test_the_header_is_read_in_both_its_forms(headers: dict[str, str], seconds: int) -> None:
    assert asked_to_wait(Answer(429, headers, b"")) == {"retry_after_seconds": seconds}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "-5",
        "1.5",
        "٣",
        DATE,
        "Sun, 29 Nov 2026 08:00:00 GMT",
        "Mon, 31 Feb 2026 08:00:00 GMT",
        "Mon, 30 Nov 2026 08:01:30 +99999999999999999999",
        "Mon, 30 Nov 2026 08:01:30 GMT" + "x" * 100_000,
    ],
)
def test_what_is_no_time_to_come_asks_for_nothing(text: str) -> None:
    assert asked_to_wait(Answer(429, {"retry-after": text, "date": DATE}, b"")) == {}


@pytest.mark.parametrize(
    ("sentence", "seconds"),
    [
        ("User-rate limit exceeded.  Retry after 2026-11-30T08:01:30.000Z", 90),
        ("User-rate limit exceeded.  Retry after 2026-11-30T08:01:30.250Z (Mail sending)", 91),
        ("User-rate limit exceeded. Retry after 2026-11-30T08:01:30Z", 90),
        ("User-rate limit exceeded.  Retry after 9999-12-31T23:59:59.999Z", 3600),
        ("User-rate limit exceeded.  Retry after 2026-11-30T07:59:00.000Z", 0),
        ("User-rate limit exceeded.  Retry after 2026-13-45T99:99:99.000Z", 0),
        ("User-rate limit exceeded.  Retry after ٢٠٢٦-11-30T08:01:30.000Z", 0),
        ("User-rate limit exceeded.  Retry after 2026-11-30T08:01:30", 0),
        ("User-rate limit exceeded.  Retry after " + "2026-" * 100_000, 0),
        ("User-rate limit exceeded. Retry later.", 0),
    ],
)
def test_gmails_sentence_is_read_by_googles_own_clock(sentence: str, seconds: int) -> None:
    assert _gmail(sentence) == seconds


def test_the_header_counts_more_than_the_sentence() -> None:
    assert _gmail("Retry after 2026-11-30T08:01:30.000Z", retry_after="5") == 5


def test_a_refusal_that_is_no_throttling_asks_for_nothing() -> None:
    assert _gmail("Retry after 2026-11-30T08:01:30.000Z", reason="forbidden") == 0
