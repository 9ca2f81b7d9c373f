"""The sign-in half: discovery and tokens for apps, with the AADSTS answers.

Source: "Microsoft identity platform and the OAuth 2.0 client credentials flow" and "Microsoft Entra
authentication and authorization error codes".
"""

import time
import uuid
from dataclasses import replace
from urllib.parse import parse_qsl

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from starlette.requests import Request
from starlette.responses import JSONResponse

from sandbox.graph.tenant import App, Tenant

_KEY = OctKey.generate_key(256)
LIFE_SECONDS = 3599
GRAPH, EXCHANGE = "https://graph.microsoft.com", "https://outlook.office365.com"
"""Whom a token is for, in the public cloud and where the stand-in is asked by no cloud's name."""
_NATIONAL = {
    "login.microsoftonline.us": {
        "https://graph.microsoft.us",
        "https://dod-graph.microsoft.us",
        "https://outlook.office365.us",
        "https://outlook-dod.office365.us",
    },
    "login.chinacloudapi.cn": {"https://microsoftgraph.chinacloudapi.cn", "https://partner.outlook.cn"},
}
"""What a sign-in of another cloud gives out tokens for ("National cloud deployments")."""
_PUBLIC = "login.microsoftonline.com"


async def discovery(request: Request) -> JSONResponse:
    """``GET /{tenant}/v2.0/.well-known/openid-configuration``."""
    tenant: Tenant = request.app.state.tenant
    name, base = request.path_params["tenant"], f"https://{request.url.netloc}"
    if name != tenant.id:
        return refusal(400, "invalid_tenant", 90002, f"Tenant '{name}' not found.")
    return JSONResponse(
        {
            "issuer": f"{base}/{name}/v2.0",
            "authorization_endpoint": f"{base}/{name}/oauth2/v2.0/authorize",
            "token_endpoint": f"{base}/{name}/oauth2/v2.0/token",
            "jwks_uri": f"{base}/{name}/discovery/v2.0/keys",
        }
    )


async def token(request: Request) -> JSONResponse:
    """``POST /{tenant}/oauth2/v2.0/token`` by client credentials."""
    tenant: Tenant = request.app.state.tenant
    form = dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
    if request.path_params["tenant"] != tenant.id:
        return refusal(400, "invalid_request", 90002, "Tenant not found.")
    if form.get("grant_type") != "client_credentials":
        return refusal(400, "unsupported_grant_type", 70003, "The grant type is not supported.")
    resource = form.get("scope", "").removesuffix("/.default")
    audience = _audience(request.url.netloc, resource)
    if audience is None:
        return refusal(400, "invalid_scope", 1002012, "The provided value for scope is not valid.")
    app = tenant.apps.get(form.get("client_id", ""))
    return _for_app(app, form.get("client_secret", ""), audience)


def _audience(host: str, resource: str) -> str | None:
    """Return whom a token of the sign-in at ``host`` is for; None where it gives out none for ``resource``."""
    if host in _NATIONAL:
        return resource if resource in _NATIONAL[host] else None
    if resource == f"https://{host}" and host != _PUBLIC:
        return GRAPH
    return resource if resource == EXCHANGE or (host == _PUBLIC and resource == GRAPH) else None


def _for_app(app: App | None, secret: str, audience: str) -> JSONResponse:
    if app is None:
        return refusal(400, "unauthorized_client", 700016, "Application was not found in the directory.")
    if app.sign_in_error is not None:
        return refusal(401, "invalid_client", *app.sign_in_error)
    if secret != app.secret:
        return refusal(401, "invalid_client", 7000215, "Invalid client secret provided.")
    return JSONResponse(
        {"token_type": "Bearer", "expires_in": LIFE_SECONDS, "access_token": issue(app, audience)}
    )


def issue(app: App, audience: str = GRAPH) -> str:
    """Return a token with the app's permissions at ``audience`` as the claim ``roles``."""
    roles = app.exchange_roles if "outlook" in audience else app.roles
    ends = int(time.time()) + LIFE_SECONDS
    claims = {"aud": audience, "appid": app.client_id, "roles": sorted(roles), "exp": ends}
    return jwt.encode({"alg": "HS256"}, claims, _KEY)


def app_of(request: Request) -> App | None:
    """Return whose token for Graph the request carries; None for one that is not good there."""
    scheme, _, text = request.headers.get("authorization", "").partition(" ")
    asked = f"https://{request.url.netloc}"
    audience = asked if any(asked in resources for resources in _NATIONAL.values()) else GRAPH
    return app_of_token(request.app.state.tenant, text, audience) if scheme.lower() == "bearer" else None


def app_of_token(tenant: Tenant, token: str, audience: str) -> App | None:
    """Return whose token it is, with the permissions that it was given when it was issued.

    None where Entra did not issue it for ``audience``, or it is over.
    """
    try:
        claims = jwt.decode(token, _KEY, algorithms=["HS256"]).claims
    except (JoseError, ValueError):
        return None
    app = tenant.apps.get(claims["appid"])
    if app is None or claims["aud"] != audience or claims["exp"] <= time.time():
        return None
    roles = frozenset(claims["roles"])
    return replace(app, exchange_roles=roles) if "outlook" in audience else replace(app, roles=roles)


def refusal(status: int, error: str, number: int, text: str) -> JSONResponse:
    """Return an error as Entra words it."""
    trace, correlation = str(uuid.uuid4()), str(uuid.uuid4())
    description = f"AADSTS{number}: {text} Trace ID: {trace} Correlation ID: {correlation}"
    body = {
        "error": error,
        "error_description": description,
        "error_codes": [number],
        "trace_id": trace,
        "correlation_id": correlation,
    }
    return JSONResponse(body, status)
