"""What Actors are asked by the answers to their polls, how they stand, and what they can't do."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from joserfc.jwk import OKPKey

from tests.director_api.conftest import RunningDirector
from tests.director_api.scripted_actor import ScriptedActor


async def asked(actor: ScriptedActor, wait_seconds: float = 0) -> dict[str, Any] | None:
    """Poll, and return what the Actor is asked itself."""
    answer = await actor.call("POST", "/actor/leases", {"capacity": 1, "wait_seconds": wait_seconds})
    if answer.status_code == 204:
        return None
    control: dict[str, Any] | None = answer.json()["control"]
    return control


async def shown(director: RunningDirector, actor: ScriptedActor) -> dict[str, Any]:
    """Read the Actor."""
    read: dict[str, Any] = (await director.viewer.get(f"/actors/{actor.id}")).json()
    return read


async def tell(actor: ScriptedActor, **status: Any) -> None:
    """Say what the Actor is."""
    body = {"version": "test", "poll_seconds": 60, **status}
    assert (await actor.call("PUT", "/actor/status", body)).status_code == 204


async def ask(director: RunningDirector, actor: ScriptedActor, action: str) -> None:
    """Ask the Actor to do something."""
    answer = await director.admin.post(f"/actors/{actor.id}/{action}")
    assert answer.status_code == 200, answer.text


async def test_a_held_poll_is_answered_at_once_with_what_is_asked(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    poll = asyncio.create_task(asked(actor, wait_seconds=30))
    await asyncio.sleep(0)
    await ask(director, actor, "stop")
    async with asyncio.timeout(20):
        control = await poll
    assert control is not None
    assert control["action"] == "stop"
    assert (await shown(director, actor))["asked"] == ["stop"]
    assert await asked(actor) is None  # not in a tight loop
    director.clock.ahead += timedelta(seconds=61)
    again = await asked(actor)
    assert again is not None  # but again, since answers get lost
    await tell(actor, draining=True)
    assert (await shown(director, actor))["asked"] == []


async def test_a_paused_actor_is_given_nothing_until_it_is_resumed(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    await director.verify(await director.profile(actor))
    await ask(director, actor, "pause")
    control = await asked(actor)
    assert control is not None
    assert control["action"] == "pause"
    await tell(actor, paused=True)
    assert await actor.poll() == []
    read = await shown(director, actor)
    assert (read["paused"], read["asked"], read["state"]) == (True, [], "connected")
    await ask(director, actor, "resume")
    await tell(actor, paused=False)
    assert len(await actor.poll()) == 1


async def test_an_actor_that_forgot_that_it_is_paused_is_told_again(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    await ask(director, actor, "pause")
    await tell(actor, paused=True)
    await tell(actor, paused=False)  # it was started anew
    control = await asked(actor)
    assert control is not None
    assert control["action"] == "pause"


async def test_how_an_actor_stands_is_told_apart(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    await actor.poll()
    assert (await shown(director, actor))["state"] == "connected"
    await tell(actor, draining=True)
    assert (await shown(director, actor))["state"] == "draining"
    await tell(actor, draining=True, stopped=True)
    read = await shown(director, actor)
    assert (read["state"], read["online"]) == ("disconnected", False)
    await tell(actor)
    assert (await shown(director, actor))["state"] == "connected"
    director.clock.ahead += timedelta(seconds=179)
    assert (await shown(director, actor))["state"] == "connected"
    director.clock.ahead += timedelta(seconds=2)
    assert (await shown(director, actor))["state"] == "lost"


async def test_the_director_gives_the_intervals_and_three_missed_ones_are_offline(
    director: RunningDirector,
) -> None:
    actor = await director.enroll("vm-1")
    changed = await director.admin.patch(f"/actors/{actor.id}", json={"poll_seconds": 20})
    assert changed.json()["poll_seconds"] == 20
    control = await asked(actor)
    assert control == {"action": "set_intervals", "poll_seconds": 20, "renew_seconds": 20}
    await tell(actor, poll_seconds=20)
    assert (await shown(director, actor))["asked"] == []
    director.clock.ahead += timedelta(seconds=61)
    assert (await shown(director, actor))["online"] is False
    await tell(actor)  # started anew, with what it learnt when it enrolled
    assert (await shown(director, actor))["asked"] == ["set_intervals"]


async def test_a_rotated_credential_shuts_nobody_out_when_its_answer_is_lost(
    director: RunningDirector,
) -> None:
    actor = await director.enroll("vm-1")
    await ask(director, actor, "rotate-credential")
    control = await asked(actor)
    assert control is not None
    assert control["action"] == "rotate_credential"
    old = actor.credential

    async def rotate() -> tuple[str, OKPKey]:
        key = OKPKey.generate_key("X25519")
        body = {"public_key": key.as_dict(private=False)}
        answer = await actor.call("POST", "/actor/credential/rotate", body)
        assert answer.status_code == 200, answer.text
        return answer.json()["credential"], key

    lost, _ = await rotate()
    actor.credential, actor.key = await rotate()
    assert actor.credential != lost
    await tell(actor)
    assert (await shown(director, actor))["asked"] == []
    await director.verify(await director.profile(actor))
    (lease,) = await actor.poll()
    assert actor.unseal(lease)["username"] == "box"  # sealed to the new key
    for ended in (old, lost):
        actor.credential = ended
        assert (await actor.call("PUT", "/actor/status", {"version": "test"})).status_code == 401


async def test_what_an_actor_finds_out_about_itself_is_shown(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    await ask(director, actor, "run-diagnostics")
    finding = {"name": "disk", "ok": False, "detail": "12 MiB free"}
    answer = await actor.call("PUT", "/actor/diagnostics", {"findings": [finding]})
    assert answer.status_code == 204
    read = await shown(director, actor)
    assert (read["self_diagnosis"], read["asked"]) == ([finding], [])
    assert read["self_diagnosed_at"]


@pytest.mark.parametrize(
    ("capabilities", "missing"),
    [(["check", "connectivity", "imap", "plain"], "ntlm"), (["check", "connectivity", "ntlm"], "imap")],
)
async def test_what_an_actor_can_not_do_fails_before_it_is_given(
    director: RunningDirector, capabilities: list[str], missing: str
) -> None:
    actor = await director.enroll("vm-1")
    await tell(actor, capabilities=capabilities)
    incoming = {"host": "imap.example.test", "authentication": "ntlm"}
    profile = await director.profile(actor, incoming=incoming)
    run = await director.verify(profile)
    assert run["state"] == "finished"
    (check,) = run["checks"]
    assert check["failure_code"] == "actor_lacks_capability"
    assert check["failure_detail"] == f"The Actor vm-1 (version test) lacks: {missing}."
    assert await actor.poll() == []
    path = f"/email-profiles/{profile['id']}/connectivity-check"
    tried = (await director.operator.post(path)).json()
    assert (tried["state"], tried["checks"][0]["failure_code"]) == ("finished", "actor_lacks_capability")
