"""The events of verifications: started, progressed, finished. What a server said stays out of them."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from director_api.events.log import EventType, emit
from director_api.verifications.models import Check, Verification

_SHOWN_OF_A_STEP = ("step", "outcome", "code", "milliseconds")


def started(session: AsyncSession, run: Verification, checks: list[Check]) -> None:
    """Tell that a verification began, and by which Actors."""
    actors = [{"actor_id": str(check.actor_id), "check_id": str(check.id)} for check in checks]
    emit(
        session,
        EventType.VERIFICATION_STARTED,
        {**_run(run), "trigger": run.trigger, "manual": run.manual, "actors": actors},
    )


def progressed(session: AsyncSession, check: Check) -> None:
    """Tell how far a check has come."""
    emit(
        session,
        EventType.VERIFICATION_PROGRESSED,
        {
            "verification_id": str(check.verification_id),
            "profile_id": str(check.profile_id),
            "check_id": str(check.id),
            "actor_id": str(check.actor_id),
            "actor_name": check.actor_name,
            "state": str(check.state),
            "failure_code": check.failure_code and str(check.failure_code),
            "attempts": check.attempts,
            "mail": str(check.mail),
            "mail_sent_at": check.sent_at and check.sent_at.isoformat(),
            "search_until": check.search_until and check.search_until.isoformat(),
            "steps": [_step(step) for step in check.diagnostics],
        },
    )


def finished(session: AsyncSession, run: Verification) -> None:
    """Tell that a verification ended, and how."""
    emit(session, EventType.VERIFICATION_FINISHED, {**_run(run), "state": run.state, "outcome": run.outcome})


def _run(run: Verification) -> dict[str, Any]:
    return {"verification_id": str(run.id), "profile_id": str(run.profile_id)}


def _step(step: dict[str, Any]) -> dict[str, Any]:
    return {name: step.get(name) for name in _SHOWN_OF_A_STEP}
