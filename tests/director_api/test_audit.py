"""Whoever changes something is written down: each mutating route, what it changed, and no secret."""

from collections.abc import Callable
from typing import Any

import pytest

from director_api.documents import documents
from tests.director_api import profile_types as types
from tests.director_api.conftest import RunningDirector, profile_body
from tests.director_api.scripted_actor import ScriptedActor

MUTATING = {
    (method.upper(), path)
    for path, operations in documents()["director.json"]["paths"].items()
    for method in operations
    if method in ("post", "put", "patch", "delete")
}
SECRET = "a-secret-of-the-audit"
HOOK = {"url": "http://127.0.0.1:1/", "allow_private_addresses": True}
EMAIL = {"from_address": "d@example.test", "host": "127.0.0.1", "port": 1}


class World:
    """Things to change: one of each, made before the routes are called."""

    def __init__(self, director: RunningDirector) -> None:
        self.director = director
        self.ids: dict[str, str] = {}
        self.actor: ScriptedActor

    async def make(self) -> None:
        """Make one of each."""
        director = self.director
        self.actor = await director.enroll("vm-1")
        profile = await director.profile(self.actor)
        run = await director.verify(profile)
        gmail = await director.operator.post("/email-profiles", json=types.gmail(self.actor))
        check = await director.operator.post(f"/email-profiles/{profile['id']}/connectivity-check")
        await director.admin.put("/settings/email", json=EMAIL)
        token = await director.admin.post("/api-tokens", json={"name": "old", "role": "viewer"})
        self.ids = {
            "profile_id": profile["id"],
            "verification_id": run["id"],
            "check_id": check.json()["id"],
            "gmail_id": gmail.json()["id"],
            "zone_id": await director.zone("old"),
            "token_id": token.json()["id"],
            "webhook_id": (hook := (await director.admin.post("/webhooks", json=HOOK)).json()["id"]),
            "delivery_id": (await director.admin.post(f"/webhooks/{hook}/test")).json()["id"],
            "actor_id": (await director.enroll("vm-2")).id,
        }

    async def call(self, method: str, path: str, body: Any) -> None:
        """Call a route so that it does what it is for."""
        ids = self.ids | ({"profile_id": self.ids["gmail_id"]} if path.endswith("/authorize") else {})
        answer = await self.director.admin.request(method, path.format(**ids), json=body)
        assert answer.is_success, (method, path, answer.text)


def _same(body: Any) -> Callable[[World], Any]:
    return lambda _: body


CALLS: list[tuple[str, str, Callable[[World], Any], str]] = [
    ("POST", "/verifications/{verification_id}/cancel", _same(None), "verification.cancelled"),
    ("POST", "/email-profiles", lambda world: profile_body(world.actor), "email_profile.created"),
    (
        "POST",
        "/email-profiles/import",
        lambda world: [profile_body(world.actor)],
        "email_profile.created",
    ),
    (
        "PUT",
        "/email-profiles/{profile_id}",
        lambda world: profile_body(world.actor, note="put"),
        "email_profile.updated",
    ),
    ("PATCH", "/email-profiles/{profile_id}", _same({"note": "patched"}), "email_profile.updated"),
    ("POST", "/email-profiles/{profile_id}/verify", _same({}), "verification.started"),
    (
        "POST",
        "/email-profiles/{profile_id}/verification-code/rotate",
        _same(None),
        "verification_code.rotated",
    ),
    (
        "POST",
        "/email-profiles/{profile_id}/connectivity-check",
        _same({}),
        "connectivity_check.started",
    ),
    (
        "POST",
        "/connectivity-checks",
        lambda world: {"profile": profile_body(world.actor)},
        "connectivity_check.started",
    ),
    ("POST", "/connectivity-checks/{check_id}/cancel", _same(None), "connectivity_check.cancelled"),
    ("POST", "/email-profiles/{profile_id}/authorize", _same(None), "email_profile.consent_asked"),
    ("DELETE", "/email-profiles/{profile_id}", _same(None), "email_profile.deleted"),
    ("POST", "/security-zones", _same({"name": "new"}), "security_zone.created"),
    ("PATCH", "/security-zones/{zone_id}", _same({"description": "d"}), "security_zone.updated"),
    ("DELETE", "/security-zones/{zone_id}", _same(None), "security_zone.deleted"),
    ("PATCH", "/actors/{actor_id}", _same({"name": "vm-3"}), "actor.updated"),
    ("POST", "/actors/{actor_id}/pause", _same(None), "actor.pause"),
    ("POST", "/actors/{actor_id}/resume", _same(None), "actor.resume"),
    ("POST", "/actors/{actor_id}/stop", _same(None), "actor.stop"),
    ("POST", "/actors/{actor_id}/rotate-credential", _same(None), "actor.rotate_credential"),
    ("POST", "/actors/{actor_id}/run-diagnostics", _same(None), "actor.run_diagnostics"),
    ("POST", "/actors/{actor_id}/revoke", _same(None), "actor.revoked"),
    ("DELETE", "/actors/{actor_id}", _same(None), "actor.deleted"),
    ("POST", "/enrollment-tokens", _same({}), "enrollment_token.created"),
    (
        "PUT",
        "/settings/email",
        _same({**EMAIL, "authentication": "plain", "username": "d", "password": SECRET}),
        "email_settings.updated",
    ),
    ("POST", "/settings/email/test", _same({"to": "x@example.test"}), "email_settings.tested"),
    ("PUT", "/settings/email-actions", _same({"offline_seconds": 7}), "email_actions.updated"),
    ("POST", "/api-tokens", _same({"name": "t", "role": "viewer"}), "api_token.created"),
    ("DELETE", "/api-tokens/{token_id}", _same(None), "api_token.deleted"),
    ("POST", "/webhooks", _same(HOOK), "webhook.created"),
    ("PATCH", "/webhooks/{webhook_id}", _same({"note": "n"}), "webhook.updated"),
    ("POST", "/webhooks/{webhook_id}/test", _same(None), "webhook.tested"),
    (
        "POST",
        "/webhooks/{webhook_id}/deliveries/{delivery_id}/redeliver",
        _same(None),
        "webhook.redelivered",
    ),
    ("DELETE", "/webhooks/{webhook_id}", _same(None), "webhook.deleted"),
]


