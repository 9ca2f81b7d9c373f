"""The Director's own mail by Microsoft Graph, against a stand-in that conforms to the documentation."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from director_api.clock import new_id, utc_now
from director_api.mail_settings.schemas import GraphMailRead, Transport
from director_api.mail_settings.service import OutgoingMail
from director_api.outbox.clouds import Clouds
from director_api.outbox.failures import SendFailed
from director_api.outbox.mailer import Mailer
from director_api.outbox.message import verification_message
from director_api.way_out import WayOut
from sandbox.graph.tenant import App
from sandbox.stand_in import Trouble
from tests.servers.graph import GraphService, graph_service
from wire_contract.failure_codes import FailureCode
from wire_contract.failure_texts import FAILURE_TEXTS
from wire_contract.verification_code import new_code, subject_for

CLIENT = "99999999-8888-7777-6666-555555555555"
SECRET = "vEry~Secret.Value_of-the-app"  # because only the stand-in takes it
SENDER, READER = "director@contoso.test", "alex@contoso.test"


@pytest.fixture
def graph(tmp_path: Path) -> Iterator[GraphService]:
    with graph_service(tmp_path) as service:
        service.tenant.add_app(App(CLIENT, SECRET, frozenset({"Mail.Send"})))
        service.tenant.add_mailbox(SENDER)
        service.tenant.add_mailbox(READER)
        yield service


def _settings(graph: GraphService, **fields: Any) -> GraphMailRead:
    document = {
        "transport": Transport.MICROSOFT_GRAPH,
        "from_address": SENDER,
        "tenant_id": graph.tenant.id,
        "client_id": CLIENT,
        "client_secret": {"set": True, "changed_at": utc_now()},
        **fields,
    }
    return GraphMailRead.model_validate(document)


async def _send(
    graph: GraphService, to: str = READER, code: str = "", *, secret: str = SECRET, **fields: Any
) -> str:
    way = WayOut(ca_file=graph.ca_file)
    mailer = Mailer(Clouds(graph_root=graph.url, graph_authority=graph.url, way_out=way))
    settings = _settings(graph, **fields)
    message = verification_message(settings.from_address, to, code or new_code(), new_id())
    return await mailer.send(OutgoingMail(settings, SecretStr(secret)), message)


async def _failure(graph: GraphService, **arguments: Any) -> SendFailed:
    with pytest.raises(SendFailed) as raised:
        await _send(graph, **arguments)
    assert SECRET not in raised.value.server_reply
    return raised.value


async def test_a_code_arrives_with_the_permission_to_send_alone(graph: GraphService) -> None:
    code = new_code()
    assert (await _send(graph, code=code)).startswith("202 Accepted")
    assert [message.subject for message in graph.tenant.mailboxes[READER].messages] == [subject_for(code)]
    assert graph.tenant.mailboxes[SENDER].sent == []  # a copy of every check would fill it


@pytest.mark.parametrize(
    ("number", "cause"),
    [
        (7000222, FailureCode.GRAPH_SECRET_EXPIRED),
        (700016, FailureCode.GRAPH_CLIENT_NOT_FOUND),
        (90002, FailureCode.GRAPH_TENANT_NOT_FOUND),
        (65001, FailureCode.GRAPH_CONSENT_MISSING),
        (53003, FailureCode.GRAPH_CONDITIONAL_ACCESS),
    ],
)
async def test_a_sign_in_that_is_refused_says_which_of_its_causes_it_has(
    graph: GraphService, number: int, cause: FailureCode
) -> None:
    graph.tenant.apps[CLIENT].sign_in_error = (number, "refused")
    failure = await _failure(graph)
    assert (failure.code, failure.cause) == (FailureCode.SEND_AUTH_FAILED, cause)
    assert failure.permanent
    assert f"{cause}: AADSTS{number}" in failure.server_reply


async def test_a_wrong_secret_is_refused(graph: GraphService) -> None:
    failure = await _failure(graph, secret="another")
    assert (failure.code, failure.cause) == (FailureCode.SEND_AUTH_FAILED, FailureCode.GRAPH_SECRET_INVALID)


async def test_without_the_permission_or_outside_of_a_policy_nothing_is_sent(graph: GraphService) -> None:
    app = graph.tenant.apps[CLIENT]
    app.roles = frozenset({"Mail.ReadBasic.All"})
    assert (await _failure(graph)).code is FailureCode.SEND_NOT_PERMITTED
    app.roles, app.mailboxes = frozenset({"Mail.Send"}), frozenset({READER})
    failure = await _failure(graph)
    assert (failure.code, failure.permanent) == (FailureCode.SEND_NOT_PERMITTED, True)


async def test_a_sender_without_a_mailbox_is_told(graph: GraphService) -> None:
    graph.tenant.add_mailbox("nolicence@contoso.test", is_enabled=False)
    for sender in ("nobody@contoso.test", "nolicence@contoso.test"):
        failure = await _failure(graph, from_address=sender)
        assert (failure.code, failure.permanent) == (FailureCode.SEND_MAILBOX_MISSING, True)


async def test_a_sender_that_is_not_the_mailboxs_own_is_told(graph: GraphService) -> None:
    error = {"code": "ErrorSendAsDenied", "message": "The user account does not have the right to send mail."}
    graph.tenant.troubles.append(Trouble("sendMail", 403, json.dumps({"error": error})))
    failure = await _failure(graph)
    assert (failure.code, failure.permanent) == (FailureCode.SEND_AS_DENIED, True)
    assert "ErrorSendAsDenied" in failure.server_reply
    assert "Send As" in FAILURE_TEXTS[failure.code].hint


@pytest.mark.parametrize(
    ("status", "headers", "retry_after"), [(429, {"Retry-After": "17"}, 17.0), (503, {}, 0.0)]
)
async def test_what_passes_is_put_off_as_long_as_the_service_says(
    graph: GraphService, status: int, headers: dict[str, str], retry_after: float
) -> None:
    graph.tenant.troubles.append(Trouble("sendMail", status, "{}", headers))
    failure = await _failure(graph)
    assert (failure.code, failure.permanent) == (FailureCode.SEND_DEFERRED, False)
    assert failure.retry_after == retry_after


async def test_a_page_of_a_proxy_is_shown_and_tried_again(graph: GraphService) -> None:
    graph.tenant.troubles.append(Trouble("/token", 200, "<html>please sign in</html>"))
    failure = await _failure(graph)
    assert (failure.code, failure.permanent) == (FailureCode.SEND_DEFERRED, False)
    assert "graph_answer_unexpected: <html>please sign in" in failure.server_reply


async def test_the_31st_message_of_a_minute_is_put_off(graph: GraphService) -> None:
    for _ in range(30):
        await _send(graph)
    failure = await _failure(graph)
    assert failure.code is FailureCode.SEND_DEFERRED
    assert failure.retry_after > 0


async def test_an_authority_that_nobody_vouches_for_gets_no_secret(graph: GraphService) -> None:
    mailer = Mailer(Clouds(graph_root=graph.url, graph_authority=graph.url))
    message = verification_message(SENDER, READER, new_code(), new_id())
    with pytest.raises(SendFailed) as raised:
        await mailer.send(OutgoingMail(_settings(graph), SecretStr(SECRET)), message)
    assert (raised.value.code, raised.value.permanent) == (FailureCode.SEND_TLS_FAILED, True)
    assert graph.tenant.asked == []
