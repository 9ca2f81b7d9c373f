"""The stand-in for Entra and Graph refuses what Microsoft's documentation says that the services refuse."""

import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme

from sandbox.graph.service import make_app
from sandbox.graph.tenant import App, Mailbox, Tenant
from sandbox.stand_in import served
from tests.servers import certificates

PERSON = "alex@contoso.test"
MESSAGES = f"/v1.0/users/{PERSON}/messages"
SEND = f"/v1.0/users/{PERSON}/sendMail"


@dataclass
class Service:
    """A tenant and a client with a token for it."""

    http: httpx.AsyncClient
    tenant: Tenant
    app: App
    mailbox: Mailbox

    async def token(self, **changed: str) -> httpx.Response:
        form = {
            "grant_type": "client_credentials",
            "client_id": "app",
            "client_secret": "secret",
            "scope": f"{self.http.base_url}/.default".replace("//.default", "/.default"),
        }
        return await self.http.post(f"/{self.tenant.id}/oauth2/v2.0/token", data=form | changed)

    async def sign_in(self, roles: set[str] | None = None) -> None:
        """Use a new token, with the permissions that the app has from now on."""
        if roles is not None:
            self.app.roles = frozenset(roles)
        token = (await self.token()).json()["access_token"]
        self.http.headers["Authorization"] = f"Bearer {token}"

    async def refused(self, status: int, **query: str) -> str:
        """Ask for messages, and return the code of the refusal."""
        answer = await self.http.get(MESSAGES, params={f"${name}": value for name, value in query.items()})
        assert answer.status_code == status
        code: str = answer.json()["error"]["code"]
        return code


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    ca, tenant = trustme.CA(), Tenant()
    app, mailbox = tenant.add_app(App("app", "secret")), tenant.add_mailbox(PERSON)
    trust = ssl.create_default_context(cadata=ca.cert_pem.bytes().decode())
    async with (
        served(make_app(tenant), *certificates.valid(ca).write(tmp_path)) as url,
        httpx.AsyncClient(base_url=url, verify=trust, trust_env=False) as http,
    ):
        made = Service(http, tenant, app, mailbox)
        await made.sign_in()
        yield made


@pytest.mark.parametrize(
    ("changed", "number"),
    [
        ({"client_secret": "wrong"}, 7000215),
        ({"client_id": "unknown"}, 700016),
        ({"scope": "https://graph.microsoft.com/Mail.Read"}, 1002012),
        ({"grant_type": "password"}, 70003),
    ],
)
async def test_no_token_for(service: Service, changed: dict[str, str], number: int) -> None:
    body: dict[str, Any] = (await service.token(**changed)).json()
    assert body["error_codes"] == [number]
    assert body["error_description"].startswith(f"AADSTS{number}: ")
    assert body["correlation_id"]


async def test_no_discovery_for_an_unknown_tenant(service: Service) -> None:
    answer = await service.http.get("/elsewhere/v2.0/.well-known/openid-configuration")
    assert answer.status_code == 400
    assert answer.json()["error_codes"] == [90002]


async def test_a_token_of_somebody_else_is_invalid(service: Service) -> None:
    service.http.headers["Authorization"] = "Bearer junk"
    assert await service.refused(401) == "InvalidAuthenticationToken"


async def test_a_permission_that_is_granted_shows_in_a_new_token_alone(service: Service) -> None:
    await service.sign_in({"Mail.Send"})
    service.app.roles = frozenset({"Mail.ReadBasic.All"})
    assert await service.refused(403) == "ErrorAccessDenied"
    await service.sign_in()
    assert (await service.http.get(MESSAGES)).status_code == 200


async def test_a_filter_and_an_order_must_begin_alike(service: Service) -> None:
    code = await service.refused(400, filter="contains(subject,'x')", orderby="receivedDateTime desc")
    assert code == "InefficientFilter"


async def test_unknown_properties_are_refused(service: Service) -> None:
    assert await service.refused(400, select="id,subjekt") == "RequestBroker--ParseUri"
    assert await service.refused(400, orderby="received desc") == "RequestBroker--ParseUri"
    assert await service.refused(400, filter="importance eq 'high'") == "BadRequest"
    assert await service.refused(400, limit="5") == "BadRequest"
    assert await service.refused(400, top="5000") == "ErrorInvalidParameter"


@pytest.mark.parametrize(("operator", "shown"), [("ge", [1, 2]), ("gt", [2]), ("le", [0, 1]), ("lt", [0])])
async def test_a_filter_compares_as_its_operator_says(
    service: Service, operator: str, shown: list[int]
) -> None:
    noon = datetime(2026, 11, 1, 12, tzinfo=UTC)
    for number in range(3):
        service.mailbox.deliver(str(number)).received = noon + timedelta(minutes=number - 1)
    query = {"$filter": f"receivedDateTime {operator} 2026-11-01T12:00:00Z", "$orderby": "receivedDateTime"}
    answer = await service.http.get(MESSAGES, params=query)
    assert [message["subject"] for message in answer.json()["value"]] == [str(number) for number in shown]


