"""Lists of profiles: filters, orders, cursors, and what they cost."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import pytest

from director_api.email_profiles.filters import ProfileSort
from tests.director_api import profile_types as types
from tests.director_api.conftest import RunningDirector, profile_body
from tests.director_api.scripted_actor import AUTHENTICATED


async def listed(director: RunningDirector, **params: Any) -> list[str]:
    """Return the notes of the profiles that a list holds, over all its pages."""
    notes: list[str] = []
    while True:
        answer = await director.viewer.get("/email-profiles", params=params)
        assert answer.status_code == 200, answer.text
        notes += [profile["note"] for profile in answer.json()["items"]]
        if answer.json()["next_cursor"] is None:
            return notes
        params["cursor"] = answer.json()["next_cursor"]


async def test_each_filter_finds_what_fits(director: RunningDirector) -> None:
    zone = await director.zone("dmz")
    one, two = await director.enroll("vm-1", zone), await director.enroll("vm-2")
    await director.profile(one, note="zoned", security_zone_id=zone)
    await director.profile(two, note="100%_sure", email_address="anna@example.test")
    await director.operator.post("/email-profiles", json=types.graph(one, two, note="cloud"))
    for params, notes in (
        ({"server_type": "microsoft_graph"}, ["cloud"]),
        ({"security_zone_id": zone}, ["zoned"]),
        ({"actor_id": two.id}, ["100%_sure", "cloud"]),
        ({"q": "ANNA@"}, ["100%_sure"]),
        ({"q": "%_"}, ["100%_sure"]),
        ({"q": "imap.example"}, ["zoned", "100%_sure"]),
        ({"q": "contoso"}, ["cloud"]),
        ({"q": "nothing like it"}, []),
        ({"status": "unverified"}, ["zoned", "100%_sure", "cloud"]),
        ({"status": "verified"}, []),
        ({"actor_id": one.id, "server_type": "imap"}, ["zoned"]),
    ):
        assert await listed(director, **params) == notes, params


async def test_a_list_shows_what_each_profile_shows(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    bodies = [
        profile_body(actor),
        profile_body(actor, server_type="pop3", note="é", tls={"verify": False}),
        profile_body(actor, outgoing={"host": "smtp.example.test"}, reverify_every_hours=24),
        types.graph(actor),
        types.gmail(actor),
        types.xoauth2(actor),
    ]
    made = [await director.operator.post("/email-profiles", json=body) for body in bodies]
    assert [answer.status_code for answer in made] == [201] * len(bodies), [each.text for each in made]
    await director.verify(made[0].json())
    listed = (await director.viewer.get("/email-profiles")).json()
    alone = [(await director.viewer.get(f"/email-profiles/{each.json()['id']}")).json() for each in made]
    assert listed == {"items": alone, "next_cursor": None}
    assert listed["items"][0]["actors"][0]["status"] == "verifying"


async def test_the_profiles_that_an_actor_may_use(director: RunningDirector) -> None:
    one, two = await director.enroll("vm-1"), await director.enroll("vm-2")
    both = await director.profile(one, two, note="both")
    await director.profile(one, note="never tried")
    run = (
        await director.operator.post(f"/email-profiles/{both['id']}/verify", json={"actor_ids": [one.id]})
    ).json()
    (lease,) = await one.poll()
    code = await director.operator.get(f"/email-profiles/{both['id']}/verification-code")
    await one.report(lease, code=code.json()["verification_uuid"], diagnostics=[AUTHENTICATED])
    assert (await director.verification(run))["outcome"] == "verified"
    assert await listed(director, actor_id=one.id, status="verified") == ["both"]
    assert await listed(director, actor_id=one.id, status="unverified") == ["never tried"]
    assert await listed(director, actor_id=two.id, status="verified") == []
    assert await listed(director, actor_id=two.id, status="partially_verified") == ["both"]
    assert await listed(director, status="partially_verified") == ["both"]
    shown = (await director.viewer.get(f"/email-profiles/{both['id']}")).json()
    assert shown["account_status"] == "partially_verified"
    await director.operator.patch(f"/email-profiles/{both['id']}", json={"actor_ids": [one.id]})
    assert await listed(director, status="verified") == ["both"]
    change = {"account": {"username": "other", "password": "given"}}
    await director.operator.patch(f"/email-profiles/{both['id']}", json=change)
    assert await listed(director, status="verified") == []


@pytest.mark.parametrize(
    ("sort", "notes"),
    [
        ("created_at", "bca"),
        ("-created_at", "acb"),
        ("email_address", "abc"),
        ("-email_address", "cba"),
        ("updated_at", "bac"),
        ("-updated_at", "cab"),
        ("account_status", "bca"),
        ("-server_type", "acb"),
    ],
)
async def test_every_order_pages_through_every_profile_once(
    director: RunningDirector, sort: str, notes: str
) -> None:
    actor = await director.enroll("vm-1")
    made = {
        name: await director.profile(actor, note=name, email_address=f"{name}@example.test") for name in "bca"
    }
    await director.operator.patch(f"/email-profiles/{made['c']['id']}", json={"mailbox": None})
    assert await listed(director, sort=sort, limit=1) == list(notes)


@pytest.mark.parametrize("sort", list(ProfileSort))
async def test_pages_stay_right_while_rows_are_added_before_and_behind_them(
    director: RunningDirector, sort: ProfileSort
) -> None:
    actor = await director.enroll("vm-1")

    async def add(name: str) -> None:
        make = profile_body if name in "ceg" else types.graph
        body = make(actor, note=name, email_address=f"{name}@example.test")
        assert (await director.operator.post("/email-profiles", json=body)).status_code == 201

    for name in "gdecfh":
        await add(name)
    found: list[str] = []
    params: dict[str, Any] = {"limit": 2, "sort": sort.value}
    for added in ("az", "by", "", ""):
        page = (await director.viewer.get("/email-profiles", params=params)).json()
        found += [profile["note"] for profile in page["items"]]
        if page["next_cursor"] is None:
            break
        params["cursor"] = page["next_cursor"]
        for name in added:
            await add(name)
    assert len(found) == len(set(found)), "a row came twice"
    assert set(found) >= set("gdecfh"), "a row was passed over"


async def test_a_cursor_is_for_the_list_that_gave_it(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    for name in "ab":
        await director.profile(actor, email_address=f"{name}@example.test")
    params: dict[str, Any] = {"limit": 1, "sort": "email_address"}
    cursor = (await director.viewer.get("/email-profiles", params=params)).json()["next_cursor"]
    for change in ({"sort": "-email_address"}, {"q": "a"}, {"status": "unverified"}, {"actor_id": actor.id}):
        wrong = await director.viewer.get("/email-profiles", params={**params, **change, "cursor": cursor})
        assert (wrong.status_code, wrong.json()["errors"][0]["code"]) == (422, "cursor_mismatch")
    other = await director.viewer.get("/actors", params={"cursor": cursor})
    assert other.json()["errors"][0]["code"] == "cursor_mismatch"
    binding, *_ = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    altered = [
        urlsafe_b64encode(json.dumps([binding, each, each]).encode()).decode() for each in (5, [1], None)
    ]
    for broken in ("x", "W10", "AAAA", "eyJh", "\u00fc", cursor[:-4], *altered):
        answer = await director.viewer.get("/email-profiles", params={**params, "cursor": broken})
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "invalid_value"), broken
    params["sort"] = "updated_at"
    cursor = (await director.viewer.get("/email-profiles", params=params)).json()["next_cursor"]
    binding, _, profile_id = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    for moment in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"):
        broken = urlsafe_b64encode(json.dumps([binding, moment, profile_id]).encode()).decode()
        answer = await director.viewer.get("/email-profiles", params={**params, "cursor": broken})
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "invalid_value"), moment
