"""A profile as it would be after a merge patch (RFC 7396)."""

import json
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from director_api.email_profiles.models import EmailProfile
from director_api.email_profiles.schemas import MergePatch, ProfileWrite
from director_api.field_errors import field_errors
from director_api.problems import invalid_fields

_PROFILE: TypeAdapter[ProfileWrite] = TypeAdapter(ProfileWrite)


def patched(row: EmailProfile, actor_ids: list[UUID], patch: MergePatch) -> ProfileWrite:
    """Return what ``row`` becomes by ``patch``; a secret that the patch leaves out is left out.

    Raises:
        Problem: the outcome is not a valid profile.
    """
    try:
        return _PROFILE.validate_json(json.dumps(_merge(document(row, actor_ids), patch)))
    except ValidationError as error:
        raise invalid_fields(field_errors(error.errors(include_url=False, include_input=False))) from None


def document(row: EmailProfile, actor_ids: list[UUID]) -> dict[str, Any]:
    """Return the profile as a request would write it, without its secrets."""
    configuration = dict(row.configuration)
    if row.client_secret_expires_at is not None:
        expiry = {"client_secret_expires_at": row.client_secret_expires_at.isoformat()}
        configuration["graph"] = {**configuration["graph"], **expiry}
    return {
        **configuration,
        "server_type": row.server_type,
        "email_address": row.email_address,
        "security_zone_id": row.security_zone_id and str(row.security_zone_id),
        "send_verification_manually": row.send_verification_manually,
        "reverify_every_hours": row.reverify_every_hours,
        "note": row.note,
        "actor_ids": [str(actor_id) for actor_id in actor_ids],
    }


def _merge(merged_into: Any, patch: Any) -> Any:
    if not isinstance(patch, dict):
        return patch
    merged = dict(merged_into) if isinstance(merged_into, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = _merge(merged.get(name), value)
    return merged
