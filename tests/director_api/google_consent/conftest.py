"""A Director whose Google is the third-party emulator, and the browser of a mailbox's owner."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from director_api.google_consent.google import GoogleEndpoints
from tests.director_api.conftest import BASE_URL, RunningDirector
from tests.director_api.scripted_actor import ScriptedActor
from tests.servers.folders import server_folder
from tests.servers.google_emulator import CLIENT, OWNER, SECRET, GoogleEmulator


@pytest.fixture(scope="package")
def emulator() -> Iterator[GoogleEmulator]:
    with server_folder() as folder, GoogleEmulator(folder, f"{BASE_URL}/oauth/google/callback") as emulator:
        yield emulator


@dataclass
class Browser:
    """A browser of its own cookies, which knows the Director by its address."""

    http: httpx.AsyncClient
    emulator: GoogleEmulator

    async def open(self, start_url: str) -> str:
        """Open the start page and return the link to Google."""
        page = await self.http.get(start_url)
        assert page.status_code == 200, page.text
        assert "default-src 'none'" in page.headers["content-security-policy"]
        found = re.search(r'href="([^"]+)"', page.text)
        assert found is not None
        return unescape(found[1])

    async def allow(self, google_url: str, owner: str = OWNER, scope: str | None = None) -> str:
        """Pick `owner` on the emulator's page and return where it sends the browser."""
        asked = dict(parse_qsl(urlsplit(google_url).query))
        asked["scope"] = scope or asked["scope"]
        async with httpx.AsyncClient() as http:
            page = await http.get(google_url)
            assert owner in page.text
            answer = await http.post(
                f"{self.emulator.authorize_url}/callback", data={**asked, "email": owner}
            )
        return answer.headers["location"]

    async def finish(self, callback_url: str) -> httpx.Response:
        """Follow the way back to the Director."""
        return await self.http.get(callback_url)


@dataclass
class Consenting:
    """A Gmail profile that lacks its consent."""

    director: RunningDirector
    profile: dict[str, Any]
    emulator: GoogleEmulator
    actor: ScriptedActor

    def browser(self) -> Browser:
        """A fresh browser."""
        transport = httpx.ASGITransport(self.director.app)
        return Browser(httpx.AsyncClient(transport=transport, base_url=BASE_URL), self.emulator)

    async def start_url(self) -> str:
        """Ask for a consent."""
        answer = await self.director.operator.post(f"/email-profiles/{self.profile['id']}/authorize")
        assert answer.status_code == 200, answer.text
        url: str = answer.json()["authorization_url"]
        return url

    async def read(self) -> dict[str, Any]:
        """Read the profile."""
        read: dict[str, Any] = (
            await self.director.viewer.get(f"/email-profiles/{self.profile['id']}")
        ).json()
        return read


@pytest.fixture
async def consenting(
    director: RunningDirector, emulator: GoogleEmulator, monkeypatch: pytest.MonkeyPatch
) -> Consenting:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")  # because the emulator has no TLS
    director.app.state.public_url = BASE_URL
    director.app.state.google = GoogleEndpoints(emulator.authorize_url, emulator.token_url)
    actor = await director.enroll("vm-1")
    body = {
        "server_type": "gmail",
        "email_address": OWNER,
        "actor_ids": [actor.id],
        "gmail": {"client_id": CLIENT, "client_secret": SECRET},
    }
    answer = await director.operator.post("/email-profiles", json=body)
    assert answer.status_code == 201, answer.text
    return Consenting(director, answer.json(), emulator, actor)
