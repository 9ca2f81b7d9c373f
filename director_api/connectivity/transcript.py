"""What one Actor's part of a connectivity check said to the servers, for their administrator."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from director_api.jobs.models import Job, JobRun
from director_api.problems import not_found
from director_api.verifications.transcript import as_text, look_of
from wire_contract.job_kinds import JobKind


async def transcript_of(session: AsyncSession, run_id: UUID, check_id: UUID) -> str:
    """Return the transcript as plain text.

    Raises:
        Problem: there is no such check in this connectivity check.
    """
    query = (
        select(Job, JobRun)
        .join(JobRun, JobRun.id == Job.run_id)
        .options(undefer(Job.transcript))
        .where(Job.id == check_id, JobRun.id == run_id, JobRun.kind == JobKind.CONNECTIVITY)
    )
    row = (await session.execute(query)).one_or_none()
    if row is None:
        raise not_found("check")
    job, run = row
    return as_text(look_of(job, run.email_address, run.started_at), job.transcript)
