"""Making the record of a verification: what each Actor proved, signed."""

import hashlib
import json
from typing import Any

from joserfc import jws
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from director_api.clock import utc_now
from director_api.email_profiles.models import EmailProfile
from director_api.problems import Problem
from director_api.records.keys import ALGORITHM, signing_key
from director_api.vault import Vault
from director_api.verifications.models import Check, Verification
from director_api.verifications.service import code_owner
from director_api.verifications.state_machine import CheckState

TYPE = "verification-record+jws"


async def record_of(session: AsyncSession, vault: Vault, run: Verification) -> str:
    """Return the record as a compact JWS (RFC 7515).

    Raises:
        Problem: the verification still runs, or nothing was proved.
    """
    if run.state == "running":
        raise Problem(
            409, "verification_running", "The verification has not ended; a record is made of its end."
        )
    rows = await session.scalars(
        select(Check)
        .where(Check.verification_id == run.id, Check.state == CheckState.VERIFIED)
        .order_by(Check.position)
    )
    proved = [_proved(check, vault) for check in rows]
    if not proved:
        raise Problem(409, "nothing_verified", "No Actor was Verified, so there is nothing to record.")
    profile = await session.get_one(EmailProfile, run.profile_id)
    key = await signing_key(session, vault)
    header = {"alg": ALGORITHM, "kid": str(key.kid), "typ": TYPE}
    return jws.serialize_compact(
        header, json.dumps(_payload(run, profile, proved)), key, algorithms=[ALGORITHM]
    )


def _payload(run: Verification, profile: EmailProfile, proved: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "iat": int(utc_now().timestamp()),
        "verification_id": str(run.id),
        "outcome": run.outcome,
        "started_at": run.started_at.isoformat(),
        "finished_at": run.finished_at and run.finished_at.isoformat(),
        "profile": {
            "id": str(profile.id),
            "revision": run.revision,
            "email_address": profile.email_address,
            "server_type": profile.server_type,
        },
        "checks": proved,
    }


def _proved(check: Check, vault: Vault) -> dict[str, Any]:
    code = vault.decrypt(check.code_encrypted, owner=code_owner(check.id))
    evidence = check.evidence or {}
    return {
        "id": str(check.id),
        "actor": {"id": str(check.actor_id), "name": check.actor_name},
        "verified_at": check.ended_at and check.ended_at.isoformat(),
        "proof": check.proof,
        "folder": evidence.get("folder"),
        "message_id": evidence.get("message_id"),
        # The code has 156 bits: its hash tells nothing, and shows the record's bearer which message it was.
        "code_sha256": hashlib.sha256(code.encode()).hexdigest(),
    }
