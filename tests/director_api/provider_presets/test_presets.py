"""Presets: known providers, and domains that an Actor looks up."""

import asyncio
from typing import Any

import httpx

from director_api.provider_presets.known import by_exchangers
from tests.director_api.conftest import RunningDirector
from tests.director_api.scripted_actor import ScriptedActor

FOUND = {
    "domain": "corp.test",
    "servers": [
        {
            "source": "srv",
            "protocol": "imap",
            "host": "imap.corp.test",
            "port": 143,
            "encryption": "starttls",
        },
        {"source": "srv", "protocol": "imap", "host": "imap.corp.test", "port": 993, "encryption": "ssl_tls"},
        {
            "source": "srv",
            "protocol": "smtp",
            "host": "smtp.corp.test",
            "port": 587,
            "encryption": "starttls",
        },
    ],
    "mail_exchangers": ["mx.corp.test"],
    "tried": [
        {"source": "srv", "place": "SRV _imaps._tcp.corp.test", "answered": True, "detail": "1 records"}
    ],
}


async def answered(
    director: RunningDirector, actor: ScriptedActor, address: str, **result: Any
) -> dict[str, Any]:
    """Ask for presets and let ``actor`` answer the look-up."""
    asking = asyncio.create_task(
        director.operator.get("/provider-presets", params={"address": address, "actor_id": actor.id})
    )
    (lease,) = await actor.poll(wait_seconds=20)
    assert (lease["kind"], lease["question"]) == ("autoconfig", {"email_address": address})
    assert (lease["target"], lease["sealed"]) == (None, None)
    reported = await actor.report(lease, **result)
    assert reported.status_code == 200, reported.text
    async with asyncio.timeout(20):
        answer = await asking
    assert answer.status_code == 200, answer.text
    read: dict[str, Any] = answer.json()
    return read


async def test_without_an_address_all_known_providers_are_listed(director: RunningDirector) -> None:
    items = (await director.viewer.get("/provider-presets")).json()["items"]
    assert {"microsoft_365", "gmail", "yahoo", "aol", "icloud"} <= {item["provider"] for item in items}


async def test_a_known_domain_is_answered_without_asking_anyone(director: RunningDirector) -> None:
    answer = (await director.viewer.get("/provider-presets", params={"address": "a@yahoo.com"})).json()
    (preset,) = answer["items"]
    assert (preset["provider"], preset["incoming"][0]["host"]) == ("yahoo", "imap.mail.yahoo.com")
    assert preset["advice"][0]["code"] == "app_password"
    assert answer["look_up"] is None


async def test_what_a_domain_says_the_safest_first(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    answer = await answered(director, actor, "carl@corp.test", autoconfig=FOUND)
    (preset,) = answer["items"]
    assert (preset["server_type"], preset["provider"]) == ("imap", None)
    assert [server["port"] for server in preset["incoming"]] == [993, 143]
    assert preset["outgoing"][0]["host"] == "smtp.corp.test"
    assert answer["look_up"]["tried"] == FOUND["tried"]


async def test_who_takes_the_mail_says_what_is_wanted(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    exchangers = ["corp-test.mail.protection.outlook.com"]
    found = {"domain": "corp.test", "mail_exchangers": exchangers}
    answer = await answered(director, actor, "carl@corp.test", autoconfig=found)
    (preset,) = answer["items"]
    assert (preset["provider"], preset["server_type"]) == ("microsoft_365", "microsoft_graph")
    assert preset["advice"][0]["code"] == "use_graph"


async def test_a_look_up_that_fails_says_how(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    answer = await answered(director, actor, "carl@corp.test", failure_code="actor_error")
    assert answer["items"] == []
    assert (answer["look_up"]["failure_code"], answer["look_up"]["state"]) == ("actor_error", "unverified")
    assert answer["look_up"]["hint"]


async def test_a_zone_needs_an_actor_at_work_and_a_look_up_the_operators_role(
    director: RunningDirector,
) -> None:
    zone = await director.zone("dmz")

    async def ask(client: httpx.AsyncClient) -> httpx.Response:
        params = {"address": "carl@corp.test", "security_zone_id": zone}
        return await client.get("/provider-presets", params=params)

    assert (await ask(director.viewer)).status_code == 403
    answer = await ask(director.operator)
    assert (answer.status_code, answer.json()["code"]) == (409, "no_actors")
    actor = await director.enroll("vm-1", zone)
    await actor.poll()
    asking = asyncio.create_task(ask(director.operator))
    (lease,) = await actor.poll(wait_seconds=20)
    await actor.report(lease, autoconfig={"domain": "corp.test"})
    async with asyncio.timeout(20):
        assert (await asking).json()["look_up"]["actor"] == "vm-1"


def test_the_longest_name_of_an_exchanger_wins() -> None:
    aol = by_exchangers(("mx-aol.mail.gm0.yahoodns.net",))
    yahoo = by_exchangers(("mta5.am0.yahoodns.net",))
    assert aol is not None
    assert yahoo is not None
    assert (aol.id, yahoo.id) == ("aol", "yahoo")
    assert by_exchangers(("mx.corp.test",)) is None
    assert by_exchangers(("notgoogle.com",)) is None
