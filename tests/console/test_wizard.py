"""Adding and editing profiles by the wizard."""

from typing import Any

from tests.console.conftest import Installation
from tests.servers.mailbox import Mailbox


def _typed(installation: Installation, mailbox: Mailbox, password: str | None = None) -> dict[str, Any]:
    imap = {"host": installation.mail.host, "port": installation.mail.dovecot.ports.imap}
    return {
        "address": mailbox.address,
        "username": mailbox.username,
        "password": password or mailbox.password,
        "imap": imap,
    }


def test_from_the_wizard_to_verified(installation: Installation) -> None:
    installation.play("wizard", **_typed(installation, installation.mail.add_user()))


def test_the_main_job_by_the_keyboard_alone(installation: Installation) -> None:
    installation.play("keyboard", **_typed(installation, installation.mail.add_user()))


def test_manually_with_the_code_of_the_dialog(installation: Installation) -> None:
    mailbox = installation.mail.add_user()

    def send(asked: dict[str, Any]) -> None:
        installation.mail.deliver(mailbox, asked["subject"])

    installation.play("manual", {"send": send}, **_typed(installation, mailbox))


def test_a_wrong_password_has_its_hint_beside_it(installation: Installation) -> None:
    typed = _typed(installation, installation.mail.add_user(), "not-the-password")
    installation.play("wrongPassword", **typed, hint="Enter the password again")


def test_a_lost_race_loses_no_typing(installation: Installation) -> None:
    profile = installation.profile(installation.mail.add_user())

    def change(_: dict[str, Any]) -> None:
        installation.change(profile, reverify_every_hours=24, actor_ids=profile["actor_ids"][:1])

    installation.play("lostRace", {"change": change}, address=profile["email_address"])
    saved = installation.director.get(f"/email-profiles/{profile['id']}")
    assert (saved["note"], saved["reverify_every_hours"]) == ("typed here", 24)


def test_a_secret_is_asked_for_again_beside_its_field(installation: Installation) -> None:
    profile = installation.profile(installation.mail.add_user())
    installation.play("secretRequired", address=profile["email_address"])


def test_a_sign_in_that_ends_loses_no_typing(installation: Installation) -> None:
    director = installation.director
    profile = installation.profile(installation.mail.add_user())
    tokens = [director.post("/api-tokens", {"name": f"short-{n}", "role": "admin"}) for n in range(2)]

    def revoke(asked: dict[str, Any]) -> None:
        answer = director.api.delete(f"/api-tokens/{tokens[asked['token']]['id']}")
        assert answer.is_success, answer.text

    secrets = [made["token"] for made in tokens]
    installation.play("sessionEnds", {"revoke": revoke}, address=profile["email_address"], tokens=secrets)


def test_what_is_saved_again_after_a_lost_answer_is_there_once(installation: Installation) -> None:
    typed = _typed(installation, installation.mail.add_user())
    installation.play("savedOnce", **typed)
    assert len(installation.director.get("/email-profiles", q=typed["address"])["items"]) == 1
