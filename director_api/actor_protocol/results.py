"""Recording what Actors report: results that come in a rush share a transaction.

Most of what a result costs is its statements and its commit, and those are the same for one as for
thirty. While one transaction is under way, what arrives waits for the next, so a result that comes
alone waits for nothing.
"""

import asyncio
from collections.abc import Coroutine, Sequence
from contextvars import Context
from dataclasses import dataclass, field
from uuid import UUID

from director_api.actor_protocol.holding import held
from director_api.actor_protocol.reporting import check_holds
from director_api.actor_protocol.roster import ActorIdentity
from director_api.database import Database
from director_api.problems import Problem
from director_api.vault import Vault
from director_api.verifications.lifecycle import Lifecycle
from wire_contract.results import Result, ResultRecorded

_AT_ONCE = 32


@dataclass(frozen=True, slots=True, eq=False)
class _Report:
    """A result, and who waits for it to be recorded."""

    actor: ActorIdentity
    lease_id: UUID
    result: Result
    recorded: asyncio.Future[ResultRecorded] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )

    def answer(self, outcome: ResultRecorded | Exception) -> None:
        """Tell who waits, where somebody still does."""
        if self.recorded.done():
            return
        if isinstance(outcome, Exception):
            self.recorded.set_exception(outcome)
        else:
            self.recorded.set_result(outcome)


class Results:
    """Records results, each once and for all: what is answered is committed."""

    def __init__(self, database: Database, vault: Vault, lifecycle: Lifecycle) -> None:
        self._database = database
        self._vault = vault
        self._lifecycle = lifecycle
        self._waiting: list[_Report] = []
        self._at_work: set[asyncio.Task[None]] = set()
        self._draining = False

    async def record(self, actor: ActorIdentity, lease_id: UUID, result: Result) -> ResultRecorded:
        """Record one result of ``actor``.

        Raises:
            Problem: there is no such lease, it was superseded, or the result is of another kind of job.
        """
        report = _Report(actor, lease_id, result)
        self._waiting.append(report)
        if not self._draining:
            self._draining = True
            self._begin(self._drain())
        return await report.recorded

    def _begin(self, work: Coroutine[None, None, None]) -> None:
        # A context of its own: what belongs to one request must not reach into the work for others.
        task = asyncio.get_running_loop().create_task(work, context=Context())
        self._at_work.add(task)
        task.add_done_callback(self._at_work.discard)

    async def _drain(self) -> None:
        try:
            while self._waiting:
                reports, self._waiting = self._waiting[:_AT_ONCE], self._waiting[_AT_ONCE:]
                for left in await self._together(reports):
                    self._begin(self._alone(left))  # it may wait for a lock, and keeps no others back
        finally:
            self._draining = False

    async def _together(self, reports: Sequence[_Report]) -> Sequence[_Report]:
        """Record ``reports`` in one transaction. Returns those that must be recorded alone."""
        try:
            outcomes = await self._recorded(reports)
        except Exception:  # noqa: BLE001  # alone, each meets its own fault and tells who reported it
            return reports
        for report, outcome in outcomes.items():
            report.answer(outcome)
        return [report for report in reports if report not in outcomes]

    async def _recorded(self, reports: Sequence[_Report]) -> dict[_Report, ResultRecorded | Problem]:
        outcomes: dict[_Report, ResultRecorded | Problem] = {}
        async with self._database.write() as session:
            actors = {report.lease_id: report.actor.id for report in reports}
            holds = await check_holds(session, self._vault, self._lifecycle, actors)
            for report in reports:
                hold = holds.get(report.lease_id)
                if hold is None or hold.held.lease.actor_id != report.actor.id:
                    continue
                try:
                    outcomes[report] = await hold.record(report.result)
                except Problem as refusal:  # before anything of it was changed
                    outcomes[report] = refusal
        return outcomes

    async def _alone(self, report: _Report) -> None:
        try:
            async with self._database.write() as session:
                hold = await held(session, self._vault, self._lifecycle, report.actor, report.lease_id)
                recorded = await hold.record(report.result)
        except Exception as error:  # noqa: BLE001  # it belongs to who reported
            report.answer(error)
        else:
            report.answer(recorded)
