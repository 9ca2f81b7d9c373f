"""Profiles: defaults, changes, revisions, secrets that stay where they are."""

from typing import Any

import pytest

from tests.director_api.conftest import RunningDirector, profile_body


async def test_ports_follow_the_encryption(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    for encryption, imap, smtp in (("none", 143, 25), ("starttls", 143, 587), ("ssl_tls", 993, 465)):
        server = {"host": "mail.example.test", "encryption": encryption}
        profile = await director.profile(actor, incoming=server, outgoing=server)
        assert profile["server_address"] == f"mail.example.test:{imap}"
        assert profile["smtp_server"] == f"mail.example.test:{smtp}"


async def test_a_profile_is_shown_without_its_secret(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1", await director.zone("dmz"))
    profile = await director.profile(actor)
    assert profile["account"]["password"]["set"] is True
    assert "s3cret-of-the-box" not in str(profile)
    assert profile["type"] == "IMAP"
    assert profile["actors"][0]["name"] == "vm-1"
    assert profile["actors"][0]["zone"] == "dmz"
    assert profile["available_actions"] == ["verify", "view_code", "edit", "delete"]


async def test_a_note_and_a_schedule_change_nothing_that_a_check_depends_on(
    director: RunningDirector,
) -> None:
    actor = await director.enroll("vm-1")
    profile = await director.profile(actor)
    path = f"/email-profiles/{profile['id']}"
    changed = await director.operator.patch(path, json={"note": "for the audit", "reverify_every_hours": 24})
    assert (changed.json()["revision"], changed.json()["version"]) == (1, 2)
    assert changed.json()["note"] == "for the audit"


@pytest.mark.parametrize(
    "change",
    [
        {"incoming": {"host": "evil.example.test"}},
        {"incoming": {"port": 10993}},
        {"incoming": {"encryption": "none"}},
        {"account": {"username": "another"}},
        {"mailbox": "another"},
        {"tls": {"verify": False}},
        {"outgoing": {"host": "evil.example.test", "authentication": "plain"}},
    ],
)
async def test_a_secret_is_not_sent_elsewhere_without_being_given_again(
    director: RunningDirector, change: dict[str, Any]
) -> None:
    actor = await director.enroll("vm-1")
    profile = await director.profile(actor)
    path = f"/email-profiles/{profile['id']}"
    refused = await director.operator.patch(path, json=change)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["code"] == "secret_required"
    assert refused.json()["errors"][0]["pointer"] == "/account/password"
    account = {"username": "box", **change.get("account", {}), "password": "given again"}
    assert (await director.operator.patch(path, json={**change, "account": account})).status_code == 200


async def test_a_login_that_shows_the_password_needs_it_again(director: RunningDirector) -> None:
    ntlm = {"host": "mail.example.test", "authentication": "ntlm"}
    actor = await director.enroll("vm-1")
    profile = await director.profile(actor, incoming=ntlm, outgoing=ntlm)
    assert (profile["incoming"]["authentication"], profile["outgoing"]["authentication"]) == ("ntlm", "ntlm")
    path = f"/email-profiles/{profile['id']}"
    for server in ("incoming", "outgoing"):
        change = {server: {"authentication": "plain"}}
        refused = await director.operator.patch(path, json=change)
        assert refused.json()["errors"][0]["code"] == "secret_required"
        assert f"{server}.authentication" in refused.json()["errors"][0]["detail"]
        account = {"password": "given again"}
        assert (await director.operator.patch(path, json={**change, "account": account})).status_code == 200
        back = await director.operator.patch(path, json={server: {"authentication": "ntlm"}})
        assert (back.status_code, back.json()[server]["authentication"]) == (200, "ntlm")


async def test_an_outgoing_server_without_login_gets_no_secret_and_needs_none(
    director: RunningDirector,
) -> None:
    actor = await director.enroll("vm-1")
    profile = await director.profile(actor)
    change = {"outgoing": {"host": "smtp.example.test"}}
    changed = await director.operator.patch(f"/email-profiles/{profile['id']}", json=change)
    assert (changed.status_code, changed.json()["smtp_server"]) == (200, "smtp.example.test:25")


async def test_put_replaces_and_keeps_the_secret(director: RunningDirector) -> None:
    actor, other = await director.enroll("vm-1"), await director.enroll("vm-2")
    profile = await director.profile(actor)
    body = profile_body(actor, other, note="replaced")
    del body["account"]["password"]
    changed = await director.operator.put(f"/email-profiles/{profile['id']}", json=body)
    assert changed.status_code == 200
    assert changed.json()["revision"] == 1
    assert changed.json()["account"]["password"] == profile["account"]["password"]
    assert [chosen["name"] for chosen in changed.json()["actors"]] == ["vm-1", "vm-2"]


async def test_a_lost_race_is_refused(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    profile = await director.profile(actor)
    path = f"/email-profiles/{profile['id']}"
    tag = (await director.viewer.get(path)).headers["etag"]
    assert (
        await director.operator.patch(path, json={"note": "1"}, headers={"If-Match": tag})
    ).status_code == 200
    now = (await director.viewer.get(path)).headers["etag"]
    whole = profile_body(actor, note="2")
    for stale in (tag, f"W/{now}", now.strip('"'), f'{tag}, "0"'):
        for method, body in (("PATCH", {"note": "2"}), ("PUT", whole), ("DELETE", None)):
            lost = await director.operator.request(method, path, json=body, headers={"If-Match": stale})
            assert (lost.status_code, lost.json()["code"]) == (412, "version_mismatch"), (method, stale)
    shown = await director.viewer.get(path)
    assert (shown.json()["note"], shown.headers["etag"]) == ("1", now)
    for method, body, match in (
        ("PUT", whole, f"{tag}, {now}"),  # RFC 9110, section 13.1.1: one of a list
        ("PATCH", {"note": "3"}, "*"),
        ("DELETE", None, None),
    ):
        named = match or (await director.viewer.get(path)).headers["etag"]
        kept = await director.operator.request(method, path, json=body, headers={"If-Match": named})
        assert kept.is_success, (method, kept.text)
        assert method == "DELETE" or kept.headers["etag"] not in (tag, now)


async def test_a_merge_patch_merges_objects_replaces_lists_and_takes_null_for_the_default(
    director: RunningDirector,
) -> None:
    one, two = await director.enroll("vm-1"), await director.enroll("vm-2")
    outgoing = {"host": "smtp.example.test", "encryption": "starttls", "port": 2525}
    profile = await director.profile(one, note="n", mailbox="shared", outgoing=outgoing)
    path = f"/email-profiles/{profile['id']}"
    patch = {
        "note": None,
        "actor_ids": [two.id],
        "outgoing": {"port": None, "encryption": "ssl_tls"},
        "account": {"password": "given-again"},
    }
    headers = {"Content-Type": "application/merge-patch+json"}
    changed = (await director.operator.patch(path, json=patch, headers=headers)).json()
    assert (changed["note"], changed["mailbox"], changed["actor_ids"]) == ("", "shared", [two.id])
    assert changed["outgoing"] == {**profile["outgoing"], "encryption": "ssl_tls", "port": 465}
    assert changed["account"]["username"] == "box"
    for wrong, pointer, code in (
        ({"email_address": None}, "/email_address", "required"),
        ({"outgoing": {"colour": "red"}}, "/outgoing/colour", "unknown_field"),
        ({"incoming": {"port": "143"}}, "/incoming/port", "wrong_type"),
    ):
        refused = await director.operator.patch(path, json=wrong, headers=headers)
        (error,) = refused.json()["errors"]
        assert (refused.status_code, error["pointer"], error["code"]) == (422, pointer, code)
    gone = (await director.operator.patch(path, json={"outgoing": None}, headers=headers)).json()
    assert gone["outgoing"] is None


async def test_a_deleted_profile_is_gone_and_frees_its_zone(director: RunningDirector) -> None:
    zone = await director.zone("dmz")
    actor = await director.enroll("vm-1")
    await director.admin.patch(f"/actors/{actor.id}", json={"security_zone_id": zone})
    profile = await director.profile(actor, security_zone_id=zone)
    run = await director.verify(profile)
    used = await director.admin.delete(f"/security-zones/{zone}")
    assert (used.status_code, used.json()["code"]) == (409, "security_zone_in_use")
    assert "box@example.test" in used.json()["detail"]
    in_use = await director.admin.delete(f"/actors/{actor.id}")
    assert (in_use.status_code, in_use.json()["code"]) == (409, "actor_in_use")
    assert (await director.operator.delete(f"/email-profiles/{profile['id']}")).status_code == 204
    assert (await director.viewer.get(f"/email-profiles/{profile['id']}")).status_code == 404
    assert (await director.viewer.get(f"/verifications/{run['id']}")).status_code == 404
    assert (await director.admin.delete(f"/actors/{actor.id}")).status_code == 204
    assert (await director.admin.delete(f"/security-zones/{zone}")).status_code == 204


async def test_rotating_the_code_cancels_what_looks_for_the_old_one(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    profile = await director.profile(actor)
    path = f"/email-profiles/{profile['id']}/verification-code"
    old = (await director.operator.get(path)).json()["verification_uuid"]
    run = await director.verify(profile)
    new = (await director.operator.post(f"{path}/rotate")).json()["verification_uuid"]
    assert new != old
    assert (await director.verification(run))["state"] == "cancelled"
    await director.verify(profile)
    (lease,) = await actor.poll()
    assert lease["earlier_locators"] == [old[:8]]


async def test_a_code_is_not_for_viewers(director: RunningDirector) -> None:
    profile = await director.profile(await director.enroll("vm-1"))
    answer = await director.viewer.get(f"/email-profiles/{profile['id']}/verification-code")
    assert (answer.status_code, answer.json()["code"]) == (403, "role_required")


async def test_pages_hold_every_profile_once_while_others_are_added(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    made = [(await director.profile(actor))["id"] for _ in range(5)]
    seen: list[str] = []
    cursor = None
    while True:
        params = {"limit": 2, **({"cursor": cursor} if cursor else {})}
        page = (await director.viewer.get("/email-profiles", params=params)).json()
        seen += [profile["id"] for profile in page["items"]]
        if (cursor := page["next_cursor"]) is None:
            break
        if len(seen) == 2:
            made.append((await director.profile(actor))["id"])
    assert seen == made


async def test_the_directors_own_password_is_not_sent_elsewhere_either(director: RunningDirector) -> None:
    body = {
        "from_address": "d@example.test",
        "host": "smtp.example.test",
        "encryption": "starttls",
        "authentication": "plain",
        "username": "d",
        "password": "s3cret-of-the-director",
    }
    first = await director.admin.put("/settings/email", json=body)
    assert (first.status_code, first.json()["port"]) == (200, 587)
    assert "s3cret-of-the-director" not in first.text
    del body["password"]
    assert (await director.admin.put("/settings/email", json=body)).status_code == 200
    for change in ({"host": "evil.example.test"}, {"encryption": "none"}, {"username": "x"}):
        refused = await director.admin.put("/settings/email", json={**body, **change})
        assert refused.json()["errors"][0]["code"] == "secret_required"
