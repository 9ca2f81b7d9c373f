"""Verifications as they are shown: a fixed number of statements for any number of rows."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from director_api.among import among
from director_api.email_profiles.models import EmailProfile
from director_api.failure_fields import with_fields
from director_api.security_zones.models import SecurityZone
from director_api.verifications.missing_mail import MissingMail, possible_causes
from director_api.verifications.models import Check, Verification
from director_api.verifications.pattern import Outcome, meaning
from director_api.verifications.schemas import CheckActor, CheckRead, VerificationRead, WarningRead
from director_api.verifications.state_machine import OPEN, CheckState, MailState
from wire_contract.diagnostics import StepName
from wire_contract.failure_codes import FailureCode
from wire_contract.failure_texts import FAILURE_TEXTS


@dataclass(frozen=True, slots=True)
class _Profile:
    """What of a profile its verifications speak of. ``account``: what is read, by its own name."""

    server_type: str = ""
    email_address: str = ""
    account: str | None = None


async def show_all(session: AsyncSession, rows: Sequence[Verification]) -> list[VerificationRead]:
    """Return verifications as they are shown, in order."""
    checks: defaultdict[UUID, list[Check]] = defaultdict(list)
    profiles: dict[UUID, _Profile] = {}
    zones: dict[UUID, str] = {}
    found = await session.execute(
        select(
            Check,
            EmailProfile.server_type,
            EmailProfile.email_address,
            EmailProfile.configuration[("account", "username")].as_string(),
            EmailProfile.configuration["mailbox"].as_string(),
            SecurityZone.name,
        )
        .join(EmailProfile, EmailProfile.id == Check.profile_id)
        .outerjoin(SecurityZone, SecurityZone.id == Check.actor_zone_id)
        .where(among(Check.verification_id, (row.id for row in rows)))
        .order_by(Check.verification_id, Check.position)
    )
    for check, server_type, address, account, mailbox, zone in found:
        checks[check.verification_id].append(check)
        profiles[check.verification_id] = _Profile(server_type, address, _read(mailbox, account))
        if zone is not None:
            zones[check.id] = zone
    return [_show(row, checks[row.id], profiles.get(row.id, _Profile()), zones) for row in rows]


def _read(mailbox: str | None, account: str | None) -> str | None:
    # Of a mail server it may also be the name of a folder.
    return mailbox if mailbox and "@" in mailbox else account


def show_started(row: Verification, checks: list[Check], profile: EmailProfile) -> VerificationRead:
    """Return a verification that was just started: nothing has to be read for it."""
    return _show(row, checks, _Profile(profile.server_type, profile.email_address), {})


async def show(session: AsyncSession, row: Verification) -> VerificationRead:
    """Return one verification as it is shown."""
    return (await show_all(session, [row]))[0]


def _show(
    row: Verification, checks: list[Check], profile: _Profile, zones: dict[UUID, str]
) -> VerificationRead:
    return VerificationRead.model_validate(
        {
            "id": row.id,
            "profile_id": row.profile_id,
            "trigger": row.trigger,
            "state": row.state,
            "outcome": row.outcome,
            "summary": _summary(row, checks, zones),
            "started_at": row.started_at,
            "finished_at": row.finished_at,
            "checks": [_check(check, profile, manual=row.manual) for check in checks],
        }
    )


def _summary(row: Verification, checks: list[Check], zones: dict[UUID, str]) -> str:
    verified = sum(check.state == CheckState.VERIFIED for check in checks)
    count = f"{verified} of {len(checks)} Actors verified"
    if row.state == "running":
        waiting = sum(check.state in OPEN for check in checks)
        return f"{count}, {waiting} at work."
    if row.state == "cancelled":
        return f"Cancelled; {count}."
    if (means := meaning([_outcome(check, zones) for check in checks])) is not None:
        count += f"; {means}"
    reasons = dict.fromkeys(check.failure_code for check in checks if check.failure_code)
    return " ".join([f"{count}.", *(FAILURE_TEXTS[FailureCode(code)].message for code in reasons)])


def _outcome(check: Check, zones: dict[UUID, str]) -> Outcome:
    code = FailureCode(check.failure_code) if check.failure_code else None
    return Outcome(check.actor_name, zones.get(check.id), check.state == CheckState.VERIFIED, code)


def _check(check: Check, profile: _Profile, *, manual: bool) -> CheckRead:
    return CheckRead.model_validate(
        {
            "id": check.id,
            "actor": CheckActor(
                id=check.actor_id, name=check.actor_name, security_zone_id=check.actor_zone_id
            ),
            "state": check.state,
            **failure_read(check.failure_code),
            "failure_detail": check.failure_detail,
            "warnings": [warning_read(warned) for warned in check.warnings],
            "attempts": check.attempts,
            "mail": check.mail,
            "mail_sent_at": check.sent_at,
            "mail_reply": check.mail_reply,
            "proof": check.proof,
            "diagnostics": with_fields(check.diagnostics, profile.server_type),
            "evidence": check.evidence,
            "possible_causes": _possible_causes(check, profile, manual=manual),
        }
    )


def _possible_causes(check: Check, profile: _Profile, *, manual: bool) -> list[str]:
    if check.failure_code != FailureCode.CODE_NOT_FOUND:
        return []
    searches = [step["detail"] for step in check.diagnostics if step["step"] == StepName.SEARCH]
    return possible_causes(
        MissingMail(
            email_address=profile.email_address,
            account=profile.account,
            manual=manual,
            sent_at=check.sent_at,
            reply=check.mail_reply,
            search=searches[-1] if searches else {},
            warnings=frozenset(warned["code"] for warned in check.warnings),
            bounced=check.failure_detail if check.mail == MailState.FAILED else None,
        )
    )


def failure_read(failure_code: str | None) -> dict[str, str | None]:
    """Return a failure's code with what it says to a person."""
    text = FAILURE_TEXTS[FailureCode(failure_code)] if failure_code else None
    return {
        "failure_code": failure_code,
        "message": text.message if text else None,
        "hint": text.hint if text else None,
    }


def warning_read(warned: dict[str, Any]) -> WarningRead:
    """Return a stored warning as it is shown."""
    text = FAILURE_TEXTS[FailureCode(warned["code"])]
    return WarningRead(
        code=FailureCode(warned["code"]), message=text.message, hint=text.hint, detail=warned.get("detail")
    )
