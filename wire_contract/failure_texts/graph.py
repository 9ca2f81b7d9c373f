"""Microsoft Graph and Entra: sign-in of the app, its permissions, its mailboxes."""

from wire_contract.failure_codes import FailureCode
from wire_contract.failure_texts.rows import FailureText, Phase, failure, warning

TEXTS: dict[FailureCode, FailureText] = {
    FailureCode.GRAPH_TENANT_NOT_FOUND: failure(
        Phase.AUTHENTICATE,
        "Microsoft knows no tenant of this id in this cloud.",
        "Compare tenant_id with the Directory (tenant) ID on the app's overview page, and check that the "
        "right cloud is named.",
    ),
    FailureCode.GRAPH_CLIENT_NOT_FOUND: failure(
        Phase.AUTHENTICATE,
        "The app does not exist in this tenant.",
        "Compare client_id with the Application (client) ID on the app's overview page: not the Object ID. "
        "An app of another tenant must be given consent in this one first.",
    ),
    FailureCode.GRAPH_SECRET_INVALID: failure(
        Phase.AUTHENTICATE,
        "Microsoft refused the client secret.",
        "Enter the secret's Value. If you entered a GUID, it is the Secret ID. The value is shown only once: "
        "make a new one under Certificates & secrets if it is lost.",
    ),
    FailureCode.GRAPH_SECRET_EXPIRED: failure(
        Phase.AUTHENTICATE,
        "The client secret has expired.",
        "Make a new one in the Entra admin centre (App registrations, the app, Certificates & secrets) and "
        "enter its Value with its date of expiry.",
    ),
    FailureCode.GRAPH_CONSENT_MISSING: failure(
        Phase.AUTHENTICATE,
        "No administrator has consented to the app's permissions.",
        "Have an administrator grant consent in the Entra admin centre: App registrations, the app, API "
        "permissions, Grant admin consent.",
    ),
    FailureCode.GRAPH_CONDITIONAL_ACCESS: failure(
        Phase.AUTHENTICATE,
        "A Conditional Access policy blocks the app's sign-in from here.",
        "Have the policy for workload identities allow this app from the public address that the sign-in comes from.",
    ),
    FailureCode.GRAPH_SIGN_IN_REFUSED: failure(
        Phase.AUTHENTICATE,
        "Microsoft refused the app's sign-in.",
        "The reply says why. Look for its correlation id in the tenant's sign-in log (service principal sign-ins).",
    ),
    FailureCode.GRAPH_TOKEN_REFUSED: failure(
        Phase.MAILBOX,
        "Microsoft Graph refused the token that Microsoft's own sign-in issued.",
        "Check the clock of the machine that asked, and that the cloud that is named is the tenant's.",
    ),
    FailureCode.GRAPH_PERMISSION_MISSING: failure(
        Phase.MAILBOX,
        "The app may not read mail: its token carries no permission for it.",
        "Grant the application permission Mail.ReadBasic.All with admin consent. If it is granted by Exchange RBAC "
        "for Applications instead, this mailbox is outside of its scope. Changes take from 30 minutes to 2 hours.",
    ),
    FailureCode.GRAPH_MAILBOX_NOT_PERMITTED: failure(
        Phase.MAILBOX,
        "The app may read mail, but a policy shuts it out of this mailbox.",
        "Add the mailbox to the scope of the app (Exchange RBAC for Applications or application access policy). "
        "Changes take from 30 minutes to 2 hours.",
    ),
    FailureCode.GRAPH_MAILBOX_NOT_FOUND: failure(
        Phase.MAILBOX,
        "The tenant has no user of this address.",
        "Check the address. If it differs from the user's principal name, enter that name as the mailbox of the profile.",
    ),
    FailureCode.GRAPH_MAILBOX_NOT_ENABLED: failure(
        Phase.MAILBOX,
        "The user exists, but has no mailbox that Microsoft Graph can open.",
        "Assign a licence with Exchange Online. A mailbox on premises can't be read by Graph: use the server type imap.",
    ),
    FailureCode.GRAPH_QUERY_REFUSED: failure(
        Phase.SEARCH,
        "Microsoft Graph did not understand what the Actor asked.",
        "Report this with the reply: it is a defect of the Actor, or a change of the service.",
    ),
    FailureCode.GRAPH_THROTTLED: failure(
        Phase.SEARCH,
        "Microsoft limits how often this app may ask, and asked the Actor to wait longer than the check lasts.",
        "Verify later. Find out what else uses this app so often: a dedicated app has limits of its own.",
        retryable=True,
    ),
    FailureCode.GRAPH_UNAVAILABLE: failure(
        Phase.SEARCH,
        "Microsoft's service answers that it is not available.",
        "Look at the service health page of Microsoft 365, and verify later.",
        retryable=True,
    ),
    FailureCode.GRAPH_ANSWER_UNEXPECTED: failure(
        Phase.PROTOCOL,
        "What answered is not Microsoft's service.",
        "A proxy or a sign-in page stands between: have the hosts of Microsoft's cloud pass through it unchanged. "
        "The reply shows what it said.",
    ),
    FailureCode.GRAPH_SEND_NOT_PERMITTED: warning(
        Phase.MAILBOX,
        "The app's token carries no permission to send mail.",
        "Grant Mail.Send if this profile is to send. If it is granted by Exchange RBAC for Applications, no token "
        "shows it, and only sending can tell.",
    ),
    FailureCode.GRAPH_EXCESS_PERMISSION: warning(
        Phase.MAILBOX,
        "The app may do more than verifying needs.",
        "Keep Mail.ReadBasic.All (and Mail.Send) and remove the rest under API permissions, or with "
        "Remove-MgServicePrincipalAppRoleAssignment. Limit what stays to the mailboxes in question: "
        "New-ServicePrincipal, New-ManagementScope, then New-ManagementRoleAssignment with -App and "
        "-CustomResourceScope, in Exchange Online PowerShell.",
    ),
}