async def test_comparisons_and_orders_that_do_not_exist_are_refused(service: Service) -> None:
    for comparison in ("eq", "=>", "after"):
        query = f"receivedDateTime {comparison} 2026-11-01T12:00:00Z"
        assert await service.refused(400, filter=query) == "BadRequest"
    assert await service.refused(400, orderby="receivedDateTime downwards") == "BadRequest"


async def test_what_the_stand_in_does_not_have_is_not_passed_over(service: Service) -> None:
    await service.sign_in({"Mail.Read"})
    assert await service.refused(400, search='"code"', orderby="receivedDateTime") == "SearchWithOrderBy"
    for query in ({"search": '"code"'}, {"skip": "1"}, {"count": "true"}, {"expand": "attachments"}):
        assert await service.refused(501, **query) == "NotImplemented"


@pytest.mark.parametrize("prefer", ["IdType=ImmutableId", 'IdType="Immutable"', "return=minimal", "x"])
async def test_a_preference_that_is_not_documented_so_is_refused(service: Service, prefer: str) -> None:
    service.http.headers["Prefer"] = prefer
    assert await service.refused(400) == "ErrorInvalidParameter"


async def test_an_id_outlives_a_move_only_where_it_was_asked_for_so(service: Service) -> None:
    message = service.mailbox.deliver("moved")
    short = (await service.http.get(MESSAGES)).json()["value"][0]["id"]
    prefer = {"Prefer": 'IdType="ImmutableId"'}
    lasting = (await service.http.get(MESSAGES, headers=prefer)).json()["value"][0]["id"]
    message.folder = "junkemail"
    await service.sign_in({"Mail.ReadWrite"})
    assert (await service.http.delete(f"{MESSAGES}/{short}")).status_code == 404
    assert (await service.http.delete(f"{MESSAGES}/{lasting}", headers=prefer)).status_code == 204


async def test_the_basic_permission_sees_no_body_and_may_not_search(service: Service) -> None:
    await service.sign_in({"Mail.ReadBasic.All"})
    assert await service.refused(403, select="id,body") == "ErrorAccessDenied"
    assert await service.refused(403, search='"code"') == "ErrorAccessDenied"


async def test_pages_follow_an_opaque_link(service: Service) -> None:
    for number in range(5):
        service.mailbox.deliver(f"message {number}")
    seen: list[str] = []
    url: str | None = f"{MESSAGES}?$top=2&$select=subject"
    while url:
        page = (await service.http.get(url)).json()
        seen += [message["subject"] for message in page["value"]]
        url = page.get("@odata.nextLink")
    assert sorted(seen) == [f"message {number}" for number in range(5)]


async def test_junk_is_in_its_own_folder_alone(service: Service) -> None:
    service.mailbox.deliver("junk", folder="junkemail")
    assert (await service.http.get(MESSAGES)).json()["value"] == []
    junk = await service.http.get(f"/v1.0/users/{PERSON}/mailFolders/junkemail/messages")
    assert [message["subject"] for message in junk.json()["value"]] == ["junk"]


async def test_a_fifth_request_at_once_is_throttled(service: Service) -> None:
    service.tenant.under_way[f"app {PERSON}"] = 4
    assert await service.refused(429) == "ApplicationThrottled"


def _mail(**message: Any) -> dict[str, Any]:
    to = [{"emailAddress": {"address": PERSON}}]
    return {"message": {"subject": "(code)", "toRecipients": to, **message}}


async def test_sending_needs_its_permission_and_delivers(service: Service) -> None:
    sent = await service.http.post(SEND, json=_mail())
    assert sent.status_code == 202
    assert [message.subject for message in service.mailbox.messages] == ["(code)"]
    assert service.mailbox.sent == ["(code)"]
    await service.http.post(SEND, json=_mail() | {"saveToSentItems": False})
    assert service.mailbox.sent == ["(code)"]
    await service.sign_in({"Mail.ReadBasic.All"})
    assert (await service.http.post(SEND, json=_mail())).status_code == 403


@pytest.mark.parametrize(
    ("mail", "code"),
    [
        (_mail(subjekt="x"), "RequestBodyRead"),
        (_mail() | {"keep": True}, "RequestBodyRead"),
        (_mail(toRecipients=[]), "ErrorInvalidRecipients"),
        (
            _mail(internetMessageHeaders=[{"name": "Auto-Submitted", "value": "x"}]),
            "InvalidInternetMessageHeader",
        ),
        ({"message": "text"}, "BadRequest"),
    ],
    ids=["property", "argument", "nobody", "header", "no message"],
)
async def test_what_can_not_be_sent_is_refused(service: Service, mail: dict[str, Any], code: str) -> None:
    answer = await service.http.post(SEND, json=mail)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)
    assert service.mailbox.messages == []


async def test_more_than_thirty_messages_a_minute_are_throttled(service: Service) -> None:
    answers = [await service.http.post(SEND, json=_mail()) for _ in range(31)]
    assert [answer.status_code for answer in answers] == [202] * 30 + [429]
    assert answers[-1].headers["Retry-After"]


async def test_a_token_for_exchange_opens_no_graph(service: Service) -> None:
    token = (await service.token(scope="https://outlook.office365.com/.default")).json()["access_token"]
    service.http.headers["Authorization"] = f"Bearer {token}"
    assert await service.refused(401) == "InvalidAuthenticationToken"
