"""All profiles at once, as an import takes them."""

import pytest

from director_api.email_profiles import exporting
from director_api.email_profiles.csv_rows import read_csv
from tests.director_api import profile_types as types
from tests.director_api.conftest import RunningDirector, profile_body
from tests.director_api.statements import recorded


async def test_every_profile_is_exported_as_json_and_as_a_table_that_an_import_reads(
    director: RunningDirector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "_AT_ONCE", 2)
    assert (await director.viewer.get("/email-profiles/export")).json() == []
    actors = [await director.enroll(name) for name in ("vm-1", "vm-2")]
    ports = {"host": "imap.example.test", "port": 1143, "encryption": "none"}
    bodies = [
        profile_body(*actors, note='a "note", with\nlines; =1+1', incoming=ports, reverify_every_hours=24),
        types.graph(actors[1]),
        types.gmail(*actors[::-1]),
        types.xoauth2(actors[0]),
        profile_body(actors[0], server_type="pop3", incoming={"host": "2001:db8::25"}),
    ]
    made = [(await director.operator.post("/email-profiles", json=body)).json()["id"] for body in bodies]
    each = [(await director.viewer.get(f"/email-profiles/{one}/export")).json() for one in made]
    answer = await director.viewer.get("/email-profiles/export")
    assert (answer.status_code, answer.json()) == (200, each)
    assert "s3cret" not in answer.text

    table = await director.viewer.get("/email-profiles/export", params={"format": "csv"})
    assert table.headers["content-type"].startswith("text/csv")
    rows = read_csv(table.content)
    for row, body in zip(rows, bodies, strict=True):
        assert [row[name] for name in ("server_type", "actor_ids")] == [
            body["server_type"],
            body["actor_ids"],
        ]
        _give_secrets(row)
    await _deleted(director, made)
    again = await director.operator.post("/email-profiles/import", json=rows)
    assert again.status_code == 201, again.text
    assert (await director.viewer.get("/email-profiles/export")).json() == each


async def test_an_export_takes_the_filters_of_the_list(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    for body in (profile_body(actor), types.graph(actor)):
        assert (await director.operator.post("/email-profiles", json=body)).status_code == 201
    answer = await director.viewer.get("/email-profiles/export", params={"server_type": "microsoft_graph"})
    assert [profile["server_type"] for profile in answer.json()] == ["microsoft_graph"]
    refused = await director.viewer.get("/email-profiles/export", params={"format": "xml"})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/format")


async def test_an_export_takes_the_same_number_of_statements_for_any_number_of_rows(
    director: RunningDirector,
) -> None:
    actor = await director.enroll("vm-1")
    counts = []
    for _ in range(3):
        await director.profile(actor)
        with recorded(director, of_everyone=True) as statements:
            await director.viewer.get("/email-profiles/export")
        counts.append(
            sum("FROM email_profile" in each or "FROM profile_actor" in each for each in statements)
        )
    assert counts[0] == counts[1] == counts[2] > 0


def _give_secrets(row: dict[str, object]) -> None:
    for place, name in (("account", "password"), ("graph", "client_secret"), ("gmail", "client_secret")):
        part = row.get(place)
        if isinstance(part, dict) and "oauth" not in row:
            part[name] = "anew"
    if isinstance(row.get("oauth"), dict):
        row["oauth"] = {**types.MICROSOFT_OAUTH, "client_secret": "anew"}


async def _deleted(director: RunningDirector, profile_ids: list[str]) -> None:
    for profile_id in profile_ids:
        assert (await director.operator.delete(f"/email-profiles/{profile_id}")).status_code == 204
