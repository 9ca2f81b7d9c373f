"""Google's sign-in: the page of consent, and the token endpoint.

https://developers.google.com/identity/protocols/oauth2/web-server, .../service-account, RFC 7636 for PKCE.
"""

import base64
import hashlib
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response

from tests.servers.google.answers import no_token
from tests.servers.google.assertions import grant_of
from tests.servers.google.project import Client, Grant, Project

LIFE_SECONDS = 3599
_ID_KEY = RSAKey.generate_key(2048)


@dataclass(frozen=True)
class Asked:
    """What a code stands for."""

    grant: Grant
    redirect_uri: str
    challenge: str
    is_lasting: bool


async def authorize(request: Request) -> Response:
    """Consent at once, as the account of `login_hint`; Google would show a page of its own to a person."""
    project: Project = request.app.state.project
    query = request.query_params
    client = project.clients.get(query.get("client_id", ""))
    if client is None or query.get("redirect_uri") not in client.redirect_uris:
        return PlainTextResponse("Error 400: redirect_uri_mismatch", 400)
    if query.get("response_type") != "code" or query.get("code_challenge_method") != "S256":
        return PlainTextResponse("Error 400: invalid_request", 400)
    grant = Grant(query["login_hint"], frozenset(query["scope"].split()), client.id)
    lasting = query.get("access_type") == "offline" and query.get("prompt") == "consent"
    code = f"4/{secrets.token_urlsafe(32)}"
    request.app.state.codes[code] = Asked(grant, query["redirect_uri"], query["code_challenge"], lasting)
    answer = urlencode({"state": query.get("state", ""), "code": code, "scope": query["scope"]})
    return RedirectResponse(f"{query['redirect_uri']}?{answer}", 302)


async def token(request: Request) -> Response:
    """`POST /token` in each of the ways that Google documents for servers."""
    form = dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
    project: Project = request.app.state.project
    match form.get("grant_type"):
        case "authorization_code":
            return _by_code(request, _client(project, form), form)
        case "refresh_token":
            return _answer(project, _by_refresh_token(project, _client(project, form), form))
        case "urn:ietf:params:oauth:grant-type:jwt-bearer":
            return _answer(project, grant_of(project, form.get("assertion", "")))
        case other:
            raise no_token(400, "unsupported_grant_type", f"Invalid grant_type: {other}")


def _client(project: Project, form: Mapping[str, str]) -> Client:
    client = project.clients.get(form.get("client_id", ""))
    if client is None:
        raise no_token(401, "invalid_client", "The OAuth client was not found.")
    if client.state != "enabled":
        raise no_token(401, f"{client.state}_client", f"The OAuth client was {client.state}.")
    if form.get("client_secret") != client.secret:
        raise no_token(401, "invalid_client", "Unauthorized")
    return client


def _by_code(request: Request, client: Client, form: Mapping[str, str]) -> Response:
    asked: Asked | None = request.app.state.codes.pop(form.get("code", ""), None)
    if asked is None or asked.grant.client_id != client.id:
        raise no_token(400, "invalid_grant", "Malformed auth code.")
    if form.get("redirect_uri") != asked.redirect_uri:
        raise no_token(400, "redirect_uri_mismatch", "Bad Request")
    digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
    if base64.urlsafe_b64encode(digest).decode().rstrip("=") != asked.challenge:
        raise no_token(400, "invalid_grant", "Invalid code verifier.")
    project: Project = request.app.state.project
    more = {"id_token": _id_token(asked.grant)} if "openid" in asked.grant.scopes else {}
    if asked.is_lasting:
        more["refresh_token"] = project.consent(client, asked.grant.address or "", *asked.grant.scopes)
    return _answer(project, asked.grant, more)


def _by_refresh_token(project: Project, client: Client, form: Mapping[str, str]) -> Grant:
    consent = project.consents.get(form.get("refresh_token", ""))
    if consent is None:
        raise no_token(400, "invalid_grant", "Token has been expired or revoked.")
    if consent.client_id != client.id:
        raise no_token(401, "unauthorized_client", "Unauthorized")
    asked = frozenset(form.get("scope", "").split())
    if not asked <= consent.scopes:
        raise no_token(400, "invalid_scope", "Bad Request")
    return Grant(consent.address, asked or consent.scopes, client.id)


def _id_token(grant: Grant) -> str:
    now = int(time.time())
    claims = {"iss": "https://accounts.google.com", "aud": grant.client_id, "iat": now, "exp": now + 3600}
    return jwt.encode({"alg": "RS256"}, {**claims, "email": grant.address, "email_verified": True}, _ID_KEY)


def _answer(project: Project, grant: Grant, more: Mapping[str, str] | None = None) -> Response:
    body = {
        "access_token": project.issue(grant, LIFE_SECONDS),
        "expires_in": LIFE_SECONDS,
        "scope": " ".join(sorted(grant.scopes)),
        "token_type": "Bearer",
    }
    return JSONResponse({**body, **(more or {})}, headers={"Cache-Control": "no-store"})
