"""PostgreSQL holds no NUL, half a surrogate pair or NaN: people are told, the rest of what an Actor saw is kept."""

import json
from typing import Any

import httpx
import pytest

from tests.director_api.conftest import RunningDirector, profile_body
from tests.director_api.scripted_actor import AUTHENTICATED, ScriptedActor

NUL = "a\x00b"
KEPT = "a\ufffdb"
HALF = "\ud800"


@pytest.mark.parametrize("text", [NUL, HALF])
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/settings/email-actions", {"folders": ["TEXT"]}),
        ("POST", "/security-zones", {"name": "z", "description": "TEXT"}),
        ("POST", "/security-zones", {"name": "TEXT"}),
        ("POST", "/api-tokens", {"name": "TEXT", "role": "viewer"}),
        ("POST", "/webhooks", {"url": "https://hooks.example.test/", "note": "TEXT"}),
        ("POST", "/email-profiles", {"note": "TEXT"}),
        ("POST", "/email-profiles", {"mailbox": "TEXT"}),
        ("POST", "/email-profiles", {"account": {"username": "TEXT", "password": "p"}}),
    ],
)
async def test_a_field_that_holds_it_is_named(
    director: RunningDirector, method: str, path: str, body: dict[str, Any], text: str
) -> None:
    if path == "/email-profiles":
        body = profile_body(await director.enroll("vm-1"), **body)
    content = json.dumps(body).replace('"TEXT"', json.dumps(text)).encode()
    headers = {"Content-Type": "application/json"}
    answer = await director.admin.request(method, path, content=content, headers=headers)
    assert answer.status_code == 422, answer.text
    assert len(answer.json()["errors"]) == 1


@pytest.mark.parametrize("name", ["caller", "action", "subject_id", "cursor"])
async def test_a_filter_that_holds_it_is_refused(director: RunningDirector, name: str) -> None:
    answer = await director.admin.get("/audit-log", params={name: NUL})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, f"/{name}")


async def renewed_with(
    director: RunningDirector, actor: ScriptedActor, lease: dict[str, Any], detail: str
) -> httpx.Response:
    """Report a step whose detail is written as it stands, as JSON libraries would not."""
    step = json.dumps({**AUTHENTICATED, "detail": {"seen": "DETAIL"}}).replace('"DETAIL"', detail)
    return await director.anonymous.patch(
        f"/actor/leases/{lease['id']}",
        content=f'{{"progress": [{step}]}}',
        headers={"Content-Type": "application/json", "Authorization": f"Bearer {actor.credential}"},
    )


async def test_what_an_actor_saw_of_it_is_kept(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    interface = {"name": NUL, "addresses": [NUL]}
    able = (await director.viewer.get(f"/actors/{actor.id}")).json()["capabilities"]
    said = {"version": NUL, "capabilities": [*able, NUL], "interfaces": [interface], "addresses": [NUL]}
    assert (await actor.call("PUT", "/actor/status", said)).status_code == 204
    shown = (await director.viewer.get(f"/actors/{actor.id}")).json()
    assert (shown["version"], shown["capabilities"], shown["addresses"]) == (KEPT, [*able, KEPT], [KEPT])
    assert shown["interfaces"][0]["name"] == KEPT
    profile = await director.profile(actor)
    run = await director.verify(profile)
    (lease,) = await actor.poll()
    step = {**AUTHENTICATED, "detail": {NUL: [{NUL: NUL}]}, "server_reply": NUL}
    assert (await actor.renew(lease, progress=[step])).status_code == 200
    deep, too_deep = ("[" * depth + "]" * depth for depth in (200, 9000))
    for odd, taken in (("NaN", True), ("1e999", True), (deep, True), (too_deep, False)):
        answer = await renewed_with(director, actor, lease, odd)
        assert (answer.is_success, answer.status_code < 500) == (taken, True), (odd[:9], answer.text)
    path = f"/email-profiles/{profile['id']}/verification-code"
    code = (await director.operator.get(path)).json()["verification_uuid"]
    evidence = {"message_id": NUL, "folder": NUL, "date": NUL, "received": [{"by": NUL, "from": NUL}]}
    warning = {"code": "found_in_junk", "detail": NUL}
    ended = await actor.report(
        lease, code=code, diagnostics=[step], evidence=evidence, warnings=[warning], transcript=[NUL]
    )
    assert (ended.status_code, ended.json()["state"]) == (200, "verified"), ended.text
    (check,) = (await director.verification(run))["checks"]
    assert check["diagnostics"][0]["detail"] == {KEPT: [{KEPT: KEPT}]}
    assert (check["evidence"]["message_id"], check["evidence"]["folder"]) == (KEPT, KEPT)
