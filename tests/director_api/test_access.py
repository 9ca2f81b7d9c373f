"""Who may call what: every route, every kind of caller."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from director_api.app import create_app
from director_api.documents import documents
from director_api.vault import SecretKey
from tests.director_api.conftest import RunningDirector
from tests.director_api.scripted_actor import ScriptedActor, enrollment
from tests.director_api.statements import recorded

BOUND = 10.0
OPEN = {"/health/live", "/health/ready", "/.well-known/verification-keys", "/sign-in"}
ADMIN_ONLY = {
    ("POST", "/security-zones"),
    ("PATCH", "/security-zones/{zone_id}"),
    ("DELETE", "/security-zones/{zone_id}"),
    ("PATCH", "/actors/{actor_id}"),
    ("DELETE", "/actors/{actor_id}"),
    ("POST", "/actors/{actor_id}/revoke"),
    ("POST", "/actors/{actor_id}/pause"),
    ("POST", "/actors/{actor_id}/resume"),
    ("POST", "/actors/{actor_id}/stop"),
    ("POST", "/actors/{actor_id}/rotate-credential"),
    ("POST", "/actors/{actor_id}/run-diagnostics"),
    ("POST", "/enrollment-tokens"),
    ("PUT", "/settings/email"),
    ("POST", "/settings/email/test"),
    ("PUT", "/settings/email-actions"),
    ("GET", "/api-tokens"),
    ("GET", "/audit-log"),
    ("POST", "/api-tokens"),
    ("DELETE", "/api-tokens/{token_id}"),
    ("GET", "/webhooks"),
    ("POST", "/webhooks"),
    ("GET", "/webhooks/{webhook_id}"),
    ("PATCH", "/webhooks/{webhook_id}"),
    ("DELETE", "/webhooks/{webhook_id}"),
    ("POST", "/webhooks/{webhook_id}/test"),
    ("GET", "/webhooks/{webhook_id}/deliveries"),
    ("POST", "/webhooks/{webhook_id}/deliveries/{delivery_id}/redeliver"),
}
OPERATOR_TOO = {
    ("POST", "/email-profiles"),
    ("POST", "/email-profiles/import"),
    ("PUT", "/email-profiles/{profile_id}"),
    ("PATCH", "/email-profiles/{profile_id}"),
    ("DELETE", "/email-profiles/{profile_id}"),
    ("GET", "/email-profiles/{profile_id}/verification-code"),
    ("POST", "/email-profiles/{profile_id}/verification-code/rotate"),
    ("POST", "/email-profiles/{profile_id}/authorize"),
    ("POST", "/email-profiles/{profile_id}/verify"),
    ("POST", "/verifications/{verification_id}/cancel"),
    ("POST", "/email-profiles/{profile_id}/connectivity-check"),
    ("POST", "/connectivity-checks"),
    ("POST", "/connectivity-checks/{check_id}/cancel"),
}
ROUTES = [
    (method.upper(), path)
    for path, operations in documents()["director.json"]["paths"].items()
    for method in operations
    if path not in OPEN
]
ACTOR_ROUTES = [
    (method.upper(), path)
    for path, operations in documents()["actor.json"]["paths"].items()
    for method in operations
    if path != "/actor/enroll"
]
ENDS_AT_ONCE = {"/events": {"seconds": 0}}
NOBODY = "00000000-0000-7000-8000-000000000000"


def filled(path: str) -> str:
    """Put an id that nothing has into a path."""
    for name in (
        "profile_id",
        "verification_id",
        "actor_id",
        "zone_id",
        "token_id",
        "lease_id",
        "webhook_id",
        "delivery_id",
        "check_id",
    ):
        path = path.replace(f"{{{name}}}", NOBODY)
    return path


def allowed(route: tuple[str, str]) -> set[str]:
    """Return the roles that may call a route."""
    if route in ADMIN_ONLY:
        return {"admin"}
    return {"admin", "operator"} if route in OPERATOR_TOO else {"admin", "operator", "viewer"}


async def test_every_route_asks_for_its_role(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    assert set(ROUTES) >= ADMIN_ONLY | OPERATOR_TOO
    for method, path in ROUTES:
        for name, client in director.clients.items():
            status = (
                await client.request(method, filled(path), json={}, params=ENDS_AT_ONCE.get(path))
            ).status_code
            if name == "anonymous":
                assert status == 401, (method, path)
            elif name in allowed((method, path)):
                assert status not in (401, 403), (method, path, name)
            else:
                assert status == 403, (method, path, name)
        assert (await actor.call(method, filled(path), {})).status_code == 401, (method, path)


async def test_the_actors_routes_are_for_actors_alone(director: RunningDirector) -> None:
    for method, path in ACTOR_ROUTES:
        for client in director.clients.values():
            answer = await client.request(method, filled(path), json={})
            assert (answer.status_code, answer.json()["code"]) == (401, "actor_not_enrolled"), (method, path)


async def test_an_api_token_is_shown_once_and_ends_when_it_is_revoked(director: RunningDirector) -> None:
    minted = (await director.admin.post("/api-tokens", json={"name": "script", "role": "viewer"})).json()
    headers = {"Authorization": f"Bearer {minted['token']}"}
    assert (await director.anonymous.get("/actors", headers=headers)).status_code == 200
    assert minted["token"] not in (await director.admin.get("/api-tokens")).text
    assert (await director.admin.delete(f"/api-tokens/{minted['id']}")).status_code == 204
    assert (await director.anonymous.get("/actors", headers=headers)).status_code == 401


async def test_an_expired_api_token_is_refused(director: RunningDirector) -> None:
    expires = (director.clock() + timedelta(seconds=60)).isoformat()
    body = {"name": "short", "role": "viewer", "expires_at": expires}
    minted = (await director.admin.post("/api-tokens", json=body)).json()
    headers = {"Authorization": f"Bearer {minted['token']}"}
    assert (await director.anonymous.get("/actors", headers=headers)).status_code == 200
    await director.pass_time(61)
    assert (await director.anonymous.get("/actors", headers=headers)).status_code == 401


async def test_an_enrollment_token_is_for_one_actor_and_may_be_repeated_by_it_until_it_polls(
    director: RunningDirector,
) -> None:
    token = (await director.admin.post("/enrollment-tokens", json={})).json()["token"]
    actor = await ScriptedActor.enroll(director.anonymous, token, "vm-1")
    repeat = enrollment(token, "vm-1", actor.key)
    again = await director.anonymous.post("/actor/enroll", json=repeat)
    assert (again.status_code, again.json()["actor_id"]) == (201, actor.id)
    assert (await actor.call("POST", "/actor/leases", {"capacity": 1, "wait_seconds": 0})).status_code == 401
    actor.credential = again.json()["credential"]
    stranger = {**repeat, "public_key": type(actor.key).generate_key("X25519").as_dict(private=False)}
    used = await director.anonymous.post("/actor/enroll", json=stranger)
    assert (used.status_code, used.json()["code"]) == (401, "enrollment_token_used")
    assert await actor.poll() == []
    late = await director.anonymous.post("/actor/enroll", json=repeat)
    assert (late.status_code, late.json()["code"]) == (401, "enrollment_token_used")


async def test_a_name_in_use_needs_a_token_for_that_actor(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    token = (await director.admin.post("/enrollment-tokens", json={})).json()["token"]
    taken = await director.anonymous.post("/actor/enroll", json=enrollment(token, "vm-1", actor.key))
    assert (taken.status_code, taken.json()["code"]) == (409, "name_taken")
    elsewhere = {"actor_id": actor.id, "security_zone_id": await director.zone("dmz")}
    moved = await director.admin.post("/enrollment-tokens", json=elsewhere)
    assert (moved.status_code, moved.json()["errors"][0]["pointer"]) == (422, "/security_zone_id")
    own = (await director.admin.post("/enrollment-tokens", json={"actor_id": actor.id})).json()["token"]
    anew = await ScriptedActor.enroll(director.anonymous, own, "vm-1")
    assert anew.id == actor.id
    assert (await actor.call("PUT", "/actor/status", {"version": "1"})).status_code == 401
    assert (await anew.call("PUT", "/actor/status", {"version": "2"})).status_code == 204


@pytest.mark.parametrize("x", ["A" * 43, "AQ" + "A" * 41])
async def test_a_key_of_low_order_is_refused(director: RunningDirector, x: str) -> None:
    token = (await director.admin.post("/enrollment-tokens", json={})).json()["token"]
    body: dict[str, Any] = {"token": token, "name": "weak", "version": "1"}
    body["public_key"] = {"kty": "OKP", "crv": "X25519", "x": x}
    answer = await director.anonymous.post("/actor/enroll", json=body)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/public_key/x")


async def test_revoking_an_actor_ends_its_held_poll(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    assert await actor.poll() == []
    held = asyncio.create_task(actor.call("POST", "/actor/leases", {"capacity": 1, "wait_seconds": 60}))
    async with asyncio.timeout(BOUND):
        while not (await director.viewer.get(f"/actors/{actor.id}")).json()["online"]:
            pass
        assert (await director.admin.post(f"/actors/{actor.id}/revoke")).json()["revoked"] is True
        assert (await held).status_code == 401


async def test_an_idle_poll_asks_nothing_of_the_database(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    assert await actor.poll() == []
    with recorded(director, of_everyone=True) as statements:
        for _ in range(20):
            assert await actor.poll() == []
    assert len(statements) < 20, "one a poll, or more"  # the Director's own sweeps may look meanwhile


async def test_only_the_origins_of_the_settings_may_call_from_a_browser(tmp_path: Path) -> None:
    allowed = "https://console.example.test"
    url = f"sqlite+aiosqlite:///{tmp_path / 'unused.db'}"
    app = create_app(url, (SecretKey.generate(),), cors_origins=(allowed,))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://director.test"
    ) as client:
        for origin, answer in ((allowed, allowed), ("https://evil.example.test", None)):
            headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
            preflight = await client.options("/email-profiles", headers=headers)
            assert preflight.headers.get("access-control-allow-origin") == answer
