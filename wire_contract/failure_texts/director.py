"""The Director: profiles and its own mail."""

from wire_contract.failure_codes import FailureCode
from wire_contract.failure_texts.rows import FailureText, Phase, failure

TEXTS: dict[FailureCode, FailureText] = {
    FailureCode.PROFILE_CHANGED: failure(
        Phase.DIRECTOR,
        "The profile was changed since the last verification.",
        "Verify again.",
    ),
    FailureCode.SEND_NOT_CONFIGURED: failure(
        Phase.DIRECTOR,
        "The Director has no mail server of its own to send with.",
        "Set one under Email Settings (PUT /settings/email), or send the code by hand (manual mode).",
    ),
    FailureCode.SEND_DEFERRED: failure(
        Phase.DIRECTOR,
        "The Director's mail server did not take the message in time.",
        "The reply shows the last attempt. Check the Director's mail server and its greylisting, then verify again.",
        retryable=True,
    ),
    FailureCode.SEND_REJECTED: failure(
        Phase.DIRECTOR,
        "The Director's mail server refused the message.",
        "The reply says why: most often the address does not exist or the Director may not relay to it.",
    ),
    FailureCode.SEND_AUTH_FAILED: failure(
        Phase.DIRECTOR,
        "The Director could not log in to its own mail server.",
        "Correct user name and password under Email Settings (PUT /settings/email).",
    ),
    FailureCode.SEND_TLS_FAILED: failure(
        Phase.DIRECTOR,
        "The Director's mail server could not be reached over verified TLS.",
        "Correct encryption and tls under Email Settings (PUT /settings/email).",
    ),
}
