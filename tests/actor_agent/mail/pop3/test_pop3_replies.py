"""Status lines and multi-line answers, in whatever pieces they arrive."""

import pytest

from actor_agent.mail.pop3.replies import MultiLine, Reply
from mail_transport.failures import MailFailure
from mail_transport.limits import MAX_LITERAL, MAX_REPLY
from wire_contract.failure_codes import FailureCode

PIECE = 64 * 1024


def test_an_answer_is_the_same_in_one_piece_and_byte_by_byte() -> None:
    raw = b"Subject: x\r\n..stuffed\r\n.. \r\n\r\n.\r\n"
    whole, bytewise = MultiLine(), MultiLine()
    assert whole.feed(raw)
    assert [bytewise.feed(raw[at : at + 1]) for at in range(len(raw))] == [False] * (len(raw) - 1) + [True]
    assert whole.lines() == bytewise.lines() == [b"Subject: x", b".stuffed", b". ", b""]


@pytest.mark.parametrize("raw", [b".\r\n", b".\n"])
def test_an_answer_may_be_empty(raw: bytes) -> None:
    answer = MultiLine()
    assert answer.feed(raw)
    assert answer.lines() == []


@pytest.mark.parametrize("raw", [b"..\r\n", b"a.\r\n", b"..\r\n.", b". \r\n", b"\r\n"])
def test_a_dot_within_is_not_the_end(raw: bytes) -> None:
    assert not MultiLine().feed(raw)


def test_bare_line_feeds_are_taken() -> None:
    answer = MultiLine()
    assert answer.feed(b"Subject: x\n\nbody\n.\n")
    assert answer.lines() == [b"Subject: x", b"", b"body"]


def test_what_is_above_the_limit_is_dropped_and_the_end_still_seen() -> None:
    answer = MultiLine()
    for _ in range(3 * MAX_LITERAL // PIECE):
        assert not answer.feed(b"x" * PIECE)
    assert answer.feed(b"\r\n.\r\n")
    assert sum(map(len, answer.lines())) == MAX_LITERAL


def test_more_than_any_message_is_an_end_too() -> None:
    answer = MultiLine()
    for _ in range(MAX_REPLY // PIECE):
        assert not answer.feed(b"x" * PIECE)
    with pytest.raises(MailFailure) as raised:
        answer.feed(b"x")
    assert raised.value.code is FailureCode.PROTOCOL_LIMIT_EXCEEDED


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"-ERR [SYS/TEMP] later", "SYS/TEMP"),
        (b"-ERR [in-use] locked", "IN-USE"),
        (b"-ERR [LOGIN-DELAY 30] wait", "LOGIN-DELAY"),
        (b"-ERR not [AUTH]", None),
        (b"-ERR", None),
        (b"-ERR [" + b"A" * 9000 + b"]", None),
    ],
)
def test_a_response_code_stands_first(line: bytes, code: str | None) -> None:
    reply = Reply(line)
    assert reply.code == code
    assert reply.is_refusal
    assert not reply.is_ok
    assert not reply.asks_for_more
