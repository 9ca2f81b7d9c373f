"""Every page of the console: for everyone's eyes and hands."""

import shlex
from pathlib import Path
from typing import Any

from tests.console.conftest import Installation
from tests.console.stage import Answer
from tests.end_to_end.processes import ActorProcess


def test_every_page_is_accessible_and_narrow_enough(installation: Installation) -> None:
    profile = installation.profile(installation.mail.add_user())
    manual = installation.profile(installation.mail.add_user(), send_verification_manually=True)
    installation.director.ended(installation.director.verify(profile))
    installation.play("everyPage", address=profile["email_address"], manual=manual["email_address"])


def test_every_dialog_does_its_work_for_everyone(installation: Installation, tmp_path: Path) -> None:
    director = installation.director
    profile = installation.profile(installation.mail.add_user())
    added: list[ActorProcess] = []

    def enroll(asked: dict[str, Any]) -> None:
        command = shlex.split(asked["command"])
        token = command[command.index("--token") + 1]
        told = ["actor", "enroll", "--director", director.url, "--name", "vm-3", "--token", token]
        assert command == [*told, "&&", "actor", "run"]
        added.append(ActorProcess("vm-3", tmp_path, director.url, token))
        added[0].start()

    def describe(asked: dict[str, Any]) -> None:
        zones = director.get("/security-zones", limit=200)["items"]
        (zone,) = (each for each in zones if each["name"] == asked["zone"])
        path, change = f"/security-zones/{zone['id']}", {"description": asked["description"]}
        assert director.api.patch(path, json=change).is_success

    answers: dict[str, Answer] = {"enroll": enroll, "describe": describe, "kill": lambda _: added[0].kill()}
    try:
        installation.play("everyDialog", answers, address=profile["email_address"])
    finally:
        for actor in added:
            actor.kill()


def test_every_step_of_the_forms_is_for_everyone(installation: Installation) -> None:
    profile = installation.profile(installation.mail.add_user())
    installation.play("everyForm", address=profile["email_address"])
