"""Whatever bytes come, they are read as replies or end as a failure."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mail_transport.failures import MailFailure
from mail_transport.smtp.auth_failures import refused_login
from mail_transport.smtp.session import Session
from tests.mail_transport.fed import CUTS, fed_channel

_TEXT = st.binary(max_size=60).map(lambda text: text.translate(None, b"\r\n"))


@given(st.integers(200, 599), st.lists(_TEXT, min_size=1, max_size=6), CUTS)
async def test_a_reply_is_put_together_from_its_lines(code: int, texts: list[bytes], cuts: list[int]) -> None:
    lines = [b"%d-%s" % (code, text) for text in texts[:-1]] + [b"%d %s" % (code, texts[-1])]
    reply = await Session(fed_channel(b"\r\n".join(lines) + b"\r\n", cuts)).read()
    assert (reply.code, list(reply.texts)) == (code, texts)
    assert refused_login(reply).server_reply == reply.said


@example(b"250 ok\n250", [])
@example(b"250\r\n" * 5, [])
@given(st.binary(max_size=2000), CUTS)
async def test_any_bytes_end_as_replies_or_as_a_failure(data: bytes, cuts: list[int]) -> None:
    with pytest.raises(MailFailure):
        await _read_all(Session(fed_channel(data, cuts)))


async def _read_all(session: Session) -> None:
    while True:
        await session.read()
