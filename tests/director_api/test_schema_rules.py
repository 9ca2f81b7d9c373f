"""The rules over several fields: the OpenAPI document knows what the Director refuses, and nothing else."""

import copy
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator
from pydantic import TypeAdapter, ValidationError

from director_api.actors.schemas import ActorPatch, EnrollmentTokenCreate
from director_api.connectivity.schemas import DraftCheckRequest
from director_api.documents import documents
from director_api.email_profiles.schemas import ProfileCreate, ProfileWrite
from director_api.mail_settings.schemas import EmailActionSettings, SmtpMailWrite
from director_api.webhooks.schemas import WebhookCreate, WebhookPatch
from tests.director_api import profile_types as types
from tests.director_api.conftest import RunningDirector, profile_body
from wire_contract.results import LeaseUpdate, Result

ACTOR = {"actor_ids": ["01890000-0000-7000-8000-000000000001"]}
IMAP = {**profile_body(), **ACTOR}
GRAPH, GMAIL, XOAUTH2 = ({**make(), **ACTOR} for make in (types.graph, types.gmail, types.xoauth2))
GOOGLE = {**XOAUTH2, "oauth": types.GOOGLE_OAUTH}
HOOK = {"url": "https://hooks.example.test/", "types": ["profile.created"]}
DRAFT = {"profile": IMAP}
SECONDS = ("offline_seconds", "send_seconds", "search_seconds", "checks_per_host", "checks_per_mailbox")
MODELS: dict[str, Any] = {
    "profile": ProfileWrite,
    "new": ProfileCreate,
    "EmailSettings": SmtpMailWrite,
    "DraftCheckRequest": DraftCheckRequest,
    "WebhookCreate": WebhookCreate,
    "WebhookPatch": WebhookPatch,
    "ActorPatch": ActorPatch,
    "EnrollmentTokenCreate": EnrollmentTokenCreate,
    "EmailActionSettings": EmailActionSettings,
    "LeaseUpdate": LeaseUpdate,
    "Result": Result,
}
BODIES = {
    "profile": ("/email-profiles/{profile_id}", "put"),
    "new": ("/email-profiles", "post"),
    "EmailSettings": ("/settings/email", "put"),
}
POP3 = {**IMAP, "server_type": "pop3"}
MAIL = {"from_address": "d@example.test", "host": "smtp.example.test"}
NO_PASSWORD = {"account": {"username": "box"}}
SERVER = {"host": "smtp.example.test", "authentication": "plain"}
SECRETS = ("password", "client_secret", "service_account_json")
LACKING: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (IMAP, NO_PASSWORD),
    (POP3, NO_PASSWORD),
    (XOAUTH2, {"outgoing": SERVER}),
    (XOAUTH2, {"oauth": {"provider": "microsoft", "tenant_id": "contoso.example", "client_id": "app-1"}}),
    (GRAPH, {"graph": {"tenant_id": "contoso.example", "client_id": "app-1"}}),
    (GMAIL, {"gmail": {"client_id": "app-2"}}),
    (GMAIL, {"gmail": {}}),
]
GOOD: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    *(("profile", body, {}) for body in (IMAP, GRAPH, GMAIL, XOAUTH2, GOOGLE)),
    ("profile", IMAP, {"delete_verification_message": True, "send_verification_manually": False}),
    ("profile", IMAP, {"oauth": None, "outgoing": SERVER}),
    ("profile", XOAUTH2, {"outgoing": {"host": "smtp.example.test", "authentication": None}}),
    ("profile", XOAUTH2, {"oauth": {**types.MICROSOFT_OAUTH, "cloud": "china"}}),
    ("profile", XOAUTH2, {"outgoing": SERVER}),  # a stored password may be kept
    ("profile", GMAIL, {"gmail": {"service_account_json": types.KEY_FILE}}),
    ("profile", IMAP, {"incoming": {"host": "a.test", "port": 993.0}}),  # an integer, to JSON Schema
    ("DraftCheckRequest", DRAFT, {}),
    ("DraftCheckRequest", DRAFT, {"all": True, "actor_ids": None}),
    *(("new", body, {}) for body in (IMAP, POP3, GRAPH, GMAIL, XOAUTH2, GOOGLE)),
    ("new", GMAIL, {"gmail": {"service_account_json": types.KEY_FILE}}),
    ("new", XOAUTH2, {"outgoing": SERVER, "account": {"username": "box", "password": "p"}}),
    *(("profile", body, NO_PASSWORD) for body in (IMAP, POP3)),
    ("profile", GMAIL, {"gmail": {"client_id": "app-2"}}),
    *(("profile", POP3, {"mailbox": mailbox}) for mailbox in (None, "INBOX")),
    ("EmailSettings", MAIL, {"authentication": None}),
    ("EmailSettings", MAIL, {"authentication": "plain", "username": "d"}),  # the password may be stored
    ("WebhookCreate", HOOK, {}),
    ("WebhookCreate", HOOK, {"url": "http://10.0.0.1/", "allow_private_addresses": True}),
    ("LeaseUpdate", {}, {"hand_back": True, "look_again_at": "2026-01-01T00:00:00Z"}),
    ("LeaseUpdate", {}, {"look_again_at": None}),
    *(("Result", {}, ending) for ending in ({"connected": True}, {"failure_code": "dns_not_found"})),
]
BAD: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    *(
        ("profile", body, {"delete_verification_message": True, "send_verification_manually": True})
        for body in (IMAP, GRAPH, GMAIL)
    ),
    ("profile", GMAIL, {"delete_verification_message": True, "send_verification_manually": False}),
    ("profile", IMAP, {"actor_ids": ACTOR["actor_ids"] * 2}),
    ("profile", IMAP, {"oauth": types.MICROSOFT_OAUTH}),
    ("profile", XOAUTH2, {"oauth": None}),
    ("profile", XOAUTH2, {"account": {"username": "box", "password": "p"}}),
    ("profile", XOAUTH2, {"oauth": {**types.GOOGLE_OAUTH, "tenant_id": "contoso.example"}}),
    ("profile", XOAUTH2, {"oauth": {**types.MICROSOFT_OAUTH, "tenant_id": None}}),
    ("profile", XOAUTH2, {"oauth": {**types.GOOGLE_OAUTH, "cloud": "china"}}),
    ("profile", GMAIL, {"gmail": {**types.GMAIL_APP, "service_account_json": types.KEY_FILE}}),
    ("profile", GMAIL, {"gmail": {"client_secret": "p"}}),
    ("DraftCheckRequest", DRAFT, {"all": True, **ACTOR}),
    ("DraftCheckRequest", DRAFT, {"all": 1}),
    ("new", GRAPH, {"graph": {**types.GRAPH_APP, "client_secret": None}}),
    ("new", GRAPH, {"graph": {"tenant_id": "contoso.example", "client_id": "app-1"}}),
    ("new", XOAUTH2, {"oauth": {**types.MICROSOFT_OAUTH, "client_secret": None}}),
    *(("profile", POP3, {"mailbox": mailbox}) for mailbox in ("shared", "box", "inbox", 1)),
    ("EmailSettings", MAIL, {"authentication": "plain"}),
    *(("profile", IMAP, {"incoming": {"host": "a.test", "port": port}}) for port in ("993", True, 99.5)),
    *(("profile", IMAP, {"send_verification_manually": flag}) for flag in ("true", 1, 0)),
    ("profile", IMAP, {"tls": {"verify": 1}}),
    ("profile", IMAP, {"reverify_every_hours": "24"}),
    ("WebhookCreate", HOOK, {"allow_private_addresses": 0}),
    ("WebhookPatch", {}, {"enabled": "yes"}),
    ("ActorPatch", {}, {"poll_seconds": "30"}),
    ("EnrollmentTokenCreate", {}, {"expires_in_seconds": "600"}),
    *(("EmailActionSettings", {}, {name: "60"}) for name in SECONDS),
    ("DraftCheckRequest", DRAFT, {"security_zone_id": ACTOR["actor_ids"][0], **ACTOR}),
    ("LeaseUpdate", {}, {"look_again_at": "2026-01-01T00:00:00Z"}),
    *(("Result", {}, ending) for ending in ({}, {"connected": True, "failure_code": "dns_not_found"})),
]


