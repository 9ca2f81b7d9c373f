"""A polite IMAP server, whose answers a test replaces one by one."""

from collections.abc import Awaitable, Callable

import pytest

from mail_transport.imap.session import Session
from tests.servers.hostile import Peer, Script

Answer = bytes | list[bytes] | Callable[[Peer, bytes], Awaitable[None]]
"""To a command: its whole tagged status, or untagged lines ahead of an OK, or what to do with (peer, tag)."""

CAPABILITIES = b"* CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR IDLE"
USUAL: dict[bytes, Answer] = {
    b"CAPABILITY": [CAPABILITIES],
    b"LIST": [],
    b"EXAMINE": [b"* 0 EXISTS", b"* OK [UIDVALIDITY 1] valid"],
    b"LOGOUT": [b"* BYE see you"],
}


def imap_script(answers: dict[bytes, Answer] | None = None, *, greeting: bytes = b"* OK ready") -> Script:
    """Greet and answer each command by its first word; what has no answer of its own is OK."""
    all_answers = USUAL | (answers or {})

    async def script(peer: Peer) -> None:
        await peer.send(greeting)
        while True:
            tag, command = await peer.command()
            if not tag:
                return
            verb = command.split(b" ")[0]
            await _answer(
                peer, tag, all_answers.get(b" ".join(command.split(b" ")[:2]), all_answers.get(verb, []))
            )

    return script


def fetched(uid: int, subject: str, *, number: int | None = None) -> bytes:
    """The response to FETCH that brings a message's subject; the message has the number `number`, else its UID's."""
    header = f"Subject: {subject}\r\n\r\n".encode()
    place = uid if number is None else number
    announced = b"* %d FETCH (UID %d BODY[HEADER.FIELDS (SUBJECT)]<0> {%d}\r\n" % (place, uid, len(header))
    return announced + header + b")"


def shorten_replies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a reply to a command be waited for 0.3 s, where the caller says nothing else."""
    short = {**(Session.command.__kwdefaults__ or {}), "seconds": 0.3}
    monkeypatch.setattr("mail_transport.imap.session.Session.command.__kwdefaults__", short, raising=True)


async def _answer(peer: Peer, tag: bytes, answer: Answer) -> None:
    if isinstance(answer, bytes):
        await peer.send(tag + b" " + answer)
    elif isinstance(answer, list):
        await peer.send(*answer, tag + b" OK done")
    else:
        await answer(peer, tag)
