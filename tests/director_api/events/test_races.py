"""What two Directors are told at the same moment: each check ends once, and nobody waits in a circle."""

import asyncio

import pytest

from tests.director_api.conftest import RunningDirector
from tests.director_api.events.test_two_directors import at, directors
from tests.director_api.scripted_actor import AUTHENTICATED, ScriptedActor

__all__ = ["directors"]
ROUNDS = 4


async def code_of(director: RunningDirector, profile_id: str) -> str:
    """Read the manual code."""
    answer = await director.operator.get(f"/email-profiles/{profile_id}/verification-code")
    code: str = answer.json()["verification_uuid"]
    return code


async def test_the_same_result_twice_at_once_at_two_directors_is_recorded_once(
    directors: tuple[RunningDirector, RunningDirector],
) -> None:
    one, other = directors
    actor = await one.enroll("vm-1")
    profile = await one.profile(actor)
    run = await one.verify(profile)
    (lease,) = await actor.poll()
    code = await code_of(one, profile["id"])
    answers = await asyncio.gather(
        *(
            at(director, actor).report(lease, code=code, diagnostics=[AUTHENTICATED])
            for director in directors * 3
        )
    )
    assert [(answer.status_code, answer.json()["state"]) for answer in answers] == [(200, "verified")] * 6
    ended = await other.verification(run)
    assert (ended["state"], ended["outcome"]) == ("finished", "verified")


@pytest.mark.parametrize("round_number", range(ROUNDS))
async def test_ends_changes_and_leases_at_once_wait_for_each_other_in_one_queue(
    directors: tuple[RunningDirector, RunningDirector], round_number: int
) -> None:
    one, other = directors
    await one.admin.put("/settings/email-actions", json={"checks_per_mailbox": 6})
    actors = [await one.enroll(f"vm-{number}") for number in range(6)]
    profile = await one.profile(*actors)
    path = f"/email-profiles/{profile['id']}"
    run = await one.verify(profile)
    (first,) = await actors[0].poll()
    await actors[0].renew(first, progress=[AUTHENTICATED])
    leases = [first, *[(await actor.poll())[0] for actor in actors[1:]]]
    code = await code_of(one, profile["id"])

    def report(number: int, actor: ScriptedActor) -> object:
        director = directors[number % 2]
        return at(director, actor).report(leases[number], code=code, diagnostics=[AUTHENTICATED])

    work = [report(number, actor) for number, actor in enumerate(actors)]
    if round_number % 2:
        work.append(other.operator.post(f"/verifications/{run['id']}/cancel"))
    else:
        work.append(
            other.operator.patch(
                path, json={"note": "x"}, headers={"Content-Type": "application/merge-patch+json"}
            )
        )
    answers = await asyncio.gather(*work)  # type: ignore[call-overload]  # because these are all coroutines
    assert [answer.status_code for answer in answers if answer.status_code >= 500] == []
    ended = await one.verification(run)
    assert ended["state"] != "running"
    assert {check["state"] for check in ended["checks"]} <= {"verified", "cancelled"}
