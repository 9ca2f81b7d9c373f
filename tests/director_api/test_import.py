"""Profiles that leave and enter as documents: JSON and tables, all or none."""

import csv
import io
import time
from typing import Any, get_args

import httpx
import pytest
from pydantic import BaseModel

from director_api.email_profiles.csv_rows import COLUMNS
from director_api.email_profiles.schemas import ProfileWrite
from tests.director_api import profile_types as types
from tests.director_api.conftest import RunningDirector, profile_body


def table(rows: list[dict[str, str]], delimiter: str = ",") -> bytes:
    text = io.StringIO()
    columns = dict.fromkeys(name for row in rows for name in row)
    writer = csv.DictWriter(text, list(columns), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


async def imported(director: RunningDirector, content: bytes) -> httpx.Response:
    headers = {"Content-Type": "text/csv; charset=utf-8"}
    return await director.operator.post("/email-profiles/import", content=content, headers=headers)


async def count(director: RunningDirector) -> int:
    return len((await director.viewer.get("/email-profiles", params={"limit": 200})).json()["items"])


def test_the_columns_are_the_fields() -> None:
    fields = set()
    for model in get_args(get_args(ProfileWrite)[0]):
        for name, field in model.model_fields.items():
            nested = [part for part in (field.annotation, *get_args(field.annotation)) if _is_model(part)]
            fields |= {f"{name}.{inner}" for part in nested for inner in part.model_fields} or {name}
    assert fields == set(COLUMNS)


def _is_model(part: Any) -> bool:
    return isinstance(part, type) and issubclass(part, BaseModel)


async def test_what_is_exported_is_imported_once_its_secrets_are_given(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    bodies = (profile_body(actor, note="n"), types.graph(actor), types.gmail(actor), types.xoauth2(actor))
    exported = []
    for body in bodies:
        made = (await director.operator.post("/email-profiles", json=body)).json()
        answer = await director.viewer.get(f"/email-profiles/{made['id']}/export")
        assert answer.status_code == 200, answer.text
        assert "s3cret" not in answer.text
        exported.append(answer.json())
    lacking = await director.operator.post("/email-profiles/import", json=exported)
    assert [(error["pointer"], error["code"]) for error in lacking.json()["errors"]] == [
        ("/0/account/password", "required"),
        ("/1/graph/client_secret", "required"),
        ("/2/gmail/client_secret", "required"),
        ("/3/oauth/client_secret", "required"),
    ]
    exported[0]["account"]["password"] = "given"
    for document, part in zip(exported[1:], ("graph", "gmail", "oauth"), strict=True):
        document[part]["client_secret"] = "given"
    answer = await director.operator.post("/email-profiles/import", json=exported)
    assert (answer.status_code, answer.json()["created"]) == (201, 4)
    for item, before in zip(answer.json()["items"], exported, strict=True):
        again = (await director.viewer.get(f"/email-profiles/{item['id']}/export")).json()
        for part in ("account", "graph", "gmail", "oauth"):
            before.get(part, {}).pop("client_secret", None)
            before.get(part, {}).pop("password", None)
        assert again == before


@pytest.mark.parametrize("delimiter", [",", ";"])
async def test_a_table_makes_profiles(director: RunningDirector, delimiter: str) -> None:
    one, two = await director.enroll("vm-1"), await director.enroll("vm-2")
    common = {"actor_ids": f"{one.id} {two.id}", "send_verification_manually": "TRUE"}
    rows = [
        {
            **common,
            "server_type": "imap",
            "email_address": "a@example.test",
            "note": "lines\nand; commas, too\u2028\x85\x1c",
            "account.username": "CORP\\a",
            "account.password": "p,w;d",
            "incoming.host": "imap.example.test",
            "incoming.port": "1143",
            "reverify_every_hours": "24.0",
            "tls.verify": "0",
        },
        {**common, "server_type": "microsoft_graph", "email_address": "b@example.test"}
        | {f"graph.{name}": value for name, value in types.GRAPH_APP.items()},
    ]
    answer = await imported(director, b"\xef\xbb\xbf" + table(rows, delimiter))
    assert answer.status_code == 201, answer.text
    first, second = [
        (await director.viewer.get(f"/email-profiles/{item['id']}")).json() for item in answer.json()["items"]
    ]
    assert (first["server_address"], first["account"]["username"]) == ("imap.example.test:1143", "CORP\\a")
    assert (first["reverify_every_hours"], first["tls"]["verify"]) == (24, False)
    assert (first["send_verification_manually"], second["send_verification_manually"]) == (True, True)
    assert (first["actor_ids"], first["note"]) == ([one.id, two.id], "lines\nand; commas, too\u2028\x85\x1c")
    assert second["graph"]["client_secret"]["set"] is True
    await director.verify(first)
    (lease,) = await one.poll()
    assert one.unseal(lease)["password"] == "p,w;d"


async def test_one_wrong_row_refuses_them_all_and_each_error_names_its_row(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    good = {
        "server_type": "imap",
        "email_address": "a@example.test",
        "actor_ids": actor.id,
        "account.username": "a",
        "account.password": "s3cret",
        "incoming.host": "imap.example.test",
    }
    wrong = [
        good,
        {**good, "incoming.host": "imaps://x"},
        {**good, "email_address": "none", "actor_ids": "x"},
    ]
    answer = await imported(director, table(wrong))
    assert answer.status_code == 422
    assert "s3cret" not in answer.text
    errors = {error["pointer"]: error for error in answer.json()["errors"]}
    assert set(errors) == {"/1/incoming/host", "/2/email_address", "/2/actor_ids/0"}
    assert errors["/1/incoming/host"]["detail"].startswith("Row 2, column incoming.host: ")
    assert errors["/2/actor_ids/0"]["detail"].startswith("Row 3, column actor_ids: ")
    loose = {**good, "incoming.port": "99x", "tls.verify": "perhaps", "reverify_every_hours": "1.5"}
    answer = await imported(director, table([good, loose]))
    assert {(error["pointer"], error["code"]): error["detail"] for error in answer.json()["errors"]} == {
        ("/1/incoming/port", "wrong_type"): "Row 2, column incoming.port: Input should be a valid integer.",
        ("/1/tls/verify", "wrong_type"): "Row 2, column tls.verify: true or false is expected.",
        ("/1/reverify_every_hours", "wrong_type"): (
            "Row 2, column reverify_every_hours: Input should be a valid integer."
        ),
    }
    stranger = "00000000-0000-7000-8000-000000000000"
    answer = await imported(director, table([good, {**good, "actor_ids": stranger}]))
    (error,) = answer.json()["errors"]
    assert (error["pointer"], error["code"]) == ("/1/actor_ids/0", "actor_not_found")
    assert error["detail"].startswith("Row 2, column actor_ids: ")
    assert await count(director) == 0


@pytest.mark.parametrize(
    ("content", "content_type", "status", "code"),
    [
        (b"[", "application/json", 400, "invalid_json"),
        (b"{}", "application/json", 422, "invalid_request"),
        (b"[]", "application/json", 422, "invalid_request"),
        (b"[1]", "application/json", 422, "invalid_request"),
        (b"<x/>", "application/xml", 415, "unsupported_media_type"),
        (b"\xff", "text/csv", 400, "invalid_csv"),
        (b"", "text/csv", 400, "invalid_csv"),
        (b"imap,x@example.test,hunter2\n", "text/csv", 400, "invalid_csv"),
        (b"note,hunter2\n", "text/csv", 422, "invalid_request"),
        (b"email_address,colour\n", "text/csv", 422, "invalid_request"),
        (b"note,note\n", "text/csv", 422, "invalid_request"),
        (b"note\na,b\n", "text/csv", 400, "invalid_csv"),
        (b'note\n"a', "text/csv", 400, "invalid_csv"),
    ],
)
async def test_what_is_no_list_of_profiles_is_refused(
    director: RunningDirector, content: bytes, content_type: str, status: int, code: str
) -> None:
    answer = await director.operator.post(
        "/email-profiles/import", content=content, headers={"Content-Type": content_type}
    )
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert "hunter2" not in answer.text, "what stands where a column should be named may be a password"


async def test_a_thousand_profiles_are_one_quick_request_and_one_more_is_too_many(
    director: RunningDirector,
) -> None:
    actor = await director.enroll("vm-1")
    many = [profile_body(actor, email_address=f"box{number}@example.test") for number in range(1001)]
    too_many = await director.operator.post("/email-profiles/import", json=many)
    assert too_many.json()["errors"][0]["code"] == "out_of_range"
    began = time.monotonic()
    answer = await director.operator.post("/email-profiles/import", json=many[:1000])
    assert (answer.status_code, answer.json()["created"]) == (201, 1000)
    assert time.monotonic() - began < 60  # about 1 s on an idle machine
