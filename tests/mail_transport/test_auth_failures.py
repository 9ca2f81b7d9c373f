"""What a refused password means, by what the server said and who it is."""

import pytest

from mail_transport.auth_failures import auth_failure
from wire_contract.failure_codes import FailureCode


@pytest.mark.parametrize(
    ("response_code", "said", "host", "code"),
    [
        (None, b"LOGIN failed.", "mail.example.test", FailureCode.AUTH_INVALID_CREDENTIALS),
        (None, b"LOGIN failed.", "outlook.office365.com", FailureCode.AUTH_BASIC_DISABLED),
        (None, b"LOGIN failed.", "OUTLOOK.office365.com.", FailureCode.AUTH_BASIC_DISABLED),
        (None, b"LOGIN failed.", "notoffice365.com", FailureCode.AUTH_INVALID_CREDENTIALS),
        (None, b"Application-specific password required", "", FailureCode.AUTH_APP_PASSWORD_NEEDED),
        (("UNAVAILABLE", b""), b"no", "outlook.office365.com", FailureCode.AUTH_TEMPORARILY_UNAVAILABLE),
        (("AUTHENTICATIONFAILED", b""), b"no", "", FailureCode.AUTH_INVALID_CREDENTIALS),
        (("AUTHENTICATIONFAILED", b""), b"Server Unavailable.", "", FailureCode.AUTH_INVALID_CREDENTIALS),
        (
            ("AUTHENTICATIONFAILED", b""),
            b"LOGIN invalid credentials or IMAP is disabled",
            "imap.yandex.com",
            FailureCode.AUTH_INVALID_CREDENTIALS,
        ),
        (None, b"Server Unavailable. 15", "outlook.office365.com", FailureCode.AUTH_TEMPORARILY_UNAVAILABLE),
        (None, b"Your account is locked", "", FailureCode.AUTH_ACCOUNT_LOCKED),
    ],
)
def test_a_refusal_is_told_apart(
    response_code: tuple[str, bytes] | None, said: bytes, host: str, code: FailureCode
) -> None:
    failure = auth_failure(response_code, said, host)
    assert (failure.code, failure.server_reply) == (code, said)
