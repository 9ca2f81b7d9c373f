"""Each refusal that Google documents has a code of its own: every row of the table, against the strict stand-in."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import trustme
from joserfc.jwk import RSAKey

from mail_transport.egress import EgressPolicy
from sandbox.stand_in import Trouble
from tests.actor_agent.mail.gmail.standing_in import PERSON, Google
from tests.actor_agent.mail.looking import Look
from tests.servers.google.answers import page, refusing, throttled, tokenless
from tests.servers.google.project import METADATA, Client
from wire_contract.diagnostics import StepName
from wire_contract.failure_codes import FailureCode as Code
from wire_contract.failure_texts.gmail import TEXTS
from wire_contract.failure_texts.rows import Severity
from wire_contract.jobs import GmailScope

Case = Callable[[Google], Look]


def _revoked(google: Google) -> Look:
    token = google.project.consent(google.client, PERSON, METADATA)
    google.project.revoke(PERSON)
    return google.look(token=token)


def _given_to_another_client(google: Google) -> Look:
    other = google.project.add_client(Client("other.example.test", "another-secret"))
    return google.look(token=google.project.consent(other, PERSON, METADATA))


def _narrower(google: Google) -> Look:
    return google.look(
        token=google.project.consent(google.client, PERSON, METADATA), scope=GmailScope.READONLY
    )


def _client_that_is(state: str) -> Case:
    def case(google: Google) -> Look:
        google.client.state = state
        return google.look()

    return case


def _other_key(google: Google) -> Look:
    return google.look_by_service_account(key_file=google.robot.key_file(RSAKey.generate_key(2048)))


def _key_file_without_a_key(google: Google) -> Look:
    entries = {**json.loads(google.robot.key_file()), "private_key": "-----BEGIN PRIVATE KEY-----"}
    return google.look_by_service_account(key_file=json.dumps(entries))


def _unknown_service_account(google: Google) -> Look:
    google.project.service_accounts.clear()
    return google.look_by_service_account()


def _not_delegated(google: Google) -> Look:
    return google.look_by_service_account(scope=GmailScope.READONLY)


def _unknown_mailbox(google: Google) -> Look:
    return google.look_by_service_account(mailbox="nobody@example.test")


def _without_gmail(google: Google) -> Look:
    google.account.has_gmail = False
    return google.look()


def _api_off(google: Google) -> Look:
    google.project.gmail_enabled = False
    return google.look()


def _answered(*troubles: Trouble) -> Case:
    def case(google: Google) -> Look:
        google.project.troubles += map(dataclasses.replace, troubles)
        return google.look()

    return case


def _delegate_answered(error: str, description: str) -> Case:
    def case(google: Google) -> Look:
        google.project.troubles.append(tokenless("/token", 400, error, description))
        return google.look_by_service_account()

    return case


TABLE: dict[str, tuple[Code, Case]] = {
    "revoked": (Code.GMAIL_CONSENT_REVOKED, _revoked),
    "another-client": (Code.GMAIL_CONSENT_REVOKED, _given_to_another_client),
    "narrower-consent": (Code.GMAIL_CONSENT_INSUFFICIENT, _narrower),
    "scope-at-the-api": (
        Code.GMAIL_CONSENT_INSUFFICIENT,
        _answered(refusing("/messages", 403, "insufficientPermissions", "Insufficient Permission")),
    ),
    "unknown-client": (Code.GMAIL_CLIENT_UNKNOWN, lambda google: google.look(client_id="none.example.test")),
    "deleted-client": (Code.GMAIL_CLIENT_UNKNOWN, _client_that_is("deleted")),
    "disabled-client": (Code.GMAIL_SIGN_IN_REFUSED, _client_that_is("disabled")),
    "wrong-secret": (Code.GMAIL_CLIENT_SECRET_WRONG, lambda google: google.look(secret="wrong")),
    "policy": (
        Code.GMAIL_SIGN_IN_REFUSED,
        _answered(tokenless("/token", 400, "admin_policy_enforced", "Not allowed.")),
    ),
    "junk-token": (
        Code.GMAIL_SIGN_IN_REFUSED,
        _answered(*[Trouble("/token", 200, json.dumps({"access_token": "junk", "scope": METADATA}))] * 2),
    ),
    "other-key": (Code.GMAIL_KEY_FILE_INVALID, _other_key),
    "no-json": (Code.GMAIL_KEY_FILE_INVALID, lambda google: google.look_by_service_account(key_file="[]")),
    "no-key": (Code.GMAIL_KEY_FILE_INVALID, _key_file_without_a_key),
    "unknown-service-account": (Code.GMAIL_KEY_FILE_INVALID, _unknown_service_account),
    "service-account-deleted": (
        Code.GMAIL_KEY_FILE_INVALID,
        _delegate_answered("deleted_client", "The OAuth client was deleted."),
    ),
    "service-account-not-found": (
        Code.GMAIL_KEY_FILE_INVALID,
        _delegate_answered("invalid_client", "The OAuth client was not found."),
    ),
    "not-delegated": (Code.GMAIL_DELEGATION_MISSING, _not_delegated),
    "access-denied": (
        Code.GMAIL_DELEGATION_MISSING,
        _delegate_answered("access_denied", "Requested client not authorized."),
    ),
    "unknown-mailbox": (Code.GMAIL_MAILBOX_NOT_FOUND, _unknown_mailbox),
    "no-valid-email": (
        Code.GMAIL_MAILBOX_NOT_FOUND,
        _delegate_answered("invalid_grant", "Not a valid email."),
    ),
    "long-gone": (
        Code.GMAIL_MAILBOX_NOT_FOUND,
        _delegate_answered("invalid_request", 'Invalid impersonation "sub" field.'),
    ),
    "no-licence": (Code.GMAIL_MAILBOX_NOT_ENABLED, _without_gmail),
    "api-off": (Code.GMAIL_API_NOT_ENABLED, _api_off),
    "forbidden": (
        Code.GMAIL_ACCESS_DENIED,
        _answered(refusing("/messages", 403, "domainPolicy", "The domain administrators have disabled it.")),
    ),
    "throttled": (Code.GMAIL_THROTTLED, _answered(throttled("/messages"))),
    "throttled-429": (Code.GMAIL_THROTTLED, _answered(Trouble("/messages", 429))),
    "throttled-sign-in": (Code.GMAIL_THROTTLED, _answered(Trouble("/token", 429, "{}"))),
    "away": (
        Code.GMAIL_UNAVAILABLE,
        _answered(refusing("/messages", 503, "backendError", "Backend Error")),
    ),
    "away-with-a-page": (Code.GMAIL_UNAVAILABLE, _answered(page("/token", 502))),
    "internal-failure": (
        Code.GMAIL_UNAVAILABLE,
        _answered(tokenless("/token", 400, "internal_failure", "Backend Error")),
    ),
    "page-for-a-token": (Code.GMAIL_ANSWER_UNEXPECTED, _answered(page("/token"))),
    "redirect-for-a-token": (Code.GMAIL_ANSWER_UNEXPECTED, _answered(page("/token", 302))),
    "list-for-a-token": (Code.GMAIL_ANSWER_UNEXPECTED, _answered(Trouble("/token", 200, "[]"))),
    "nothing-in-a-token": (Code.GMAIL_ANSWER_UNEXPECTED, _answered(Trouble("/token", 200, "{}"))),
    "odd-life-of-a-token": (
        Code.GMAIL_ANSWER_UNEXPECTED,
        _answered(Trouble("/token", 200, '{"access_token": "ya29.odd-token", "expires_in": "soon"}')),
    ),
    "page-for-a-list": (Code.GMAIL_ANSWER_UNEXPECTED, _answered(page("/messages"))),
    "page-that-forbids": (Code.GMAIL_ANSWER_UNEXPECTED, _answered(page("/messages", 403))),
    "deep-json": (Code.GMAIL_ANSWER_UNEXPECTED, _answered(Trouble("/messages", 200, "[" * 100_000))),
}


@pytest.mark.parametrize(("code", "case"), TABLE.values(), ids=TABLE)
async def test_strict_refusal_has_its_code(google: Google, code: Code, case: Case) -> None:
    look = case(google)

    assert await look.failure() is code
    shown = repr(look.journal.steps)
    assert google.client.secret not in shown
    assert "1//" not in shown
    assert "ya29." not in shown


def test_every_row_of_the_table_of_failures_is_brought_about() -> None:
    refusals = {code for code, text in TEXTS.items() if text.severity is Severity.FAILURE}
    assert {code for code, _ in TABLE.values()} == refusals


async def test_strict_step_shows_googles_own_words(google: Google) -> None:
    look = google.look(secret="wrong")
    await look.failure()

    step = look.step(StepName.AUTHENTICATE)
    assert step.server_reply == "invalid_client: Unauthorized"
    assert step.detail["status"] == 401


async def test_strict_page_of_a_proxy_is_shown(google: Google) -> None:
    google.project.troubles.append(page("/token"))
    look = google.look()
    await look.failure()

    assert "Sign in to the proxy" in (look.step(StepName.AUTHENTICATE).server_reply or "")


async def test_strict_authority_that_is_not_trusted_is_shown(google: Google, tmp_path: Path) -> None:
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(other)
    look = google.look()
    look.reach = look.reach._replace(ca_file=other)

    assert await look.failure() is Code.TLS_UNKNOWN_CA
    assert not google.project.asked


async def test_strict_egress_list_holds_for_googles_library_too(google: Google) -> None:
    look = google.look()
    look.reach = look.reach._replace(egress=EgressPolicy())

    assert await look.failure() is Code.EGRESS_NOT_ALLOWED
    assert not google.project.asked


async def test_strict_environments_proxies_and_authorities_are_not_used(
    google: Google, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere.pem")

    assert await google.look().run() is None
