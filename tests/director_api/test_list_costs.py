"""Every list takes the same number of statements for any number of rows, and sorts as it is asked to."""

from typing import Any

import pytest

from director_api.documents import documents
from tests.director_api.conftest import RunningDirector
from tests.director_api.statements import recorded


def lists() -> set[str]:
    """Return the routes that answer with pages of rows, as the document tells."""
    document = documents()["director.json"]
    found = set()
    for path, operations in document["paths"].items():
        content = operations.get("get", {"responses": {}})["responses"].get("200", {}).get("content", {})
        reference = content.get("application/json", {}).get("schema", {}).get("$ref", "")
        schema = document["components"]["schemas"].get(reference.rpartition("/")[2], {})
        if "next_cursor" in schema.get("properties", {}):
            found.add(path)
    return found


async def statements(director: RunningDirector, path: str) -> int:
    await director.admin.get(path)  # after which the caller is known
    with recorded(director) as seen:
        answer = await director.admin.get(path)
    assert answer.status_code == 200, answer.text
    return len(seen)


async def test_lists_cost_the_same_with_more_rows(director: RunningDirector) -> None:
    zone = await director.zone("office")
    actor = await director.enroll("vm-1", zone)
    profile = await director.profile(actor)
    hook = {"url": "https://hooks.example.test/", "types": ["secret.expired"]}
    webhook = (await director.admin.post("/webhooks", json=hook)).json()["id"]
    paths = {path: path.format(profile_id=profile["id"], webhook_id=webhook) for path in lists()}
    assert len(paths) >= 8
    counts: list[dict[str, int]] = []
    for number in range(3):
        await director.zone(f"zone-{number}")
        more = await director.enroll(f"more-{number}", zone)
        await director.profile(actor, more, note=str(number))
        await director.admin.post("/api-tokens", json={"name": f"t{number}", "role": "viewer"})
        assert (await director.admin.post("/webhooks", json=hook)).status_code == 201
        assert (await director.admin.post(f"/webhooks/{webhook}/test")).status_code == 202
        run = await director.verify(profile)
        await director.operator.post(f"/verifications/{run['id']}/cancel")
        counts.append({path: await statements(director, path) for path in paths.values()})
    assert counts[0] == counts[1] == counts[2]
    assert all(0 < count <= 6 for count in counts[0].values()), counts[0]


async def test_each_list_sorts_and_pages_both_ways(director: RunningDirector) -> None:
    zone = await director.zone("b")
    await director.zone("a")
    actor = await director.enroll("vm-2", zone)
    await director.enroll("vm-1")
    profile = await director.profile(actor)
    runs = []
    for _ in range(2):
        run = await director.verify(profile)
        await director.operator.post(f"/verifications/{run['id']}/cancel")
        runs.append(run["id"])
    assert await named(director, "/security-zones", sort="name") == ["a", "b"]
    assert await named(director, "/security-zones", sort="-name") == ["b", "a"]
    assert await named(director, "/actors", sort="name") == ["vm-1", "vm-2"]
    assert await named(director, "/actors", sort="-enrolled_at") == ["vm-1", "vm-2"]
    assert await named(director, "/actors", security_zone_id=zone) == ["vm-2"]
    path = f"/email-profiles/{profile['id']}/verifications"
    assert await named(director, path, "id", sort="-started_at") == runs[::-1]
    webhook = (await director.admin.post("/webhooks", json={"url": "https://hooks.example.test/"})).json()[
        "id"
    ]
    sent = [(await director.admin.post(f"/webhooks/{webhook}/test")).json()["id"] for _ in range(3)]
    path = f"/webhooks/{webhook}/deliveries"
    assert await named(director, path, "id", sort="created_at") == await named(director, path, "id") == sent
    assert await named(director, path, "id", sort="-created_at") == sent[::-1]
    log = await named(director, "/audit-log", "id")
    assert await named(director, "/audit-log", "id", sort="-at") == log[::-1]
    tests = await named(director, "/audit-log", "at", sort="-at", action="webhook.tested")
    assert len(tests) == len(sent)
    assert tests == sorted(tests, reverse=True)


async def named(director: RunningDirector, path: str, field: str = "name", **params: Any) -> list[str]:
    """Return a field of every row, read one row a page."""
    found: list[str] = []
    params["limit"] = 1
    while True:
        page = (await director.admin.get(path, params=params)).json()
        found += [item[field] for item in page["items"]]
        if page["next_cursor"] is None:
            return found
        params["cursor"] = page["next_cursor"]


async def test_no_request_waits_for_a_thread(
    director: RunningDirector, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refused(call: Any, *_: Any, **__: Any) -> None:
        raise AssertionError(f"{call} is no coroutine, so it was sent to a thread")

    monkeypatch.setattr("fastapi.dependencies.utils.run_in_threadpool", refused)
    monkeypatch.setattr("fastapi.routing.run_in_threadpool", refused)
    actor = await director.enroll("vm-1")
    profile = await director.profile(actor)
    for path in ("/email-profiles", "/email-profiles/export", "/audit-log", "/actors"):
        assert (await director.admin.get(path)).status_code == 200
    changed = await director.admin.patch(f"/email-profiles/{profile['id']}", json={"note": "n"})
    assert changed.status_code == 200
    await director.verify(profile)
    (lease,) = await actor.poll()
    assert (await actor.report(lease, failure_code="tcp_refused")).status_code == 200
