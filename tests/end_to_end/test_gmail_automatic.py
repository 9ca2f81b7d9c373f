"""Gmail in automatic mode when it goes wrong: Director's mail by SMTP, an Actor, and a strict stand-in for Google."""

import threading
from typing import Any

from tests.end_to_end.gmail import Stage

SEARCH_SECONDS = 5


class Heard(list[str]):
    """What the stand-in was asked, and whether `text` was among it yet."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text
        self.event = threading.Event()

    def append(self, line: str) -> None:
        super().append(line)
        if self._text in line:
            self.event.set()


def test_strict_mail_that_never_comes_has_its_possible_causes(stage: Stage) -> None:
    """Nothing came; something else came, two seconds later; and what came was thrown away at once."""
    accounts = {name: stage.account(f"{name}-never") for name in ("nothing", "other", "trash")}
    names = {account.address: name for name, account in accounts.items()}

    def deliver(address: str, subject: str) -> None:
        match names[address]:
            case "other":
                accounts["other"].deliver("lunch?", after_seconds=2, age_seconds=-2)
            case "trash":
                accounts["trash"].deliver(subject, "TRASH")

    profiles = {name: stage.profile(account, manual=False) for name, account in accounts.items()}
    with stage.mailing(deliver), stage.searching(SEARCH_SECONDS):
        runs = {name: stage.director.verify(profile) for name, profile in profiles.items()}
        checks = {name: stage.director.ended(run)["checks"][0] for name, run in runs.items()}

    for check in checks.values():
        ended = (check["state"], check["failure_code"], check["mail"])
        assert ended == ("unverified", "code_not_found", "sent")
        assert check["mail_reply"] == "2.0.0 Delivered"
        assert "still be on its way" in check["possible_causes"][-1]
    likeliest = {name: check["possible_causes"][0] for name, check in checks.items()}
    assert "nothing reached the mailbox since" in likeliest["nothing"]
    assert "other mail reached the mailbox meanwhile" in likeliest["other"]
    assert "in the mailbox's trash" in likeliest["trash"]


def test_strict_a_consent_that_was_revoked_before_is_asked_for_again(stage: Stage) -> None:
    account = stage.account("revoked-before")
    profile = stage.profile(account, manual=False)
    stage.google.project.revoke(account.address)
    with stage.mailing(lambda _, subject: account.deliver(subject)):
        _is_asked_for_again(stage, profile, stage.check(profile))
        _serves_again(stage, profile)


def test_strict_a_consent_that_is_revoked_during_the_search_is_asked_for_again(stage: Stage) -> None:
    account = stage.account("revoked-during")
    profile = stage.profile(account, manual=False)
    heard = stage.google.project.asked = Heard("maxResults=100")

    def revoke(_: str, subject: str) -> None:
        assert heard.event.wait(60), "the Actor searches before the mail is there"
        stage.google.project.revoke(account.address)
        account.deliver(subject)

    with stage.mailing(revoke):
        check = stage.check(profile)
    _is_asked_for_again(stage, profile, check)
    with stage.mailing(lambda _, subject: account.deliver(subject)):
        _serves_again(stage, profile)


def _is_asked_for_again(stage: Stage, profile: dict[str, Any], check: dict[str, Any]) -> None:
    assert (check["state"], check["failure_code"]) == ("unverified", "gmail_consent_revoked")
    assert "Authorize the profile again" in check["hint"]
    assert "authorize" in stage.read(profile)["available_actions"]
    (event,) = stage.events(profile, "consent.required")
    assert event["data"]["failure_code"] == "gmail_consent_revoked"


def _serves_again(stage: Stage, profile: dict[str, Any]) -> None:
    assert stage.consent(profile).status_code == 200
    assert "authorize" not in stage.read(profile)["available_actions"]
    check = stage.check(profile)
    assert (check["state"], check["proof"]) == ("verified", "retrieved")
