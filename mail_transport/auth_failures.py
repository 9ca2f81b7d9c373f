"""What a refused login means: by response code (RFC 5530), else by the provider's known sentences."""

from mail_transport.failures import MailFailure
from wire_contract.failure_codes import FailureCode

_BY_RESPONSE_CODE = {
    "AUTHENTICATIONFAILED": FailureCode.AUTH_INVALID_CREDENTIALS,
    "AUTHORIZATIONFAILED": FailureCode.MAILBOX_NOT_PERMITTED,
    "EXPIRED": FailureCode.AUTH_ACCOUNT_LOCKED,
    "CONTACTADMIN": FailureCode.AUTH_ACCOUNT_LOCKED,
    "UNAVAILABLE": FailureCode.AUTH_TEMPORARILY_UNAVAILABLE,
    "SERVERBUG": FailureCode.AUTH_TEMPORARILY_UNAVAILABLE,
    "LIMIT": FailureCode.AUTH_TEMPORARILY_UNAVAILABLE,
    "INUSE": FailureCode.MAILBOX_IN_USE,
    "PRIVACYREQUIRED": FailureCode.AUTH_MECHANISM_NOT_OFFERED,
    "WEBALERT": FailureCode.AUTH_APP_PASSWORD_NEEDED,
}
# Ahead of the response codes: providers say more in the sentence than in the code.
_BY_SENTENCE = (
    (b"application-specific password", FailureCode.AUTH_APP_PASSWORD_NEEDED),
    (b"app password", FailureCode.AUTH_APP_PASSWORD_NEEDED),
    (b"app-specific password", FailureCode.AUTH_APP_PASSWORD_NEEDED),
    # Microsoft's, each behind the same status 5.7.139 (aka.ms/smtp_auth_disabled).
    (b"smtpclientauthentication is disabled for the mailbox", FailureCode.AUTH_SMTP_DISABLED_FOR_MAILBOX),
    (b"smtpclientauthentication is disabled for the tenant", FailureCode.AUTH_SMTP_DISABLED_FOR_TENANT),
    (b"basic authentication is disabled", FailureCode.AUTH_BASIC_DISABLED),
    (b"basicauthblocked", FailureCode.AUTH_BASIC_DISABLED),
    (b"logondenied-basicauth", FailureCode.AUTH_BASIC_DISABLED),
    # Yandex, which doesn't say which of both it is.
    (b"or imap is disabled", FailureCode.AUTH_INVALID_CREDENTIALS),
    (b"not enabled for imap", FailureCode.AUTH_PROTOCOL_DISABLED),
    (b"not enabled for pop", FailureCode.AUTH_PROTOCOL_DISABLED),
    (b"yet to enable imap", FailureCode.AUTH_PROTOCOL_DISABLED),
    (b"yet to enable pop", FailureCode.AUTH_PROTOCOL_DISABLED),
    (b"imap is disabled", FailureCode.AUTH_PROTOCOL_DISABLED),
    (b"pop3 is disabled", FailureCode.AUTH_PROTOCOL_DISABLED),
    (b"account is locked", FailureCode.AUTH_ACCOUNT_LOCKED),
    (b"account locked", FailureCode.AUTH_ACCOUNT_LOCKED),
    (b"account is disabled", FailureCode.AUTH_ACCOUNT_LOCKED),
    (b"account disabled", FailureCode.AUTH_ACCOUNT_LOCKED),
    # Dovecot, where USER and PASS are offered though PLAIN, which they stand for, is turned off.
    (b"unsupported authentication mechanism", FailureCode.AUTH_MECHANISM_NOT_OFFERED),
    (b"plaintext authentication disallowed", FailureCode.AUTH_MECHANISM_NOT_OFFERED),
)
# Gmail's, Exchange's and Dovecot's, of limits and of what is away. They count only where no response code says
# more: what may have been the password must spend the budget that keeps an account from being locked.
_PASSING = (
    b"too many simultaneous connections",
    b"exceeded command or bandwidth limits",
    b"maximum number of connections",
    b"server unavailable",
    b"request is throttled",
)

# Microsoft refuses every password here, and says no more than that the login failed (since 2022 for
# organisations, since September 2024 for private accounts).
_WITHOUT_PASSWORDS = (".office365.com", ".outlook.com", ".office365.us")


def auth_failure(response_code: tuple[str, bytes] | None, said: bytes, host: str = "") -> MailFailure:
    """Return the failure that a refused password means; ``auth_invalid_credentials`` if nothing says more.

    ``response_code`` is IMAP's, with its argument; ``host`` is the server's name.
    """
    sentence = said.lower()
    for words, code in _BY_SENTENCE:
        if words in sentence:
            return MailFailure(code, said)
    name = response_code[0] if response_code else ""
    code = _BY_RESPONSE_CODE.get(name) or _by_passing_words(sentence)
    if code is FailureCode.AUTH_INVALID_CREDENTIALS and _takes_no_passwords(host):
        code = FailureCode.AUTH_BASIC_DISABLED
    return MailFailure(code, said)


def _by_passing_words(sentence: bytes) -> FailureCode:
    passing = any(words in sentence for words in _PASSING)
    return FailureCode.AUTH_TEMPORARILY_UNAVAILABLE if passing else FailureCode.AUTH_INVALID_CREDENTIALS


def _takes_no_passwords(host: str) -> bool:
    return f".{host.rstrip('.').lower()}".endswith(_WITHOUT_PASSWORDS)
