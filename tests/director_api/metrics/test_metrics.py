"""What Prometheus reads: counts that are right, and labels that no caller can multiply."""

import asyncio

from prometheus_client.parser import text_string_to_metric_families

from tests.director_api.conftest import RunningDirector
from tests.director_api.events.live import following, served

BOUND = 20.0
Sample = tuple[str, frozenset[tuple[str, str]]]


async def scrape(director: RunningDirector) -> dict[Sample, float]:
    """Read the metrics as Prometheus does, with a token of a viewer."""
    answer = await director.viewer.get("/metrics")
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def of(samples: dict[Sample, float], name: str, **labels: str) -> float:
    """Return one sample; what was never counted is 0."""
    return samples.get((name, frozenset(labels.items())), 0.0)


async def test_requests_are_counted_by_route_and_not_by_path(director: RunningDirector) -> None:
    for number in range(3):
        await director.viewer.get(f"/email-profiles/00000000-0000-7000-8000-00000000000{number}")
        await director.anonymous.get(f"/no/such/path/{number}?secret=s3cret")
        await director.anonymous.request(f"BREW{number}", "/actors")
    await director.anonymous.get("/actors")
    samples = await scrape(director)
    name = "director_http_requests_total"
    assert of(samples, name, method="GET", route="/email-profiles/{profile_id}", status="404") == 3
    assert of(samples, name, method="GET", route="unrouted", status="404") == 3
    assert of(samples, name, method="GET", route="/actors", status="401") == 1
    methods = {dict(labels)["method"] for sample, labels in samples if sample == name}
    assert methods <= {"GET", "POST", "other"}
    took = "director_http_request_seconds_count"
    assert of(samples, took, method="GET", route="/email-profiles/{profile_id}") == 3
    text = str(list(samples))
    assert "such" not in text
    assert "s3cret" not in text


async def test_the_gauges_follow_checks_mail_actors_and_polls(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    await director.enroll("vm-2")
    email = {"from_address": "d@example.test", "host": "127.0.0.1", "port": 1}
    await director.admin.put("/settings/email", json=email)
    profile = await director.profile(actor, send_verification_manually=False)
    before = await scrape(director)
    assert of(before, "director_checks_open") == 0
    assert of(before, "director_actors_enrolled") == 2
    run = await director.verify(profile)
    running = await scrape(director)
    assert of(running, "director_checks_open") == 1
    assert of(running, "director_outbox_messages") == 1
    await director.operator.post(f"/verifications/{run['id']}/cancel")
    ended = await scrape(director)
    assert of(ended, "director_checks_open") == 0
    assert of(ended, "director_verifications_ended_total", outcome="cancelled") == 1
    assert await actor.poll() == []
    poll = asyncio.create_task(actor.poll(wait_seconds=60))
    async with asyncio.timeout(BOUND):
        while of(await scrape(director), "director_held_polls") != 1:
            pass
        await director.app.state.presence.flush(director.app.state.database, {})
        await director.app.state.presence.tell_changes(director.app.state.database)
        assert of(await scrape(director), "director_actors_online") == 1
        await director.admin.post(f"/actors/{actor.id}/revoke")
        await asyncio.wait({poll})
    poll.exception()
    gone = await scrape(director)
    assert of(gone, "director_held_polls") == 0
    assert of(gone, "director_actors_enrolled") == 1
    assert of(gone, "director_actors_online") == 0


async def test_what_a_verification_came_to_is_counted_once(director: RunningDirector) -> None:
    profile = await director.profile(await director.enroll("vm-1"))
    assert of(await scrape(director), "director_verifications_ended_total", outcome="unverified") == 0
    await director.verify(profile)
    await director.pass_time(181)  # after which the Actor that never came counts as offline
    samples = await scrape(director)
    assert of(samples, "director_verifications_ended_total", outcome="unverified") == 1
    assert (
        sum(value for (name, _), value in samples.items() if name == "director_verifications_ended_total")
        == 1
    )


async def test_live_streams_are_counted_while_they_last(director: RunningDirector) -> None:
    async with served(director.app) as url, following(url, director.viewer):
        samples = await scrape(director)
        assert of(samples, "director_event_streams") == 1
        assert of(samples, "director_http_requests_total", method="GET", route="/events", status="200") == 1
    async with asyncio.timeout(BOUND):
        while of(await scrape(director), "director_event_streams") != 0:
            pass


async def test_a_metric_never_names_an_actor_a_profile_or_a_caller(director: RunningDirector) -> None:
    actor = await director.enroll("an-actor-by-name")
    profile = await director.profile(actor, email_address="anna@example.test")
    await director.verify(profile)
    text = (await director.viewer.get("/metrics")).text
    for named in ("an-actor-by-name", "anna@example.test", profile["id"], actor.id, "viewer of the test"):
        assert named not in text
