"""Every page of the console: for everyone's eyes and hands."""

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.console.conftest import Installation
from tests.console.stage import Answer
from tests.end_to_end.processes import ActorProcess

_WORDS = "This mailbox is for the drills, and no person reads it. " * 6
_WORD = "word" * 50
_RIGHT_TO_LEFT = "תיבת דואר לתרגילים, שאיש אינו קורא " * 9
_NAME = "name" * 32
_HOST = f"{'host' * 15}.{'host' * 15}.{'host' * 15}.example.test"
_EXPIRED = "expired@contoso.test"


def _long_profiles(installation: Installation) -> Iterator[dict[str, Any]]:
    for note in (_WORDS[:300], _WORD, _RIGHT_TO_LEFT):
        yield installation.body(installation.mail.add_user(), note=note)
    long = installation.body(installation.mail.add_user(), incoming={"host": _HOST}, outgoing={"host": _HOST})
    yield {**long, "email_address": f"a@{_HOST}", "account": {"username": _WORD, "password": "never-used"}}
    app = {"tenant_id": "contoso.test", "client_id": "an-app", "client_secret": "never-used"}
    graph = {**app, "client_secret_expires_at": "2026-01-31T00:00:00Z"}
    fields = {"server_type": "microsoft_graph", "email_address": _EXPIRED, "graph": graph}
    yield {**fields, "actor_ids": long["actor_ids"]}


@contextmanager
def _long_texts(installation: Installation) -> Iterator[str]:
    """Have texts of any length on every page; yields the token of someone whose name is long, too."""
    director = installation.director
    for body in _long_profiles(installation):
        director.post("/email-profiles", body)
    token = director.post("/api-tokens", {"name": _NAME, "role": "admin"})
    zone = director.post("/security-zones", {"name": _NAME, "description": _WORD})
    url = f"https://hooks.example.test/{_WORD}"
    webhook = director.post("/webhooks", {"url": url, "note": _WORD, "types": ["actor.online"]})
    yield token["token"]
    for path in (f"webhooks/{webhook['id']}", f"security-zones/{zone['id']}", f"api-tokens/{token['id']}"):
        assert director.api.delete(f"/{path}").is_success


def test_every_page_is_accessible_and_narrow_enough(installation: Installation) -> None:
    profile = installation.profile(installation.mail.add_user())
    manual = installation.profile(installation.mail.add_user(), send_verification_manually=True)
    installation.director.ended(installation.director.verify(profile))
    installation.director.verify(manual)
    world = {"address": profile["email_address"], "manual": manual["email_address"], "expired": _EXPIRED}
    with _long_texts(installation) as token:
        installation.play("everyPage", token=token, **world)


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
