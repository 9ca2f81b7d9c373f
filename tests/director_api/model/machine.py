"""The lease protocol beside a model of it: what each call may change, and what holds after each.

The model knows of a check whether it is queued, leased (by which lease) or ended, and of time only
what may have happened by now. Whatever the model doesn't admit is a failure.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from director_api.actor_protocol.roster import ActorIdentity
from director_api.problems import Problem
from director_api.verifications.deadlines import SEARCH_GRACE
from director_api.verifications.models import Check
from director_api.verifications.state_machine import MAX_ATTEMPTS
from tests.director_api.model.services import Services
from tests.servers.scripted_smtp import ACCEPTED, GREYLISTED, HANG_UP, REFUSED
from wire_contract.diagnostics import Step, StepName, StepOutcome
from wire_contract.failure_codes import FailureCode
from wire_contract.jobs import Lease
from wire_contract.results import LeaseUpdate, Result
from wire_contract.verification_code import codes_with_locator, new_code

AUTHENTICATED = (Step(step=StepName.AUTHENTICATE, outcome=StepOutcome.OK, milliseconds=5),)
BUDGET = 5
ACTORS = 3
picks = st.integers(0, 1000)
_names = (f"box{number}" for number in count())


@dataclass
class ModelCheck:
    """What the model knows of a check. ``ended`` is all that must never change again."""

    actor: UUID
    run: UUID
    state: str = "queued"
    lease: UUID | None = None
    attempts: int = 0
    proved: bool = False
    ended: tuple[str, str | None, datetime | None] | None = None

    def end(self, state: str) -> None:
        """It ends in ``state``."""
        self.state, self.lease = state, None

    def wait(self) -> None:
        """It is queued again."""
        self.state, self.lease = "queued", None


@dataclass
class Given:
    """A lease that was given, to whom; it may be long superseded."""

    lease: Lease
    actor: ActorIdentity


@dataclass
class Model:
    """All checks of one profile."""

    checks: dict[UUID, ModelCheck] = field(default_factory=dict)
    authenticated: bool = False
    refused_at: list[datetime] = field(default_factory=list)
    refused_late: set[UUID] = field(default_factory=set)

    def open(self) -> list[ModelCheck]:
        """Return those that have not ended."""
        return [check for check in self.checks.values() if check.state in ("queued", "leased")]

    def of(self, actor: ActorIdentity) -> ModelCheck | None:
        """Return the Actor's check that has not ended."""
        return next((check for check in self.open() if check.actor == actor.id), None)

    def budget_spent(self, now: datetime) -> bool:
        """Tell whether the account's failed logins of the hour are used up."""
        return sum(at > now - timedelta(hours=1) for at in self.refused_at) >= BUDGET