async def _log(director: RunningDirector, **query: str) -> list[dict[str, Any]]:
    answer = await director.admin.get("/audit-log", params={"limit": "200", **query})
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def test_every_mutating_route_is_walked() -> None:
    assert {(method, path) for method, path, _, _ in CALLS} == MUTATING


async def test_every_mutating_route_writes_down_who_did_what(director: RunningDirector) -> None:
    world = World(director)
    await world.make()
    for method, path, body, action in CALLS:
        before = len(await _log(director, action=action))
        await world.call(method, path, body(world))
        entries = await _log(director, action=action)
        assert len(entries) == before + 1, (method, path)
        assert entries[-1]["caller"]["name"] == "admin of the test"
        assert entries[-1]["caller"]["kind"] == "api_token"
        assert entries[-1]["request_id"]


async def test_a_change_shows_old_and_new_values_and_secrets_only_as_changed(
    director: RunningDirector,
) -> None:
    profile = await director.profile(await director.enroll("vm-1"))
    patch = {"note": "moved", "account": {"password": SECRET}, "incoming": {"host": "new.example.test"}}
    named = {"X-Request-Id": "change-42"}
    answer = await director.operator.patch(f"/email-profiles/{profile['id']}", json=patch, headers=named)
    assert (answer.status_code, answer.headers["X-Request-Id"]) == (200, "change-42")
    (entry,) = await _log(director, subject_id=profile["id"], action="email_profile.updated")
    assert entry["changes"] == {
        "note": {"old": "", "new": "moved"},
        "incoming.host": {"old": "imap.example.test", "new": "new.example.test"},
        "account.password": {"secret": "changed"},
    }
    assert entry["request_id"] == "change-42"
    made = await _log(director, subject_id=profile["id"], action="email_profile.created")
    assert made[0]["changes"]["email_address"] == {"old": None, "new": "box@example.test"}


async def test_what_was_refused_is_not_written_down(director: RunningDirector) -> None:
    zone = {"name": "dmz"}
    await director.admin.post("/security-zones", json=zone)
    assert (await director.admin.post("/security-zones", json=zone)).status_code == 422
    assert len(await _log(director, action="security_zone.created")) == 1


async def test_the_log_is_filtered_and_paged(director: RunningDirector) -> None:
    for number in range(5):
        await director.zone(f"zone-{number}")
    everything = await _log(director)
    assert await _log(director, caller="nobody") == []
    assert await _log(director, caller=everything[0]["caller"]["id"]) == everything
    moment = everything[2]["at"]
    assert await _log(director, since=moment) == everything[2:]
    assert await _log(director, until=moment) == everything[:2]
    seen, cursor = [], None
    while True:
        page = (
            await director.admin.get(
                "/audit-log", params={"limit": 2, **({"cursor": cursor} if cursor else {})}
            )
        ).json()
        seen += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == everything


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_no_route_changes_the_log(director: RunningDirector, method: str) -> None:
    for path in ("/audit-log", "/audit-log/00000000-0000-7000-8000-000000000000"):
        assert (await director.admin.request(method, path, json={})).status_code in (404, 405)


async def test_an_ill_formed_request_id_is_replaced_and_problems_name_theirs(
    director: RunningDirector,
) -> None:
    for given in ("", "a" * 65, "two words", "line\tbreak"):
        answer = await director.viewer.get("/email-profiles/none", headers={"X-Request-Id": given})
        assert answer.status_code == 422
        assert answer.headers["X-Request-Id"] not in (given, "")
        assert answer.json()["request_id"] == answer.headers["X-Request-Id"]


async def test_entries_are_filtered_by_time_as_rfc_3339_writes_it(director: RunningDirector) -> None:
    await director.zone("dmz")
    for since, count in (("2000-01-01T00:00:00Z", 1), ("2100-01-01T00:00:00+02:00", 0)):
        listed = await director.admin.get(
            "/audit-log", params={"since": since, "action": "security_zone.created"}
        )
        assert (listed.status_code, len(listed.json()["items"])) == (200, count)
    for since, code in (
        ("0.5", "wrong_type"),
        ("2000-01-01", "wrong_type"),
        ("0001-01-01T00:00:00+14:00", "invalid_value"),
    ):
        refused = await director.admin.get("/audit-log", params={"since": since})
        assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, code)


async def test_a_cursor_belongs_to_the_filters_and_the_sort_that_it_was_given_for(
    director: RunningDirector,
) -> None:
    for name in ("one", "two"):
        await director.zone(name)
    wanted: dict[str, str | int] = {"action": "security_zone.created", "limit": 1}
    first = (await director.admin.get("/audit-log", params=wanted)).json()
    again = await director.admin.get("/audit-log", params={**wanted, "cursor": first["next_cursor"]})
    assert [entry["changes"]["name"]["new"] for entry in again.json()["items"]] == ["two"]
    for other in ({}, {"action": "security_zone.created", "sort": "-at"}):
        refused = await director.admin.get(
            "/audit-log", params={"limit": 1, **other, "cursor": first["next_cursor"]}
        )
        assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "cursor_mismatch")
