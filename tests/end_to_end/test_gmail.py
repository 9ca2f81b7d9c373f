"""Gmail from the profile to the outcome: Director, Actor, and a stand-in that conforms to Google's documentation."""

import json
from typing import Any

import pytest

from tests.end_to_end.gmail import SECRET, Stage

NAMES = ("there", "spam", "late")


def _outcomes(stage: Stage, profiles: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    runs = {name: stage.director.verify(profile) for name, profile in profiles.items()}
    return {name: stage.director.ended(run)["checks"][0] for name, run in runs.items()}


def _are_as_they_should(checks: dict[str, dict[str, Any]]) -> None:
    assert {name: check["state"] for name, check in checks.items()} == dict.fromkeys(NAMES, "verified")
    warned = {name: [warning["code"] for warning in check["warnings"]] for name, check in checks.items()}
    assert warned == {"there": [], "spam": ["found_in_junk"], "late": []}
    assert checks["there"]["evidence"]["folder"] == "INBOX"


def test_strict_mail_sent_by_hand_is_found_in_the_inbox_in_spam_and_late(stage: Stage) -> None:
    accounts = {name: stage.account(f"hand-{name}") for name in NAMES}
    profiles = {name: stage.profile(account) for name, account in accounts.items()}
    accounts["there"].deliver(stage.subject(profiles["there"]))
    accounts["spam"].deliver(stage.subject(profiles["spam"]), "SPAM")
    accounts["late"].deliver(stage.subject(profiles["late"]), after_seconds=4)

    checks = _outcomes(stage, profiles)

    _are_as_they_should(checks)
    assert {check["proof"] for check in checks.values()} == {"manual"}


def test_strict_mail_that_the_director_sends_is_found_in_the_inbox_in_spam_and_late(stage: Stage) -> None:
    accounts = {name: stage.account(f"auto-{name}") for name in NAMES}
    by_address = {account.address: (name, account) for name, account in accounts.items()}

    def deliver(address: str, subject: str) -> None:
        name, account = by_address[address]
        account.deliver(
            subject, "SPAM" if name == "spam" else "INBOX", after_seconds=4 if name == "late" else 0
        )

    profiles = {name: stage.profile(account, manual=False) for name, account in accounts.items()}
    with stage.mailing(deliver):
        checks = _outcomes(stage, profiles)

    _are_as_they_should(checks)
    assert {check["proof"] for check in checks.values()} == {"retrieved"}


@pytest.mark.parametrize("manual", [True, False], ids=["manual", "automatic"])
def test_strict_a_service_account_needs_no_consent(stage: Stage, manual: bool) -> None:
    account = stage.account(f"delegated-{manual}")
    profile = stage.profile_by_service_account(account, manual=manual)
    assert "authorize" not in profile["available_actions"]
    with stage.mailing(lambda _, subject: account.deliver(subject)):
        if manual:
            account.deliver(stage.subject(profile))
        assert stage.check(profile)["state"] == "verified"


def test_strict_mail_that_never_comes(stage: Stage) -> None:
    profile = stage.profile(stage.account("never"))
    with stage.searching(3):
        check = stage.check(profile)
    assert (check["state"], check["failure_code"]) == ("unverified", "code_not_found")


def test_strict_a_consent_that_is_revoked_is_asked_for_again(stage: Stage) -> None:
    account = stage.account("revoked")
    profile = stage.profile(account)
    account.deliver(stage.subject(profile))
    assert stage.check(profile)["state"] == "verified"
    assert "authorize" not in stage.read(profile)["available_actions"]

    stage.google.project.revoke(account.address)
    check = stage.check(profile)
    assert (check["state"], check["failure_code"]) == ("unverified", "gmail_consent_revoked")
    assert "Authorize the profile again" in check["hint"]
    assert "authorize" in stage.read(profile)["available_actions"]
    (event,) = stage.events(profile, "consent.required")
    assert event["data"]["failure_code"] == "gmail_consent_revoked"

    assert stage.consent(profile).status_code == 200
    assert "authorize" not in stage.read(profile)["available_actions"]
    account.deliver(stage.subject(profile))
    assert stage.check(profile)["state"] == "verified"


def test_strict_another_mailbox_needs_a_consent_of_its_own(stage: Stage) -> None:
    profile = stage.profile(stage.account("owner"))
    mailbox = {"mailbox": "someone-else@example.test", "gmail": {"client_secret": SECRET}}
    changed = stage.director.api.patch(f"/email-profiles/{profile['id']}", json=mailbox)
    assert changed.status_code == 200, changed.text
    assert "authorize" in changed.json()["available_actions"]


@pytest.mark.parametrize("place", ["", "gmail"])
@pytest.mark.parametrize(
    "field", ["gmail_root", "token_url", "authorize_url", "token_uri", "endpoint", "root"]
)
def test_strict_no_endpoint_can_be_set_on_a_profile(stage: Stage, place: str, field: str) -> None:
    body = {
        "server_type": "gmail",
        "email_address": "alice@example.test",
        "actor_ids": stage.director.actor_ids(*stage.director.actors),
        "gmail": {"client_id": "app", "client_secret": SECRET},
    }
    target = body[place] if place else body
    assert isinstance(target, dict)
    target[field] = "https://evil.example.test"
    answer = stage.director.api.post("/email-profiles", json=body)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [f"/{place}/{field}".replace("//", "/")]


def test_strict_no_secret_is_logged_at_debug_or_leaves_the_actor(stage: Stage) -> None:
    project = stage.google.project
    account = stage.account("discreet")
    profiles = [stage.profile(account), stage.profile_by_service_account(account)]
    for profile in profiles:
        account.deliver(stage.subject(profile))
    checks = [stage.check(profile) for profile in profiles]
    assert [check["state"] for check in checks] == ["verified", "verified"]

    told = stage.told() + str(checks) + str([stage.read(profile) for profile in profiles])
    assert "httpcore" in told, "the Director's libraries are heard at the level debug"
    private_key = json.loads(stage.robot.key_file())["private_key"].splitlines()[1]
    secrets = [SECRET, private_key, *stage.codes, *project.consents, *project.access]
    assert [secret for secret in secrets if secret in told] == []
