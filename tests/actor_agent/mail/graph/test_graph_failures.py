"""Each refusal that Microsoft documents has a code of its own; a table against the stand-in."""

import json
import logging
from pathlib import Path

import pytest
import trustme

from mail_transport.egress import EgressPolicy
from sandbox.stand_in import Trouble
from tests.actor_agent.mail.graph.conftest import CLIENT, PERSON, SECRET, Microsoft
from tests.actor_agent.mail.looking import wanted
from wire_contract.diagnostics import StepName
from wire_contract.failure_codes import FailureCode
from wire_contract.failure_texts import FAILURE_TEXTS
from wire_contract.verification_code import new_code


async def test_a_wrong_secret(microsoft: Microsoft) -> None:
    look = microsoft.look(secret="deadbeef-0000-0000-0000-000000000000")
    assert await look.failure() is FailureCode.GRAPH_SECRET_INVALID
    step = look.step(StepName.AUTHENTICATE)
    assert step.server_reply is not None
    assert step.server_reply.startswith("AADSTS7000215: Invalid client secret provided.")
    assert step.detail["correlation_id"]


async def test_a_wrong_tenant(microsoft: Microsoft) -> None:
    look = microsoft.look(tenant="00000000-0000-0000-0000-000000000000")
    assert await look.failure() is FailureCode.GRAPH_TENANT_NOT_FOUND


async def test_a_wrong_client(microsoft: Microsoft) -> None:
    assert await microsoft.look(client=SECRET).failure() is FailureCode.GRAPH_CLIENT_NOT_FOUND


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (7000222, FailureCode.GRAPH_SECRET_EXPIRED),
        (65001, FailureCode.GRAPH_CONSENT_MISSING),
        (90094, FailureCode.GRAPH_CONSENT_MISSING),
        (53003, FailureCode.GRAPH_CONDITIONAL_ACCESS),
        (90055, FailureCode.GRAPH_THROTTLED),
        (7000112, FailureCode.GRAPH_SIGN_IN_REFUSED),
        (12345678, FailureCode.GRAPH_SIGN_IN_REFUSED),
    ],
)
async def test_what_entra_refuses(microsoft: Microsoft, number: int, code: FailureCode) -> None:
    microsoft.app.sign_in_error = (number, "It says why.")
    look = microsoft.look()
    assert await look.failure() is code
    assert look.step_names[-1] == "authenticate"
    assert FAILURE_TEXTS[code].hint


async def test_no_permission(microsoft: Microsoft) -> None:
    microsoft.app.roles = frozenset({"User.Read.All"})
    assert await microsoft.look().failure() is FailureCode.GRAPH_PERMISSION_MISSING


async def test_a_permission_granted_later_counts_at_once(microsoft: Microsoft) -> None:
    microsoft.app.roles = frozenset()
    await microsoft.look().failure()
    microsoft.app.roles = frozenset({"Mail.ReadBasic.All"})
    assert await microsoft.look().run() is None


async def test_a_policy_that_shuts_the_app_out_of_the_mailbox(microsoft: Microsoft) -> None:
    microsoft.app.mailboxes = frozenset({"somebody@else.test"})
    assert await microsoft.look().failure() is FailureCode.GRAPH_MAILBOX_NOT_PERMITTED


async def test_an_address_that_is_not_in_the_tenant(microsoft: Microsoft) -> None:
    look = microsoft.look(mailbox="alias@contoso.test")
    assert await look.failure() is FailureCode.GRAPH_MAILBOX_NOT_FOUND


async def test_a_user_without_a_licence(microsoft: Microsoft) -> None:
    microsoft.mailbox.is_enabled = False
    assert await microsoft.look().failure() is FailureCode.GRAPH_MAILBOX_NOT_ENABLED


_HTML = "<html><title>Sign in to the proxy</title></html>"


