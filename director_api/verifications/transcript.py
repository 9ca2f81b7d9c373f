"""A failed check as its mail server's administrator needs it: what to ask, and what was said."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi.responses import PlainTextResponse
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from director_api.email_profiles.models import EmailProfile
from director_api.jobs.models import Job
from director_api.problems import not_found
from director_api.verifications.models import Check
from wire_contract.failure_codes import FailureCode
from wire_contract.failure_texts import FAILURE_TEXTS

_NOTHING = "(Nothing was said to a server.)"


async def transcript_of(session: AsyncSession, verification_id: UUID, check_id: UUID) -> str:
    """Return the check's transcript as plain text.

    Raises:
        Problem: there is no such check in this verification.
    """
    query = (
        select(Check, EmailProfile.email_address)
        .join(EmailProfile, EmailProfile.id == Check.profile_id)
        .options(undefer(Check.transcript))
        .where(Check.id == check_id, Check.verification_id == verification_id)
    )
    row = (await session.execute(query)).one_or_none()
    if row is None:
        raise not_found("check")
    check, address = row
    return as_text(look_of(check, address, check.created_at), check.transcript)


def downloaded(text: str, check_id: UUID) -> PlainTextResponse:
    """Answer with a transcript as a file."""
    name = f"transcript-{check_id}.txt"
    return PlainTextResponse(text, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@dataclass(frozen=True, slots=True)
class Look:
    """What one Actor did to a mailbox: ``at`` is when that was."""

    address: str
    at: datetime
    failure_code: FailureCode | None
    steps: Sequence[dict[str, Any]]


def look_of(job: Check | Job, address: str, began: datetime) -> Look:
    """Return what an Actor's part of a run is asked about."""
    code = FailureCode(job.failure_code) if job.failure_code else None
    return Look(address, job.ended_at or began, code, job.diagnostics)


def as_text(look: Look, transcript: list[str] | None) -> str:
    """Return the paragraph that asks for help, and what was said."""
    return "\n".join([request_for_help(look), "", *(transcript or [_NOTHING]), ""])


def request_for_help(look: Look) -> str:
    """Return one paragraph in plain language to send to the administrator."""
    opening = f"On {_moment(look.at)} our machine{_place(look.steps)} opened the mailbox for {look.address}"
    if look.failure_code is None:
        return f"{opening}, and all went well. This is what was said; secrets are left out."
    text = FAILURE_TEXTS[look.failure_code]
    reply = _reply(look.steps)
    answered = f' Your server answered: "{reply}".' if reply else ""
    return (
        f"{opening} and did not succeed: {text.message}{answered} Could you look at your logs for that "
        f"moment and tell us what stood in the way? What we know so far: {text.hint} Below is what was "
        "said; secrets are left out."
    )


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def _place(steps: Sequence[dict[str, Any]]) -> str:
    for step in steps:
        detail = step["detail"]
        if step["step"] == "connect" and "local" in detail:
            return f" {detail['local']} (connected to {detail.get('host')}, {detail.get('remote')})"
    return ""


def _reply(steps: Sequence[dict[str, Any]]) -> str | None:
    return next((step["server_reply"] for step in steps if step["outcome"] == "failed"), None)
