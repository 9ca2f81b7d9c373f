"""Somebody sends the code by hand, and not quite right: a real mailbox, and what is said before the deadline."""

import json
from typing import Any

from tests.end_to_end.conftest import MakeProfile
from tests.end_to_end.processes import DirectorProcess
from tests.servers.mail_servers import MailServers
from tests.servers.mailbox import Mailbox

KINDS = ("code_without_parentheses", "code_incomplete", "code_outdated")


def _subject(director: DirectorProcess, profile: dict[str, Any]) -> str:
    subject: str = director.get(f"/email-profiles/{profile['id']}/verification-code")["subject"]
    return subject


def _nearly(director: DirectorProcess, profile: dict[str, Any], kind: str) -> str:
    """What is sent in place of the subject that is shown."""
    shown = _subject(director, profile)
    if kind == "code_outdated":
        director.post(f"/email-profiles/{profile['id']}/verification-code/rotate")
        return shown
    return shown[1:-1] if kind == "code_without_parentheses" else f"{shown[:12]})"


def _told(director: DirectorProcess, runs: dict[str, str]) -> dict[str, str]:
    """Listen until each run has told of a near miss; return what, by the run's name."""
    told: dict[str, str] = {}
    params: dict[str, str | int] = {"types": "verification.progressed", "last_event_id": 0, "seconds": 60}
    with director.api.stream("GET", "/events", params=params) as events:
        for line in events.iter_lines():
            if not line.startswith("data: "):
                continue
            said = json.loads(line.removeprefix("data: "))
            codes = [step["code"] for step in said["data"]["steps"] if step["step"] == "search"]
            if codes and codes[-1] in KINDS:
                assert (said["data"]["state"], said["data"]["failure_code"]) == ("leased", None)
                told[runs[said["data"]["verification_id"]]] = codes[-1]
            if len(told) == len(runs):
                break
    return told


def test_a_near_miss_is_told_while_the_search_goes_on_and_forgotten_once_the_code_is_there(
    director: DirectorProcess, make_profile: MakeProfile, mail_servers: MailServers
) -> None:
    actor = director.actor("vm-1")
    mailboxes: dict[str, Mailbox] = {kind: mail_servers.add_user() for kind in KINDS}
    profiles = {
        kind: make_profile(mailbox, actor, send_verification_manually=True)
        for kind, mailbox in mailboxes.items()
    }
    for kind, mailbox in mailboxes.items():
        mail_servers.dovecot.deliver(mailbox, _nearly(director, profiles[kind], kind))
    runs = {kind: director.verify(profile) for kind, profile in profiles.items()}

    told = _told(director, {run["id"]: kind for kind, run in runs.items()})

    assert told == {kind: kind for kind in KINDS}
    for kind, mailbox in mailboxes.items():
        mail_servers.dovecot.deliver(mailbox, _subject(director, profiles[kind]))
    for run in runs.values():
        (check,) = director.ended(run)["checks"]
        assert (check["state"], check["warnings"]) == ("verified", [])
