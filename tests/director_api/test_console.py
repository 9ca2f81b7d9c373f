"""The console's files, as the Director serves them."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from director_api import console
from director_api.settings import SettingsError, load_settings


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<title>Email profiles</title>")
    (tmp_path / "assets" / "index-1a2b.js").write_text("export {};")
    app = FastAPI()
    console.install(app, tmp_path, "https://issuer.example.com/realms/one")
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://director", follow_redirects=True
    ) as client:
        yield client


async def test_the_address_of_the_director_leads_to_it(client: httpx.AsyncClient) -> None:
    answer = await client.get("/")
    assert answer.url.path == "/console/"
    assert answer.text == "<title>Email profiles</title>"


async def test_only_names_with_a_hash_are_kept(client: httpx.AsyncClient) -> None:
    assert (await client.get("/console/")).headers["Cache-Control"] == "no-cache"
    assert "immutable" in (await client.get("/console/assets/index-1a2b.js")).headers["Cache-Control"]
    assert (await client.get("/console/absent.js")).status_code == 404


async def test_the_policy_allows_nothing_else(client: httpx.AsyncClient) -> None:
    headers = (await client.get("/console/")).headers
    policy = headers["Content-Security-Policy"].split("; ")
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy
    assert "connect-src 'self' https://issuer.example.com" in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_a_folder_without_a_console_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIRECTOR_CONSOLE_DIR", str(tmp_path))
    with pytest.raises(SettingsError, match=r"DIRECTOR_CONSOLE_DIR: .* holds no index.html"):
        load_settings()
