"""Webhooks against a real receiver, which checks signatures by the specification's own library."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpcore
import pytest
from standardwebhooks import Webhook as Verifier

from director_api.events.log import EventType
from director_api.webhooks import addresses, service
from tests.director_api.conftest import RunningDirector
from tests.director_api.webhooks.receiver import Received, Receiver, receiving

BOUND = 20.0


async def hook(director: RunningDirector, receiver: Receiver, *types: EventType) -> dict[str, Any]:
    """Make a webhook for the receiver, which is on this machine."""
    body = {"url": receiver.url, "types": types or list(EventType), "allow_private_addresses": True}
    answer = await director.admin.post("/webhooks", json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def opened(made: dict[str, Any], request: Received) -> dict[str, Any]:
    """Verify a request as a receiver does, and return its body."""
    body: dict[str, Any] = Verifier(made["secret"]).verify(request.body, request.headers)
    return body


async def deliveries(director: RunningDirector, made: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the log."""
    items: list[dict[str, Any]] = (await director.admin.get(f"/webhooks/{made['id']}/deliveries")).json()[
        "items"
    ]
    return items


async def ended(director: RunningDirector, made: dict[str, Any], **expected: Any) -> dict[str, Any]:
    """Wait until the first delivery is as expected."""
    async with asyncio.timeout(BOUND):
        while True:
            items = await deliveries(director, made)
            if items and all(items[0][name] == value for name, value in expected.items()):
                return items[0]


async def test_an_event_is_delivered_signed(director: RunningDirector) -> None:
    with receiving() as receiver:
        made = await hook(director, receiver, EventType.PROFILE_CREATED)
        profile = await director.profile(await director.enroll("vm-1"))
        request = await receiver.next()
        body = opened(made, request)
        assert (body["type"], body["data"]["profile_id"]) == ("profile.created", profile["id"])
        assert request.headers["webhook-id"] == body["id"]
        shown = await ended(director, made, state="delivered")
        assert (shown["response_status"], shown["attempts"], shown["error_code"]) == (200, 1, None)
        assert shown["milliseconds"] >= 0
        assert len(receiver.received) == 1


async def test_the_secret_is_shown_once_and_unwanted_events_are_not_told(director: RunningDirector) -> None:
    with receiving() as receiver:
        made = await hook(director, receiver, EventType.ACTOR_OFFLINE)
        await director.profile(await director.enroll("vm-1"))
        await director.admin.post(f"/webhooks/{made['id']}/test")
        assert opened(made, await receiver.next())["type"] == "webhook.test"
        assert len(receiver.received) == 1
        for path in ("/webhooks", f"/webhooks/{made['id']}", f"/webhooks/{made['id']}/deliveries"):
            assert made["secret"] not in (await director.admin.get(path)).text


async def test_a_failed_attempt_is_repeated_with_the_same_id(director: RunningDirector) -> None:
    with receiving() as receiver:
        receiver.statuses = [500]
        made = await hook(director, receiver)
        await director.admin.post(f"/webhooks/{made['id']}/test")
        first = await receiver.next()
        await ended(director, made, error_code="http_status", response_status=500, state="queued")
        assert (await director.admin.get(f"/webhooks/{made['id']}")).json()["failing_since"] is not None
        director.clock.ahead += timedelta(seconds=7)
        director.app.state.wakeups.tell("webhooks")
        second = await receiver.next()
        assert first.headers["webhook-id"] == second.headers["webhook-id"]
        await ended(director, made, state="delivered", attempts=2)
        assert (await director.admin.get(f"/webhooks/{made['id']}")).json()["failing_since"] is None


async def test_a_redirect_is_not_followed(director: RunningDirector) -> None:
    with receiving() as receiver:
        receiver.statuses = [307]
        made = await hook(director, receiver)
        await director.admin.post(f"/webhooks/{made['id']}/test")
        await receiver.next()
        await ended(director, made, error_code="http_status", response_status=307)
        assert len(receiver.received) == 1


async def test_a_target_that_is_gone_disables_its_webhook(director: RunningDirector) -> None:
    with receiving() as receiver:
        receiver.statuses = [410]
        made = await hook(director, receiver)
        path = f"/webhooks/{made['id']}"
        await director.admin.post(f"{path}/test")
        await receiver.next()
        failed = await ended(director, made, state="failed")
        shown = (await director.admin.get(path)).json()
        assert (shown["enabled"], shown["disabled_reason"]) == (False, "gone")
        for refused in (f"{path}/test", f"{path}/deliveries/{failed['id']}/redeliver"):
            answer = await director.admin.post(refused)
            assert (answer.status_code, answer.json()["code"]) == (409, "webhook_disabled")
        assert (await director.admin.patch(path, json={"enabled": True})).json()["disabled_reason"] is None
        again = (await director.admin.post(f"{path}/deliveries/{failed['id']}/redeliver")).json()
        assert again["message_id"] == failed["message_id"]
        assert (await receiver.next()).headers["webhook-id"] == failed["message_id"]


