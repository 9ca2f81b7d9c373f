"""Each failure of a mail server points at a field that the profile has."""

import pytest

from director_api.failure_fields import field_of
from wire_contract.failure_codes import FailureCode as Code
from wire_contract.failure_texts import FAILURE_TEXTS, Phase

SERVER_PHASES = {Phase.RESOLVE, Phase.CONNECT, Phase.TLS, Phase.GREETING, Phase.PROTOCOL, Phase.AUTHENTICATE}


@pytest.mark.parametrize(
    ("code", "step", "field"),
    [
        (Code.DNS_NOT_FOUND, "resolve", "/incoming/host"),
        (Code.DNS_NOT_FOUND, "smtp_resolve", "/outgoing/host"),
        (Code.TCP_TIMED_OUT, "connect", "/incoming/port"),
        (Code.TLS_NOT_OFFERED, "tls", "/incoming/encryption"),
        (Code.TLS_NOT_OFFERED, "smtp_tls", "/outgoing/encryption"),
        (Code.TLS_UNKNOWN_CA, "tls", "/tls/ca_certificate"),
        (Code.TLS_PIN_MISMATCH, "tls", "/tls/pinned_sha256"),
        (Code.TLS_WRONG_HOST, "tls", "/incoming/host"),
        (Code.AUTH_INVALID_CREDENTIALS, "authenticate", "/account/password"),
        (Code.AUTH_MECHANISM_NOT_OFFERED, "smtp_authenticate", "/outgoing/authentication"),
        (Code.AUTH_SMTP_DISABLED_FOR_TENANT, "smtp_authenticate", "/outgoing/authentication"),
        (Code.AUTH_PROTOCOL_DISABLED, "authenticate", "/server_type"),
        (Code.MAILBOX_NOT_FOUND, "open_mailbox", "/mailbox"),
        (Code.CODE_NOT_FOUND, "search", None),
    ],
)
def test_a_failed_step_names_its_field(code: Code, step: str, field: str | None) -> None:
    assert field_of(code, step, "imap") == field


@pytest.mark.parametrize(
    "code",
    [
        code
        for code, text in FAILURE_TEXTS.items()
        if text.phase in SERVER_PHASES and not code.startswith(("graph_", "gmail_", "proxy_"))
    ],
)
def test_no_failure_of_a_server_is_without_a_field(code: Code) -> None:
    assert field_of(code, "connect", "imap") is not None


def test_the_clouds_have_fields_of_their_own() -> None:
    assert field_of(Code.DNS_NOT_FOUND, "resolve", "microsoft_graph") == "/graph/cloud"
    assert field_of(Code.AUTH_INVALID_CREDENTIALS, "authenticate", "gmail") == "/gmail/client_secret"


@pytest.mark.parametrize(
    ("code", "field"),
    [
        (Code.GMAIL_CLIENT_UNKNOWN, "/gmail/client_id"),
        (Code.GMAIL_CLIENT_SECRET_WRONG, "/gmail/client_secret"),
        (Code.GMAIL_KEY_FILE_INVALID, "/gmail/service_account_json"),
        (Code.GMAIL_DELEGATION_MISSING, "/gmail/service_account_json"),
        (Code.GMAIL_MAILBOX_NOT_FOUND, "/mailbox"),
        (Code.GMAIL_THROTTLED, None),
    ],
)
def test_gmails_own_failures_name_their_field(code: Code, field: str | None) -> None:
    assert field_of(code, "authenticate", "gmail") == field
