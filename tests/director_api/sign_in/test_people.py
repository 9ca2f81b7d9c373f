"""Who is signed in: role, name, what they start, and what a frontend is told before."""

from typing import Any

import pytest

from director_api.access.roles import Role
from director_api.sign_in.claims import role_of
from director_api.sign_in.oidc import Oidc
from tests.director_api.conftest import RunningDirector
from tests.director_api.events.live import following, served
from tests.director_api.sign_in.conftest import bearer
from tests.director_api.sign_in.own_issuer import OwnIssuer
from tests.director_api.test_access import NOBODY
from tests.servers.oidc_provider import AUDIENCE


@pytest.mark.parametrize(
    ("claims", "role_claim", "role"),
    [
        ({"role": "operator"}, "role", Role.OPERATOR),
        ({"role": ["viewer", "admin", "operator", "cook"]}, "role", Role.ADMIN),
        ({"role": ["cook", 7, None, ["admin"]]}, "role", None),
        ({"role": "Admin"}, "role", None),
        ({"role": "admin viewer"}, "role", None),
        ({"role": {"admin": True}}, "role", None),
        ({}, "role", None),
        ({"roles": ["admin"]}, "role", None),
        ({"https://example.test/roles": "viewer"}, "https://example.test/roles", Role.VIEWER),
        ({"realm_access": {"roles": ["operator"]}}, "realm_access.roles", Role.OPERATOR),
        ({"realm_access": ["roles"]}, "realm_access.roles", None),
    ],
)
def test_the_role_is_the_highest_that_the_claim_names(
    claims: dict[str, Any], role_claim: str, role: Role | None
) -> None:
    assert role_of(claims, role_claim) is role


async def test_roles_are_kept(director: RunningDirector, issuer: OwnIssuer) -> None:
    calls = {
        "viewer": ("GET", "/actors"),
        "operator": ("POST", f"/verifications/{NOBODY}/cancel"),
        "admin": ("GET", "/audit-log"),
    }
    for rank, role in enumerate(calls):
        headers = bearer(issuer.token(role=["cook", role]))
        for needed, (method, path) in enumerate(calls.values()):
            answer = await director.anonymous.request(method, path, headers=headers)
            assert (answer.status_code == 403) == (rank < needed), (role, path, answer.text)


async def test_without_a_role_a_person_learns_what_is_missing(
    director: RunningDirector, issuer: OwnIssuer
) -> None:
    roles: tuple[Any, ...] = (None, "cook", [])
    for role in roles:
        answer = await director.anonymous.get("/actors", headers=bearer(issuer.token(role=role)))
        assert (answer.status_code, answer.json()["code"]) == (403, "no_role")
        assert "claim role" in answer.json()["detail"]


async def test_an_access_token_opens_nothing_of_the_actors(
    director: RunningDirector, issuer: OwnIssuer
) -> None:
    headers = bearer(issuer.token(role="admin"))
    answer = await director.anonymous.post("/actor/leases", json={"capacity": 1}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "actor_not_enrolled")


async def test_a_person_starts_as_a_person_and_is_named_in_the_audit_log(
    director: RunningDirector, issuer: OwnIssuer
) -> None:
    profile = await director.profile(await director.enroll("vm-1"))
    headers = bearer(issuer.token(role="operator", sub="auth0|42", preferred_username="anna"))
    run = await director.anonymous.post(f"/email-profiles/{profile['id']}/verify", headers=headers)
    assert (run.status_code, run.json()["trigger"]) == (202, "person")
    await director.operator.post(f"/verifications/{run.json()['id']}/cancel")
    assert (await director.verify(profile))["trigger"] == "script"
    log = await director.admin.get("/audit-log", params={"caller": "auth0|42"})
    (entry,) = log.json()["items"]
    assert entry["caller"] == {"kind": "oidc_subject", "id": "auth0|42", "name": "anna"}
    assert entry["action"] == "verification.started"


async def test_a_caller_is_told_who_they_are(director: RunningDirector, issuer: OwnIssuer) -> None:
    person = await director.anonymous.get(
        "/whoami", headers=bearer(issuer.token(role="operator", name="Anna"))
    )
    told = person.json()
    assert told.pop("expires_at") is not None
    assert told == {"kind": "oidc_subject", "id": "anna", "name": "Anna", "role": "operator"}
    tokens = (await director.admin.get("/api-tokens")).json()["items"]
    for token in tokens:
        told = (await director.clients[token["role"]].get("/whoami")).json()
        own = {name: token[name] for name in ("id", "name", "role", "expires_at")}
        assert told == {"kind": "api_token", **own}


async def test_idempotency_keys_of_a_person_are_theirs(director: RunningDirector, issuer: OwnIssuer) -> None:
    async def post(**claims: Any) -> Any:
        headers = {**bearer(issuer.token(role="admin", **claims)), "Idempotency-Key": "k"}
        return await director.anonymous.post("/security-zones", json={"name": "dmz"}, headers=headers)

    assert (await post(sub="anna", jti="1")).status_code == 201
    assert (await post(sub="anna", jti="2")).headers["Idempotency-Replayed"] == "true"
    assert (await post(sub="bert")).status_code == 422  # carried out anew: the name is taken


async def test_a_live_stream_ends_with_its_access_token(director: RunningDirector, issuer: OwnIssuer) -> None:
    director.anonymous.headers.update(bearer(issuer.token()))
    async with served(director.app) as url, following(url, director.anonymous) as stream:
        await director.pass_time(700)
        director.app.state.callers.forget()
        director.app.state.wakeups.tell_everyone()
        with pytest.raises(EOFError):
            await stream.until("never")


async def test_a_frontend_learns_how_to_sign_someone_in(director: RunningDirector, issuer: OwnIssuer) -> None:
    director.app.state.oidc = Oidc(issuer.url, AUDIENCE, client_id="console", scopes=("openid", "director"))
    assert (await director.anonymous.get("/sign-in")).json() == {
        "oidc": {
            "issuer": issuer.url,
            "audience": AUDIENCE,
            "client_id": "console",
            "scopes": ["openid", "director"],
        }
    }
    director.app.state.oidc = None
    assert (await director.anonymous.get("/sign-in")).json() == {"oidc": None}
