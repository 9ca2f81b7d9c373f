"""Each wrong request gets one problem document that names the field and what would be right."""

from typing import Any
from uuid import uuid4

import pytest

from tests.director_api.conftest import RunningDirector, profile_body

JsonPatch = dict[str, Any]
WITH_ITS_KEY = (
    "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\nAA==\n"
)


@pytest.mark.parametrize(
    ("change", "pointer", "code", "said"),
    [
        ({"email_adress": "x"}, "/email_adress", "unknown_field", "Did you mean email_address?"),
        ({"id": str(uuid4())}, "/id", "unknown_field", "only read"),
        ({"email_address": "no-at-sign"}, "/email_address", "invalid_value", "user@example.com"),
        ({"incoming": {"host": "h", "port": 70000}}, "/incoming/port", "out_of_range", "65535"),
        ({"incoming": {"host": "imap://h"}}, "/incoming/host", "invalid_value", "without a scheme"),
        (
            {"incoming": {"host": "h", "encryption": "tls"}},
            "/incoming/encryption",
            "not_a_choice",
            "starttls",
        ),
        ({"tls": {"ca_certificate": "nonsense"}}, "/tls/ca_certificate", "invalid_value", "PEM"),
        ({"tls": {"ca_certificate": WITH_ITS_KEY}}, "/tls/ca_certificate", "invalid_value", "private key"),
        ({"tls": {"pinned_sha256": "12"}}, "/tls/pinned_sha256", "invalid_value", "64 hexadecimal"),
        ({"actor_ids": []}, "/actor_ids", "too_short", "at least 1"),
        ({"server_type": "carrier-pigeon"}, "/server_type", "not_a_choice", "imap"),
        ({"reverify_every_hours": 0}, "/reverify_every_hours", "out_of_range", "1"),
        ({"account": {"username": "box"}}, "/account/password", "required", "required"),
        (
            {"security_zone_id": str(uuid4())},
            "/security_zone_id",
            "security_zone_not_found",
            "no security zone",
        ),
    ],
)
async def test_a_wrong_field_is_named(
    director: RunningDirector, change: JsonPatch, pointer: str, code: str, said: str
) -> None:
    actor = await director.enroll("vm-1")
    answer = await director.operator.post("/email-profiles", json={**profile_body(actor), **change})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    found = {error["pointer"]: error for error in answer.json()["errors"]}
    assert found[pointer]["code"] == code
    assert said in found[pointer]["detail"]


async def test_an_actor_outside_of_the_zone_and_one_that_does_not_exist_are_named(
    director: RunningDirector,
) -> None:
    zone, other = await director.zone("office"), await director.zone("dmz")
    inside, outside = await director.enroll("in", zone), await director.enroll("out", other)
    body = profile_body(inside, outside, security_zone_id=zone)
    body["actor_ids"].append(str(uuid4()))
    answer = await director.operator.post("/email-profiles", json=body)
    assert answer.status_code == 422
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [
        ("/actor_ids/1", "actor_not_in_zone"),
        ("/actor_ids/2", "actor_not_found"),
    ]
    assert "out" in answer.json()["errors"][0]["detail"]


async def test_a_body_that_is_not_json_is_said_to_be_none(director: RunningDirector) -> None:
    headers = {"content-type": "application/json"}
    answer = await director.operator.post("/email-profiles", content=b"{nope", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_json")
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("media_type", ["application/x-www-form-urlencoded", "text/plain", None])
async def test_a_body_that_is_not_said_to_be_json_names_the_header(
    director: RunningDirector, media_type: str | None
) -> None:
    headers = {} if media_type is None else {"content-type": media_type}
    for path in ("/security-zones", "/email-profiles"):
        answer = await director.admin.post(path, content=b'{"name": "dmz"}', headers=headers)
        assert answer.status_code == 422
        (error,) = answer.json()["errors"]
        assert (error["pointer"], error["code"]) == ("", "wrong_type")
        assert "Content-Type: application/json" in error["detail"]


async def test_what_is_never_null_can_be_left_out_of_a_change_and_not_be_null(
    director: RunningDirector,
) -> None:
    actor, zone = await director.enroll("vm-1"), await director.zone("dmz")
    webhook = {"url": "https://hooks.example.com/x", "types": ["profile.created"]}
    made = (await director.admin.post("/webhooks", json=webhook)).json()
    for path, names in (
        (f"/security-zones/{zone}", ("name", "description")),
        (f"/actors/{actor.id}", ("name", "poll_seconds")),
        (f"/webhooks/{made['id']}", ("url", "types", "note", "allow_private_addresses", "enabled")),
    ):
        for name in names:
            answer = await director.admin.patch(path, json={name: None})
            assert answer.status_code == 422, (path, name)
            assert answer.json()["errors"][0]["pointer"] == f"/{name}"
        assert (await director.admin.patch(path, json={})).status_code == 200
    assert (await director.admin.patch(f"/actors/{actor.id}", json={"security_zone_id": None})).is_success


async def test_a_route_that_does_not_exist_is_a_problem_too(director: RunningDirector) -> None:
    answer = await director.viewer.get("/no-such-route")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_a_refused_secret_is_not_repeated(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    body = profile_body(actor, account={"username": "x" * 400, "password": ["leaked-secret"]})
    answer = await director.operator.post("/email-profiles", json=body)
    assert answer.status_code == 422
    assert "leaked-secret" not in answer.text


async def test_a_cursor_of_our_own_making_is_refused(director: RunningDirector) -> None:
    answer = await director.viewer.get("/email-profiles", params={"cursor": "made-up"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/cursor")


async def test_server_type_can_not_be_left_out(director: RunningDirector) -> None:
    body = profile_body()
    del body["server_type"]
    answer = await director.operator.post("/email-profiles", json=body)
    assert ("/server_type", "required") in [(e["pointer"], e["code"]) for e in answer.json()["errors"]]
