"""A Director that trusts an issuer of the test's own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from director_api.app import create_app
from director_api.sign_in.oidc import Oidc
from director_api.vault import SecretKey
from tests.director_api.conftest import RunningDirector, SteppedClock, client_for, prepared
from tests.director_api.events.live import served
from tests.director_api.sign_in.own_issuer import OwnIssuer
from tests.servers.oidc_provider import AUDIENCE


@asynccontextmanager
async def trusting(folder: Path, oidc: Oidc) -> AsyncIterator[RunningDirector]:
    """Run a Director on SQLite that trusts an issuer."""
    url, keys = f"sqlite+aiosqlite:///{folder / 'director.db'}", (SecretKey.generate(),)
    tokens = await prepared(url, keys)
    clock = SteppedClock()
    app = create_app(url, keys, clock, oidc=oidc)
    async with app.router.lifespan_context(app):
        clients = {name: client_for(app, token) for name, token in tokens.items()}
        clients["anonymous"] = client_for(app, None)
        yield RunningDirector(app, clients, clock)
        for client in clients.values():
            await client.aclose()


@pytest.fixture
async def issuer() -> AsyncIterator[OwnIssuer]:
    own = OwnIssuer()
    async with served(own) as own.url:
        yield own


@pytest.fixture
async def director(issuer: OwnIssuer, tmp_path: Path) -> AsyncIterator[RunningDirector]:
    async with trusting(tmp_path, Oidc(issuer.url, AUDIENCE)) as running:
        yield running


def bearer(token: str) -> dict[str, str]:
    """Return the header of a caller."""
    return {"Authorization": f"Bearer {token}"}
