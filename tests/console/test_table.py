"""The table of profiles, live."""

import os
import signal

from tests.console.conftest import Installation
from tests.console.stage import Answer


def test_verified_without_a_reload(installation: Installation) -> None:
    mailbox = installation.mail.add_user()
    installation.profile(mailbox)
    installation.play("verify", address=mailbox.address)


def test_a_viewer_sees_nothing_of_what_changes_anything(installation: Installation) -> None:
    profile = installation.profile(installation.mail.add_user(), send_verification_manually=True)
    installation.director.verify(profile)
    viewer = installation.director.post("/api-tokens", {"name": "eyes", "role": "viewer"})
    installation.play("viewer", address=profile["email_address"], token=viewer["token"])


def test_a_director_that_goes_away_and_comes_back(installation: Installation) -> None:
    profile = installation.profile(installation.mail.add_user())
    director = installation.director
    answers: dict[str, Answer] = {
        "kill": lambda _: director.kill(),
        "start": lambda _: director.start(),
        "change": lambda _: installation.change(profile, note="changed meanwhile"),
    }
    installation.play("away", answers, address=profile["email_address"])


def test_a_director_that_stands_still(installation: Installation) -> None:
    profile = installation.profile(installation.mail.add_user())
    process = installation.director.process
    assert process is not None
    answers: dict[str, Answer] = {
        "halt": lambda _: os.kill(process.pid, signal.SIGSTOP),
        "goOn": lambda _: os.kill(process.pid, signal.SIGCONT),
    }
    try:
        installation.play("stalls", answers, address=profile["email_address"])
    finally:
        os.kill(process.pid, signal.SIGCONT)


def test_the_verification_that_runs_is_shown_first_and_cancelled(installation: Installation) -> None:
    director = installation.director
    profile = installation.profile(installation.mail.add_user(), send_verification_manually=True)
    for _ in range(2):
        director.post(f"/verifications/{director.verify(profile)['id']}/cancel")
    last = director.verify(profile)
    installation.play("running", address=profile["email_address"])
    assert director.get(f"/verifications/{last['id']}")["state"] == "cancelled"
