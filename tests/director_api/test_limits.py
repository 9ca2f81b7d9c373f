"""The limits that settings change."""

from collections.abc import Iterator
from typing import Any, get_args

import httpx
import pytest
from fastapi.routing import APIRoute
from pydantic import BaseModel

from director_api.app import PUBLIC_ROUTERS
from director_api.documents import documents
from director_api.lengths import Lengths, Taken
from director_api.limits import Limits
from director_api.settings import SettingsError, load_settings
from tests.director_api import profile_types as types
from tests.director_api.conftest import RunningDirector, profile_body

ROWS = 60


async def test_a_page_is_as_large_as_the_settings_allow(director: RunningDirector) -> None:
    for number in range(ROWS):
        await director.zone(f"zone-{number}")

    async def rows(**params: int) -> int:
        return len((await director.viewer.get("/security-zones", params=params)).json()["items"])

    assert (await rows(), await rows(limit=200), await rows(limit=55)) == (50, ROWS, 55)
    director.app.state.limits = Limits(page_items=20)
    assert (await rows(), await rows(limit=20)) == (20, 20)
    refused = await director.viewer.get("/security-zones", params={"limit": 21})
    (error,) = refused.json()["errors"]
    assert (refused.status_code, error["pointer"], error["code"]) == (422, "/limit", "out_of_range")


async def test_an_import_is_as_large_as_the_settings_allow(director: RunningDirector) -> None:
    director.app.state.limits = Limits(import_profiles=2)
    body = profile_body(await director.enroll("vm-1"))
    refused = await director.operator.post("/email-profiles/import", json=[body] * 3)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "out_of_range")
    assert (await director.operator.post("/email-profiles/import", json=[body] * 2)).status_code == 201


async def test_a_director_serves_as_many_streams_as_the_settings_allow(director: RunningDirector) -> None:
    director.app.state.limits, director.app.state.streams = Limits(event_streams=1), 1
    refused = await director.viewer.get("/events", params={"seconds": 0})
    assert (refused.status_code, refused.json()["code"]) == (503, "too_many_event_streams")
    assert "Retry-After" in refused.headers
    director.app.state.streams = 0
    assert (await director.viewer.get("/events", params={"seconds": 0})).status_code == 200


def test_the_settings_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    most = {"PAGE_ITEMS": 10, "IMPORT_PROFILES": 20, "EVENT_STREAMS": 30}
    lengths = {"NAME": 40, "LINE": 70, "TEXT": 9000, "SECRET": 80, "FILE": 5000}
    for name, value in (most | {f"{kind}_LENGTH": value for kind, value in lengths.items()}).items():
        monkeypatch.setenv(f"DIRECTOR_MAX_{name}", str(value))
    assert load_settings().limits == Limits(10, 20, 30, Lengths(40, 70, 9000, 80, 5000))


@pytest.mark.parametrize("kind", ["NAME", "LINE", "TEXT", "SECRET", "FILE"])
def test_a_length_that_the_code_can_not_hold_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setenv(f"DIRECTOR_MAX_{kind}_LENGTH", "1000000")
    with pytest.raises(SettingsError, match=f"DIRECTOR_MAX_{kind}_LENGTH"):
        load_settings()


