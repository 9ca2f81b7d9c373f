"""The limits that settings lower."""

import pytest

from director_api.limits import Limits
from director_api.settings import load_settings
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
    for name, value in (("PAGE_ITEMS", "10"), ("IMPORT_PROFILES", "20"), ("EVENT_STREAMS", "30")):
        monkeypatch.setenv(f"DIRECTOR_MAX_{name}", value)
    assert load_settings().limits == Limits(10, 20, 30)
