"""Logins with an account."""

from wire_contract.failure_codes import FailureCode
from wire_contract.failure_texts.rows import FailureText, Phase, failure, warning

TEXTS: dict[FailureCode, FailureText] = {
    FailureCode.AUTH_INVALID_CREDENTIALS: failure(
        Phase.AUTHENTICATE,
        "The server refused the account's name or password.",
        "Enter the password again. Check how the server wants the name: user@domain, DOMAIN\\user or user.",
    ),
    FailureCode.AUTH_APP_PASSWORD_NEEDED: failure(
        Phase.AUTHENTICATE,
        "The provider refuses the account's own password for mail programs.",
        "Create an app password in the account's security settings and enter it here, or use the provider's "
        "own server type.",
    ),
    FailureCode.AUTH_BASIC_DISABLED: failure(
        Phase.AUTHENTICATE,
        "The provider has turned off login by password for this mailbox or the whole organisation.",
        "An app password does not help. Use the server type microsoft_graph, or authentication xoauth2.",
    ),
    FailureCode.AUTH_PROTOCOL_DISABLED: failure(
        Phase.AUTHENTICATE,
        "The server has this way of reading mail (IMAP or POP3) turned off for the account.",
        "The password may well be right. Turn IMAP or POP3 on for the account, or choose the server type that is on. "
        "Gmail: the mailbox's settings, Forwarding and POP/IMAP, unless the organisation's administrator forbids it. "
        "Exchange Online: Set-CASMailbox -Identity MAILBOX -ImapEnabled $true, or -PopEnabled.",
    ),
    FailureCode.AUTH_SMTP_DISABLED_FOR_MAILBOX: failure(
        Phase.AUTHENTICATE,
        "Microsoft has sending by SMTP with a login (SMTP AUTH) turned off for this mailbox.",
        "An app password does not help. In Exchange Online PowerShell: Set-CASMailbox -Identity MAILBOX "
        "-SmtpClientAuthenticationDisabled $false, or in the Microsoft 365 admin centre the user's Mail, Manage email "
        "apps, Authenticated SMTP. Better send by Microsoft Graph.",
    ),
    FailureCode.AUTH_SMTP_DISABLED_FOR_TENANT: failure(
        Phase.AUTHENTICATE,
        "Microsoft has sending by SMTP with a login (SMTP AUTH) turned off for the whole organisation.",
        "An app password does not help. Send by Microsoft Graph, or turn it on for the one mailbox, which goes before "
        "the organisation's setting: Set-CASMailbox -Identity MAILBOX -SmtpClientAuthenticationDisabled $false in "
        "Exchange Online PowerShell.",
    ),
    FailureCode.AUTH_TOKEN_REFUSED: failure(
        Phase.AUTHENTICATE,
        "The mail server refused the token that the provider had issued for this account.",
        "Check that the account's name is the mailbox's address, and that IMAP or POP3 is on for it. Microsoft: "
        "grant the app IMAP.AccessAsApp or POP.AccessAsApp with admin consent, then in Exchange Online PowerShell "
        "register it (New-ServicePrincipal, with the Object ID of the enterprise application) and let it in "
        "(Add-MailboxPermission, FullAccess). Google: the account must be the one that consented.",
    ),
    FailureCode.AUTH_MECHANISM_NOT_OFFERED: failure(
        Phase.AUTHENTICATE,
        "The server does not offer the authentication that the profile asks for.",
        "Choose one of the mechanisms that the server offers, as the step shows, or have this one enabled. "
        "Some servers offer passwords only after encryption.",
    ),
    FailureCode.AUTH_ACCOUNT_LOCKED: failure(
        Phase.AUTHENTICATE,
        "The account is locked or disabled.",
        "Have the account unlocked, find out what locked it, and verify again.",
    ),
    FailureCode.AUTH_TEMPORARILY_UNAVAILABLE: failure(
        Phase.AUTHENTICATE,
        "The server cannot take this login at the moment.",
        "Its directory (LDAP, Active Directory) is most likely away, or a limit on connections or requests is reached: "
        "the reply says which. Verify again later; where it is a limit, find out what else reads this mailbox.",
        retryable=True,
    ),
    FailureCode.AUTH_WITHOUT_ENCRYPTION: warning(
        Phase.AUTHENTICATE,
        "The login went over the network without encryption: whoever listens can read or crack the password.",
        "Set the encryption to starttls or ssl_tls if the server has it.",
    ),
    FailureCode.AUTH_EXCESS_PERMISSION: warning(
        Phase.AUTHENTICATE,
        "The app's token lets it do more in Exchange Online than reading by IMAP or POP3 needs.",
        "Keep IMAP.AccessAsApp or POP.AccessAsApp (and SMTP.SendAsApp) and remove the rest under API permissions, or "
        "with Remove-MgServicePrincipalAppRoleAssignment. Let the app into the mailboxes in question alone: "
        "Add-MailboxPermission for each, and Remove-MailboxPermission for those that it does not need.",
    ),
    FailureCode.AUTH_NOT_ATTEMPTED: failure(
        Phase.AUTHENTICATE,
        "Another Actor's login failed, so this Actor did not try: repeated attempts would lock the account.",
        "Mend what the other Actor reports and verify again.",
    ),
    FailureCode.AUTH_BUDGET_EXHAUSTED: failure(
        Phase.AUTHENTICATE,
        "Too many logins to this account failed within the last hour, so none was tried.",
        "Correct the password first. Attempts are free again an hour after the last failure.",
        retryable=True,
    ),
    FailureCode.GMAIL_CONSENT_MISSING: failure(
        Phase.AUTHENTICATE,
        "The mailbox's owner has not consented at Google to its being read.",
        "Authorize the profile, and let the mailbox's owner open the address that this returns.",
    ),
}
