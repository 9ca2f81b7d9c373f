"""A real Actor does what its Director asks by the answers to its polls."""

import time
from collections.abc import Callable
from typing import Any

from tests.end_to_end.conftest import MakeProfile
from tests.end_to_end.processes import DirectorProcess
from tests.servers.mail_servers import MailServers

PATIENCE_SECONDS = 40.0


def until(read: Callable[[], dict[str, Any]], holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Read until it holds; there is no event to wait for on the other side of HTTP."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds(shown := read()):
        assert time.monotonic() < deadline, shown
        time.sleep(0.05)
    return shown


def test_an_actor_pauses_rotates_diagnoses_itself_and_stops(
    director: DirectorProcess, mail_servers: MailServers, make_profile: MakeProfile
) -> None:
    actor = director.actor("vm-1")
    (actor_id,) = director.actor_ids(actor)
    path = f"/actors/{actor_id}"

    def shown() -> dict[str, Any]:
        return director.get(path)

    def ask(action: str) -> None:
        director.post(f"{path}/{action}")

    until(shown, lambda read: read["state"] == "connected")
    for action, paused in (("pause", True), ("resume", False)):
        ask(action)
        assert until(shown, lambda read: not read["asked"])["paused"] is paused
    ask("run-diagnostics")
    findings = until(shown, lambda read: read["self_diagnosed_at"] is not None)["self_diagnosis"]
    assert {"version", "director", "name_servers", "interfaces"} <= {found["name"] for found in findings}
    ask("rotate-credential")
    until(shown, lambda read: not read["asked"])

    # What is sealed from here on is sealed to the new key.
    profile = make_profile(mail_servers.add_user(), actor)
    run = director.post(f"/email-profiles/{profile['id']}/connectivity-check")
    tried = director.get(f"/connectivity-checks/{run['id']}", wait=60)
    assert tried["summary"] == "vm-1 reaches it.", tried
    steps = {step["step"]: step["detail"] for step in tried["checks"][0]["diagnostics"]}
    assert steps["connect"]["local"]

    ask("stop")
    assert until(shown, lambda read: read["state"] == "disconnected")["online"] is False