@pytest.mark.parametrize(
    ("path", "status", "body", "code"),
    [
        (
            "messages",
            401,
            '{"error": {"code": "InvalidAuthenticationToken"}}',
            FailureCode.GRAPH_TOKEN_REFUSED,
        ),
        ("messages", 400, '{"error": {"code": "InefficientFilter"}}', FailureCode.GRAPH_QUERY_REFUSED),
        (
            "messages",
            403,
            '{"error": {"code": "MailboxNotEnabledForRESTAPI"}}',
            FailureCode.GRAPH_MAILBOX_NOT_ENABLED,
        ),
        ("messages", 503, "", FailureCode.GRAPH_UNAVAILABLE),
        ("messages", 429, "", FailureCode.GRAPH_THROTTLED),
        ("messages", 200, _HTML, FailureCode.GRAPH_ANSWER_UNEXPECTED),
        ("messages", 200, "[]", FailureCode.GRAPH_ANSWER_UNEXPECTED),
        ("messages", 302, _HTML, FailureCode.GRAPH_ANSWER_UNEXPECTED),
        ("messages", 403, _HTML, FailureCode.GRAPH_ANSWER_UNEXPECTED),
        ("openid-configuration", 200, _HTML, FailureCode.GRAPH_ANSWER_UNEXPECTED),
        ("openid-configuration", 200, "{}", FailureCode.GRAPH_ANSWER_UNEXPECTED),
        ("token", 200, _HTML, FailureCode.GRAPH_ANSWER_UNEXPECTED),
        ("token", 200, "{}", FailureCode.GRAPH_ANSWER_UNEXPECTED),
        ("token", 403, _HTML, FailureCode.GRAPH_ANSWER_UNEXPECTED),
        ("token", 503, _HTML, FailureCode.GRAPH_UNAVAILABLE),
    ],
)
async def test_odd_answers(
    microsoft: Microsoft, path: str, status: int, body: str, code: FailureCode
) -> None:
    microsoft.tenant.troubles.append(Trouble(path, status, body))
    assert await microsoft.look().failure() is code


async def test_a_next_page_elsewhere_is_not_followed(microsoft: Microsoft) -> None:
    body = json.dumps({"value": [], "@odata.nextLink": "https://127.0.0.1:1/v1.0/x"})
    microsoft.tenant.troubles.append(Trouble("junkemail", 200, body))
    look = microsoft.look(wanted(new_code()))
    assert await look.failure() is FailureCode.GRAPH_ANSWER_UNEXPECTED


async def test_an_authority_that_is_not_trusted_is_shown(microsoft: Microsoft, tmp_path: Path) -> None:
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(other)
    look = microsoft.look()
    look.reach = look.reach._replace(ca_file=other)
    assert await look.failure() is FailureCode.TLS_UNKNOWN_CA
    assert look.step_names == ["resolve", "connect", "tls"]
    assert look.step(StepName.TLS).detail["fingerprint_sha256"]
    assert not microsoft.tenant.asked


async def test_the_egress_list_holds_for_the_sign_in_too(microsoft: Microsoft) -> None:
    look = microsoft.look()
    look.reach = look.reach._replace(egress=EgressPolicy())
    assert await look.failure() is FailureCode.EGRESS_NOT_ALLOWED
    assert not microsoft.tenant.asked


async def test_the_environments_proxies_and_authorities_are_not_used(
    microsoft: Microsoft, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere.pem")
    assert await microsoft.look().run() is None


async def test_neither_secret_nor_token_is_logged_or_reported(
    microsoft: Microsoft, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    microsoft.tenant.troubles.append(Trouble("junkemail", 403, json.dumps({"error": {"message": SECRET}})))
    look = microsoft.look(wanted(new_code()))
    await look.failure()
    told = caplog.text + "".join(step.model_dump_json() for step in look.journal.steps)
    assert "msal" in caplog.text
    assert "httpcore" in caplog.text
    assert CLIENT in told
    assert PERSON in told
    assert SECRET not in told
    assert "eyJ" not in told  # what every JWT begins with
