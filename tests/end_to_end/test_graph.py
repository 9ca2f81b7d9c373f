"""Microsoft Graph from the profile to the outcome: Director, Actor, and a stand-in that conforms to the documentation."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.graph.tenant import App
from tests.end_to_end.processes import DirectorProcess
from tests.servers.graph import GraphService, graph_service

SECRET = "the-value-of-the-secret"
APP = "99999999-8888-7777-6666-555555555555"


@pytest.fixture
def graph(tmp_path: Path) -> Iterator[GraphService]:
    with graph_service(tmp_path) as service:
        service.tenant.add_app(App(APP, SECRET))
        yield service


def _profile(director: DirectorProcess, graph: GraphService, name: str, **app: Any) -> dict[str, Any]:
    if not director.actors:
        director.actor("vm-1", environment={**graph.environment, "ACTOR_LOG_LEVEL": "debug"})
    return director.post(
        "/email-profiles",
        {
            "server_type": "microsoft_graph",
            "email_address": f"{name}@contoso.test",
            "actor_ids": director.actor_ids(*director.actors),
            "send_verification_manually": True,
            "graph": {"tenant_id": graph.tenant.id, "client_id": APP, "client_secret": SECRET, **app},
        },
    )


def _subject(director: DirectorProcess, profile: dict[str, Any]) -> str:
    subject: str = director.get(f"/email-profiles/{profile['id']}/verification-code")["subject"]
    return subject


def test_mail_that_is_there_in_junk_or_late(director: DirectorProcess, graph: GraphService) -> None:
    names = ("there", "junk", "late")
    boxes = {name: graph.tenant.add_mailbox(f"{name}@contoso.test") for name in names}
    profiles = {name: _profile(director, graph, name) for name in names}
    boxes["there"].deliver(_subject(director, profiles["there"]))
    boxes["junk"].deliver(_subject(director, profiles["junk"]), folder="junkemail")
    boxes["late"].deliver(_subject(director, profiles["late"]), after_seconds=6)
    runs = {name: director.verify(profile) for name, profile in profiles.items()}
    checks = {name: director.ended(run)["checks"][0] for name, run in runs.items()}
    assert {name: check["state"] for name, check in checks.items()} == dict.fromkeys(names, "verified")
    assert [warning["code"] for warning in checks["junk"]["warnings"]] == ["found_in_junk"]
    assert checks["there"]["evidence"]["folder"] == "Inbox"
    _keeps_its_secrets(director, checks)


def test_a_wrong_secret_and_a_mailbox_that_is_none(director: DirectorProcess, graph: GraphService) -> None:
    graph.tenant.add_mailbox("wrong@contoso.test")
    wrong = _profile(director, graph, "wrong", client_secret="another-value")
    (check,) = director.ended(director.verify(wrong))["checks"]
    assert (check["state"], check["failure_code"]) == ("unverified", "graph_secret_invalid")
    assert "AADSTS7000215" in check["diagnostics"][-1]["server_reply"]
    assert check["hint"]
    (check,) = director.ended(director.verify(_profile(director, graph, "nobody")))["checks"]
    assert check["failure_code"] == "graph_mailbox_not_found"


def test_mail_that_never_comes(director: DirectorProcess, graph: GraphService) -> None:
    graph.tenant.add_mailbox("never@contoso.test")
    settings = director.get("/settings/email-actions")
    director.put("/settings/email-actions", {**settings, "search_seconds": 3})
    (check,) = director.ended(director.verify(_profile(director, graph, "never")))["checks"]
    assert (check["state"], check["failure_code"]) == ("unverified", "code_not_found")


def test_no_endpoint_can_be_set_on_a_profile(director: DirectorProcess, graph: GraphService) -> None:
    profile = _profile(director, graph, "there")
    for field in ("graph_root", "authority", "root", "token_url", "endpoint"):
        app = {"graph": {field: "https://evil.test", "client_secret": SECRET}}
        answer = director.api.patch(f"/email-profiles/{profile['id']}", json=app)
        assert answer.status_code == 422, field
    assert "evil" not in director.api.get(f"/email-profiles/{profile['id']}").text


def _keeps_its_secrets(director: DirectorProcess, checks: dict[str, Any]) -> None:
    actor = director.actors[0].process
    assert actor is not None
    assert director.process is not None
    told = str(checks) + "".join(actor.lines) + "".join(director.process.lines)
    assert "httpcore" in told or "msal" in told or "Actor vm-1" in told
    assert SECRET not in told
    assert "eyJ0" not in told
