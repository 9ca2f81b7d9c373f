"""How long and how often a POP3 mailbox is looked into, with a clock that stands still between sleeps."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from actor_agent.mail import SearchWindow
from actor_agent.mail.pop3.maildrop import Maildrop, Snapshot
from actor_agent.mail.pop3.watch import FIRST_PAUSE, LONGEST_PAUSE, MOST_TROUBLES, Hit, Watch
from mail_transport.failures import LookAgain, MailFailure
from mail_transport.journal import Journal
from tests.actor_agent.mail.looking import HERE, credentials_of, wanted
from tests.actor_agent.mail.pop3.pop3_script import CAPABILITIES, Answer, Pop3Script, header, says
from tests.actor_agent.mail.pop3.targets import pop3_target
from tests.servers.hostile import Peer, hostile_server
from tests.servers.mailbox import Mailbox
from wire_contract.failure_codes import FailureCode
from wire_contract.verification_code import new_code, subject_for

SOMEBODY = credentials_of(Mailbox("x@example.test", "x", "s3cret"))


@dataclass
class Watching:
    """A watch over what a script serves; `during_sleep` is called with the number of each sleep."""

    script: Pop3Script
    during_sleep: Callable[[int], None] = lambda _: None
    code: str = field(default_factory=new_code)
    journal: Journal = field(default_factory=Journal)
    slept: list[float] = field(default_factory=list)
    now: float = 1000.0

    def __post_init__(self) -> None:
        self.window = SearchWindow(lambda: self.now)

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        self.during_sleep(len(self.slept))

    async def run(self, *, busy: bool = False) -> Hit:
        async with hostile_server(self.script) as server:
            maildrop = Maildrop(pop3_target(server.port), SOMEBODY, HERE)
            watch = Watch(
                *(maildrop, wanted(self.code), self.window, self.journal), lambda: self.now, self._sleep
            )
            hit = await watch.run(None if busy else await maildrop.open(Journal()))
            await hit.snapshot.leave()
            return hit

    async def failure(self) -> FailureCode:
        with pytest.raises(MailFailure) as raised:
            await self.run()
        return raised.value.code

    def close(self) -> None:
        self.window.close_after(0)

    def asked(self, verb: bytes) -> int:
        return sum(command.startswith(verb) for command in self.script.commands)


def _mail(count: int) -> list[tuple[str, bytes]]:
    return [(f"id{number}", header("another")) for number in range(count)]


async def test_pauses_grow_and_after_two_minutes_the_job_is_handed_back() -> None:
    watching = Watching(Pop3Script(_mail(3)))
    with pytest.raises(LookAgain) as raised:
        await watching.run()
    assert watching.slept[:6] == pytest.approx([FIRST_PAUSE * 2**power for power in range(5)] + [8.0])
    assert max(watching.slept) == LONGEST_PAUSE
    assert 120 < sum(watching.slept) < 130
    assert raised.value.after_seconds == 30
    assert watching.journal.searches == len(watching.slept) + 1


TAKEN = b"Received: from a by b; Tue, 3 Nov 2026 10:00:00 +0100\r\nReceived: by a; Tue, 3 Nov 2026 08:00:00 +0000\r\n"


@pytest.mark.parametrize(
    ("fields", "newest"),
    [
        (TAKEN + b"Date: Wed, 4 Nov 2026 00:00:00 +0000\r\n", "2026-11-03T10:00:00+01:00"),
        (b"Date: Wed, 4 Nov 2026 00:00:00 +0000\r\n", "2026-11-04T00:00:00+00:00"),
        (b"Received: by a; once upon a time\r\nDate: never\r\n", "2026-11-01T00:00:00+00:00"),
    ],
    ids=["as the last server took it", "as it was sent", "as far as it can be read"],
)
async def test_when_the_newest_message_came_is_shown(fields: bytes, newest: str) -> None:
    old = b"Date: Sun, 1 Nov 2026 00:00:00 +0000\r\n" + header("old")
    watching = Watching(Pop3Script([("id1", fields + header("new")), ("id2", old)]))
    watching.close()
    assert await watching.failure() is FailureCode.CODE_NOT_FOUND
    assert watching.journal.steps[-1].detail["newest_seen"] == newest


async def test_each_session_is_ended_before_the_pause() -> None:
    watching = Watching(Pop3Script(_mail(3)))
    watching.during_sleep = lambda _: ended.append(watching.script.commands[-1])
    ended: list[bytes] = []
    with pytest.raises(LookAgain):
        await watching.run()
    assert set(ended) == {b"QUIT"}


async def test_what_was_seen_is_not_fetched_again() -> None:
    watching = Watching(Pop3Script(_mail(50)))

    def arrive(sleep: int) -> None:
        if sleep == 3:
            watching.script.messages.append(("new", header(subject_for(watching.code))))

    watching.during_sleep = arrive
    hit = await watching.run()
    assert hit.matches[0].codes == (watching.code,)
    assert hit.matches[0].number == 51
    assert watching.asked(b"TOP") == 51


async def test_without_unique_ids_each_look_is_bounded_by_the_newest_200() -> None:
    watching = Watching(Pop3Script(_mail(300), capabilities=("TOP", "USER")))
    watching.during_sleep = lambda _: watching.close()
    assert await watching.failure() is FailureCode.CODE_NOT_FOUND
    assert watching.asked(b"TOP") == 400
    assert watching.asked(b"TOP 100 0") == 0
    assert watching.asked(b"UIDL") == 0


async def test_when_the_newest_was_deleted_an_older_one_tells_what_is_new() -> None:
    watching = Watching(Pop3Script(_mail(50)))

    def delete(sleep: int) -> None:
        if sleep == 1:
            watching.script.messages.pop()

    watching.during_sleep = delete
    with pytest.raises(LookAgain):
        await watching.run()
    assert watching.asked(b"TOP") == 50


async def test_the_last_search_begins_after_the_window_closed_and_looks_at_all() -> None:
    watching = Watching(Pop3Script(_mail(20)))

    def hide(_sleep: int) -> None:  # below what is known, where only a full search sees it
        watching.script.messages.insert(5, ("late", header(subject_for(watching.code))))
        watching.close()

    watching.during_sleep = hide
    assert (await watching.run()).matches[0].number == 6
    assert watching.asked(b"QUIT") == 2


async def test_the_window_ends_it_with_one_more_search() -> None:
    watching = Watching(Pop3Script(_mail(2)))
    watching.window.close_after(1.0)
    assert await watching.failure() is FailureCode.CODE_NOT_FOUND
    assert sum(watching.slept) == pytest.approx(1.0)
    assert watching.journal.searches == len(watching.slept) + 1


async def test_a_login_delay_is_kept() -> None:
    watching = Watching(Pop3Script(_mail(2), [*CAPABILITIES, "LOGIN-DELAY 50 USER"]))
    with pytest.raises(LookAgain) as raised:
        await watching.run()
    assert watching.slept == [50, 50, 50]
    assert raised.value.after_seconds == 50


async def test_a_server_that_takes_long_to_open_is_left_alone_as_long() -> None:
    watching = Watching(Pop3Script(_mail(2)))

    async def slow(peer: Peer, _argument: bytes) -> None:
        watching.now += 20.0
        await peer.send(b"+OK 2 100")

    watching.script.answers[b"STAT"] = slow
    with pytest.raises(LookAgain):
        await watching.run()
    assert watching.slept == [20, 20, 20, 20]


def _busy_for(times: int) -> Answer:
    left = [times]

    async def answer(peer: Peer, _argument: bytes) -> None:
        left[0] -= 1
        await peer.send(b"-ERR [IN-USE] locked" if left[0] >= 0 else b"+OK 1 100")

    return answer


async def test_a_mailbox_that_another_program_holds_is_tried_again() -> None:
    code = new_code()
    script = Pop3Script([("a", header(subject_for(code)))], answers={b"STAT": _busy_for(3)})
    watching = Watching(script, code=code)
    assert (await watching.run(busy=True)).matches[0].codes == (code,)
    assert watching.journal.searches == 1


async def test_a_mailbox_that_stays_held_ends_under_its_name() -> None:
    watching = Watching(Pop3Script(_mail(1)))

    def lock(_sleep: int) -> None:
        watching.script.answers[b"STAT"] = says(b"-ERR [IN-USE] locked")

    watching.during_sleep = lock
    assert await watching.failure() is FailureCode.MAILBOX_IN_USE
    assert len(watching.slept) == MOST_TROUBLES
    assert watching.journal.steps[-1].code is FailureCode.MAILBOX_IN_USE


async def test_a_password_that_is_refused_meanwhile_is_not_tried_again() -> None:
    watching = Watching(Pop3Script(_mail(1), ("TOP", "UIDL", "USER")))

    def change(_sleep: int) -> None:
        watching.script.answers[b"PASS"] = says(b"-ERR [AUTH] no")

    watching.during_sleep = change
    assert await watching.failure() is FailureCode.AUTH_INVALID_CREDENTIALS
    assert watching.asked(b"PASS") == 2


def _dying_for(times: int, script: Pop3Script) -> Answer:
    left = [times]

    async def answer(peer: Peer, _argument: bytes) -> None:
        left[0] -= 1
        if left[0] >= 0:
            raise ConnectionError
        del script.answers[b"TOP"]
        await peer.send_raw(b"+OK\r\n" + script.messages[-1][1] + b".\r\n")

    return answer


async def test_a_session_that_breaks_while_mail_is_waited_for_ends_nothing() -> None:
    watching = Watching(Pop3Script(_mail(1)))

    def arrive(sleep: int) -> None:
        if sleep == 1:
            watching.script.messages.append(("new", header(subject_for(watching.code))))
            watching.script.answers[b"TOP"] = _dying_for(3, watching.script)

    watching.during_sleep = arrive
    assert (await watching.run()).matches[0].codes == (watching.code,)
    assert len(watching.slept) == 4
    assert watching.journal.steps[-1].detail["last_trouble"] == FailureCode.CONNECTION_CLOSED


@pytest.mark.parametrize("searched", [True, False], ids=["once it was searched", "from the first"])
async def test_a_server_that_breaks_every_session_ends_the_check(searched: bool) -> None:
    watching = Watching(Pop3Script(_mail(1)))

    def die(_sleep: int) -> None:
        watching.script.messages.append((f"id{len(watching.script.messages)}", header("another")))
        watching.script.answers[b"TOP"] = _dying_for(1000, watching.script)

    watching.during_sleep = die
    if not searched:
        die(0)
    assert await watching.failure() is FailureCode.CONNECTION_CLOSED
    assert len(watching.slept) == (MOST_TROUBLES if searched else 0)


async def _goes_away(peer: Peer, _argument: bytes) -> None:
    peer.writer.close()


async def _is_silent(peer: Peer, _argument: bytes) -> None:
    await peer.until_closed()


@pytest.mark.parametrize("breaks", [_goes_away, _is_silent], ids=["closes", "is silent"])
@pytest.mark.parametrize("searched", [True, False], ids=["once it was searched", "from the first"])
async def test_a_code_that_was_read_is_reported_though_an_older_message_breaks_the_session(
    monkeypatch: pytest.MonkeyPatch, searched: bool, breaks: Answer
) -> None:
    monkeypatch.setattr("actor_agent.mail.pop3.watch.SESSION_SECONDS", 0.3)
    monkeypatch.setattr("actor_agent.mail.pop3.maildrop.CLOSE_SECONDS", 0.1)
    watching = Watching(Pop3Script(_mail(2)))
    new = header(subject_for(watching.code))

    async def top(peer: Peer, argument: bytes) -> None:
        if argument == b"4 0":
            await peer.send_raw(b"+OK\r\n" + new + b".\r\n")
        else:
            await breaks(peer, argument)

    def arrive(_sleep: int) -> None:
        watching.script.messages += [("damaged", header("another")), ("new", new)]
        watching.script.answers[b"TOP"] = top

    watching.during_sleep = arrive
    if not searched:
        arrive(0)
    hit = await watching.run()
    assert [match.codes for match in hit.matches] == [(watching.code,)]
    assert len(watching.slept) == int(searched)


@pytest.mark.parametrize(
    "code",
    [
        FailureCode.DNS_FAILED,
        FailureCode.TCP_REFUSED,
        FailureCode.TCP_UNREACHABLE,
        FailureCode.GREETING_MISSING,
        FailureCode.AUTH_TEMPORARILY_UNAVAILABLE,
    ],
)
async def test_a_server_that_is_away_for_a_while_ends_nothing(
    monkeypatch: pytest.MonkeyPatch, code: FailureCode
) -> None:
    watching = Watching(Pop3Script(_mail(1)))
    opened, tries = Maildrop.open, 0

    async def away_twice(maildrop: Maildrop, journal: Journal) -> Snapshot:
        nonlocal tries
        tries += 1
        if tries in {2, 3}:
            raise MailFailure(code)
        return await opened(maildrop, journal)

    def arrive(_sleep: int) -> None:
        watching.script.messages.append(("new", header(subject_for(watching.code))))

    monkeypatch.setattr(Maildrop, "open", away_twice)
    watching.during_sleep = arrive
    assert (await watching.run()).matches[0].codes == (watching.code,)
    assert watching.journal.steps[-1].detail["last_trouble"] == code


async def test_a_login_that_can_not_be_judged_for_now_is_tried_again() -> None:
    watching = Watching(Pop3Script(_mail(1), ("TOP", "UIDL", "USER")))

    def away(sleep: int) -> None:
        away_for_now = says(b"-ERR [SYS/TEMP] the directory is away, try again")
        watching.script.answers[b"PASS"] = away_for_now if sleep == 1 else says(b"+OK")
        watching.script.messages.append((f"new{sleep}", header(subject_for(watching.code))))

    watching.during_sleep = away
    assert (await watching.run()).matches[0].codes == (watching.code,)
    assert watching.asked(b"PASS") == 3
