"""Processes that die in the middle, and what becomes of the verification."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.end_to_end.conftest import MakeProfile
from tests.end_to_end.processes import DirectorProcess
from tests.servers.mail_servers import MailServers

BOUND = 60.0


@contextmanager
def silent_server() -> Iterator[socket.socket]:
    """A server that accepts connections and never speaks: who calls it waits."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(BOUND)
        yield server


def until(director: DirectorProcess, run: dict[str, Any], state: str) -> None:
    """Watch a verification until its check is in ``state``."""
    for _ in range(600):
        # Each answer comes when something changed, or after a tenth of a second.
        if director.get(f"/verifications/{run['id']}", wait=0.1)["checks"][0]["state"] == state:
            return
    raise AssertionError(f"the check never was {state}")


def test_a_director_killed_between_accepting_and_sending_still_sends(
    director: DirectorProcess, mail_servers: MailServers, make_profile: MakeProfile
) -> None:
    profile = make_profile(mail_servers.add_user(), director.actor("vm-1"))
    with silent_server() as silent:
        settings = {
            "from_address": "director@example.test",
            "host": "127.0.0.1",
            "port": silent.getsockname()[1],
        }
        director.put("/settings/email", settings)
        run = director.verify(profile)
        sending, _ = silent.accept()
        director.kill()
        sending.close()
    director.start()
    assert director.get(f"/verifications/{run['id']}")["state"] == "running"
    director.put("/settings/email", {**settings, "port": mail_servers.postfix.ports.smtp})
    ended = director.ended(run)
    assert ended["outcome"] == "verified", ended
    assert ended["checks"][0]["mail"] == "sent"


def test_an_actor_killed_in_the_middle_is_given_the_check_again(
    director: DirectorProcess, mail_servers: MailServers, make_profile: MakeProfile
) -> None:
    actor = director.actor("vm-1")
    mailbox = mail_servers.add_user()
    profile = make_profile(mailbox, actor, send_verification_manually=True)
    run = director.verify(profile)
    until(director, run, "leased")
    actor.kill()
    mail_servers.deliver(
        mailbox, director.get(f"/email-profiles/{profile['id']}/verification-code")["subject"]
    )
    actor.start()
    ended = director.ended(run)
    assert ended["outcome"] == "verified", ended
    assert ended["checks"][0]["attempts"] == 1


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
