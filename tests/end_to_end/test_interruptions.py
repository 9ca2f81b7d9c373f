"""Processes that die in the middle, and what becomes of the verification."""

from typing import Any

from tests.end_to_end.conftest import MakeProfile
from tests.end_to_end.processes import DirectorProcess
from tests.servers.mail_servers import MailServers


def until(director: DirectorProcess, run: dict[str, Any], state: str) -> None:
    """Watch a verification until its check is in ``state``."""
    for _ in range(600):
        # Each answer comes when something changed, or after a tenth of a second.
        if director.get(f"/verifications/{run['id']}", wait=0.1)["checks"][0]["state"] == state:
            return
    raise AssertionError(f"the check never was {state}")


def test_an_actor_that_is_stopped_hands_its_check_back_at_once(
    director: DirectorProcess, mail_servers: MailServers, make_profile: MakeProfile
) -> None:
    actor = director.actor("vm-1")
    profile = make_profile(mail_servers.add_user(), actor, send_verification_manually=True)
    run = director.verify(profile)
    until(director, run, "leased")
    assert actor.process is not None
    assert actor.process.stop() == 0
    check = director.get(f"/verifications/{run['id']}")["checks"][0]
    assert (check["state"], check["attempts"]) == ("queued", 0)


def test_an_actor_outlives_its_directors_absence(
    director: DirectorProcess, mail_servers: MailServers, make_profile: MakeProfile
) -> None:
    actor = director.actor("vm-1")
    mailbox = mail_servers.add_user()
    profile = make_profile(mailbox, actor, send_verification_manually=True)
    subject = director.get(f"/email-profiles/{profile['id']}/verification-code")["subject"]
    run = director.verify(profile)
    until(director, run, "leased")
    director.kill()
    mail_servers.deliver(mailbox, subject)
    director.start()
    ended = director.ended(run)
    assert ended["outcome"] == "verified", ended


def test_a_director_that_is_stopped_lets_its_polls_go_at_once(director: DirectorProcess) -> None:
    actor = director.actor("vm-1")
    assert actor.process is not None
    while not director.get("/actors")["items"][0]["online"]:
        pass
    assert director.process is not None
    director.process.stop()
    late = [line for line in director.process.lines if "graceful shutdown exceeded" in line]
    assert not late, "a held poll kept the Director from stopping"