class LeaseProtocol(RuleBasedStateMachine):
    """People, Actors, a mail server and time, in any order. ``services`` is set by the test."""

    services: Services

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        self.given: list[Given] = []
        self.rows: dict[UUID, Check] = {}

    @initialize(manual=st.booleans(), mail=st.sampled_from([ACCEPTED, GREYLISTED]))
    def begin(self, manual: bool, mail: bytes) -> None:
        name = next(_names)
        self.manual = manual
        self.actors = [self.services.run(self.services.actor(f"{name}-{number}")) for number in range(ACTORS)]
        self.wanted: dict[str, Any] = {
            "server_type": "imap",
            "email_address": f"{name}@example.test",
            "actor_ids": [str(actor.id) for actor in self.actors],
            "send_verification_manually": manual,
            "account": {"username": f"{name}@example.test", "password": new_code()},
            "incoming": {"host": "imap.example.test"},
        }
        self.profile = self.services.run(self.services.profile(self.wanted))
        self.work_begins(authenticated=False)
        self.send(mail)

    @rule()
    def verify(self) -> None:
        running = self.model.open()
        run, new = self.services.run(self.services.verify(self.profile))
        assert new is not bool(running)
        if running:
            assert {check.run for check in running} == {run}
            return
        self._read()
        added = {row.id: row for row in self.rows.values() if row.verification_id == run}
        assert [row.actor_id for row in added.values()] == [actor.id for actor in self.actors]
        self.model.checks |= {id_: ModelCheck(row.actor_id, run) for id_, row in added.items()}

    @rule(authenticated=st.booleans())
    def work_begins(self, authenticated: bool) -> None:
        if not self.model.open():
            self.verify()
        for actor in self.actors:
            self._poll(actor)
            if authenticated and self.given and self.model.of(actor) is not None:
                self._renew(self.given[-1], AUTHENTICATED)

    @precondition(lambda self: self.model.open())
    @rule(who=st.integers(0, ACTORS - 1))
    def poll(self, who: int) -> None:
        self._poll(self.actors[who])

    def _poll(self, actor: ActorIdentity) -> None:
        now = self.services.clock()
        waiting, row = self.model.of(actor), self._row_of(actor)
        leases = self.services.run(self.services.poll(actor))
        due = waiting is not None and waiting.state == "queued" and row is not None and row.look_at <= now
        others = any(check.state == "leased" for check in self.model.open())
        if waiting is None or not due or (others and not self.model.authenticated):
            assert not leases
        elif self.model.budget_spent(now):
            assert not leases
            waiting.end("unverified")
        else:
            (lease,) = leases
            assert row is not None
            assert lease.check_id == row.id
            waiting.state, waiting.lease = "leased", lease.id
            self.given.append(Given(lease, actor))

    @precondition(lambda self: self.given)
    @rule(pick=picks, progress=st.sampled_from([(), AUTHENTICATED]), searches=st.integers(0, 1))
    def renew(self, pick: int, progress: tuple[Step, ...], searches: int) -> None:
        self._renew(self._pick(pick)[0], progress, searches)

    def _renew(self, held: Given, progress: tuple[Step, ...], searches: int = 0) -> None:
        check = self.model.checks[held.lease.check_id]
        update = LeaseUpdate(progress=progress, searches=searches)
        answer = self.services.run(self.services.renew(held.actor, held.lease.id, update))
        current = check.lease == held.lease.id
        assert answer.state == ("continue" if current else "cancelled")
        self.model.authenticated |= current and bool(progress)

    @precondition(lambda self: self.given)
    @rule(pick=picks, seconds=st.sampled_from([0, 30, 4000]))
    def hand_back(self, pick: int, seconds: int) -> None:
        held, check = self._pick(pick)
        handing = self.services.hand_back(held.actor, held.lease.id, seconds)
        if check.lease == held.lease.id:
            self.services.run(handing)
            check.wait()
        else:
            self._superseded(handing)

    @precondition(lambda self: self.given)
    @rule(pick=picks, times=st.integers(1, 2))
    def report_what_was_read(self, pick: int, times: int) -> None:
        held, check = self._pick(pick)
        code = self._read_mailbox(held.lease)
        if code is None:
            return
        was_open = check.state in ("queued", "leased")
        for _ in range(times):
            answer = self.services.run(
                self.services.report(held.actor, held.lease.id, Result(code=code, diagnostics=AUTHENTICATED))
            )
            if was_open and check.state != "verified":
                check.proved, self.model.authenticated = True, True
                check.end("verified")
            assert answer.state == check.state

    @precondition(lambda self: self.given)
    @rule(pick=picks)
    def report_a_guess(self, pick: int) -> None:
        self._report_failure(pick, Result(code=new_code()), FailureCode.CODE_MISMATCH)

    @precondition(lambda self: self.given)
    @rule(
        pick=picks,
        code=st.sampled_from(
            [FailureCode.AUTH_INVALID_CREDENTIALS, FailureCode.TCP_REFUSED, FailureCode.CODE_NOT_FOUND]
        ),
    )
    def report_a_failure(self, pick: int, code: FailureCode) -> None:
        self._report_failure(pick, Result(failure_code=code), code)

    @precondition(lambda self: self.given)
    @rule(pick=picks)
    def another_actor_reports(self, pick: int) -> None:
        held, _ = self._pick(pick)
        other = next(actor for actor in self.actors if actor.id != held.actor.id)
        with pytest.raises(Problem, match="no lease"):
            self.services.run(self.services.report(other, held.lease.id, Result(code=new_code())))

    @rule(seconds=st.sampled_from([1, 31, 61, 61, 61, 200, 700, 2000]))
    def time_passes(self, seconds: int) -> None:
        self.services.clock.moment += timedelta(seconds=seconds)
        before, now = self.rows, self.services.clock()
        self.services.run(self.services.sweep())
        self._read()
        for id_, check in self.model.checks.items():
            if check.state in ("queued", "leased"):
                self._passed(check, before[id_], self.rows[id_], now)

    @precondition(lambda self: not self.manual)
    @rule(answer=st.sampled_from([ACCEPTED, ACCEPTED, GREYLISTED, REFUSED, HANG_UP]))
    def send(self, answer: bytes) -> None:
        self.services.smtp.at_message = lambda _: answer
        waiting = self._waiting_for_mail()
        self.services.run(self.services.send_due())
        self._read()
        for check, row in waiting:
            if answer == REFUSED and self.rows[row.id].mail == "failed":
                check.end("unverified")

    @precondition(lambda self: not self.manual and self.model.open())
    @rule()
    def a_director_dies_with_the_outbox_leased(self) -> None:
        self.services.run(self.services.sender._take_due())

    @precondition(lambda self: self.given and self.model.open())
    @rule(change=st.booleans())
    def a_person_ends_it(self, change: bool) -> None:
        if change:
            account = {"username": self.wanted["email_address"], "password": new_code()}
            self.wanted = {**self.wanted, "account": account}
            self.services.run(self.services.change(self.profile, self.wanted))
            self.model.authenticated = False
        else:
            self.services.run(self.services.cancel(self.model.open()[0].run))
        for check in self.model.open():
            check.end("unverified" if change else "cancelled")

    @invariant()
    def the_database_is_as_the_model(self) -> None:
        if not self.model.checks:
            return
        self._read()
        assert self.rows.keys() == self.model.checks.keys(), "a check is lost"
        for id_, check in self.model.checks.items():
            self._as_modelled(check, self.rows[id_])

    @invariant()
    def one_tries_first_and_none_holds_what_another_holds(self) -> None:
        held = [check.lease for check in self.model.open() if check.state == "leased"]
        assert len(held) == len(set(held))
        assert self.model.authenticated or len(held) <= 1

    @invariant()
    def no_open_check_lacks_its_mail(self) -> None:
        open_rows = [row for row in self.rows.values() if row.ended_at is None]
        unsent = {row.id for row in open_rows if row.mail in ("queued", "deferred")}
        assert unsent <= self.services.run(self.services.unsent())

    def teardown(self) -> None:
        """Nobody does anything any more: time alone ends every check."""
        if not hasattr(self, "profile"):
            return
        for _ in range(2 * MAX_ATTEMPTS):
            self.time_passes(2000)
            self.the_database_is_as_the_model()
        assert not self.model.open()
        self.services.run(self.services.send_due())
        assert not self.services.run(self.services.unsent())

    def _read(self) -> None:
        self.rows = {row.id: row for row in self.services.run(self.services.checks(self.profile))}

    def _row_of(self, actor: ActorIdentity) -> Check | None:
        rows = [row for row in self.rows.values() if row.actor_id == actor.id and row.ended_at is None]
        return rows[0] if rows else None

    def _pick(self, pick: int) -> tuple[Given, ModelCheck]:
        held = self.given[-1 - pick % len(self.given)]
        return held, self.model.checks[held.lease.check_id]

    def _waiting_for_mail(self) -> list[tuple[ModelCheck, Check]]:
        return [
            (check, self.rows[id_])
            for id_, check in self.model.checks.items()
            if check.state in ("queued", "leased") and self.rows[id_].mail in ("queued", "deferred")
        ]

    def _read_mailbox(self, lease: Lease) -> str | None:
        assert lease.locator is not None
        if self.manual:
            code = self.services.run(self.services.manual_code(self.profile))
            return code if code is not None and code.startswith(lease.locator) else None
        subjects = self.services.smtp.subjects
        found = [code for subject in subjects for code in codes_with_locator(subject, lease.locator)]
        return found[0] if found else None

    def _superseded(self, call: object) -> None:
        with pytest.raises(Problem) as refused:
            self.services.run(call)  # type: ignore[arg-type]  # because it is what Services made
        assert refused.value.code == "lease_superseded"

    def _report_failure(self, pick: int, result: Result, code: FailureCode) -> None:
        held, check = self._pick(pick)
        row, now = self.rows[held.lease.check_id], self.services.clock()
        reporting = self.services.report(held.actor, held.lease.id, result)
        if check.state in ("queued", "leased") and check.lease != held.lease.id:
            self._superseded(reporting)
            if code is FailureCode.AUTH_INVALID_CREDENTIALS and held.lease.id not in self.model.refused_late:
                self.model.refused_late.add(held.lease.id)
                self.model.refused_at.append(now)
            return
        answer = self.services.run(reporting)
        if check.state == "leased":
            searching = row.search_until is None or now < row.search_until - timedelta(seconds=1)
            passes = code is FailureCode.TCP_REFUSED and row.searched_at is not None
            if (code is FailureCode.CODE_NOT_FOUND or passes) and searching:
                check.wait()
            else:
                check.end("unverified")
                self._login_refused(code)
        assert answer.state == check.state

    def _login_refused(self, code: FailureCode) -> None:
        if code is not FailureCode.AUTH_INVALID_CREDENTIALS:
            return
        self.model.refused_at.append(self.services.clock())
        if not self.model.authenticated:
            for other in self.model.open():
                other.end("unverified")

    def _passed(self, check: ModelCheck, before: Check, row: Check, now: datetime) -> None:
        """Take over what time did to an open check, if it may have."""
        unsent = before.mail in ("queued", "deferred")
        if unsent and before.send_until is not None and before.send_until <= now:
            assert row.failure_code == "send_deferred"
        elif before.state == "queued" and row.state == "unverified":
            assert row.failure_code == "actor_offline"
            assert before.offline_at <= now
        elif before.state == "leased" and row.state == "queued":
            assert before.lease_expires_at is not None
            assert before.lease_expires_at <= now
            check.attempts += 1
        elif before.state == "leased" and row.state == "unverified" and _holds_too_long(before, now):
            assert row.failure_code == ("code_not_found" if row.searched_at else "actor_error")
        elif before.state == "leased" and row.state == "unverified":
            assert row.failure_code == "lease_lost"
            assert check.attempts + 1 == MAX_ATTEMPTS
            check.attempts += 1
        else:
            assert row.state == before.state
            assert row.deadline_at is not None
            assert row.deadline_at > now, "nobody looks at it again"
        if row.state != check.state:
            check.state, check.lease = row.state, None

    def _as_modelled(self, check: ModelCheck, row: Check) -> None:
        assert (row.state, row.lease_id, row.attempts) == (check.state, check.lease, check.attempts)
        assert (row.state == "verified") == check.proved, "Verified without proof"
        assert (row.proof is not None) == check.proved
        if row.ended_at is None:
            assert row.deadline_at is not None
            return
        ending = (row.state, row.failure_code, row.ended_at)
        check.ended = check.ended or ending
        assert check.ended == ending, "an end that changed"


def _holds_too_long(check: Check, now: datetime) -> bool:
    """Tell whether an Actor keeps a lease although the search has been over for a while."""
    assert check.lease_expires_at is not None
    ended = check.search_until is not None and check.search_until + SEARCH_GRACE <= now
    return ended and check.lease_expires_at > now
