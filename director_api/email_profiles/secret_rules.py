"""Which secrets a profile has, and when one that is stored must be given again.

A stored secret goes where it went, and nowhere else: a change of its destination, or of what protects
it on the way, needs it again in the same request.
"""

from collections.abc import Iterator, Set
from typing import Any

from pydantic import SecretStr

from director_api.email_profiles.schemas import ProfileWrite
from director_api.field_errors import FieldError
from director_api.fields import Encryption
from director_api.problems import invalid_fields
from wire_contract.jobs import Authentication, OAuthProvider

PASSWORD = "account.password"  # noqa: S105  # because it is the name of a field
GRAPH_SECRET = "graph.client_secret"  # noqa: S105  # because it is the name of a field
GMAIL_SECRET = "gmail.client_secret"  # noqa: S105  # because it is the name of a field
SERVICE_ACCOUNT = "gmail.service_account_json"
OAUTH_SECRET = "oauth.client_secret"  # noqa: S105  # because it is the name of a field
REFRESH_TOKEN = "refresh_token"  # noqa: S105  # because it is the name of a field
"""What the owner of a Google mailbox consented to: set by the consent flow, never by a request."""

_INCOMING = ("server_type", "account.username", "mailbox", "tls", "incoming.host", "incoming.port")
_DESTINATIONS: dict[str, tuple[str, ...]] = {
    PASSWORD: (*_INCOMING, "outgoing.host", "outgoing.port"),
    GRAPH_SECRET: ("graph.tenant_id", "graph.client_id", "graph.cloud", "mailbox"),
    GMAIL_SECRET: ("gmail.client_id", "mailbox"),
    SERVICE_ACCOUNT: ("mailbox",),
    OAUTH_SECRET: (*_INCOMING, "oauth.provider", "oauth.tenant_id", "oauth.client_id", "oauth.cloud"),
    REFRESH_TOKEN: (
        *_INCOMING,
        "email_address",
        "oauth.provider",
        "oauth.client_id",
        "gmail.client_id",
        "gmail.scope",
    ),
}
_SERVERS = ("incoming", "outgoing")
_OVER_MAIL_SERVERS = {PASSWORD, OAUTH_SECRET, REFRESH_TOKEN}
_STRENGTH = {None: 0, "none": 0, "starttls": 1, "ssl_tls": 1}
_WEAKER_LOGINS = {(Authentication.NTLM, Authentication.PLAIN)}
_CONFIGURATION: dict[str, Any] = {
    "account": {"username"},
    "incoming": True,
    "outgoing": True,
    "tls": True,
    "oauth": {"provider", "tenant_id", "client_id", "cloud"},
    "graph": {"tenant_id", "client_id", "cloud"},
    "gmail": {"client_id", "scope"},
    "mailbox": True,
    "delete_verification_message": True,
}


def without_secrets(wanted: ProfileWrite) -> dict[str, Any]:
    """Return what depends on the server type, without secrets, as it is stored."""
    document = wanted.model_dump(mode="json", include=_CONFIGURATION)
    if document.get("oauth") is None:
        document.pop("oauth", None)
    return document


def given(wanted: ProfileWrite) -> dict[str, str]:
    """Return the secrets that a request gives, in clear, by their paths."""
    found = {path: _attribute(wanted, path) for path in _DESTINATIONS if path != REFRESH_TOKEN}
    return {path: value.get_secret_value() for path, value in found.items() if isinstance(value, SecretStr)}


def required(configuration: dict[str, Any]) -> tuple[str, ...]:
    """Return the secrets that a profile must be given."""
    if "graph" in configuration:
        return (GRAPH_SECRET,)
    if "gmail" in configuration:
        return (GMAIL_SECRET,) if configuration["gmail"]["client_id"] else (SERVICE_ACCOUNT,)
    if "oauth" not in configuration:
        return (PASSWORD,)
    sends = at(configuration, "outgoing.authentication") is not None
    return (OAUTH_SECRET, PASSWORD) if sends else (OAUTH_SECRET,)