async def test_days_of_failure_disable_a_webhook(director: RunningDirector) -> None:
    with receiving() as receiver:
        receiver.statuses = [500, 500]
        made = await hook(director, receiver)
        await director.admin.post(f"/webhooks/{made['id']}/test")
        await receiver.next()
        await ended(director, made, error_code="http_status")
        director.clock.ahead += timedelta(days=5, minutes=1)
        director.app.state.wakeups.tell("webhooks")
        await receiver.next()
        await ended(director, made, state="failed")
        shown = (await director.admin.get(f"/webhooks/{made['id']}")).json()
        assert shown["disabled_reason"] == "failing"


@pytest.mark.parametrize("name", ["localhost", "localhost.localdomain"])
async def test_a_name_that_leads_to_this_machine_is_refused_when_it_is_connected_to(
    director: RunningDirector, name: str
) -> None:
    made = (await director.admin.post("/webhooks", json={"url": f"https://{name}:1/"})).json()
    await director.admin.post(f"/webhooks/{made['id']}/test")
    failed = await ended(director, made, attempts=1, response_status=None, state="queued")
    while failed["error_code"] is None:
        failed = await ended(director, made, attempts=1)
    assert failed["error_code"] in {"address_refused", "dns_failed"}
    assert name != "localhost" or failed["error_code"] == "address_refused"


class Recorded(httpcore.AsyncMockBackend):
    """Writes down to which addresses connections would go."""

    def __init__(self) -> None:
        super().__init__([b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"])
        self.addresses: list[str] = []

    async def connect_tcp(self, host: str, *args: Any, **kwargs: Any) -> httpcore.AsyncNetworkStream:
        """Write down the address."""
        self.addresses.append(host)
        return await super().connect_tcp(host, *args, **kwargs)


async def test_a_name_that_changes_its_mind_gains_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    public, inside = "93.184.215.14", "127.0.0.1"
    answers = [[public], [inside], [public, inside], ["169.254.169.254"], [f"::ffff:{inside}"]]
    asked: list[str] = []

    async def resolve(name: str) -> list[str]:  # what a hostile name server answers, one time after the other
        asked.append(name)
        return answers[len(asked) - 1]

    monkeypatch.setattr(addresses, "resolve", resolve)
    network, recorded = addresses.GuardedNetwork(allow_private=False), Recorded()
    network._network = recorded  # because a test reaches no public address
    await network.connect_tcp("rebinding.example.test", 443)
    assert (asked, recorded.addresses) == (["rebinding.example.test"], [public]), "looked at and then used"
    for _ in answers[1:]:
        with pytest.raises(addresses.AddressRefusedError):
            await network.connect_tcp("rebinding.example.test", 443)
    assert recorded.addresses == [public]


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://hooks.example.com/", "https_required"),
        ("https://127.0.0.1/", "private_address"),
        ("https://169.254.169.254/latest", "private_address"),
        ("https://10.1.2.3/", "private_address"),
        ("https://0.0.0.0/", "private_address"),
        ("https://[fe80::1]/", "private_address"),
        ("https://[::1]/", "private_address"),
        ("https://[::ffff:127.0.0.1]/", "private_address"),
        ("https://[64:ff9b::7f00:1]/", "private_address"),
        ("https://[fd00::1]/", "private_address"),
        ("https://user:secret@hooks.example.com/", "invalid_format"),
        ("https://hooks.example.com:99999/", "invalid_value"),
        ("ftp://hooks.example.com/", "invalid_format"),
        ("https://[::1/", "invalid_value"),
    ],
)
async def test_a_webhook_may_not_lead_just_anywhere(director: RunningDirector, url: str, code: str) -> None:
    answer = await director.admin.post("/webhooks", json={"url": url})
    assert answer.status_code == 422
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [("/url", code)]


async def test_a_change_may_not_lead_elsewhere_either(director: RunningDirector) -> None:
    made = (await director.admin.post("/webhooks", json={"url": "https://hooks.example.com/"})).json()
    path = f"/webhooks/{made['id']}"
    refused = await director.admin.patch(path, json={"url": "https://127.0.0.1/"})
    assert refused.status_code == 422
    assert (await director.admin.get(path)).json()["url"] == "https://hooks.example.com/"
    off = (await director.admin.patch(path, json={"enabled": False})).json()
    assert (off["enabled"], off["disabled_reason"]) == (False, "request")
    assert (await director.admin.delete(path)).status_code == 204
    assert (await director.admin.get(path)).status_code == 404


async def test_a_dead_directors_delivery_is_sent_when_its_lease_lapses(director: RunningDirector) -> None:
    with receiving() as receiver:
        made = await hook(director, receiver)
        async with director.app.state.database.write() as session:
            row = await service.webhook(session, UUID(made["id"]))
            delivery = await service.send_test(session, row)
            delivery.next_attempt_at = director.clock() + timedelta(seconds=60)
        assert receiver.received == []
        director.clock.ahead += timedelta(seconds=61)
        director.app.state.wakeups.tell("webhooks")
        assert opened(made, await receiver.next())["type"] == "webhook.test"
