"""A FETCH that is refused, or a session that ends in the middle of it: what was read was read."""

import asyncio
from pathlib import Path

import pytest

from tests.actor_agent.mail.imap_script import Answer, fetched, imap_script, shorten_replies
from tests.actor_agent.mail.looking import Look, credentials_of, dovecot_target, target_of, wanted
from tests.servers.dovecot import Dovecot
from tests.servers.hostile import Peer, hostile_server
from tests.servers.mailbox import Mailbox
from wire_contract.diagnostics import StepName
from wire_contract.failure_codes import FailureCode
from wire_contract.verification_code import new_code, subject_for

SOMEBODY = credentials_of(Mailbox("x@example.test", "x", "pw-of-x"))
EXAMINED: Answer = [b"* 3 EXISTS", b"* OK [UIDVALIDITY 1] valid", b"* OK [UIDNEXT 4] next"]
GONE = b"NO Some of the messages are no longer available"


def _sends(*lines: bytes, then: Answer) -> Answer:
    """Send `lines`, and end the command by the status `then`, or as `then` does."""

    async def answer(peer: Peer, tag: bytes) -> None:
        await peer.send(*lines)
        if callable(then):
            await then(peer, tag)
        else:
            assert isinstance(then, bytes)
            await peer.send(tag + b" " + then)

    return answer


def _in_turn(*answers: Answer) -> Answer:
    """Answer with each of `answers` once, and with the last from then on."""
    left = list(answers)

    async def answer(peer: Peer, tag: bytes) -> None:
        current = left.pop(0) if len(left) > 1 else left[0]
        assert callable(current)
        await current(peer, tag)

    return answer


async def _says_bye(peer: Peer, tag: bytes) -> None:  # noqa: ARG001  # it is never answered
    await peer.send(b"* BYE FETCH failed: Internal error occurred.")
    peer.writer.close()


async def _closes(peer: Peer, tag: bytes) -> None:  # noqa: ARG001  # it is never answered
    peer.writer.close()


async def _hangs(peer: Peer, tag: bytes) -> None:  # noqa: ARG001  # it is never answered
    await peer.until_closed()


@pytest.fixture
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limits of time are some tenths of a second."""
    monkeypatch.setattr("actor_agent.mail.imap.watch.SESSION_SECONDS", 0.3)
    monkeypatch.setattr("actor_agent.mail.imap.looking.CLOSE_SECONDS", 0.1)
    shorten_replies(monkeypatch)


@pytest.mark.usefixtures("short_waits")
@pytest.mark.parametrize("end", [GONE, _says_bye, _closes, _hangs])
async def test_a_code_that_was_read_is_reported_however_the_fetch_ends(end: Answer) -> None:
    code = new_code()
    other = code[:8] + new_code()[8:]
    lines = fetched(1, "another"), fetched(2, f"({other})"), fetched(3, f"({code})")
    answers: dict[bytes, Answer] = {b"EXAMINE": EXAMINED, b"FETCH": _sends(*lines, then=end)}
    async with hostile_server(imap_script(answers)) as server, asyncio.timeout(5):
        found = await Look(target_of(server.port), SOMEBODY, wanted(code)).found()
    assert found.codes == (code, other)
    assert server.heard.count(b" FETCH 1:3 ") == 1


async def test_a_refused_fetch_that_brought_a_code_does_not_hide_the_code_in_junk() -> None:
    code = new_code()
    other = code[:8] + new_code()[8:]
    inbox, junk = _sends(fetched(3, f"({other})"), then=GONE), _sends(fetched(1, f"({code})"), then=b"OK")
    answers: dict[bytes, Answer] = {
        b"LIST": [b'* LIST (\\Junk) "/" Spam'],
        b"EXAMINE": EXAMINED,
        b"FETCH": _in_turn(inbox, junk),
    }
    async with hostile_server(imap_script(answers)) as server, asyncio.timeout(5):
        found = await Look(target_of(server.port), SOMEBODY, wanted(code)).found()
    assert found.codes == (other, code)


async def test_what_is_refused_once_is_asked_for_again_after_the_server_told_what_is_gone() -> None:
    code = new_code()
    told: Answer = [b"* 1 EXPUNGE", b"* 1 EXPUNGE"]
    refused = _sends(fetched(1, "another"), then=b"NO [EXPUNGEISSUED] " + GONE[3:])
    found_then = _sends(fetched(1, "another"), fetched(3, f"({code})"), then=b"OK done")
    answers: dict[bytes, Answer] = {
        b"EXAMINE": EXAMINED,
        b"NOOP": told,
        b"FETCH": _in_turn(refused, found_then),
    }
    async with hostile_server(imap_script(answers)) as server, asyncio.timeout(5):
        look = Look(target_of(server.port), SOMEBODY, wanted(code))
        assert (await look.found()).codes == (code,)
    asked = [line.split(b" ", 1)[1][:9].strip() for line in server.heard.splitlines()]
    assert [line for line in asked if line.startswith((b"FETCH", b"NOOP"))] == [
        b"FETCH 1:3",
        b"NOOP",
        b"FETCH 1:1",
    ]
    assert look.step(StepName.SEARCH).detail["messages_seen"] == 2


async def test_a_mailbox_that_was_emptied_meanwhile_is_not_asked_for_its_messages() -> None:
    answers: dict[bytes, Answer] = {
        b"EXAMINE": EXAMINED,
        b"NOOP": _in_turn(_sends(*[b"* 1 EXPUNGE"] * 3, then=b"OK done"), _sends(then=b"OK done")),
        b"FETCH": GONE,
    }
    async with hostile_server(imap_script(answers)) as server, asyncio.timeout(5):
        look = Look(target_of(server.port), SOMEBODY, wanted(new_code()))
        assert await look.failure() is FailureCode.CODE_NOT_FOUND
    assert server.heard.count(b" FETCH 1:3 ") == 1
    assert b"FETCH 1:0" not in server.heard


@pytest.mark.parametrize("verb", [b"FETCH", b"UID FETCH"])
async def test_what_is_refused_twice_is_a_failure(verb: bytes) -> None:
    answers: dict[bytes, Answer] = {b"EXAMINE": EXAMINED, verb: b"NO disk on fire"}
    async with hostile_server(imap_script(answers)) as server, asyncio.timeout(5):
        look = Look(target_of(server.port), SOMEBODY, wanted(new_code()))
        assert await look.failure() is FailureCode.MAILBOX_UNAVAILABLE
    assert look.step(StepName.SEARCH).server_reply == "disk on fire"
    assert server.heard.count(b" " + verb + b" ") == 2


async def test_a_damaged_message_does_not_hide_the_code_that_dovecot_sent_ahead_of_it(
    dovecot: Dovecot,
) -> None:
    mailbox, code = dovecot.add_user(), new_code()
    dovecot.deliver(mailbox, subject_for(code))
    before = _files(dovecot, mailbox)
    dovecot.deliver(mailbox, "damaged")
    (damaged,) = _files(dovecot, mailbox) - before
    damaged.chmod(0)
    for index in (dovecot.mail_folder / mailbox.username).glob("dovecot.index*"):
        index.unlink()  # the delivery wrote the subject there too, where it would be read from
    look = Look(dovecot_target(dovecot), credentials_of(mailbox), wanted(code))
    assert (await look.found()).codes == (code,)
    assert any("* BYE FETCH failed" in line for line in look.journal.transcript)


def _files(dovecot: Dovecot, mailbox: Mailbox) -> set[Path]:
    return set((dovecot.mail_folder / mailbox.username / "new").iterdir())