def schema_of(name: str) -> dict[str, Any]:
    """Return a schema of the documents, with all that it refers to."""
    both = documents()
    schemas = {
        **both["actor.json"]["components"]["schemas"],
        **both["director.json"]["components"]["schemas"],
    }
    path, method = BODIES.get(name, ("", ""))
    wanted = (
        both["director.json"]["paths"][path][method]["requestBody"]["content"]["application/json"]["schema"]
        if path
        else schemas[name]
    )
    return {**wanted, "components": {"schemas": schemas}}


@pytest.mark.parametrize(("name", "body", "change"), GOOD)
def test_what_the_director_takes_fits_its_document(
    name: str, body: dict[str, Any], change: dict[str, Any]
) -> None:
    changed = {**copy.deepcopy(body), **change}
    TypeAdapter(MODELS[name]).validate_python(changed)
    Draft202012Validator(schema_of(name)).validate(changed)


@pytest.mark.parametrize(("name", "body", "change"), BAD)
def test_what_the_document_forbids_is_refused(
    name: str, body: dict[str, Any], change: dict[str, Any]
) -> None:
    changed = {**copy.deepcopy(body), **change}
    with pytest.raises(ValidationError):
        TypeAdapter(MODELS[name]).validate_python(changed)
    assert not Draft202012Validator(schema_of(name)).is_valid(changed)


def test_a_patch_names_every_field_of_a_profile_and_none_is_required() -> None:
    schema = schema_of("ProfilePatch")
    checked = Draft202012Validator(schema)
    for whole in (IMAP, POP3, GRAPH, GMAIL, XOAUTH2, GOOGLE):
        assert set(whole) <= set(schema["properties"])
        checked.validate(whole)
        for name, value in whole.items():
            checked.validate({name: value})
            assert name == "server_type" or checked.is_valid({name: None})
    checked.validate({"outgoing": {"port": None}, "tls": {"verify": False}, "account": {"password": "p"}})
    for wrong in ({"note": 5}, {"incoming": {"port": "993"}}, {"tls": {"verify": 1}}, {"server_type": "x"}):
        assert not checked.is_valid(wrong), wrong


@pytest.mark.parametrize(("body", "change"), LACKING)
async def test_a_secret_that_a_new_profile_lacks_is_required_by_the_document(
    director: RunningDirector, body: dict[str, Any], change: dict[str, Any]
) -> None:
    actor = await director.enroll("vm-1")
    lacking = {**copy.deepcopy(body), **change}
    assert not Draft202012Validator(schema_of("new")).is_valid(lacking)
    assert not Draft202012Validator(schema_of("DraftCheckRequest")).is_valid({"profile": lacking})
    answer = await director.operator.post("/email-profiles", json={**lacking, "actor_ids": [actor.id]})
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["code"], error["pointer"].rpartition("/")[2] in SECRETS) == (
        422,
        "required",
        True,
    )
