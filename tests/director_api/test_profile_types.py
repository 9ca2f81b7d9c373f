"""Profiles of all four types: what they take, show, refuse and lease."""

from typing import Any
from uuid import UUID

import pytest

from director_api.email_profiles import secret_rules, secrets
from tests.director_api import profile_types as types
from tests.director_api.conftest import RunningDirector, profile_body

SENDS = {"host": "smtp.example.test", "authentication": "plain"}


async def made(director: RunningDirector, body: dict[str, Any]) -> dict[str, Any]:
    answer = await director.operator.post("/email-profiles", json=body)
    assert answer.status_code == 201, answer.text
    assert "s3cret" not in answer.text
    assert "a-private-key" not in answer.text
    profile: dict[str, Any] = answer.json()
    return profile


async def consent(director: RunningDirector, profile: dict[str, Any], token: str | None = "r3fresh") -> None:
    """Store a refresh token as the consent flow does, or take it away."""
    state, profile_id = director.app.state, UUID(profile["id"])
    async with state.database.write() as session:
        if token is None:
            await secrets.drop_secret(session, profile_id, secret_rules.REFRESH_TOKEN)
        else:
            await secrets.set_secret(session, state.vault, profile_id, secret_rules.REFRESH_TOKEN, token)


async def test_a_graph_profile_is_shown_and_leased(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    profile = await made(director, types.graph(actor, mailbox="shared@contoso.example"))
    assert profile["graph"]["client_secret"]["set"] is True
    assert (profile["type"], profile["server_address"]) == ("Microsoft Graph", "Microsoft Graph")
    assert (profile["smtp_server"], profile["account"]) == (None, {"username": "shared@contoso.example"})
    await director.verify(profile)
    (lease,) = await actor.poll()
    assert lease["target"]["server_type"] == "microsoft_graph"
    assert lease["target"]["mailbox"] == "shared@contoso.example"
    assert (lease["target"]["tenant_id"], lease["target"]["cloud"]) == ("contoso.example", "global")
    credentials = actor.unseal(lease)
    assert (credentials["kind"], credentials["client_secret"]) == ("client_secret", "s3cret-of-the-app")


async def test_a_gmail_profile_waits_for_its_owners_consent(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    profile = await made(director, types.gmail(actor))
    path = f"/email-profiles/{profile['id']}"
    assert profile["gmail"]["consent"]["set"] is False
    assert profile["available_actions"] == ["view_code", "edit", "delete", "authorize"]
    refused = await director.operator.post(f"{path}/verify")
    assert (refused.status_code, refused.json()["code"]) == (409, "gmail_consent_missing")
    await consent(director, profile)
    shown = (await director.viewer.get(path)).json()
    assert shown["gmail"]["consent"]["set"] is True
    assert shown["available_actions"] == ["verify", "view_code", "edit", "delete"]
    await director.verify(profile)
    (lease,) = await actor.poll()
    assert (lease["target"]["scope"], lease["target"]["mailbox"]) == ("metadata", "box@example.test")
    assert actor.unseal(lease)["refresh_token"] == "r3fresh"


async def test_a_consent_that_is_gone_ends_the_check_that_waits(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    profile = await made(director, types.gmail(actor))
    await consent(director, profile)
    run = await director.verify(profile)
    await consent(director, profile, None)
    assert await actor.poll() == []
    assert (await director.verification(run))["checks"][0]["failure_code"] == "gmail_consent_missing"
    shown = (await director.viewer.get(f"/email-profiles/{profile['id']}")).json()
    assert "authorize" in shown["available_actions"]


@pytest.mark.parametrize(
    "change",
    [
        {"gmail": {"client_id": "app-3", "client_secret": "s3cret-3"}},
        {"gmail": {"scope": "readonly"}},
        {"mailbox": "other@example.test", "gmail": {"client_secret": "s3cret-3"}},
        {"email_address": "other@example.test", "gmail": {"client_secret": "s3cret-3"}},
    ],
)
async def test_a_consent_to_something_else_is_dropped(
    director: RunningDirector, change: dict[str, Any]
) -> None:
    profile = await made(director, types.gmail(await director.enroll("vm-1")))
    await consent(director, profile)
    path = f"/email-profiles/{profile['id']}"
    assert (await director.operator.patch(path, json={"note": "x"})).json()["gmail"]["consent"]["set"] is True
    changed = await director.operator.patch(path, json=change)
    assert changed.status_code == 200, changed.text
    assert changed.json()["gmail"]["consent"]["set"] is False


async def test_a_service_account_needs_no_consent(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    profile = await made(director, types.gmail(actor, gmail={"service_account_json": types.KEY_FILE}))
    assert profile["gmail"]["service_account_json"]["set"] is True
    assert (profile["gmail"]["client_secret"], profile["gmail"]["consent"]) == (None, None)
    await director.verify(profile)
    (lease,) = await actor.poll()
    assert lease["target"]["client_id"] is None
    assert actor.unseal(lease)["service_account_json"] == types.KEY_FILE

    await actor.report(lease, failure_code="gmail_consent_insufficient")
    read = (await director.viewer.get(f"/email-profiles/{profile['id']}")).json()
    assert read["actors"][0]["status"] == "unverified"
    assert "authorize" not in read["available_actions"]


async def test_an_xoauth2_login_has_an_app_and_no_password(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    profile = await made(director, types.xoauth2(actor, outgoing={"host": "smtp.example.test"}))
    assert profile["account"]["password"]["set"] is False
    assert profile["oauth"]["client_secret"]["set"] is True
    await director.verify(profile)
    (lease,) = await actor.poll()
    oauth = lease["target"]["oauth"]
    assert (oauth["tenant_id"], oauth["cloud"]) == ("contoso.example", "global")
    credentials = actor.unseal(lease)
    assert (credentials["kind"], credentials["username"]) == ("client_secret", "box@example.test")
    google = await made(director, types.xoauth2(actor, oauth=types.GOOGLE_OAUTH))
    assert "authorize" in google["available_actions"]


async def test_a_cloud_of_xoauth2_reaches_the_actor_that_knows_of_it(director: RunningDirector) -> None:
    actor, old = await director.enroll("vm-1"), await director.enroll("vm-2")
    able = ["check", "imap", "xoauth2"]  # of a version that asked the global cloud for every token
    await old.call("PUT", "/actor/status", {"version": "old", "capabilities": able})
    body = types.xoauth2(actor, old, oauth={**types.MICROSOFT_OAUTH, "cloud": "us_government"})
    run = await director.verify(await made(director, body))
    (lease,) = await actor.poll()
    assert lease["target"]["oauth"]["cloud"] == "us_government"
    assert await old.poll() == []
    ends = {check["actor"]["name"]: check["failure_code"] for check in run["checks"]}
    assert ends == {"vm-1": None, "vm-2": "actor_lacks_capability"}


async def test_an_xoauth2_login_has_a_password_for_the_outgoing_server(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    account = {"username": "box@example.test", "password": "s3cret-for-sending"}
    profile = await made(director, types.xoauth2(actor, account=account, outgoing=SENDS))
    path = f"/email-profiles/{profile['id']}"
    assert profile["account"]["password"]["set"] is True
    await director.verify(profile)
    (lease,) = await actor.poll()
    credentials = actor.unseal(lease)
    assert (credentials["kind"], credentials["password"]) == ("client_secret", "s3cret-for-sending")
    gone = (await director.operator.patch(path, json={"outgoing": {"authentication": None}})).json()
    assert gone["account"]["password"]["set"] is False
    assert gone["oauth"]["client_secret"]["set"] is True


@pytest.mark.parametrize(
    ("change", "pointers"),
    [
        ({"incoming": {"host": "evil.example.test"}}, ["/oauth/client_secret"]),
        ({"outgoing": {"host": "evil.example.test"}}, ["/account/password"]),
        ({"incoming": {"authentication": "plain"}, "oauth": None}, ["/account/password"]),
        ({"tls": {"verify": False}}, ["/oauth/client_secret", "/account/password"]),
    ],
    ids=["incoming", "outgoing", "to the other server", "both"],
)
async def test_each_of_two_secrets_is_asked_for_where_it_would_go_elsewhere(
    director: RunningDirector, change: dict[str, Any], pointers: list[str]
) -> None:
    account = {"username": "box@example.test", "password": "s3cret-for-sending"}
    body = types.xoauth2(await director.enroll("vm-1"), account=account, outgoing=SENDS)
    profile = await made(director, body)
    refused = await director.operator.patch(f"/email-profiles/{profile['id']}", json=change)
    errors = refused.json()["errors"]
    assert [error["pointer"] for error in errors] == pointers
    assert {error["code"] for error in errors} == {"secret_required"}


async def test_a_login_by_password_takes_the_place_of_one_by_tokens(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    profile = await made(director, types.xoauth2(actor))
    path = f"/email-profiles/{profile['id']}"
    change: dict[str, Any] = {"incoming": {"authentication": "plain"}, "oauth": None}
    refused = await director.operator.patch(path, json=change)
    assert refused.json()["errors"] == [
        {"pointer": "/account/password", "code": "required", "detail": "This field is required."}
    ]
    change["account"] = {"password": "given"}
    assert (await director.operator.patch(path, json=change)).json()["oauth"] is None
    back = {"incoming": {"authentication": "xoauth2"}, "oauth": {**types.MICROSOFT_OAUTH}}
    del back["oauth"]["client_secret"]
    gone = await director.operator.patch(path, json=back)
    assert gone.json()["errors"][0]["pointer"] == "/oauth/client_secret"


@pytest.mark.parametrize(
    "change",
    [
        {"graph": {"tenant_id": "other.example"}},
        {"graph": {"client_id": "other"}},
        {"graph": {"cloud": "china"}},
        {"mailbox": "other@example.test"},
        {"email_address": "other@example.test"},
    ],
)
async def test_an_apps_secret_is_not_sent_elsewhere(
    director: RunningDirector, change: dict[str, Any]
) -> None:
    profile = await made(director, types.graph(await director.enroll("vm-1")))
    path = f"/email-profiles/{profile['id']}"
    refused = await director.operator.patch(path, json=change)
    (error,) = refused.json()["errors"]
    assert (error["pointer"], error["code"]) == ("/graph/client_secret", "secret_required")
    again = {**change, "graph": {**change.get("graph", {}), "client_secret": "given again"}}
    assert (await director.operator.patch(path, json=again)).status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        {"incoming": {"host": "evil.example.test"}},
        {"tls": {"verify": False}},
        {"account": {"username": "other"}},
        {"oauth": {"tenant_id": "other.example"}},
        {"oauth": {"cloud": "china"}},
    ],
)
async def test_the_tokens_of_an_app_are_not_sent_elsewhere(
    director: RunningDirector, change: dict[str, Any]
) -> None:
    profile = await made(director, types.xoauth2(await director.enroll("vm-1")))
    refused = await director.operator.patch(f"/email-profiles/{profile['id']}", json=change)
    (error,) = refused.json()["errors"]
    assert (error["pointer"], error["code"]) == ("/oauth/client_secret", "secret_required")


async def test_a_secrets_expiry_is_no_new_revision_and_warns(director: RunningDirector) -> None:
    profile = await made(director, types.graph(await director.enroll("vm-1")))
    assert profile["warnings"] == []
    path = f"/email-profiles/{profile['id']}"
    for at, code in (("2020-01-01T00:00:00Z", "secret_expired"), ("2126-01-01T00:00:00Z", None)):
        change = {"graph": {"client_secret_expires_at": at}}
        changed = (await director.operator.patch(path, json=change)).json()
        assert changed["revision"] == 1
        assert [warning["code"] for warning in changed["warnings"]] == ([code] if code else [])
        assert changed["graph"]["client_secret_expires_at"] == at
    kept = (await director.operator.patch(path, json={"note": "kept"})).json()
    assert kept["graph"]["client_secret_expires_at"] == at


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        (
            types.graph(graph={**types.GRAPH_APP, "tenant_id": "../common"}),
            "/graph/tenant_id",
            "invalid_format",
        ),
        (types.graph(graph={"tenant_id": "t", "client_id": "c"}), "/graph/client_secret", "required"),
        (types.graph(graph={**types.GRAPH_APP, "cloud": "mars"}), "/graph/cloud", "not_a_choice"),
        (types.graph(incoming={"host": "x"}), "/incoming", "unknown_field"),
        (types.gmail(gmail={}), "/gmail/service_account_json", "required"),
        (types.gmail(gmail={"client_secret": "s"}), "/gmail/client_id", "required"),
        (
            types.gmail(gmail={**types.GMAIL_APP, "service_account_json": types.KEY_FILE}),
            "/gmail/service_account_json",
            "not_possible",
        ),
        (types.gmail(gmail={"service_account_json": "{}"}), "/gmail/service_account_json", "invalid_value"),
        (types.gmail(mailbox="no address"), "/mailbox", "invalid_value"),
        (
            types.gmail(delete_verification_message=True, send_verification_manually=False),
            "/delete_verification_message",
            "not_possible",
        ),
        (types.xoauth2(oauth=None), "/oauth", "required"),
        (types.xoauth2(oauth={**types.GRAPH_APP, "provider": "google"}), "/oauth/tenant_id", "not_possible"),
        (types.xoauth2(oauth={**types.GMAIL_APP, "provider": "microsoft"}), "/oauth/tenant_id", "required"),
        (types.xoauth2(oauth={**types.GOOGLE_OAUTH, "cloud": "china"}), "/oauth/cloud", "not_possible"),
        (types.xoauth2(oauth={**types.MICROSOFT_OAUTH, "cloud": "mars"}), "/oauth/cloud", "not_a_choice"),
        (types.xoauth2(account={"username": "u", "password": "p"}), "/account/password", "not_possible"),
        (types.xoauth2(outgoing=SENDS), "/account/password", "required"),
        (types.xoauth2(server_type="pop3", mailbox="other"), "/mailbox", "not_possible"),
        (profile_body(oauth=types.GOOGLE_OAUTH), "/oauth", "not_possible"),
    ],
)
async def test_what_makes_no_sense_is_refused_by_the_field(
    director: RunningDirector, body: dict[str, Any], pointer: str, code: str
) -> None:
    actor = await director.enroll("vm-1")
    answer = await director.operator.post("/email-profiles", json={**body, "actor_ids": [actor.id]})
    assert answer.status_code == 422, answer.text
    assert (pointer, code) in [(error["pointer"], error["code"]) for error in answer.json()["errors"]]


async def test_a_draft_of_a_cloud_is_tried_and_its_errors_name_the_field(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    draft = types.graph(actor, graph={**types.GRAPH_APP, "cloud": "mars"})
    wrong = await director.operator.post("/connectivity-checks", json={"profile": draft})
    assert wrong.json()["errors"][0]["pointer"] == "/profile/graph/cloud"
    started = await director.operator.post("/connectivity-checks", json={"profile": types.graph(actor)})
    assert started.status_code == 202
    (lease,) = await actor.poll()
    assert lease["target"]["mailbox"] == "box@example.test"
    needs = await director.operator.post("/connectivity-checks", json={"profile": types.gmail(actor)})
    assert (needs.status_code, needs.json()["code"]) == (409, "gmail_consent_missing")