def too_long(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 422, answer.text
    return [error["pointer"] for error in answer.json()["errors"] if error["code"] == "too_long"]


SHORT = Limits(lengths=Lengths(names=16, lines=64, texts=20, secrets=64, files=1024))


async def test_strings_are_as_long_as_the_settings_allow(director: RunningDirector) -> None:
    operator, admin = director.operator, director.admin
    actor = await director.enroll("vm-1")
    stored = await director.profile(actor, note="n" * 4000)
    assert too_long(await operator.post("/email-profiles", json=profile_body(actor, note="n" * 4001))) == [
        "/note"
    ]
    director.app.state.limits = SHORT
    fits = profile_body(actor, note="n" * 20, account={"username": "u" * 64, "password": "p" * 64})
    made = (await operator.post("/email-profiles", json=fits)).json()
    long = profile_body(
        actor,
        note="n" * 21,
        mailbox="m" * 65,
        email_address=f"{'a' * 60}@example.test",
        account={"username": "u" * 65, "password": "p" * 65},
    )
    wrong = ["/account/password", "/account/username", "/email_address", "/mailbox", "/note"]
    assert sorted(too_long(await operator.post("/email-profiles", json=long))) == wrong
    assert sorted(too_long(await operator.put(f"/email-profiles/{made['id']}", json=long))) == wrong
    imported = await operator.post("/email-profiles/import", json=[fits, long])
    assert sorted(too_long(imported)) == [f"/1{pointer}" for pointer in wrong]
    merge = {"Content-Type": "application/merge-patch+json"}
    patched = await operator.patch(f"/email-profiles/{made['id']}", json={"note": "n" * 21}, headers=merge)
    assert too_long(patched) == ["/note"]
    key_file = {"service_account_json": types.KEY_FILE + " " * 1024}
    assert too_long(await operator.post("/email-profiles", json=types.gmail(actor, gmail=key_file))) == [
        "/gmail/service_account_json"
    ]
    zone = {"name": "z" * 17, "description": "d" * 21}
    assert too_long(await admin.post("/security-zones", json=zone)) == ["/name", "/description"]
    token = {"name": "t" * 17, "role": "viewer"}
    assert too_long(await admin.post("/api-tokens", json=token)) == ["/name"]
    hook = {"url": "https://hooks.example.test/", "note": "n" * 21}
    assert too_long(await admin.post("/webhooks", json=hook)) == ["/note"]

    read = (await director.viewer.get(f"/email-profiles/{stored['id']}")).json()
    exported = (await director.viewer.get(f"/email-profiles/{stored['id']}/export")).json()
    listed = (await director.viewer.get("/email-profiles")).json()["items"][0]
    assert read["note"] == exported["note"] == listed["note"] == "n" * 4000, "it was sent before"


async def test_a_director_serves_the_document_of_its_own_limits(director: RunningDirector) -> None:
    assert (await director.anonymous.get("/openapi.json")).json() == documents()["director.json"]
    director.app.state.limits = Limits(20, 30, lengths=SHORT.lengths)
    document = (await director.anonymous.get("/openapi.json")).json()
    schemas, paths = document["components"]["schemas"], document["paths"]
    assert schemas["SecurityZoneWrite"]["properties"]["name"]["maxLength"] == 16
    assert schemas["ImapProfileCreate"]["properties"]["note"]["maxLength"] == 20
    assert schemas["ImapProfileWrite"]["properties"]["email_address"]["maxLength"] == 64
    assert schemas["NewGraphApp"]["properties"]["client_secret"]["maxLength"] == 64
    assert schemas["Account-Input"]["properties"]["username"]["maxLength"] == 64
    assert schemas["ImapProfileRead"]["properties"]["note"]["maxLength"] == 65_536
    (limit,) = [each for each in paths["/email-profiles"]["get"]["parameters"] if each["name"] == "limit"]
    assert limit["schema"]["maximum"] == 20
    body = paths["/email-profiles/import"]["post"]["requestBody"]["content"]["application/json"]
    assert body["schema"]["maxItems"] == 30


def members(annotation: Any) -> Iterator[type[BaseModel]]:
    """Yield the models of a body's type, of every member where it is a union."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from members(part)


def bodies() -> set[type[BaseModel]]:
    """Return every model that a route takes."""
    return {
        model
        for router in PUBLIC_ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute) and route.body_field is not None
        for model in members(route.body_field.field_info.annotation)
    }


def test_no_body_escapes_the_lengths() -> None:
    assert len(bodies()) > 15
    assert [model for model in bodies() if not issubclass(model, Taken)] == []


def loose(schema: Any, where: str, *, checked: bool = False) -> Iterator[str]:
    """Yield the places of a model's own schema that would take a text for a number, or a number for a flag."""
    if isinstance(schema, list | tuple):
        for part in schema:
            yield from loose(part, where)
    if not isinstance(schema, dict):
        return
    kind = schema.get("type")
    if kind in ("bool", "int", "float") and not (schema.get("strict") or checked):
        yield where
    if kind == "literal" and not checked and {True, False} & {e for e in schema["expected"] if e in (0, 1)}:
        yield where
    for name, part in schema.items():
        if name not in ("metadata", "serialization", "default", "ref", "config"):
            inner = str(name) if kind in ("model-fields", None) or name in schema.get("fields", ()) else ""
            yield from loose(part, f"{where}/{inner}".rstrip("/"), checked=kind == "function-before")


def test_no_body_takes_a_text_for_a_number() -> None:
    found = {place for model in bodies() for place in loose(model.__pydantic_core_schema__, model.__name__)}
    assert found == set()
