"""A failed check as its mail server's administrator needs it: what to ask, and what was said."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from director_api.email_profiles.models import EmailProfile
from director_api.problems import not_found
from director_api.verifications.models import Check
from wire_contract.failure_codes import FailureCode
from wire_contract.failure_texts import FAILURE_TEXTS

_NOTHING = "(Nothing was said to a mail server by IMAP, POP3 or SMTP.)"


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
    said = list(check.transcript or ()) or [_NOTHING]
    return "\n".join([request_for_help(check, address), "", *said, ""])


def request_for_help(check: Check, address: str) -> str:
    """Return one paragraph in plain language to send to the administrator."""
    when = check.ended_at or check.created_at
    opening = f"On {_moment(when)} our machine{_place(check.diagnostics)} opened the mailbox for {address}"
    if check.failure_code is None:
        return f"{opening}, and all went well. This is what was said; secrets are left out."
    text = FAILURE_TEXTS[FailureCode(check.failure_code)]
    reply = _reply(check.diagnostics)
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
