"""Access tokens of a certified provider, from its key set to the answer."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from director_api.sign_in.oidc import Oidc
from tests.director_api.conftest import RunningDirector
from tests.director_api.rate_limits.test_buckets import Hands
from tests.director_api.sign_in.conftest import bearer, trusting
from tests.servers.folders import server_folder
from tests.servers.oidc_provider import AUDIENCE, OidcProvider


@pytest.fixture(scope="module")
def provider() -> Iterator[OidcProvider]:
    with server_folder() as folder, OidcProvider(folder) as running:
        yield running


@pytest.fixture
async def director(provider: OidcProvider, tmp_path: Path) -> AsyncIterator[RunningDirector]:
    async with trusting(tmp_path, Oidc(provider.issuer, AUDIENCE)) as running:
        yield running


async def test_each_role_opens_what_is_its_own(director: RunningDirector, provider: OidcProvider) -> None:
    zone = {"name": "dmz"}
    for role, status in (("viewer", 403), ("operator", 403), ("admin", 201)):
        headers = bearer(provider.access_token(role))
        assert (await director.anonymous.get("/actors", headers=headers)).status_code == 200
        made = await director.anonymous.post("/security-zones", json=zone, headers=headers)
        assert made.status_code == status, role
    (entry,) = (await director.admin.get("/audit-log")).json()["items"]
    assert (entry["caller"]["kind"], entry["caller"]["id"]) == ("oidc_subject", "admin")


async def test_a_role_that_is_none_opens_nothing(director: RunningDirector, provider: OidcProvider) -> None:
    answer = await director.anonymous.get("/actors", headers=bearer(provider.access_token("nobody")))
    assert (answer.status_code, answer.json()["code"]) == (403, "no_role")


async def test_a_token_for_another_audience_is_refused(provider: OidcProvider, tmp_path: Path) -> None:
    async with trusting(tmp_path, Oidc(provider.issuer, "https://other.example.test")) as other:
        answer = await other.anonymous.get("/actors", headers=bearer(provider.access_token("admin")))
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
    assert "it is for another audience" in answer.json()["detail"]


async def test_a_provider_that_changed_its_key_is_asked_again(
    director: RunningDirector, provider: OidcProvider
) -> None:
    hands = Hands()
    director.app.state.people.issuer.clock = hands
    old = provider.access_token("viewer")
    assert (await director.anonymous.get("/actors", headers=bearer(old))).status_code == 200
    provider.restart()
    hands.now += 60
    new = provider.access_token("viewer")
    assert (await director.anonymous.get("/actors", headers=bearer(new))).status_code == 200
    director.app.state.callers.forget()
    assert (await director.anonymous.get("/actors", headers=bearer(old))).status_code == 401
