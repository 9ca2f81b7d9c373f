"""Google's side of the consent, by its own library, which is synchronous: never on the event loop."""

import asyncio
import logging
from dataclasses import dataclass, field
from typing import Any

from google.auth import jwt
from google_auth_oauthlib.flow import Flow
from oauthlib.oauth2.rfc6749.errors import OAuth2Error
from pydantic import SecretStr

from director_api.google_consent.asking import lead
from director_api.way_out import WayOut
from mail_transport.failures import MailFailure
from mail_transport.web import Line, with_line

# At the level debug they log the client's secret, the code and the tokens.
for name in ("requests_oauthlib", "oauthlib"):
    logging.getLogger(name).setLevel(logging.INFO)

_SECONDS = 40.0
"""All of it: a person waits in a browser."""
_IDENTITY = ("openid", "email")


@dataclass(frozen=True, slots=True)
class GoogleEndpoints:
    """Where Google is, and the way there: settings of the Director, never of a profile."""

    authorize_url: str = "https://accounts.google.com/o/oauth2/v2/auth"
    token_url: str = "https://oauth2.googleapis.com/token"  # noqa: S105  # because it is an address
    way_out: WayOut = field(default_factory=WayOut)


@dataclass(frozen=True, slots=True)
class Client:
    """The app that asks, what for, and where Google sends the browser back to."""

    endpoints: GoogleEndpoints
    client_id: str
    client_secret: SecretStr
    redirect_uri: str
    scope: str
    code_verifier: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Granted:
    """Who consented to what. ``address`` null: Google vouches for none."""

    address: str | None
    scopes: frozenset[str]
    refresh_token: SecretStr | None


class ExchangeRefused(Exception):  # noqa: N818  # Google's answer, no error of ours
    """Google did not take the code; the text is its error's name alone."""


class GoogleAway(Exception):  # noqa: N818  # a state of affairs
    """Google could not be asked."""


def authorization_url(client: Client, state: str, login_hint: str) -> str:
    """Return Google's page with PKCE (S256). It asks each time, so that a refresh token comes each time."""
    flow = _flow(client, [client.scope, *_IDENTITY])
    url, _ = flow.authorization_url(
        access_type="offline", prompt="consent", state=state, login_hint=login_hint
    )
    return str(url)


async def exchange(client: Client, code: str) -> Granted:
    """Exchange ``code`` for what was granted.

    Raises:
        ExchangeRefused: the code or the client is not what Google knows.
        GoogleAway: no answer came, or none that is Google's.
    """
    try:
        async with asyncio.timeout(_SECONDS), client.endpoints.way_out.client() as http:
            return await with_line(None, http, lambda line: _exchange(client, code, line))
    except (TimeoutError, MailFailure):
        raise GoogleAway from None
    except OAuth2Error as error:
        raise ExchangeRefused(error.error) from None
    except ValueError:  # an answer that is no token, or an id token that is none
        raise GoogleAway from None


def _exchange(client: Client, code: str, line: Line) -> Granted:
    # Without scopes: the library would refuse Google's longer names of the very scopes that were asked for.
    flow = _flow(client, None)
    lead(flow.oauth2session, line)
    token: dict[str, Any] = flow.fetch_token(code=code, include_client_id=True, allow_redirects=False)
    granted = token.get("scope", ())
    scopes = granted.split() if isinstance(granted, str) else granted
    refresh = token.get("refresh_token")
    return Granted(
        address=_address(token.get("id_token"), client.client_id),
        scopes=frozenset(map(str, scopes)),
        refresh_token=SecretStr(refresh) if isinstance(refresh, str) and refresh else None,
    )


def _address(id_token: object, client_id: str) -> str | None:
    """The token came from Google itself over TLS, which takes the place of its signature.

    OpenID Connect Core 1.0, section 3.1.3.7, point 6.
    """
    if not isinstance(id_token, str):
        return None
    claims = jwt.decode(id_token, verify=False)  # type: ignore[no-untyped-call]  # because google-auth has no annotations here
    if claims.get("aud") != client_id or claims.get("email_verified") is not True:
        return None
    address = claims.get("email")
    return address if isinstance(address, str) else None


def _flow(client: Client, scopes: list[str] | None) -> Flow:
    web = {
        "client_id": client.client_id,
        "client_secret": client.client_secret.get_secret_value(),
        "auth_uri": client.endpoints.authorize_url,
        "token_uri": client.endpoints.token_url,
    }
    flow = Flow.from_client_config({"web": web}, scopes=scopes, redirect_uri=client.redirect_uri)
    flow.code_verifier = client.code_verifier
    return flow
