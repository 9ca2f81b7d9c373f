"""The rules over several fields as JSON Schema, so that who reads the OpenAPI document knows them too.

The validators beside the fields keep them, and say which field is wrong; the tests compare both.
"""

from typing import Any, Final

from pydantic.config import JsonDict

_NULL: Final[JsonDict] = {"type": "null"}


def _never(**values: Any) -> JsonDict:
    properties: JsonDict = {name: {"const": value} for name, value in values.items()}
    return {"not": {"properties": properties, "required": list(values)}}


NEVER_DELETED_IN_MANUAL_MODE: Final = _never(
    send_verification_manually=True, delete_verification_message=True
)
NEVER_DELETED: Final = _never(delete_verification_message=True)
_BY_XOAUTH2: Final[JsonDict] = {
    "properties": {
        "incoming": {
            "properties": {"authentication": {"const": "xoauth2"}},
            "required": ["authentication"],
        }
    },
    "required": ["incoming"],
}
_SENDS_WITH_LOGIN: Final[JsonDict] = {
    "properties": {
        "outgoing": {
            "type": "object",
            "properties": {"authentication": {"type": "string"}},
            "required": ["authentication"],
        }
    },
    "required": ["outgoing"],
}
_HAS_PASSWORD: Final[JsonDict] = {
    "account": {"properties": {"password": {"type": "string"}}, "required": ["password"]}
}


def _app_with_xoauth2(*, new: bool) -> JsonDict:
    """``new``: nothing is stored yet, so whatever logs in by the password needs it."""
    password: JsonDict = {"properties": _HAS_PASSWORD} if new else {}
    return {
        "if": _BY_XOAUTH2,
        "then": {
            "properties": {"oauth": {"type": "object"}},
            "required": ["oauth"],
            "if": _SENDS_WITH_LOGIN,
            "then": password,
            "else": {"properties": {"account": {"properties": {"password": _NULL}}}},
        },
        "else": {"properties": {"oauth": _NULL, **(_HAS_PASSWORD if new else {})}},
    }


XOAUTH2_HAS_AN_APP: Final = _app_with_xoauth2(new=False)
NEW_LOGIN: Final = _app_with_xoauth2(new=True)
OF_MICROSOFT_ALONE: Final[JsonDict] = {
    "if": {"properties": {"provider": {"const": "microsoft"}}},
    "then": {"properties": {"tenant_id": {"type": "string"}}, "required": ["tenant_id"]},
    "else": {"properties": {"tenant_id": _NULL, "cloud": {"const": "global"}}},
}
APP_OR_SERVICE_ACCOUNT: Final[JsonDict] = {
    "if": {"properties": {"client_id": {"type": "string"}}, "required": ["client_id"]},
    "then": {"properties": {"service_account_json": _NULL}},
    "else": {"properties": {"client_secret": _NULL}},
}
NEW_APP_OR_SERVICE_ACCOUNT: Final[JsonDict] = {
    "if": {"properties": {"client_id": {"type": "string"}}, "required": ["client_id"]},
    "then": {
        "properties": {"client_secret": {"type": "string"}, "service_account_json": _NULL},
        "required": ["client_secret"],
    },
    "else": {
        "properties": {"client_secret": _NULL, "service_account_json": {"type": "string"}},
        "required": ["service_account_json"],
    },
}
