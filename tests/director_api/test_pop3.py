"""POP3 profiles: their ports, and one reader at a time."""

from datetime import timedelta

from director_api.clock import utc_now
from tests.director_api.conftest import RunningDirector, profile_body
from tests.director_api.scripted_actor import AUTHENTICATED

BOUND = 10.0


async def test_ports_follow_the_type(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    for encryption, port in (("none", 110), ("starttls", 110), ("ssl_tls", 995)):
        server = {"host": "pop.example.test", "encryption": encryption}
        profile = await director.profile(actor, server_type="pop3", incoming=server)
        assert (profile["server_type"], profile["type"]) == ("pop3", "POP3")
        assert profile["server_address"] == f"pop.example.test:{port}"


async def test_a_mailbox_that_is_shared_has_one_reader_at_a_time(director: RunningDirector) -> None:
    first, second = await director.enroll("first"), await director.enroll("second")
    one = await director.profile(first, server_type="pop3")
    other = await director.profile(second, server_type="pop3")
    await director.verify(one)
    run = await director.verify(other)
    (lease,) = await first.poll()
    await first.renew(lease, progress=[AUTHENTICATED])
    assert await second.poll() == []
    for _ in range(4):
        await director.pass_time(50)
        await first.renew(lease)
    waiting = (await director.verification(run))["checks"][0]
    assert waiting["state"] == "queued", "waiting for one's turn is not being offline"


async def test_the_next_actor_takes_its_turn_when_the_first_hands_back(director: RunningDirector) -> None:
    first, second = await director.enroll("first"), await director.enroll("second")
    await director.verify(await director.profile(first, second, server_type="pop3"))
    (lease,) = await first.poll()
    await first.renew(lease, progress=[AUTHENTICATED])
    assert await second.poll() == []
    await director.pass_time(55)
    assert (await first.renew(lease)).json()["search_seconds_left"] < 600 - 54
    await first.hand_back(lease, (utc_now() + timedelta(hours=1)).isoformat())
    (turn,) = await second.poll(wait_seconds=BOUND)
    left = (await second.renew(turn)).json()["search_seconds_left"]
    assert left > 600 - 5, "the time spent waiting is no part of the search"


async def test_a_type_that_does_not_exist_is_named(director: RunningDirector) -> None:
    answer = await director.operator.post("/email-profiles", json={"server_type": "carrier-pigeon"})
    (error,) = answer.json()["errors"]
    assert (error["pointer"], error["code"]) == ("/server_type", "not_a_choice")
    assert "'pop3'" in error["detail"]


async def test_another_mailbox_is_refused_since_pop3_has_none(director: RunningDirector) -> None:
    body = profile_body(await director.enroll("vm-1"), server_type="pop3", mailbox="shared")
    answer = await director.operator.post("/email-profiles", json=body)
    (error,) = answer.json()["errors"]
    assert "no other" in error["detail"]
