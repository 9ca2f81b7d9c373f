"""Servers that send without end, by protocol: each is a whole script."""

from tests.actor_agent.mail.imap_script import Answer as ImapAnswer
from tests.actor_agent.mail.imap_script import imap_script
from tests.actor_agent.mail.pop3.pop3_script import Answer as Pop3Answer
from tests.actor_agent.mail.pop3.pop3_script import Pop3Script, says
from tests.mail_transport.smtp_talk import smtp_script
from tests.servers.hostile import Peer, Script

MEGABYTE = 1024 * 1024
ONE_MESSAGE: ImapAnswer = [b"* 1 EXISTS", b"* OK [UIDVALIDITY 1] valid"]
BILLION: ImapAnswer = [
    b"* 1000000000 EXISTS",
    b"* OK [UIDVALIDITY 1] valid",
    b"* OK [UIDNEXT 2000000000] next",
]


async def _endless_line(peer: Peer) -> None:
    while True:
        await peer.send_raw(b"x" * 65536)


def _for_ever(*lines: bytes, ahead: bytes = b"") -> Pop3Answer:
    async def answer(peer: Peer, _: bytes) -> None:
        await peer.send_raw(ahead)
        while True:
            await peer.send(*lines * (5000 // len(lines)))

    return answer


def _pop3(verb: bytes, answer: Pop3Answer, **others: Pop3Answer) -> Script:
    named = {name.encode(): other for name, other in others.items()}
    return Pop3Script([("a", b"")], answers=named | {verb: answer})


def _literal(size: int) -> bytes:
    return b"* 1 FETCH (UID 1 BODY[HEADER.FIELDS (SUBJECT)]<0> {%d}\r\n" % size


IMAP: dict[str, Script] = {
    "endless line": _endless_line,
    "4 GB literal": imap_script(
        {b"EXAMINE": ONE_MESSAGE, b"FETCH": _for_ever(b"x" * 500, ahead=_literal(2**32))}
    ),
    "subject of 1 MB": imap_script(
        {b"EXAMINE": ONE_MESSAGE, b"FETCH": _for_ever(b"x" * 500, ahead=_literal(MEGABYTE))}
    ),
    "a million untagged responses": imap_script({b"EXAMINE": _for_ever(b"* 1 FETCH (FLAGS ())")}),
    "billion messages": imap_script(
        {b"EXAMINE": BILLION, b"FETCH": _for_ever(b"* 999999999 FETCH (UID 1999999999 BODY[] NIL)")}
    ),
}
POP3: dict[str, Script] = {
    "endless line": _endless_line,
    "endless answer": _pop3(b"TOP", _for_ever(b"Received: from x", ahead=b"+OK\r\n")),
    "a million capabilities": _pop3(b"CAPA", _for_ever(b"X-EXTENSION argument", ahead=b"+OK\r\n")),
    "subject of megabytes": _pop3(b"TOP", _for_ever(b"x" * 500, ahead=b"+OK\r\nSubject: ")),
    "billion messages": _pop3(
        b"STAT",
        says(b"+OK 1000000000 99999999999"),
        TOP=_for_ever(b"x", ahead=b"+OK\r\n"),
        UIDL=says(b"+OK 1 a"),
    ),
}


async def _endless_extensions(peer: Peer) -> None:
    await peer.send(b"220 mail.example.test")
    await peer.line()
    while True:
        await peer.send(*[b"250-EXTENSION"] * 1000)


SMTP: dict[str, Script] = {
    "endless line": _endless_line,
    "a million extensions": _endless_extensions,
    "challenge of 1 MB": smtp_script(b"334 " + b"A" * MEGABYTE, ehlo=(b"250-a", b"250 AUTH LOGIN")),
}
BY_PROTOCOL = {"imap": IMAP, "pop3": POP3, "smtp": SMTP}
