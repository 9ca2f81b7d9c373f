"""Searching behind the newest messages, through all folders, and reporting what was found there."""

import asyncio
import tracemalloc
from datetime import UTC, datetime

import pytest

from actor_agent.mail import Wanted
from tests.actor_agent.mail.imap_script import Answer, fetched, imap_script
from tests.actor_agent.mail.looking import Look, credentials_of, target_of, wanted
from tests.servers.hostile import Peer, hostile_server
from tests.servers.mailbox import Mailbox
from wire_contract.diagnostics import StepName
from wire_contract.failure_codes import FailureCode
from wire_contract.verification_code import locator_of, new_code, subject_for

SOMEBODY = credentials_of(Mailbox("x@example.test", "x", "pw-of-x"))
SENT = datetime(2026, 11, 20, 0, 30, tzinfo=UTC)
MOST_GROWTH = 16 * 1024 * 1024


def _examined(messages: int) -> list[bytes]:
    return [b"* %d EXISTS" % messages, b"* OK [UIDVALIDITY 1] valid"]


def _fetched(uid: int, code: str) -> bytes:
    return fetched(uid, subject_for(code))


def _sought(code: str) -> Wanted:
    return Wanted(locator_of(code), since=SENT)


def _word_index(*uids: int) -> Answer:
    """Answer SEARCH as a server that knows whole words only, so that part of a subject finds nothing."""

    async def search(peer: Peer, tag: bytes) -> None:
        line = b"* SEARCH " + b" ".join(b"%d" % uid for uid in uids)
        await peer.send(*([] if b"SUBJECT" in peer.heard[-1] else [line]), tag + b" OK done")

    return search


def _mailbox_with(messages: dict[int, str]) -> Answer:
    """Answer UID FETCH with those of the subjects that it names."""

    async def fetch(peer: Peer, tag: bytes) -> None:
        asked = peer.heard[-1].split()[3].split(b",")
        await peer.send(
            *[_fetched(uid, code) for uid, code in messages.items() if b"%d" % uid in asked],
            tag + b" OK done",
        )

    return fetch


async def test_an_older_message_is_found_though_the_server_searches_by_whole_words() -> None:
    code = new_code()
    answers: dict[bytes, Answer] = {
        b"EXAMINE": _examined(900),
        b"UID SEARCH": _word_index(5),
        b"UID FETCH": _mailbox_with({5: code}),
    }
    async with hostile_server(imap_script(answers)) as server, asyncio.timeout(10):
        found = await Look(target_of(server.port), SOMEBODY, _sought(code)).found()
    assert found.codes == (code,)
    assert b"UID SEARCH 1:700 SINCE 19-Nov-2026\r\n" in server.heard


async def test_no_answer_of_a_search_is_longer_than_a_line_may_be() -> None:
    async def search(peer: Peer, tag: bytes) -> None:
        first, last = map(int, peer.heard[-1].split()[3].split(b":"))
        line = b"* SEARCH " + b" ".join(b"%d" % (4_000_000_000 + each) for each in range(first, last + 1))
        await peer.send(line, tag + b" OK done")

    answers: dict[bytes, Answer] = {b"EXAMINE": _examined(30_000), b"UID SEARCH": search}
    async with hostile_server(imap_script(answers)) as server, asyncio.timeout(20):
        look = Look(target_of(server.port), SOMEBODY, _sought(new_code()))
        assert await look.failure() is FailureCode.CODE_NOT_FOUND
    assert b"UID SEARCH 24801:29800 " in server.heard
    assert b"4000029800 " in server.heard


async def test_an_empty_search_of_any_mailbox_takes_a_bounded_number_of_commands() -> None:
    answers: dict[bytes, Answer] = {b"EXAMINE": _examined(4_000_000)}
    async with hostile_server(imap_script(answers)) as server, asyncio.timeout(20):
        look = Look(target_of(server.port), SOMEBODY, wanted(new_code()))
        assert await look.failure() is FailureCode.CODE_NOT_FOUND
    assert server.heard.count(b"UID SEARCH ") == 40


async def test_a_server_that_finds_everything_is_searched_in_bounded_memory() -> None:
    async def search(peer: Peer, tag: bytes) -> None:
        for block in range(62):
            await peer.send(b"* SEARCH " + b" ".join(b"%06d" % (block * 9000 + each) for each in range(9000)))
        await peer.send(tag + b" OK done")

    answers: dict[bytes, Answer] = {b"EXAMINE": _examined(500), b"UID SEARCH": search}
    tracemalloc.start()
    try:
        async with hostile_server(imap_script(answers)) as server, asyncio.timeout(60):
            look = Look(target_of(server.port), SOMEBODY, _sought(new_code()))
            assert await look.failure() is FailureCode.CODE_NOT_FOUND
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MOST_GROWTH


async def _goes_away(peer: Peer, tag: bytes) -> None:  # noqa: ARG001  # it is never answered
    peer.writer.close()


async def test_a_code_that_was_read_is_reported_though_the_connection_is_lost_then() -> None:
    code = new_code()
    answers: dict[bytes, Answer] = {
        b"EXAMINE": _examined(1),
        b"FETCH": [_fetched(1, code)],
        b"UID FETCH": _goes_away,
    }
    async with hostile_server(imap_script(answers)) as server, asyncio.timeout(10):
        look = Look(target_of(server.port), SOMEBODY, wanted(code))
        found = await look.found()
    assert (found.codes, found.evidence.message_id) == ((code,), None)
    assert look.step(StepName.FOUND).detail["headers_not_read"] == "connection_closed"


