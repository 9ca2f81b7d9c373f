"""A job from its lease to its end: renewed, cancelled, lost, handed back, delivered."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from starlette.responses import Response

from actor_agent.director_client import DirectorClient
from actor_agent.director_clock import DirectorClock
from actor_agent.director_errors import CredentialRefused
from actor_agent.held_job import HeldJob
from actor_agent.mail import Found, Reach, SearchWindow, Wanted
from actor_agent.renewal import Renewal
from actor_agent.retry_policy import RetryPolicy
from actor_agent.runner import Runner
from actor_agent.state import Enrollment
from actor_agent.status_loop import current_status
from actor_agent.unsealing import Unsealer
from mail_transport.failures import LookAgain, MailFailure
from mail_transport.journal import Journal
from tests.actor_agent.conftest import Pauses
from tests.actor_agent.director import DIRECTORS_TIME, FakeDirector, lost_answer, problem
from tests.actor_agent.sealed_lease import sealed_lease
from wire_contract.diagnostics import StepName
from wire_contract.failure_codes import FailureCode
from wire_contract.jobs import Credentials, Lease, Target
from wire_contract.results import Evidence

CODE = "Ab3_-xyZ" + "A" * 18
RARELY = 50.0
OFTEN = 0.01

Doing = Callable[[Journal, SearchWindow], Awaitable[Found | None]]


class MailSide:
    """Does as a test says, where the mail side would look into a mailbox."""

    def __init__(self, doing: Doing) -> None:
        self._doing = doing
        self.cut_off = False

    async def __call__(
        self,
        target: Target,  # noqa: ARG002  # the mail side's signature
        credentials: Credentials,  # noqa: ARG002  # the mail side's signature
        wanted: Wanted | None,  # noqa: ARG002  # the mail side's signature
        window: SearchWindow,
        journal: Journal,
        reach: Reach,  # noqa: ARG002  # the mail side's signature
    ) -> Found | None:
        try:
            return await self._doing(journal, window)
        except asyncio.CancelledError:
            self.cut_off = True
            raise


class Desk:
    """Makes jobs and remembers what the last one was made of."""

    def __init__(
        self, enrollment: Enrollment, client: DirectorClient, policy: RetryPolicy, clock: DirectorClock
    ) -> None:
        self.enrollment = enrollment
        self.client = client
        self.policy = policy
        self.clock = clock
        self.lease = Lease.model_validate(sealed_lease(enrollment))
        self.id = str(self.lease.id)
        self.mail = MailSide(find)

    def job(self, doing: Doing, renew_seconds: float = RARELY) -> HeldJob:
        self.mail = MailSide(doing)
        unsealer = Unsealer(self.enrollment.private_key, self.enrollment.actor_id, self.clock.now)
        runner = Runner(unsealer, self.mail, Reach())
        renewal = Renewal(self.client, self.policy, self.lease.id, renew_seconds)
        return HeldJob(self.lease, runner, renewal, self.client, self.policy, self.clock)


@pytest.fixture
async def desk(
    enrollment: Enrollment, client: DirectorClient, policy: RetryPolicy, clock: DirectorClock
) -> Desk:
    await client.put_status(current_status())  # from its answer the Director's time is known
    return Desk(enrollment, client, policy, clock)


async def find(_journal: Journal, _window: SearchWindow) -> Found | None:
    return Found(codes=(CODE,), evidence=Evidence(folder="INBOX"))


async def wait_for_ever(_journal: Journal, _window: SearchWindow) -> Found | None:
    await asyncio.Event().wait()
    raise AssertionError


async def test_a_code_is_delivered(director: FakeDirector, desk: Desk) -> None:
    await desk.job(find).keep()
    assert director.results[desk.id].code == CODE


async def test_steps_are_told_as_they_happen_and_never_in_two_renewals_at_once(
    director: FakeDirector, desk: Desk
) -> None:
    async def three_steps(journal: Journal, _window: SearchWindow) -> Found | None:
        for name in (StepName.RESOLVE, StepName.CONNECT, StepName.GREETING):
            with journal.step(name):
                pass
        await director.until(lambda: director.updates[desk.id])
        journal.searched()
        await director.until(lambda: director.updates[desk.id][-1].searches == 1)
        return await find(journal, _window)

    await desk.job(three_steps).keep()
    updates = director.updates[desk.id]
    assert [len(update.progress) for update in updates] == [3, 3]
    assert [update.searches for update in updates] == [0, 1]
    assert len(director.results[desk.id].diagnostics) == 3


async def test_a_lease_is_renewed_while_nothing_happens(director: FakeDirector, desk: Desk) -> None:
    async def quietly(journal: Journal, window: SearchWindow) -> Found | None:
        await director.until(lambda: len(director.updates[desk.id]) >= 3)
        return await find(journal, window)

    await desk.job(quietly, renew_seconds=OFTEN).keep()
    assert director.results[desk.id].code == CODE


async def test_a_renewal_says_when_the_search_ends(director: FakeDirector, desk: Desk) -> None:
    director.search_seconds_left = 0

    async def until_over(_journal: Journal, window: SearchWindow) -> Found | None:
        await director.until(lambda: window.is_over)
        raise MailFailure(FailureCode.CODE_NOT_FOUND)

    await desk.job(until_over, renew_seconds=OFTEN).keep()
    assert director.results[desk.id].failure_code is FailureCode.CODE_NOT_FOUND


async def test_a_cancelled_check_is_dropped_without_a_word(director: FakeDirector, desk: Desk) -> None:
    director.renewals[desk.id] = {"state": "cancelled"}
    await desk.job(wait_for_ever, renew_seconds=OFTEN).keep()
    assert desk.mail.cut_off
    assert desk.id not in director.results


@pytest.mark.parametrize("answer", [(404, "lease_not_found"), (409, "lease_superseded"), (410, "gone")])
async def test_a_lost_lease_ends_its_job(director: FakeDirector, desk: Desk, answer: tuple[int, str]) -> None:
    director.answer_next("update", problem(*answer, "It is no more."))
    await desk.job(wait_for_ever, renew_seconds=OFTEN).keep()
    assert desk.mail.cut_off
    assert desk.id not in director.results


async def test_an_outage_does_not_end_a_job(director: FakeDirector, desk: Desk, pauses: Pauses) -> None:
    director.answer_next("update", problem(503, "busy", "Busy."), lost_answer())

    async def until_renewed(journal: Journal, window: SearchWindow) -> Found | None:
        await director.until(lambda: director.updates[desk.id])
        return await find(journal, window)

    await desk.job(until_renewed, renew_seconds=OFTEN).keep()
    assert director.results[desk.id].code == CODE
    assert max(pauses) <= OFTEN / 2, "a renewal is not put off until its lease has lapsed"


async def test_a_result_is_kept_until_the_director_is_back(
    director: FakeDirector, desk: Desk, pauses: Pauses
) -> None:
    async def find_while_it_is_away(journal: Journal, window: SearchWindow) -> Found | None:
        await director.stop()
        return await find(journal, window)

    keeping = asyncio.create_task(desk.job(find_while_it_is_away).keep())
    while len(pauses) < 3:  # noqa: ASYNC110  # each turn is a try to deliver
        await asyncio.sleep(0)
    assert not keeping.done()
    await director.start()
    await keeping
    assert director.results[desk.id].code == CODE


async def test_a_result_whose_answer_got_lost_is_repeated(director: FakeDirector, desk: Desk) -> None:
    director.answer_next("result", lost_answer(), problem(500, "internal_error", "A defect."))
    await desk.job(find).keep()
    assert director.called("result") == 3
    assert director.results[desk.id].code == CODE


@pytest.mark.parametrize("status", [404, 409, 410, 422])
async def test_a_result_that_is_not_wanted_any_more_is_dropped(
    director: FakeDirector, desk: Desk, status: int
) -> None:
    director.answer_next("result", problem(status, "lease_superseded", "Too late."))
    await desk.job(find).keep()
    assert director.called("result") == 1


async def test_a_later_look_is_asked_for_by_the_directors_clock(director: FakeDirector, desk: Desk) -> None:
    async def later(journal: Journal, _window: SearchWindow) -> Found | None:
        journal.searched()
        raise LookAgain(after_seconds=300)

    await desk.job(later).keep()
    (update,) = (update for update in director.updates[desk.id] if update.hand_back)
    assert update.look_again_at is not None
    assert (
        timedelta(0) <= update.look_again_at - DIRECTORS_TIME - timedelta(seconds=300) < timedelta(seconds=5)
    )
    assert update.searches == 1


async def test_a_hand_back_that_is_not_wanted_any_more_is_dropped(director: FakeDirector, desk: Desk) -> None:
    async def later(_journal: Journal, _window: SearchWindow) -> Found | None:
        director.answer_next("update", problem(409, "lease_superseded", "Too late."))
        raise LookAgain(after_seconds=300)

    await desk.job(later).keep()
    assert director.called("update") == 1


async def test_stopping_hands_back_for_now(director: FakeDirector, desk: Desk) -> None:
    job = desk.job(wait_for_ever, renew_seconds=OFTEN)
    keeping = asyncio.create_task(job.keep())
    await director.until(lambda: director.updates[desk.id])
    job.stop()
    await keeping
    last = director.updates[desk.id][-1]
    assert last.hand_back
    assert last.look_again_at is not None
    assert last.look_again_at - DIRECTORS_TIME < timedelta(seconds=5)
    assert desk.mail.cut_off


async def test_stopping_before_the_start_hands_back_without_looking(
    director: FakeDirector, desk: Desk
) -> None:
    job = desk.job(wait_for_ever)
    job.stop()
    await job.keep()
    assert [update.hand_back for update in director.updates[desk.id]] == [True]


async def test_stopping_lets_a_result_arrive(director: FakeDirector, desk: Desk) -> None:
    director.answer_next("result", Response(status_code=503))
    job = desk.job(find)
    keeping = asyncio.create_task(job.keep())
    await director.until(lambda: director.called("result"))
    job.stop()
    await keeping
    assert director.results[desk.id].code == CODE
    assert not director.updates[desk.id]


async def test_a_revocation_drops_the_job(director: FakeDirector, desk: Desk) -> None:
    director.credentials.clear()
    with pytest.raises(ExceptionGroup) as caught:
        await desk.job(wait_for_ever, renew_seconds=OFTEN).keep()
    assert caught.group_contains(CredentialRefused)
    assert desk.mail.cut_off
