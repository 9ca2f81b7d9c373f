"""How the Director's own mail leaves: one of three ways, each with a secret that stays where it was meant for."""

from typing import Any

from tests.director_api.conftest import RunningDirector
from tests.servers.google.project import ServiceAccount

OTHER = "other@example.test"
KEY_FILE = ServiceAccount("sender@project.iam.example.test").key_file()
SMTP: dict[str, Any] = {
    "from_address": "d@example.test",
    "host": "smtp.example.test",
    "authentication": "plain",
    "username": "d",
    "password": "pass-of-the-director",
}
GRAPH: dict[str, Any] = {
    "transport": "microsoft_graph",
    "from_address": "d@contoso.test",
    "tenant_id": "11111111-2222-3333-4444-555555555555",
    "client_id": "99999999-8888-7777-6666-555555555555",
    "client_secret": "secret-of-the-app",
}
GMAIL: dict[str, Any] = {
    "transport": "gmail",
    "from_address": "d@example.test",
    "service_account_json": KEY_FILE,
}
SECRETS = {"smtp": "password", "microsoft_graph": "client_secret", "gmail": "service_account_json"}


def _name(body: dict[str, Any]) -> str:
    return SECRETS[body.get("transport", "smtp")]


def _without_secret(body: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name != _name(body)} | changes


async def test_each_way_needs_a_secret_keeps_it_and_never_shows_it(director: RunningDirector) -> None:
    for body in (SMTP, GRAPH, GMAIL):
        answer = await director.admin.put("/settings/email", json=body)
        assert answer.status_code == 200, answer.text
        kept = await director.admin.put("/settings/email", json=_without_secret(body))
        read = (await director.viewer.get("/settings/email")).json()
        assert read == kept.json() == answer.json()
        assert read["transport"] == body.get("transport", "smtp")
        assert read[_name(body)]["set"] is True
        audited = (await director.admin.get("/audit-log")).text
        assert body[_name(body)][-30:] not in answer.text + audited


async def test_a_secret_is_not_sent_elsewhere(director: RunningDirector) -> None:
    for body, changes in (
        (
            GRAPH,
            {"tenant_id": "contoso.test", "client_id": "another", "cloud": "china", "from_address": OTHER},
        ),
        (GMAIL, {"from_address": OTHER}),
    ):
        assert (await director.admin.put("/settings/email", json=body)).status_code == 200
        for field, value in changes.items():
            changed = _without_secret(body, **{field: value})
            await _refuses(director, changed, _name(body), "secret_required")


async def test_the_first_settings_need_a_secret(director: RunningDirector) -> None:
    for body in (SMTP, GRAPH, GMAIL):
        await _refuses(director, _without_secret(body), _name(body), "required")


async def test_no_way_borrows_the_secret_of_another(director: RunningDirector) -> None:
    for before, after in ((SMTP, GRAPH), (GRAPH, GMAIL), (GMAIL, SMTP)):
        assert (await director.admin.put("/settings/email", json=before)).status_code == 200
        await _refuses(director, _without_secret(after), _name(after), "secret_required")


async def test_what_makes_no_sense_is_pointed_at(director: RunningDirector) -> None:
    for body, field, code in (
        ({**SMTP, "transport": "pigeon"}, "transport", "not_a_choice"),
        ({**SMTP, "transport": []}, "transport", "not_a_choice"),
        ({**GRAPH, "host": "smtp.example.test"}, "host", "unknown_field"),
        ({**GRAPH, "cloud": "https://evil.test"}, "cloud", "not_a_choice"),
        ({**GMAIL, "service_account_json": "{}"}, "service_account_json", "invalid_value"),
        ({**SMTP, "host": 7}, "host", "wrong_type"),
    ):
        await _refuses(director, body, field, code)


async def _refuses(director: RunningDirector, body: dict[str, Any], field: str, code: str) -> None:
    answer = await director.admin.put("/settings/email", json=body)
    assert answer.status_code == 422, answer.text
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [(f"/{field}", code)]
