"""Finding the junk folder, also where an account sees more folders than an Actor lists."""

import asyncio

import pytest

from actor_agent.mail import SearchWindow
from tests.actor_agent.mail.imap_script import Answer, imap_script
from tests.actor_agent.mail.looking import Look, credentials_of, target_of, wanted
from tests.servers.hostile import HostileServer, Peer, hostile_server
from tests.servers.mailbox import Mailbox
from wire_contract.diagnostics import StepName
from wire_contract.failure_codes import FailureCode
from wire_contract.verification_code import new_code

SOMEBODY = credentials_of(Mailbox("x@example.test", "x", "pw-of-x"))
SPECIAL_USE = b"* CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR LIST-EXTENDED SPECIAL-USE"
FOLDERS = 21_000


async def _too_many(peer: Peer, tag: bytes) -> None:
    for first in range(0, FOLDERS, 1000):
        names = range(first, first + 1000)
        await peer.send(*[b'* LIST (\\HasNoChildren) "/" "Public/F%d"' % name for name in names])
    await peer.send(tag + b" OK done")


async def _never_ending(peer: Peer, tag: bytes) -> None:  # noqa: ARG001  # it is never answered
    await peer.send(b'* LIST (\\HasNoChildren) "/" "Public/F0"')
    await peer.until_closed()


def _folders(**codes: list[str]) -> dict[bytes, Answer]:
    """A server whose folders hold messages of these codes; they may still change."""
    opened: dict[int, list[str]] = {}

    async def examine(peer: Peer, tag: bytes) -> None:
        name = peer.heard[-1].split()[-1].strip(b'"').decode()
        shown = opened[id(peer)] = codes.setdefault(name, [])
        told = b"* %d EXISTS" % len(shown), b"* OK [UIDVALIDITY 1] valid"
        await peer.send(*told, tag + b" OK done")

    async def fetch(peer: Peer, tag: bytes) -> None:
        for uid, code in enumerate(opened[id(peer)], 1):
            header = f"Message-ID: <m@example.test>\r\nSubject: ({code})\r\n\r\n".encode()
            announced = b"* %d FETCH (UID %d BODY[HEADER.FIELDS (SUBJECT)]<0> {%d}" % (uid, uid, len(header))
            await peer.send(announced, header + b")")
        await peer.send(tag + b" OK done")

    return {b"EXAMINE": examine, b"FETCH": fetch, b"UID FETCH": fetch}


def _asked(server: HostileServer, verb: bytes) -> list[bytes]:
    commands = [line.rstrip().partition(b" ")[2] for line in server.heard.splitlines()]
    return [command for command in commands if command.startswith(verb + b" ")]


async def test_only_special_folders_are_listed_where_that_can_be_asked() -> None:
    code = new_code()
    answers = _folders(Spam=[code]) | {
        b"CAPABILITY": [SPECIAL_USE],
        b"LIST": [b'* LIST (\\Trash) "/" Bin', b'* LIST (\\Junk) "/" Spam'],
    }
    async with hostile_server(imap_script(answers)) as server, asyncio.timeout(5):
        found = await Look(target_of(server.port), SOMEBODY, wanted(code)).found()
    assert (found.codes, found.evidence.folder) == ((code,), "Spam")
    assert _asked(server, b"LIST") == [b'LIST (SPECIAL-USE) "" "*"']


async def test_a_server_that_refuses_to_list_special_folders_alone_is_asked_for_all() -> None:
    code = new_code()

    async def listed(peer: Peer, tag: bytes) -> None:
        if b"SPECIAL-USE" in peer.heard[-1]:
            await peer.send(tag + b" BAD unknown selection option")
        else:
            await peer.send(b'* LIST (\\Junk) "/" Spam', tag + b" OK done")

    answers = _folders(Spam=[code]) | {b"CAPABILITY": [SPECIAL_USE], b"LIST": listed}
    async with hostile_server(imap_script(answers)) as server, asyncio.timeout(5):
        found = await Look(target_of(server.port), SOMEBODY, wanted(code)).found()
    assert (found.codes, found.evidence.folder) == ((code,), "Spam")


async def test_the_inbox_is_searched_before_anything_is_listed() -> None:
    answers = _folders(INBOX=[new_code()])
    async with hostile_server(imap_script(answers)) as server, asyncio.timeout(5):
        await Look(target_of(server.port), SOMEBODY, wanted(new_code())).failure()
    assert server.heard.index(b" EXAMINE ") < server.heard.index(b" FETCH ") < server.heard.index(b" LIST ")


@pytest.mark.parametrize(
    ("listed", "seconds", "why"),
    [
        (_too_many, 60.0, FailureCode.PROTOCOL_LIMIT_EXCEEDED),
        (_never_ending, 0.3, FailureCode.REPLY_TIMED_OUT),
    ],
)
async def test_a_code_in_the_inbox_is_found_by_an_account_that_sees_too_many_folders(
    monkeypatch: pytest.MonkeyPatch, listed: Answer, seconds: float, why: FailureCode
) -> None:
    monkeypatch.setattr("actor_agent.mail.imap.folders.SLOW_REPLY_SECONDS", seconds)
    code = new_code()
    answers = _folders(INBOX=[code]) | {b"LIST": listed}
    async with hostile_server(imap_script(answers)) as server, asyncio.timeout(10):
        look = Look(target_of(server.port), SOMEBODY, wanted(code))
        found = await look.found()
    assert (found.codes, found.evidence.message_id) == ((code,), "<m@example.test>")
    assert look.step(StepName.SEARCH).detail["junk_not_listed"] == why
    assert (len(server.peers), len(_asked(server, b"LIST"))) == (2, 1)
    assert look.step_names.count("authenticate") == 1
    assert server.heard.endswith(b"LOGOUT\r\n")


async def test_a_code_that_comes_later_is_found_without_the_list_of_folders() -> None:
    code, inbox = new_code(), list[str]()
    asked = 0

    async def noop(peer: Peer, tag: bytes) -> None:
        nonlocal asked
        asked += 1
        if asked == 3:
            inbox.append(code)
        await peer.send(tag + b" OK done")

    answers = _folders(INBOX=inbox) | {b"LIST": _too_many, b"NOOP": noop}
    async with hostile_server(imap_script(answers)) as server, asyncio.timeout(10):
        look = Look(target_of(server.port), SOMEBODY, wanted(code), SearchWindow())
        assert (await look.found()).codes == (code,)
    assert len(_asked(server, b"LIST")) == 1


async def test_a_named_folder_is_searched_without_the_list_of_folders() -> None:
    code = new_code()
    answers = _folders(Spam=[code]) | {b"LIST": _too_many}
    async with hostile_server(imap_script(answers)) as server, asyncio.timeout(10):
        look = Look(target_of(server.port), SOMEBODY, wanted(code, folders=("Spam",)))
        assert (await look.found()).evidence.folder == "Spam"
