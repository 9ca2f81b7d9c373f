"""Which field of a profile a failed step is about, so that a form can show the failure beside it."""

from collections.abc import Mapping
from typing import Any

from wire_contract.failure_codes import FailureCode

_PREFIX = "smtp_"
_SERVER = {
    "dns_": "host",
    "tcp_": "port",
    "connection_closed": "port",
    "egress_not_allowed": "host",
    "tls_not_offered": "encryption",
    "tls_not_spoken": "encryption",
    "tls_expected_by_server": "encryption",
    "tls_wrong_host": "host",
    "greeting_": "port",
    "protocol_": "port",
    "reply_timed_out": "port",
    "auth_mechanism_not_offered": "authentication",
    "auth_without_encryption": "encryption",
    "auth_smtp_disabled_": "authentication",
}
"""Codes, or beginnings of codes, to the field of the server that the step spoke to."""
_ANYWHERE = {
    "tls_pin_mismatch": "/tls/pinned_sha256",
    "tls_not_verified": "/tls/verify",
    "tls_": "/tls/ca_certificate",
    "auth_account_locked": "/account/username",
    "auth_protocol_disabled": "/server_type",
    "auth_token_refused": "/account/username",
    "auth_excess_permission": "/oauth/client_id",
    "auth_": "/account/password",
    "mailbox_": "/mailbox",
    "unsupported_job": "/server_type",
}
"""The rest: fields that no server has to itself."""
_CLOUD = {
    "microsoft_graph": {
        "dns_": "/graph/cloud",
        "tcp_": "/graph/cloud",
        "tls_": "/graph/cloud",
        "auth_": "/graph/client_secret",
        "mailbox_": "/mailbox",
    },
    "gmail": {"auth_": "/gmail/client_secret", "mailbox_": "/mailbox"},
}
_CLOUD_FIELDS = {
    "tenant": "tenant_id",
    "secret": "client_secret",
    "client": "client_id",
    "app": "client_id",
    "key_file": "service_account_json",
    "delegation": "service_account_json",
    "cloud": "cloud",
    "scope": "scope",
    "mailbox": "/mailbox",
    "user": "/mailbox",
}
"""Words in the codes of the clouds' own families, ``graph_*`` and ``gmail_*``; the first one that is there counts."""
_OF_OAUTH = {"/oauth/tenant_id", "/oauth/client_id", "/oauth/client_secret"}


def field_of(code: FailureCode, step: str | None, server_type: str) -> str | None:
    """Return the JSON pointer (RFC 6901) of the field to look at; null where no field is to blame."""
    if server_type in _CLOUD:
        return _of_cloud(code, server_type)
    if code.startswith(("graph_", "gmail_")):  # the sign-in of an xoauth2 login
        field = _by_word(code.partition("_")[2], "oauth")
        return field if field in _OF_OAUTH else None
    part = _longest(_SERVER, code)
    if part is not None:
        return f"/{'outgoing' if (step or '').startswith(_PREFIX) else 'incoming'}/{part}"
    return _longest(_ANYWHERE, code)


def with_fields(steps: list[Any], server_type: str) -> list[dict[str, Any]]:
    """Return stored steps with ``field`` added to each that failed or warns."""
    return [
        {
            **step,
            "field": field_of(FailureCode(step["code"]), step["step"], server_type) if step["code"] else None,
        }
        for step in steps
    ]


def _of_cloud(code: FailureCode, server_type: str) -> str | None:
    root = {"microsoft_graph": "graph", "gmail": "gmail"}[server_type]
    if not code.startswith(f"{root}_"):
        return _longest(_CLOUD[server_type], code)
    return _by_word(code.removeprefix(f"{root}_"), root)


def _by_word(words: str, root: str) -> str | None:
    for word, field in _CLOUD_FIELDS.items():
        if word in words:
            return field if field.startswith("/") else f"/{root}/{field}"
    return None


def _longest(table: Mapping[str, str], code: str) -> str | None:
    fitting = [beginning for beginning in table if code.startswith(beginning)]
    return table[max(fitting, key=len)] if fitting else None
