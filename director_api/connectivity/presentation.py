"""Connectivity checks as they are shown."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from director_api.connectivity.comparison import Answer, compare
from director_api.connectivity.schemas import ConnectivityCheckRead
from director_api.failure_fields import with_fields
from director_api.jobs.models import Job, JobRun
from director_api.verifications.presentation import failure_read, warning_read
from director_api.verifications.schemas import CheckActor, CheckRead
from wire_contract.failure_codes import FailureCode


async def show(session: AsyncSession, run: JobRun) -> ConnectivityCheckRead:
    """Return a connectivity check as it is shown."""
    rows = await session.scalars(select(Job).where(Job.run_id == run.id).order_by(Job.position))
    jobs = rows.all()
    return ConnectivityCheckRead.model_validate(
        {
            "id": run.id,
            "profile_id": run.profile_id,
            "state": run.state,
            "summary": compare([_answer(job) for job in jobs]),
            "started_at": run.started_at,
            "finished_at": run.finished_at,
            "checks": [_check(job, run) for job in jobs],
        }
    )


def _check(job: Job, run: JobRun) -> CheckRead:
    return CheckRead.model_validate(
        {
            "id": job.id,
            "actor": CheckActor(id=job.actor_id, name=job.actor_name, security_zone_id=job.actor_zone_id),
            "state": job.state,
            **failure_read(job.failure_code),
            "failure_detail": job.failure_detail,
            "warnings": [warning_read(warned) for warned in job.warnings],
            "attempts": job.attempts,
            "mail": "none",
            "mail_sent_at": None,
            "mail_reply": None,
            "proof": None,
            "diagnostics": with_fields(job.diagnostics, run.server_type),
            "evidence": None,
        }
    )


def _answer(job: Job) -> Answer:
    code = FailureCode(job.failure_code) if job.failure_code else None
    return Answer(job.actor_name, job.state, code, _port(job.diagnostics))


def _port(steps: list[Any]) -> int | None:
    failed = next((step for step in steps if step["outcome"] == "failed"), None)
    port = failed["detail"].get("port") if failed else None
    return port if isinstance(port, int) else None