def _two_folders(inbox: list[str], junk: list[str]) -> dict[bytes, Answer]:
    """A server with an inbox and a junk folder of these codes."""
    shown: list[str] = []

    async def examine(peer: Peer, tag: bytes) -> None:
        shown[:] = junk if b"Spam" in peer.heard[-1] else inbox
        await peer.send(*_examined(len(shown)), tag + b" OK done")

    async def fetch(peer: Peer, tag: bytes) -> None:
        await peer.send(*[_fetched(uid, code) for uid, code in enumerate(shown, 1)], tag + b" OK done")

    return {b"LIST": [b'* LIST (\\Junk) "/" Spam'], b"EXAMINE": examine, b"FETCH": fetch}


def _look_alikes(code: str, number: int) -> list[str]:
    return [code[:8] + new_code()[8:] for _ in range(number)]


@pytest.mark.parametrize("number", [1, 16])
async def test_look_alikes_in_the_inbox_do_not_hide_the_code_in_junk(number: int) -> None:
    code = new_code()
    fakes = _look_alikes(code, number)
    async with hostile_server(imap_script(_two_folders(fakes, [code]))) as server, asyncio.timeout(10):
        look = Look(target_of(server.port), SOMEBODY, wanted(code))
        found = await look.found()
    assert found.codes[:2] == (fakes[-1], code)
    assert found.evidence.folder == "INBOX"
    assert look.step(StepName.FOUND).detail["folders"] == ["INBOX", "Spam"]
    assert FailureCode.FOUND_IN_JUNK in look.warnings


async def test_a_code_in_the_inbox_is_reported_though_the_junk_folder_ends_the_session() -> None:
    code = new_code()
    answers = _two_folders([code], []) | {b'EXAMINE "Spam"': _goes_away}
    async with hostile_server(imap_script(answers)) as server, asyncio.timeout(10):
        look = Look(target_of(server.port), SOMEBODY, wanted(code))
        assert (await look.found()).codes == (code,)
    assert b'EXAMINE "Spam"' in server.heard


async def test_a_folder_is_not_taken_for_junk_by_its_name() -> None:
    code = new_code()
    answers = _two_folders([code], []) | {b"LIST": [b'* LIST () "/" Junk', b'* LIST () "/" Spam']}
    async with hostile_server(imap_script(answers)) as server, asyncio.timeout(10):
        look = Look(target_of(server.port), SOMEBODY, wanted(code))
        assert (await look.found()).codes == (code,)
    assert look.step(StepName.FOUND).detail["folders"] == ["INBOX"]
    assert b"Spam" not in server.heard
    assert b"Junk" not in server.heard


async def test_an_empty_folder_is_not_opened_for_the_first_look() -> None:
    code = new_code()
    answers = _two_folders([code], []) | {b"STATUS": [b'* STATUS "Spam" (MESSAGES 0)']}
    async with hostile_server(imap_script(answers)) as server, asyncio.timeout(10):
        look = Look(target_of(server.port), SOMEBODY, wanted(code))
        assert (await look.found()).codes == (code,)
    assert b'EXAMINE "Spam"' not in server.heard
    assert server.heard.count(b"EXAMINE") == 1


async def test_a_folder_that_is_said_to_be_empty_is_opened_later() -> None:
    code = new_code()
    answers = _two_folders([], [code]) | {b"STATUS": [b'* STATUS "Spam" (MESSAGES 0)']}
    async with hostile_server(imap_script(answers)) as server, asyncio.timeout(20):
        look = Look(target_of(server.port), SOMEBODY, wanted(code))
        assert (await look.found()).codes == (code,)
    assert look.step(StepName.FOUND).detail["folders"] == ["Spam"]


async def test_a_folder_that_was_numbered_anew_loses_no_message() -> None:
    code, examined = new_code(), 0

    async def examine(peer: Peer, tag: bytes) -> None:
        nonlocal examined
        examined += 1
        await peer.send(b"* 1 EXISTS", b"* OK [UIDVALIDITY %d] valid" % examined, tag + b" OK done")

    answers: dict[bytes, Answer] = {
        b"LIST": [b'* LIST (\\Junk) "/" Spam'],  # which is opened in between
        b"EXAMINE": examine,
        b"SELECT": [b"* 1 EXISTS", b"* OK [UIDVALIDITY 99] valid"],
        b"FETCH": [_fetched(1, code)],
    }
    async with hostile_server(imap_script(answers)) as server, asyncio.timeout(10):
        look = Look(target_of(server.port, delete=True), SOMEBODY, wanted(code))
        assert (await look.found()).codes == (code,)
    assert b"STORE" not in server.heard
    assert b"MESSAGE-ID" not in server.heard
    assert FailureCode.MESSAGE_NOT_DELETED in look.warnings


@pytest.mark.parametrize("capability", [b"", b" UIDPLUS"])
async def test_without_uidplus_no_message_of_others_is_expunged(capability: bytes) -> None:
    code = new_code()
    answers: dict[bytes, Answer] = {
        b"CAPABILITY": [b"* CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR" + capability],
        b"EXAMINE": _examined(1),
        b"SELECT": _examined(1),
        b"FETCH": [_fetched(1, code)],
    }
    async with hostile_server(imap_script(answers)) as server, asyncio.timeout(10):
        look = Look(target_of(server.port, delete=True), SOMEBODY, wanted(code))
        assert (await look.found()).codes == (code,)
    assert b"UID STORE 1 +FLAGS.SILENT (\\Deleted)" in server.heard
    assert [line for line in server.heard.splitlines() if line.endswith((b"EXPUNGE", b"CLOSE"))] == []
    assert (b"UID EXPUNGE 1\r\n" in server.heard) is bool(capability)
    assert (FailureCode.MESSAGE_NOT_DELETED in look.warnings) is not bool(capability)
