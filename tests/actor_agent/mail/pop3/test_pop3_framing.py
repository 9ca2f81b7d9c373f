"""However the bytes are cut, the same answers come out, and no bytes do harm."""

import io
import poplib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from actor_agent.mail.pop3.replies import MultiLine
from actor_agent.mail.pop3.session import Session
from mail_transport.failures import MailFailure
from tests.mail_transport.fed import CUTS, fed_channel, pieces

LINES = st.lists(st.binary(max_size=40).map(lambda line: line.translate(None, b"\r\n")), max_size=8)


class _Poplib(poplib.POP3):
    """The standard library's reader over bytes that are there."""

    def __init__(self, data: bytes) -> None:
        self.file = io.BytesIO(data)
        self._debugging = 0

    def _putcmd(self, line: str) -> None:
        """Say nothing: the answer is there."""


@example([b".", b"..", b""], [])
@given(LINES, CUTS)
def test_an_answer_is_as_poplib_reads_it(lines: list[bytes], cuts: list[int]) -> None:
    stuffed = [b"." + line if line.startswith(b".") else line for line in lines]
    raw = b"".join(line + b"\r\n" for line in [*stuffed, b"."])
    answer = MultiLine()
    ended = [answer.feed(piece) for piece in pieces(raw, cuts)]
    assert ended == [False] * (len(ended) - 1) + [True]
    _, expected, _ = _Poplib(b"+OK\r\n" + raw).list()
    assert answer.lines() == expected == lines


@given(st.binary(max_size=3000), CUTS)
async def test_any_bytes_end_as_replies_or_as_a_failure(data: bytes, cuts: list[int]) -> None:
    with pytest.raises(MailFailure):
        await _read_all(Session(fed_channel(data, cuts)))


@example(b"+OK\n.\n.\n", [])
@given(st.binary(max_size=3000), CUTS)
async def test_any_bytes_after_a_reply_are_lines_or_a_failure(data: bytes, cuts: list[int]) -> None:
    with pytest.raises(MailFailure):
        await _read_all_lines(Session(fed_channel(data, cuts)))


async def _read_all(session: Session) -> None:
    while True:
        reply = await session.read()
        assert [reply.is_ok, reply.is_refusal, reply.asks_for_more].count(True) <= 1
        assert reply.code is None or reply.code.isprintable()


async def _read_all_lines(session: Session) -> None:
    while True:
        await session.read()
        assert all(b"\n" not in line for line in await session._lines())
