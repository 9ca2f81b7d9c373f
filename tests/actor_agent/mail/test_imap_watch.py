"""Waiting for a message: IDLE, servers without it, late junk, the window's end, the hand-back."""

import asyncio
from collections.abc import Callable

import pytest

from actor_agent.mail import Found, SearchWindow
from mail_transport.failures import LookAgain
from mail_transport.journal import Journal
from tests.actor_agent.mail.imap_script import Answer, fetched, imap_script
from tests.actor_agent.mail.looking import Look, credentials_of, dovecot_target, target_of, wanted
from tests.servers.dovecot import Dovecot
from tests.servers.hostile import Peer, hostile_server
from tests.servers.mailbox import JUNK_FOLDER, Mailbox
from wire_contract.failure_codes import FailureCode
from wire_contract.verification_code import new_code, subject_for

SOMEBODY = credentials_of(Mailbox("x@example.test", "x", "pw-of-x"))


@pytest.fixture
def idle_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No frequent searches at first."""
    monkeypatch.setattr("actor_agent.mail.imap.watch.OFTEN_SECONDS", 0.0)


async def _found_after(look: Look, searches: int, act: Callable[[], object]) -> Found:
    """Start to look, act after so many full searches, return what is found."""
    searched = asyncio.Event()
    look.journal = Journal(lambda: searched.set() if look.journal.searches >= searches else None)
    look.window = SearchWindow()
    async with asyncio.timeout(15):
        looking = asyncio.create_task(look.found())
        await searched.wait()
        await asyncio.to_thread(act)
        return await looking


@pytest.mark.usefixtures("idle_at_once")
async def test_idle_tells_of_a_message(dovecot: Dovecot) -> None:
    mailbox, code = dovecot.add_user(), new_code()
    look = Look(dovecot_target(dovecot), credentials_of(mailbox), wanted(code))
    found = await _found_after(look, 2, lambda: dovecot.deliver(mailbox, subject_for(code)))
    assert found.codes == (code,)
    assert look.journal.searches == 2  # it was the server that told, not the next round


@pytest.mark.usefixtures("idle_at_once")
async def test_mail_that_comes_late_into_junk_is_found(
    dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actor_agent.mail.imap.watch.ROUND_SECONDS", 0.3)
    mailbox, code = dovecot.add_user(), new_code()
    look = Look(dovecot_target(dovecot), credentials_of(mailbox), wanted(code))
    found = await _found_after(look, 2, lambda: dovecot.deliver_to_junk(mailbox, subject_for(code)))
    assert found.evidence.folder == JUNK_FOLDER


def _filling_inbox(code: str, after: int) -> dict[bytes, Answer]:
    """A server whose inbox gets the message after so many NOOPs."""
    asked = 0

    async def noop(peer: Peer, tag: bytes) -> None:
        nonlocal asked
        asked += 1
        await peer.send(tag + b" OK done")

    async def fetch(peer: Peer, tag: bytes) -> None:
        if asked >= after:
            await peer.send(fetched(7, subject_for(code), number=1))
        await peer.send(tag + b" OK done")

    return {
        b"CAPABILITY": [b"* CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR"],
        b"NOOP": noop,
        b"UID FETCH": fetch,
    }


@pytest.mark.usefixtures("idle_at_once")
async def test_a_server_without_idle_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("actor_agent.mail.imap.watch.ROUND_SECONDS", 0.01)
    code = new_code()
    async with hostile_server(imap_script(_filling_inbox(code, 5))) as server, asyncio.timeout(5):
        look = Look(target_of(server.port), SOMEBODY, wanted(code), SearchWindow())
        assert (await look.found()).codes == (code,)


async def test_a_large_mailbox_costs_the_first_search_no_more_than_a_small_one() -> None:
    code = new_code()
    answers = _filling_inbox(code, 3) | {b"EXAMINE": [b"* 100000 EXISTS", b"* OK [UIDNEXT 5] next"]}
    async with hostile_server(imap_script(answers)) as server, asyncio.timeout(5):
        look = Look(target_of(server.port), SOMEBODY, wanted(code), SearchWindow())
        assert (await look.found()).codes == (code,)
    assert b"FETCH 99801:100000 " in server.heard
    assert b"UID FETCH 5:* " in server.heard
    assert b"SEARCH" not in server.heard


async def test_a_message_is_found_by_the_frequent_first_searches() -> None:
    code = new_code()
    async with hostile_server(imap_script(_filling_inbox(code, 3))) as server, asyncio.timeout(5):
        look = Look(target_of(server.port), SOMEBODY, wanted(code), SearchWindow())
        assert (await look.found()).codes == (code,)
        assert look.journal.searches == 1


@pytest.mark.usefixtures("idle_at_once")
async def test_a_server_that_chatters_under_idle_is_not_asked_without_pause(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("actor_agent.mail.imap.watch.ROUND_SECONDS", 0.5)

    async def chatter(peer: Peer, tag: bytes) -> None:
        await peer.send(b"+ idling", *[b"* 1 EXISTS"] * 10)
        await peer.line()
        await peer.send(tag + b" OK done")

    window = SearchWindow()
    window.close_after(0.6)
    async with hostile_server(imap_script({b"IDLE": chatter})) as server, asyncio.timeout(10):
        look = Look(target_of(server.port), SOMEBODY, wanted(new_code()), window)
        assert await look.failure() is FailureCode.CODE_NOT_FOUND
    assert server.heard.count(b"IDLE\r\n") <= 5


@pytest.mark.usefixtures("idle_at_once")
async def test_idle_that_is_refused_does_not_end_the_wait() -> None:
    window = SearchWindow()
    window.close_after(0.5)
    async with hostile_server(imap_script({b"IDLE": b"NO not now"})) as server, asyncio.timeout(10):
        look = Look(target_of(server.port), SOMEBODY, wanted(new_code()), window)
        assert await look.failure() is FailureCode.CODE_NOT_FOUND


async def _closes(peer: Peer, tag: bytes) -> None:  # noqa: ARG001  # it is never answered
    await peer.send(b"+ idling", b"* BYE restarting")
    peer.writer.close()


@pytest.mark.usefixtures("idle_at_once")
async def test_a_connection_lost_while_waiting_is_no_failure() -> None:
    async with hostile_server(imap_script({b"IDLE": _closes})) as server, asyncio.timeout(5):
        look = Look(target_of(server.port), SOMEBODY, wanted(new_code()), SearchWindow())
        with pytest.raises(LookAgain):
            await look.run()
    assert look.journal.searches == 2  # by which the Director knows that the mailbox could be read


@pytest.mark.usefixtures("idle_at_once")
@pytest.mark.parametrize("agrees", [True, False], ids=["agreed to", "refused"])
async def test_mail_that_is_told_of_ahead_of_the_answer_to_idle_is_searched_for_at_once(
    agrees: bool,
) -> None:
    code, told = new_code(), 0

    async def tells_early(peer: Peer, tag: bytes) -> None:
        nonlocal told
        told += 1
        await peer.send(*([b"* 4 EXISTS"] if told == 1 else []))
        if agrees:
            await peer.send(b"+ idling")
            await peer.line()
        await peer.send(tag + (b" OK done" if agrees else b" NO not now"))

    async def fetch(peer: Peer, tag: bytes) -> None:
        await peer.send(*([fetched(7, subject_for(code), number=4)] if told else []), tag + b" OK done")

    script = imap_script({b"IDLE": tells_early, b"UID FETCH": fetch})
    async with hostile_server(script) as server, asyncio.timeout(5):
        look = Look(target_of(server.port), SOMEBODY, wanted(code), SearchWindow())
        assert (await look.found()).codes == (code,)
    assert told == 1


@pytest.mark.usefixtures("idle_at_once")
async def test_idle_that_the_server_ends_by_itself_is_followed_by_a_search() -> None:
    code, ended = new_code(), 0

    async def ends(peer: Peer, tag: bytes) -> None:
        nonlocal ended
        ended += 1
        await peer.send(b"+ idling", tag + b" OK that is enough")

    async def fetch(peer: Peer, tag: bytes) -> None:
        await peer.send(*([fetched(7, subject_for(code), number=1)] if ended else []), tag + b" OK done")

    script = imap_script({b"IDLE": ends, b"UID FETCH": fetch})
    async with hostile_server(script) as server, asyncio.timeout(5):
        look = Look(target_of(server.port), SOMEBODY, wanted(code), SearchWindow())
        assert (await look.found()).codes == (code,)
    assert b"DONE" not in server.heard


@pytest.mark.usefixtures("idle_at_once")
async def test_a_long_wait_is_handed_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("actor_agent.mail.imap.watch.HOLD_SECONDS", 0.0)
    async with hostile_server(imap_script()) as server, asyncio.timeout(5):
        look = Look(target_of(server.port), SOMEBODY, wanted(new_code()), SearchWindow())
        with pytest.raises(LookAgain) as again:
            await look.run()
    assert again.value.after_seconds > 0
    assert server.heard.endswith(b"LOGOUT\r\n")


def test_a_window_is_open_until_it_is_told_and_then_runs_down() -> None:
    now = [100.0]
    window = SearchWindow(clock=lambda: now[0])
    assert (window.seconds_left, window.is_over) == (None, False)
    window.close_after(10)
    now[0] = 104.0
    assert (window.seconds_left, window.is_over) == (6.0, False)
    now[0] = 111.0
    assert (window.seconds_left, window.is_over) == (0.0, True)
    window.close_after(None)
    assert window.is_over is False
