"""A server that goes away while mail is waited for: what time mends ends no check that has read its mailbox."""

import pytest

from director_api.clock import utc_now
from tests.director_api.conftest import RunningDirector
from tests.director_api.scripted_actor import AUTHENTICATED
from tests.director_api.test_verification import code_of

CLOSED = {"step": "authenticate", "outcome": "failed", "code": "connection_closed", "milliseconds": 3}


async def test_a_mailbox_that_was_read_is_looked_into_again(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    profile = await director.profile(actor)
    run = await director.verify(profile)
    (lease,) = await actor.poll()
    await actor.renew(lease, progress=[AUTHENTICATED], searches=1)
    answer = await actor.report(lease, failure_code="tcp_refused")
    assert answer.json() == {"state": "queued", "failure_code": None}
    assert await actor.poll() == []
    await director.pass_time(61)
    (lease,) = await actor.poll()
    assert (await actor.report(lease, code=await code_of(director, profile))).json()["state"] == "verified"
    assert (await director.verification(run))["checks"][0]["attempts"] == 0


async def test_a_search_that_a_hand_back_alone_tells_of_counts(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    profile = await director.profile(actor)
    await director.verify(profile)
    (lease,) = await actor.poll()
    lost = {"hand_back": True, "look_again_at": utc_now().isoformat()}
    await actor.renew(lease, progress=[AUTHENTICATED], searches=1, **lost)
    (lease,) = await actor.poll()
    answer = await actor.report(lease, failure_code="tcp_refused")
    assert answer.json() == {"state": "queued", "failure_code": None}


async def test_what_has_not_passed_by_the_end_of_the_search_ends_the_check(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    run = await director.verify(await director.profile(actor))
    (lease,) = await actor.poll()
    await actor.renew(lease, progress=[AUTHENTICATED], searches=1)
    looks = 0
    while (await actor.report(lease, failure_code="greeting_refused")).json()["state"] == "queued":
        looks += 1
        await director.pass_time(61)
        (lease,) = await actor.poll()
    assert 8 <= looks <= 10, "once a minute, for the ten minutes of a search"
    assert (await director.verification(run))["checks"][0]["failure_code"] == "greeting_refused"


@pytest.mark.parametrize(
    ("searches", "ending"),
    [
        (0, {"failure_code": "tcp_refused"}),
        (1, {"failure_code": "tls_certificate_expired"}),
        (1, {"failure_code": "connection_closed", "diagnostics": [CLOSED]}),
    ],
    ids=["it was never read", "time won't mend it", "a login that may have been refused"],
)
async def test_what_else_fails_ends_the_check_at_once(
    director: RunningDirector, searches: int, ending: dict[str, object]
) -> None:
    actor = await director.enroll("vm-1")
    await director.verify(await director.profile(actor))
    (lease,) = await actor.poll()
    await actor.renew(lease, progress=[AUTHENTICATED], searches=searches)
    assert (await actor.report(lease, **ending)).json()["state"] == "unverified"
