"""A repeated POST gets the first one's answer, and nothing is done twice."""

import asyncio
from contextlib import AsyncExitStack, suppress
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from director_api.documents import documents
from director_api.email_profiles.models import EmailProfile
from director_api.idempotency.models import IdempotencyKey
from tests.director_api import profile_types as types
from tests.director_api.conftest import RunningDirector, profile_body

KEY = {"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}
ZONE = {"name": "dmz"}


def code_of(answer: httpx.Response) -> tuple[int, str]:
    """Return what an error says."""
    return answer.status_code, answer.json()["code"]


async def zones(director: RunningDirector) -> int:
    return len((await director.admin.get("/security-zones")).json()["items"])


async def test_a_repeated_request_gets_the_same_answer_and_does_nothing(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    first = await director.operator.post("/email-profiles", json=profile_body(actor), headers=KEY)
    again = await director.operator.post("/email-profiles", json=profile_body(actor), headers=KEY)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    for name in ("Location", "ETag", "Content-Type", "Content-Length"):
        assert again.headers[name] == first.headers[name]
    assert again.headers["X-Request-Id"] != first.headers["X-Request-Id"]
    async with director.app.state.database.read() as session:
        assert await session.scalar(select(func.count()).select_from(EmailProfile)) == 1


async def test_quotes_around_a_key_are_no_part_of_it(director: RunningDirector) -> None:
    await director.admin.post("/security-zones", json=ZONE, headers={"Idempotency-Key": "a-key"})
    quoted = await director.admin.post("/security-zones", json=ZONE, headers={"Idempotency-Key": '"a-key"'})
    assert quoted.headers["Idempotency-Replayed"] == "true"


async def test_another_request_with_the_same_key_is_refused(director: RunningDirector) -> None:
    assert (await director.admin.post("/security-zones", json=ZONE, headers=KEY)).status_code == 201
    others = (
        ("/security-zones", {"name": "lan"}),
        ("/enrollment-tokens", ZONE),
        ("/security-zones?a=1", ZONE),
    )
    for path, body in others:
        answer = await director.admin.post(path, json=body, headers=KEY)
        assert code_of(answer) == (422, "idempotency_key_reused"), path
    assert await zones(director) == 1


async def test_a_key_is_its_callers_own(director: RunningDirector) -> None:
    body = profile_body(await director.enroll("vm-1"))
    of_one = await director.operator.post("/email-profiles", json=body, headers=KEY)
    of_another = await director.admin.post("/email-profiles", json=body, headers=KEY)
    assert of_one.json()["id"] != of_another.json()["id"]


async def test_of_many_at_once_one_is_carried_out(director: RunningDirector) -> None:
    calls = (director.admin.post("/security-zones", json=ZONE, headers=KEY) for _ in range(12))
    answers = await asyncio.gather(*calls)
    done = [answer for answer in answers if answer.status_code == 201]
    refused = [answer for answer in answers if answer.status_code != 201]
    assert len({answer.content for answer in done}) == 1
    assert sum("Idempotency-Replayed" not in answer.headers for answer in done) == 1
    assert {code_of(answer) for answer in refused} <= {(409, "idempotency_key_in_use")}
    assert all(answer.headers["Retry-After"] == "1" for answer in refused)
    assert await zones(director) == 1


async def test_a_request_that_was_refused_may_be_mended_under_its_key(director: RunningDirector) -> None:
    for client, body, status in (
        (director.anonymous, ZONE, 401),
        (director.viewer, ZONE, 403),
        (director.admin, {"name": ""}, 422),
        (director.admin, ZONE, 201),
    ):
        assert (await client.post("/security-zones", json=body, headers=KEY)).status_code == status
    assert await zones(director) == 1


async def test_an_error_of_the_operation_is_replayed(director: RunningDirector) -> None:
    nothing = "/verifications/00000000-0000-7000-8000-000000000000/cancel"
    first = await director.operator.post(nothing, headers=KEY)
    again = await director.operator.post(nothing, headers=KEY)
    assert code_of(first) == (404, "not_found")
    assert (again.content, again.headers["Idempotency-Replayed"]) == (first.content, "true")


async def test_a_malformed_key_is_refused(director: RunningDirector) -> None:
    for key in ("", "two words", '"open', "x" * 256, "ümlaut", '"a" "b"'):
        headers = {b"Idempotency-Key": key.encode()}
        answer = await director.admin.post("/security-zones", json=ZONE, headers=headers)
        assert code_of(answer) == (400, "invalid_idempotency_key"), key
    assert await zones(director) == 0


async def test_no_route_that_makes_or_does_something_goes_without_keys(director: RunningDirector) -> None:
    paths = [
        (path, operations["post"])
        for path, operations in documents()["director.json"]["paths"].items()
        if "post" in operations
    ]
    assert len(paths) > 15
    for path, operation in paths:
        assert "Idempotency-Key" in [parameter["name"] for parameter in operation["parameters"]], path
        answer = await director.admin.post(path, headers={"Idempotency-Key": "two words"})
        assert code_of(answer) == (400, "invalid_idempotency_key"), path
        # PUT, PATCH and DELETE come to the same however often they are repeated.


async def test_two_keys_are_one_too_many(director: RunningDirector) -> None:
    headers = [("Idempotency-Key", "one"), ("Idempotency-Key", "two")]
    answer = await director.admin.post("/security-zones", json=ZONE, headers=headers)
    assert code_of(answer) == (400, "invalid_idempotency_key")


async def test_a_body_over_the_limit_is_refused_with_a_key_too(director: RunningDirector) -> None:
    async def endless() -> Any:
        for _ in range(65):
            yield b" " * 65_536

    headers = {**KEY, "Content-Type": "application/json"}
    answer = await director.admin.post("/security-zones", content=endless(), headers=headers)
    assert code_of(answer) == (413, "body_too_large")


HOOK = {"url": "http://127.0.0.1:1/", "allow_private_addresses": True}
ISSUING: dict[str, Any] = {
    "/api-tokens": {"name": "script", "role": "viewer"},
    "/enrollment-tokens": {},
    "/webhooks": HOOK,
    "/email-profiles/{profile_id}/verification-code/rotate": None,
    "/email-profiles/{profile_id}/authorize": None,
}
_SHOWN_ONCE = {"token", "secret", "verification_uuid", "authorization_url", "credential"}


def test_every_route_whose_answer_issues_a_secret_is_known() -> None:
    document = documents()["director.json"]
    issuing = set()
    for path, operations in document["paths"].items():
        for said in operations.get("post", {"responses": {}})["responses"].values():
            reference = said.get("content", {}).get("application/json", {}).get("schema", {}).get("$ref", "")
            schema = document["components"]["schemas"].get(reference.rpartition("/")[2], {})
            if _SHOWN_ONCE & set(schema.get("properties", {})):
                issuing.add(path)
    assert issuing == set(ISSUING)


@pytest.mark.parametrize("path", ISSUING)
async def test_what_issues_a_secret_is_not_stored(director: RunningDirector, path: str) -> None:
    actor = await director.enroll("vm-1")
    gmail = (await director.operator.post("/email-profiles", json=types.gmail(actor))).json()
    profile = gmail if path.endswith("/authorize") else await director.profile(actor)
    url = path.format(profile_id=profile["id"])
    first = await director.admin.post(url, json=ISSUING[path], headers=KEY)
    assert first.is_success, first.text
    assert first.headers["Cache-Control"] == "no-store"
    again = await director.admin.post(url, json=ISSUING[path], headers=KEY)
    assert code_of(again) == (409, "already_issued")
    async with director.app.state.database.read() as session:
        row = (await session.scalars(select(IdempotencyKey))).one()
    assert (row.state, row.body, row.headers) == ("issued", None, None)


async def test_an_import_is_repeated_safely(director: RunningDirector) -> None:
    body = [profile_body(await director.enroll("vm-1"))]
    first = await director.operator.post("/email-profiles/import", json=body, headers=KEY)
    again = await director.operator.post("/email-profiles/import", json=body, headers=KEY)
    assert first.status_code == 201
    assert (again.content, again.headers["Idempotency-Replayed"]) == (first.content, "true")


async def test_a_busy_database_is_said_with_a_key_as_without(director: RunningDirector) -> None:
    assert (await director.admin.get("/security-zones")).status_code == 200  # its token is known from now on
    actor = await director.enroll("vm-1")  # its credential is looked up by its first call
    engine = director.app.state.database.engine
    engine.pool._timeout = 0.05  # because the rest of the time is waited for nothing
    async with AsyncExitStack() as stack:
        with suppress(PoolTimeoutError):
            while True:
                await stack.enter_async_context(engine.connect())
        for headers in ({}, KEY):
            answer = await director.admin.post("/security-zones", json=ZONE, headers=headers)
            assert code_of(answer) == (503, "database_unavailable"), headers
        polled = await actor.call("POST", "/actor/leases", {"capacity": 1, "wait_seconds": 1})
        assert code_of(polled) == (503, "database_unavailable")
    assert (await director.admin.post("/security-zones", json=ZONE, headers=KEY)).status_code == 201
