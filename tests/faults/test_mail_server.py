"""The Director's mail server gone, refusing, greylisting or slow."""

import threading
from email.message import Message

from tests.faults.cluster import Cluster, started, verified
from tests.servers.ports import free_ports
from tests.servers.scripted_smtp import ACCEPTED, GREYLISTED, HANG_UP, REFUSED

SLOW_SECONDS = 3.0


def test_gone_and_back(directors: Cluster) -> None:
    settings = directors.smtp.settings
    directors.put("/settings/email", {**settings, "port": free_ports(1)[0]})
    run = started(directors)
    directors.until(lambda: directors.get(f"/verifications/{run['id']}")["checks"][0]["mail"] == "deferred")
    directors.put("/settings/email", settings)
    assert verified(directors, run)["mail"] == "sent"


def test_greylisting_refusing_breaking_and_slow(directors: Cluster) -> None:
    """Each message meets its own fate, by the order in which they come first."""
    fates = {"greylisted": [GREYLISTED], "broken": [HANG_UP], "refused": [REFUSED], "slow": [ACCEPTED]}
    left = list(fates)
    known: dict[str, str] = {}
    never = threading.Event()

    def at_message(message: Message) -> bytes:
        address = str(message["To"])
        fate = known.setdefault(address, left.pop(0) if left else "")
        if fate == "slow":
            never.wait(SLOW_SECONDS)
        answer = fates[fate].pop() if fates.get(fate) else ACCEPTED
        return directors.deliver(message) if answer == ACCEPTED else answer

    directors.smtp.at_message = at_message
    runs = [started(directors) for _ in fates]
    addresses = {
        run["id"]: directors.get(f"/email-profiles/{run['profile_id']}")["email_address"] for run in runs
    }
    for run in runs:
        ended = directors.ended(run)
        check = ended["checks"][0]
        if known[addresses[run["id"]]] == "refused":
            assert (ended["outcome"], check["failure_code"]) == ("unverified", "send_rejected")
        else:
            assert (ended["outcome"], check["mail"]) == ("verified", "sent"), check
