"""Gmail without SMTP anywhere: the Director sends by its API, the Actor reads by it, against a strict stand-in."""

import json
from pathlib import Path

from tests.end_to_end.gmail import Stage
from tests.servers.google.project import ServiceAccount
from tests.servers.google.sending import SEND
from tests.servers.google.service import google_service
from tests.servers.ports import free_ports


def test_strict_a_code_that_leaves_by_the_gmail_api_is_found_and_a_refusal_says_why(tmp_path: Path) -> None:
    with google_service(tmp_path) as google:
        stage = Stage(tmp_path, free_ports(1)[0], google)
        try:
            _sends_and_is_refused(stage)
        finally:
            stage.director.close()


def _sends_and_is_refused(stage: Stage) -> None:
    sender = stage.account("director")
    robot = ServiceAccount(
        "sender@project.iam.example.test", "900000000000000000001", delegated=frozenset({SEND})
    )
    stage.google.project.add_service_account(robot)
    settings = {"transport": "gmail", "from_address": sender.address}
    stage.director.put("/settings/email", {**settings, "service_account_json": robot.key_file()})
    profile = stage.profile_by_service_account(stage.account("read"), manual=False)

    check = stage.check(profile)
    assert (check["state"], check["proof"], check["mail"]) == ("verified", "retrieved", "sent")

    robot.delegated = frozenset()
    check = stage.check(profile)
    assert (check["state"], check["failure_code"]) == ("unverified", "send_not_permitted")
    assert "gmail.send" in check["hint"]
    key = json.loads(robot.key_file())["private_key"].splitlines()[1]
    assert key not in stage.told()
    assert "ya29." not in stage.told()
