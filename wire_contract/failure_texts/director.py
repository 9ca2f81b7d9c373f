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
    FailureCode.SEND_BOUNCED: failure(
        Phase.SEARCH,  # what it means for several Actors is that the message did not arrive
        "The message came back: a mail server on its way could not deliver it.",
        "The detail holds that server's words. Correct the address if it does not exist, make room if the "
        "mailbox is full, or have the Director's address allowed if a policy refuses it.",
    ),
    FailureCode.SEND_AUTH_FAILED: failure(
        Phase.DIRECTOR,
        "The Director could not log in to what sends its mail.",
        "Correct user name and password, or the app and its secret, under Email Settings (PUT /settings/email). "
        "The reply of a cloud begins with the code of its reason, which says what to do.",
    ),
    FailureCode.SEND_NOT_PERMITTED: failure(
        Phase.DIRECTOR,
        "The Director's app may not send from this mailbox.",
        "Microsoft: grant the application permission Mail.Send with admin consent; if a policy limits the app (Exchange "
        "RBAC for Applications), add the sender's mailbox to its scope. Changes take from 30 minutes to 2 hours. Google: add "
        "the scope https://www.googleapis.com/auth/gmail.send to the service account's domain-wide delegation.",
    ),
    FailureCode.SEND_MAILBOX_MISSING: failure(
        Phase.DIRECTOR,
        "The address that the Director sends from has no mailbox in the cloud.",
        "Set from_address under Email Settings (PUT /settings/email) to a user with a licence for mail, not an alias.",
    ),
    FailureCode.SEND_AS_DENIED: failure(
        Phase.DIRECTOR,
        "The address that the Director sends from is not that of the mailbox or account that sends.",
        "Set from_address under Email Settings (PUT /settings/email) to the mailbox's primary address, or have an "
        "administrator of the mail server grant Send As for it.",
    ),
    FailureCode.SEND_TLS_FAILED: failure(
        Phase.DIRECTOR,
        "The Director's mail server could not be reached over verified TLS.",
        "Correct encryption and tls under Email Settings (PUT /settings/email).",
    ),
}