def needs_consent(configuration: dict[str, Any]) -> bool:
    """Tell whether the mailbox's owner must consent at Google before it can be read."""
    by_app = at(configuration, "gmail.client_id") is not None
    return by_app or at(configuration, "oauth.provider") == OAuthProvider.GOOGLE


def calls_for_consent(configuration: dict[str, Any], failure_code: str | None) -> bool:
    """Tell whether a check that ended so shows that the mailbox's owner must consent again."""
    return needs_consent(configuration) and (failure_code or "").startswith("gmail_consent_")


def refuse_to_send_elsewhere(old: dict[str, Any], wanted: ProfileWrite, stored: Set[str]) -> None:
    """Check that each secret is given, or stored and going where it went.

    ``old`` is the profile as :func:`destinations` gives it, ``stored`` which secrets it has.

    Raises:
        Problem: a secret is needed (``required``), or needed again (``secret_required``).
    """
    there, new = given(wanted), destinations(wanted)
    errors = []
    for path in required(without_secrets(wanted)):
        if path in there:
            continue
        reasons = list(elsewhere(path, old, new))
        if path not in stored:
            errors.append(_error(path, "required", "This field is required."))
        elif reasons:
            detail = f"Send it again: changing {', '.join(reasons)} would send it elsewhere or less safely."
            errors.append(_error(path, "secret_required", detail))
    if errors:
        raise invalid_fields(tuple(errors))


def destinations(wanted: ProfileWrite) -> dict[str, Any]:
    """Return all that decides where the secrets of ``wanted`` go."""
    return destinations_of(wanted.server_type, wanted.email_address, without_secrets(wanted))


def destinations_of(server_type: str, email_address: str, configuration: dict[str, Any]) -> dict[str, Any]:
    """Return all that decides where a profile's secrets go. A cloud reads the address where no mailbox is named."""
    in_cloud = "incoming" not in configuration
    mailbox = configuration["mailbox"] or (email_address if in_cloud else None)
    return {**configuration, "server_type": server_type, "email_address": email_address, "mailbox": mailbox}


def elsewhere(path: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
    """Yield the fields whose change would send the secret at ``path`` elsewhere or less safely."""
    for field in _DESTINATIONS[path]:
        server = field.partition(".")[0]
        if at(old, field) != at(new, field) and (server not in _SERVERS or _is_sent(path, server, new)):
            yield field
    if path in _OVER_MAIL_SERVERS:
        yield from _less_safely(path, old, new)


def at(document: Any, path: str) -> Any:
    """Return what is at a dotted path; null where there is nothing."""
    for part in path.split("."):
        document = document.get(part) if isinstance(document, dict) else None
    return document


def _less_safely(path: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
    for server in _SERVERS:
        if not _is_sent(path, server, new):
            continue
        field = f"{server}.encryption"
        before = at(old, field)
        if before is not None and _STRENGTH[at(new, field)] < _STRENGTH[Encryption(before)]:
            yield field
        login, wanted = at(old, f"{server}.authentication"), at(new, f"{server}.authentication")
        if not _is_sent(path, server, old) or (login, wanted) in _WEAKER_LOGINS:
            yield f"{server}.authentication"


def _is_sent(path: str, server: str, configuration: dict[str, Any]) -> bool:
    """Tell whether what the secret at ``path`` stands for logs in to ``server``: a password, or a token."""
    login = at(configuration, f"{server}.authentication")
    by_token = login == Authentication.XOAUTH2
    return login is not None and by_token is not (path == PASSWORD)


def _attribute(wanted: ProfileWrite, path: str) -> object:
    value: object = wanted
    for part in path.split("."):
        value = getattr(value, part, None)
    return value


def _error(path: str, code: str, detail: str) -> FieldError:
    return FieldError(pointer="/" + path.replace(".", "/"), code=code, detail=detail)
