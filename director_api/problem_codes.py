"""The closed list of the API's error codes: what happened, and what the caller can do. Scripts rely on the names."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class ProblemText:
    """One code of a problem document: its only status, what happened, and what to do."""

    status: int
    happened: str
    remedy: str


PROBLEMS: Final[Mapping[str, ProblemText]] = {
    "invalid_json": ProblemText(400, "The body can't be read as JSON.", "Correct it; detail says where."),
    "invalid_csv": ProblemText(
        400, "The table of an import can't be read as CSV.", "Correct the line that detail names."
    ),
    "invalid_body": ProblemText(
        400, "The body can't be read at all.", "Send UTF-8 in the media type that the route takes."
    ),
    "invalid_idempotency_key": ProblemText(
        400, "The header Idempotency-Key is malformed.", "Send one string of 1 to 255 characters."
    ),
    "not_authenticated": ProblemText(
        401,
        "There is no token, or it is wrong, revoked or expired.",
        "Send Authorization: Bearer with a valid token, or sign in again.",
    ),
    "actor_not_enrolled": ProblemText(
        401, "The Actor's credential is wrong or was revoked.", "Enroll the Actor with a new token."
    ),
    "enrollment_token_invalid": ProblemText(
        401, "The enrollment token is wrong.", "Mint a new one: POST /enrollment-tokens."
    ),
    "enrollment_token_expired": ProblemText(
        401, "The enrollment token has expired.", "Mint a new one: POST /enrollment-tokens."
    ),
    "enrollment_token_used": ProblemText(
        401, "The enrollment token enrolled an Actor already.", "Mint a new one: POST /enrollment-tokens."
    ),
    "role_required": ProblemText(
        403, "The caller's role is too low for this route.", "Use a token of the role that detail names."
    ),
    "no_role": ProblemText(
        403,
        "The person is signed in, but the issuer gives them no role here.",
        "Give them the role at the issuer, or correct DIRECTOR_OIDC_ROLE_CLAIM.",
    ),
    "not_found": ProblemText(
        404, "There is no such route, or nothing with this id.", "Check the path; list what there is."
    ),
    "not_configured": ProblemText(
        404, "The Director has no mail server of its own yet.", "Set one: PUT /settings/email."
    ),
    "lease_not_found": ProblemText(
        404, "The Actor has no lease with this id.", "Drop the job and ask for the next."
    ),
    "method_not_allowed": ProblemText(
        405, "The route does not take this method.", "Use one of those in the header Allow."
    ),
    "actor_in_use": ProblemText(
        409,
        "Profiles have chosen this Actor.",
        "Take it out of the profiles that detail names, or revoke it to shut it out at once.",
    ),
    "already_issued": ProblemText(
        409,
        "The request was answered with a secret, which is shown once and not kept.",
        "Repeat it with a new Idempotency-Key, and revoke what the first one made.",
    ),
    "answer_not_kept": ProblemText(
        409, "The request was carried out, but its answer is not kept.", "Read what it made or changed."
    ),
    "consent_not_needed": ProblemText(
        409, "Nobody needs to consent: the profile has a way in of its own.", "Verify it right away."
    ),
    "email_settings_missing": ProblemText(
        409,
        "The Director has no mail server to send by.",
        "PUT /settings/email, or set send_verification_manually on the profile.",
    ),
    "gmail_consent_missing": ProblemText(
        409,
        "The mailbox's owner has not consented at Google yet.",
        "POST /email-profiles/{id}/authorize, and let the owner open the address.",
    ),
    "idempotency_key_in_use": ProblemText(
        409, "A request with this Idempotency-Key is still being answered.", "Repeat it after Retry-After."
    ),
    "lease_superseded": ProblemText(
        409, "The lease ran out, and the job was given again or has ended.", "Drop the job."
    ),
    "name_fixed": ProblemText(
        409, "The enrollment token is for an Actor of another name.", "Enroll under the name in detail."
    ),
    "name_taken": ProblemText(
        409, "An Actor of this name exists.", "Choose another name, or mint a token with its actor_id."
    ),
    "no_actors": ProblemText(409, "No Actor is there to do this.", "Enroll or start one, or choose others."),
    "not_manual": ProblemText(
        409,
        "The Director sends this profile's codes itself.",
        "Set send_verification_manually to send one by hand.",
    ),
    "nothing_verified": ProblemText(
        409, "No Actor was Verified, so there is nothing to record.", "Verify the profile first."
    ),
    "security_zone_in_use": ProblemText(
        409, "The security zone is used.", "Take it out of what detail names first."
    ),
    "too_many_actors": ProblemText(
        409, "So many Actors can't try at once.", "Name some of them in actor_ids."
    ),
    "verification_running": ProblemText(
        409,
        "A verification runs that is in the way.",
        "Wait for it (?wait=) or cancel it; its id is in verification_id where it is not in the path.",
    ),
    "webhook_disabled": ProblemText(409, "The webhook is disabled.", "PATCH it with enabled true first."),
    "version_mismatch": ProblemText(
        412, "The profile changed since it was read.", "Read it anew, and apply the change to what it is now."
    ),
    "body_too_large": ProblemText(
        413, "The body is larger than the Director takes.", "Send less, or raise DIRECTOR_MAX_BODY_BYTES."
    ),
    "unsupported_media_type": ProblemText(
        415, "The route does not take this Content-Type.", "Send one of those that detail names."
    ),
    "invalid_request": ProblemText(
        422, "Some fields are wrong.", "Correct those in errors: each has a pointer, a code and a sentence."
    ),
    "idempotency_key_reused": ProblemText(
        422, "This Idempotency-Key was sent with another request.", "Make a new key for each request."
    ),
    "too_many_requests": ProblemText(
        429,
        "The caller asks more often than the Director allows.",
        "Wait for Retry-After; DIRECTOR_REQUESTS_PER_SECOND and DIRECTOR_REQUEST_BURST set the limit.",
    ),
    "internal_error": ProblemText(
        500, "The Director met an error of its own.", "Look for request_id in its log, and report it."
    ),
    "database_unavailable": ProblemText(
        503,
        "The database does not answer, only reads, or has no room left.",
        "Try again; see to the database if it lasts.",
    ),
    "director_stalled": ProblemText(
        503,
        "What this Director does by itself (detail names it) has stood still for two minutes.",
        "Ask another Director; its log says why. Start it anew if it lasts.",
    ),
    "sign_in_unavailable": ProblemText(
        503, "The issuer that signs people in can't be asked.", "Try again; API tokens work meanwhile."
    ),
    "too_many_event_streams": ProblemText(
        503, "This Director serves as many live streams as it may.", "Try again after Retry-After."
    ),
}

FIELDS: Final[Mapping[str, str]] = {
    "actor_not_found": "No Actor has this id, or the profile has not chosen it.",
    "actor_not_in_zone": "The Actor is not in the profile's security zone.",
    "cursor_mismatch": "The cursor belongs to a list with other filters or another order.",
    "https_required": "Only https is taken here.",
    "invalid_format": "The text has not the form that is asked for.",
    "invalid_value": "The value is not one that is possible here.",
    "not_a_choice": "The value is none of those to choose from.",
    "not_possible": "The field can't be used together with the others.",
    "out_of_range": "The number is too low or too high.",
    "private_address": "The address is a private one, which needs an admin's leave.",
    "repeated": "The value is there more than once.",
    "required": "The field is missing.",
    "secret_required": "The secret is needed again: the change would send it somewhere else.",
    "security_zone_not_found": "No security zone has this id.",
    "taken": "Another one has this name.",
    "too_long": "The text or the list is too long.",
    "too_short": "The text or the list is too short.",
    "unknown_field": "There is no such field.",
    "wrong_type": "The value is of another type, such as a text in place of a number.",
}
"""The codes of ``errors[]``, where a problem's code is ``invalid_request``."""
