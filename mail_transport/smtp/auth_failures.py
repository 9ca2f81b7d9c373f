"""What a refused AUTH means: by the enhanced status code (RFC 4954 section 6), else by the reply code."""

from mail_transport.auth_failures import auth_failure
from mail_transport.failures import MailFailure
from mail_transport.smtp.replies import Reply
from wire_contract.failure_codes import FailureCode

_BY_ENHANCED = {
    "5.7.139": FailureCode.AUTH_BASIC_DISABLED,
    "5.7.30": FailureCode.AUTH_BASIC_DISABLED,
    "5.7.9": FailureCode.AUTH_APP_PASSWORD_NEEDED,
    "5.7.11": FailureCode.AUTH_MECHANISM_NOT_OFFERED,
    "5.5.4": FailureCode.AUTH_MECHANISM_NOT_OFFERED,
}
_WRONG_PASSWORD = b"user credentials were incorrect"
"""Microsoft's, whose status 5.7.139 says no more than that the login failed."""
_BY_CODE = {
    500: FailureCode.AUTH_MECHANISM_NOT_OFFERED,
    502: FailureCode.AUTH_MECHANISM_NOT_OFFERED,
    503: FailureCode.AUTH_MECHANISM_NOT_OFFERED,
    504: FailureCode.AUTH_MECHANISM_NOT_OFFERED,
    530: FailureCode.AUTH_MECHANISM_NOT_OFFERED,
    538: FailureCode.AUTH_MECHANISM_NOT_OFFERED,
}


def refused_login(reply: Reply) -> MailFailure:
    """Return the failure that ``reply`` to an AUTH means; ``auth_invalid_credentials`` if it says nothing."""
    by_sentence = auth_failure(None, reply.said)
    if by_sentence.code is not FailureCode.AUTH_INVALID_CREDENTIALS:
        return by_sentence
    if reply.code // 100 == 4:  # RFC 5321 section 4.2.1: it may go well another time
        return MailFailure(FailureCode.AUTH_TEMPORARILY_UNAVAILABLE, reply.said)
    if _WRONG_PASSWORD in reply.said.lower():
        return by_sentence
    code = _BY_ENHANCED.get(reply.enhanced) or _BY_CODE.get(reply.code)
    return MailFailure(code or FailureCode.AUTH_INVALID_CREDENTIALS, reply.said)
