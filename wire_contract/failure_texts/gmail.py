"""Gmail and Google's sign-in."""

from wire_contract.failure_codes import FailureCode
from wire_contract.failure_texts.rows import FailureText, Phase, failure, warning

TEXTS: dict[FailureCode, FailureText] = {
    FailureCode.GMAIL_CONSENT_REVOKED: failure(
        Phase.AUTHENTICATE,
        "Google no longer accepts the consent that was given for this mailbox.",
        "Authorize the profile again. A consent ends when it is revoked, when the account's password changes, "
        "after six months without use, and after seven days while the app is in Google's state Testing: "
        "publish it, or make it internal.",
    ),
    FailureCode.GMAIL_CONSENT_INSUFFICIENT: failure(
        Phase.AUTHENTICATE,
        "The consent does not cover what the profile asks for.",
        "Authorize the profile again and leave every box on Google's page ticked. For a service account, add "
        "the scope that the step shows to its domain-wide delegation.",
    ),
    FailureCode.GMAIL_CLIENT_UNKNOWN: failure(
        Phase.AUTHENTICATE,
        "Google does not know the client id.",
        "Copy the client id again from the project's credentials page. The client may have been deleted.",
    ),
    FailureCode.GMAIL_CLIENT_SECRET_WRONG: failure(
        Phase.AUTHENTICATE,
        "Google knows the client id but refuses its secret.",
        "Add a secret to the client on the project's credentials page and enter it in the profile.",
    ),
    FailureCode.GMAIL_DELEGATION_MISSING: failure(
        Phase.AUTHENTICATE,
        "The app or service account is not authorised for this mailbox and scope.",
        "In the Google Workspace admin console, under API controls, domain-wide delegation, enter the client id "
        "and the scope that the step shows. It may take a day to take effect.",
    ),
    FailureCode.GMAIL_KEY_FILE_INVALID: failure(
        Phase.AUTHENTICATE,
        "The service account's key file can't be used.",
        "Make a new JSON key for the service account and enter the whole file. Check the machine's clock if "
        "Google says that the assertion is too old or too early.",
    ),
    FailureCode.GMAIL_SIGN_IN_REFUSED: failure(
        Phase.AUTHENTICATE,
        "Google refused to issue a token.",
        "Google's reply says why. A policy of the organisation (API access, context-aware access) is the "
        "usual reason.",
    ),
    FailureCode.GMAIL_API_NOT_ENABLED: failure(
        Phase.MAILBOX,
        "The Gmail API is not enabled in the Google Cloud project of the app.",
        "Enable the Gmail API in the project that the client or service account belongs to, wait a few "
        "minutes and verify again.",
    ),
    FailureCode.GMAIL_MAILBOX_NOT_FOUND: failure(
        Phase.MAILBOX,
        "Google knows no account of this address.",
        "Check the address. If it is an alias, enter the account's primary address as the mailbox of the profile.",
    ),
    FailureCode.GMAIL_MAILBOX_NOT_ENABLED: failure(
        Phase.MAILBOX,
        "The account exists, but has no Gmail mailbox.",
        "Assign a licence with Gmail to the account, and turn Gmail on for it in the Google Workspace admin "
        "console, under Apps.",
    ),
    FailureCode.GMAIL_ACCESS_DENIED: failure(
        Phase.MAILBOX,
        "Gmail refuses access to this mailbox.",
        "Google's reply says why. Check that no policy of the organisation shuts the app out.",
    ),
    FailureCode.GMAIL_THROTTLED: failure(
        Phase.MAILBOX,
        "Google limits the number of requests and did not admit this one in time.",
        "Verify again later. If it happens often, another program uses up the quota of the project or mailbox.",
        retryable=True,
    ),
    FailureCode.GMAIL_UNAVAILABLE: failure(
        Phase.MAILBOX,
        "Google's service is not available at the moment.",
        "Look at Google's Workspace status page and verify again later. If the reply is the page of a proxy, ask "
        "who runs it.",
        retryable=True,
    ),
    FailureCode.GMAIL_ANSWER_UNEXPECTED: failure(
        Phase.PROTOCOL,
        "What answered in Google's place did not speak its API, most likely a proxy or a login page in between.",
        "Let this Actor reach oauth2.googleapis.com and gmail.googleapis.com directly, or set "
        "ACTOR_HTTPS_PROXY to a proxy that passes them on unchanged.",
    ),
    FailureCode.GMAIL_EXCESS_PERMISSION: warning(
        Phase.AUTHENTICATE,
        "The owner's consent lets the app do more than verifying needs.",
        "Remove the app under the Google account's third-party apps and services (myaccount.google.com/connections) "
        "and authorize the profile again, which asks for no more than its scope. On the consent screen of the "
        "Google Cloud project, under Data access, keep gmail.metadata alone; an administrator can hold the app "
        "to it in the Google Workspace admin console, under API controls, App access control.",
    ),
}
