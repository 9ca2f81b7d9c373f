"""When a search in a cloud goes on, is handed back, or ends; time is that of a clock of the test's own."""

from dataclasses import dataclass, field

import pytest

from actor_agent.mail.near_misses import NearMisses
from actor_agent.mail.patience import MOST_TROUBLES, Patience, persist
from actor_agent.mail.polling import HOLD_SECONDS, LONGEST_PAUSE, Polling
from actor_agent.mail.search_window import SearchWindow
from mail_transport.failures import LookAgain, MailFailure
from mail_transport.journal import Journal
from tests.actor_agent.mail.looking import wanted
from wire_contract.base import JsonValue
from wire_contract.failure_codes import FailureCode
from wire_contract.verification_code import new_code


@dataclass
class Time:
    """A clock that only sleeping moves."""

    now: float = 0.0
    slept: list[float] = field(default_factory=list)

    def read(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@dataclass
class Mailbox:
    """Answers look after look: a find, nothing, or a failure; the last answer stays."""

    answers: list[list[str] | FailureCode]
    near: NearMisses = field(default_factory=lambda: NearMisses(wanted(new_code())))
    full: list[bool] = field(default_factory=list)

    @property
    def detail(self) -> dict[str, JsonValue]:
        return {"looks": len(self.full)}

    async def look(self, *, full: bool) -> list[str]:
        self.full.append(full)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, FailureCode):
            raise MailFailure(answer)
        return answer


def _polling(mailbox: Mailbox, time: Time, seconds: float | None) -> Polling[str]:
    window = SearchWindow(time.read)
    window.close_after(seconds)
    return Polling(mailbox, window, Journal(), time.read, time.sleep)


async def test_pauses_grow_up_to_a_bound() -> None:
    time = Time()
    mailbox = Mailbox([*[[]] * 8, ["found"]])

    assert await _polling(mailbox, time, None).run() == ["found"]
    assert time.slept == [0.5, 1, 2, 4, 8, LONGEST_PAUSE, LONGEST_PAUSE, LONGEST_PAUSE]


async def test_nothing_is_said_to_be_missing_before_a_full_look_after_the_deadline() -> None:
    time = Time()
    mailbox = Mailbox([[]])

    with pytest.raises(MailFailure) as missing:
        await _polling(mailbox, time, 20).run()

    assert missing.value.code is FailureCode.CODE_NOT_FOUND
    assert time.now == 20
    assert mailbox.full == [False] * (len(mailbox.full) - 1) + [True]


async def test_a_search_that_takes_long_is_handed_back() -> None:
    time = Time()

    with pytest.raises(LookAgain) as again:
        await _polling(Mailbox([[]]), time, 600).run()

    assert HOLD_SECONDS < time.now <= HOLD_SECONDS + LONGEST_PAUSE
    assert again.value.after_seconds == 30


async def test_a_search_is_not_handed_back_beyond_its_deadline() -> None:
    with pytest.raises(LookAgain) as again:
        await _polling(Mailbox([[]]), Time(), HOLD_SECONDS + LONGEST_PAUSE).run()

    assert again.value.after_seconds < LONGEST_PAUSE


@pytest.mark.parametrize(
    "code",
    [
        FailureCode.GMAIL_UNAVAILABLE,
        FailureCode.DNS_FAILED,
        FailureCode.TCP_REFUSED,
        FailureCode.TCP_UNREACHABLE,
    ],
)
async def test_what_passes_is_waited_out_with_growing_pauses(code: FailureCode) -> None:
    time = Time()
    mailbox = Mailbox([code] * 3 + [["found"]])

    assert await _polling(mailbox, time, 60).run() == ["found"]
    assert time.slept == [1, 2, 4]


@pytest.mark.parametrize("code", [FailureCode.GMAIL_CONSENT_REVOKED, FailureCode.GRAPH_PERMISSION_MISSING])
async def test_what_time_does_not_mend_ends_the_search_at_once(code: FailureCode) -> None:
    time = Time()

    with pytest.raises(MailFailure) as failed:
        await _polling(Mailbox([code]), time, 600).run()

    assert (failed.value.code, time.slept) == (code, [])


async def test_a_service_that_stays_away_is_left_alone_for_a_while() -> None:
    mailbox = Mailbox([FailureCode.GRAPH_UNAVAILABLE])

    with pytest.raises(LookAgain):
        await _polling(mailbox, Time(), 600).run()

    assert len(mailbox.full) <= MOST_TROUBLES


async def test_a_service_that_is_away_until_the_deadline_is_the_outcome() -> None:
    with pytest.raises(MailFailure) as failed:
        await _polling(Mailbox([FailureCode.GRAPH_THROTTLED]), Time(), 5).run()

    assert failed.value.code is FailureCode.GRAPH_THROTTLED


@pytest.mark.parametrize(
    "code", [FailureCode.DNS_FAILED, FailureCode.TCP_REFUSED, FailureCode.TCP_UNREACHABLE]
)
async def test_a_service_that_never_answered_is_named_at_once(code: FailureCode) -> None:
    time = Time()

    async def sign_in() -> None:
        raise MailFailure(code)

    with pytest.raises(MailFailure) as failed:
        await persist(sign_in, Patience(SearchWindow(time.read), time.sleep))

    assert (failed.value.code, time.slept) == (code, [])
