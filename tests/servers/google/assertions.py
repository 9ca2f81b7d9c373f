"""What a service account signs for itself to get a token (RFC 7523).

https://developers.google.com/identity/protocols/oauth2/service-account
"""

import base64
import json
import time
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError

from tests.servers.google.answers import no_token
from tests.servers.google.project import Grant, Project, ServiceAccount

AUDIENCE = "https://oauth2.googleapis.com/token"
_LONGEST_LIFE = 3600
_SKEW = 300


def grant_of(project: Project, assertion: str) -> Grant:
    """What an assertion gets. Raises Refused, in Google's words."""
    account = project.service_accounts.get(str(_unverified(assertion).get("iss")))
    if account is None:
        raise no_token(400, "invalid_grant", "Invalid grant: account not found")
    claims = _verified(account, assertion)
    _check_times(claims)
    if claims.get("aud") != AUDIENCE:
        raise no_token(400, "invalid_grant", "Invalid JWT: Failed audience check.")
    scopes = frozenset(str(claims.get("scope", "")).split())
    if not scopes:
        raise no_token(400, "invalid_scope", "Empty or missing scope not allowed.")
    return Grant(_subject(project, account, claims.get("sub"), scopes), scopes, account.email)


def _unverified(assertion: str) -> dict[str, Any]:
    part = assertion.split(".")[1:2]
    try:
        claims = json.loads(base64.urlsafe_b64decode(f"{part[0]}==")) if part else None
    except ValueError:
        claims = None
    if not isinstance(claims, dict):
        raise no_token(400, "invalid_grant", "Invalid JWT: Failed to parse.")
    return claims


def _verified(account: ServiceAccount, assertion: str) -> dict[str, Any]:
    try:
        return jwt.decode(assertion, account.key, algorithms=["RS256"]).claims
    except (JoseError, ValueError):
        raise no_token(400, "invalid_grant", "Invalid JWT Signature.") from None


def _check_times(claims: dict[str, Any]) -> None:
    began, ends = claims.get("iat"), claims.get("exp")
    if not isinstance(began, int) or not isinstance(ends, int):
        raise no_token(400, "invalid_grant", "Invalid JWT: iat and exp are required.")
    if ends - began > _LONGEST_LIFE or not began - _SKEW <= time.time() <= ends:
        text = "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe."
        raise no_token(400, "invalid_grant", text)


def _subject(project: Project, account: ServiceAccount, sub: object, scopes: frozenset[str]) -> str | None:
    if sub is None:
        return None
    if sub not in project.accounts:
        raise no_token(400, "invalid_grant", "Invalid email or User ID")
    if not scopes <= account.delegated:
        text = (
            "Client is unauthorized to retrieve access tokens using this method, or client not authorized "
            "for any of the scopes requested."
        )
        raise no_token(401, "unauthorized_client", text)
    return str(sub)
