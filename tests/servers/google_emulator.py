"""Google's sign-in and the Gmail API by the third-party emulator `emulate` (npm), on 127.0.0.1.

It checks no scopes and takes any bearer; what it is too lax for, `tests.servers.google` checks.
"""

import base64
import json
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit

import httpx

from tests.servers.daemon import Daemon
from tests.servers.debian import require_node
from tests.servers.mailbox import message
from tests.servers.ports import HOST, free_ports

CLIENT = "client-1.apps.example.test"
SECRET = "emulated-client-secret"
OWNER = "alice@example.test"
OTHER = "mallory@example.test"
_NODE = Path(__file__).parents[1] / "node"


class GoogleEmulator:
    """A running emulator with the accounts `OWNER` and `OTHER`; leaving the `with` block stops it."""

    def __init__(self, folder: Path, redirect_uri: str = f"http://{HOST}/oauth/google/callback") -> None:
        require_node()
        self.redirect_uri = redirect_uri
        (port,) = free_ports(1)
        self.url = f"http://{HOST}:{port}"
        seed = folder / "seed.yaml"
        seed.write_text(json.dumps(_seed(redirect_uri)))
        command = [
            "node",
            "--require",
            str(_NODE / "loopback.cjs"),
            str(_NODE / "node_modules/emulate/dist/index.js"),
        ]
        command += ["start", "--service", "google", "--seed", str(seed), "--port", str(port)]
        self._daemon = Daemon(command, log=folder / "emulate.log")
        self._daemon.wait_until(self._answers, "answered")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._daemon.stop()

    @property
    def token_url(self) -> str:
        """The token endpoint."""
        return f"{self.url}/oauth2/token"

    @property
    def authorize_url(self) -> str:
        """The page on which a person picks an account."""
        return f"{self.url}/o/oauth2/v2/auth"

    def consent(self, scope: str, owner: str = OWNER) -> str:
        """Consent as `owner` does on the page, and return the refresh token."""
        asked = {"client_id": CLIENT, "redirect_uri": self.redirect_uri, "scope": scope, "email": owner}
        picked = httpx.post(f"{self.authorize_url}/callback", data={**asked, "state": "s"})
        code = parse_qs(urlsplit(picked.headers["location"]).query)["code"][0]
        body = {"grant_type": "authorization_code", "code": code, "client_secret": SECRET, **asked}
        token: str = httpx.post(self.token_url, data=body).json()["refresh_token"]
        return token

    def revoke(self, refresh_token: str) -> None:
        """Take a consent back."""
        httpx.post(f"{self.url}/oauth2/revoke", data={"token": refresh_token}).raise_for_status()

    def deliver(self, subject: str, *labels: str, owner: str = OWNER) -> None:
        """Put a message into the mailbox of `owner`."""
        token = self._token(self.consent("https://mail.google.com/", owner))
        raw = base64.urlsafe_b64encode(message(subject, to=owner)).decode()
        httpx.post(
            f"{self.url}/gmail/v1/users/me/messages",
            json={"raw": raw, "labelIds": [*(labels or ("INBOX",))]},
            headers={"Authorization": f"Bearer {token}"},
        ).raise_for_status()

    def _token(self, refresh_token: str) -> str:
        client = {"client_id": CLIENT, "client_secret": SECRET}
        body = {"grant_type": "refresh_token", "refresh_token": refresh_token, **client}
        token: str = httpx.post(self.token_url, data=body).json()["access_token"]
        return token

    def _answers(self) -> bool:
        try:
            httpx.get(f"{self.url}/.well-known/openid-configuration", timeout=2)
        except httpx.HTTPError:
            return False
        return True


def _seed(redirect_uri: str) -> dict[str, object]:
    client = {"client_id": CLIENT, "client_secret": SECRET, "name": "Test", "redirect_uris": [redirect_uri]}
    users = [{"email": OWNER, "name": "Alice"}, {"email": OTHER, "name": "Mallory"}]
    return {"google": {"users": users, "oauth_clients": [client]}}
