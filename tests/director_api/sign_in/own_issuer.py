"""An issuer of the test's own, whose keys, answers and absences the test decides."""

import json
from typing import Any

from joserfc import jwt
from joserfc.jwk import KeyFlexible, RSAKey
from starlette.types import Receive, Scope, Send

from director_api.clock import utc_now
from tests.servers.oidc_provider import AUDIENCE

DISCOVERY = "/.well-known/openid-configuration"
KEYS = "/keys"
_KEY = RSAKey.generate_key(2048, {"kid": "first"})


class OwnIssuer:
    """An ASGI application; `url` is known once it is served."""

    def __init__(self) -> None:
        self.url = ""
        self.key = _KEY
        self.published: list[dict[str, Any]] = [public(self.key)]
        self.metadata: dict[str, Any] = {}
        self.raw: dict[str, tuple[int, bytes]] = {}
        """What is answered at a path in place of the right thing."""
        self.asked: list[str] = []

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answer one request."""
        path = scope["path"]
        self.asked.append(path)
        status, body = self.raw.get(path, (200, json.dumps(self._document(path)).encode()))
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": body})

    def _document(self, path: str) -> dict[str, Any]:
        if path == KEYS:
            return {"keys": self.published}
        return {"issuer": self.url, "jwks_uri": self.url + KEYS, **self.metadata}

    def claims(self, **claims: Any) -> dict[str, Any]:
        """Return the claims of a good token, save for `claims`; null takes one away."""
        now = int(utc_now().timestamp())
        good = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": "anna",
            "exp": now + 600,
            "iat": now,
            "role": "viewer",
        }
        return {name: value for name, value in {**good, **claims}.items() if value is not None}

    def token(
        self, key: KeyFlexible | None = None, header: dict[str, Any] | None = None, **claims: Any
    ) -> str:
        """Sign a token: a good one, save for what is given."""
        complete = {"alg": "RS256", "kid": "first", **(header or {})}
        complete = {name: value for name, value in complete.items() if value is not None}
        return jwt.encode(complete, self.claims(**claims), key or self.key, algorithms=[complete["alg"]])


def public(key: RSAKey) -> dict[str, Any]:
    """Return what a key set shows of a key."""
    return {**key.as_dict(private=False), "kid": key.kid, "use": "sig"}
