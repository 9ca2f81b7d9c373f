"""Microsoft Graph without SMTP anywhere: the Director sends by it, the Actors read by it, against a stand-in."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sandbox.graph.tenant import App, Arrival
from sandbox.stand_in import Trouble
from tests.end_to_end.processes import DirectorProcess
from tests.servers.graph import GraphService, graph_service
from tests.servers.ports import free_ports

READER, READER_SECRET = "99999999-8888-7777-6666-555555555555", "value-of-the-readers-secret"
SENDER, SENDER_SECRET = "88888888-8888-7777-6666-555555555555", "value-of-the-senders-secret"
FROM = "verification@contoso.test"


@dataclass
class Installation:
    """A Director that sends by Graph, and an Actor that reads by it."""

    director: DirectorProcess
    graph: GraphService

    def profile(self, name: str, arrival: Arrival) -> dict[str, Any]:
        """Make a mailbox where mail arrives so, and a profile in automatic mode for it."""
        address = f"{name}@contoso.test"
        self.graph.tenant.add_mailbox(address).arrival = arrival
        app = {"tenant_id": self.graph.tenant.id, "client_id": READER, "client_secret": READER_SECRET}
        return self.director.post(
            "/email-profiles",
            {
                "server_type": "microsoft_graph",
                "email_address": address,
                "actor_ids": self.director.actor_ids(*self.director.actors),
                "graph": app,
            },
        )

    def mail_by_graph(self, secret: str = SENDER_SECRET) -> None:
        """Let the Director send by its app."""
        app = {"tenant_id": self.graph.tenant.id, "client_id": SENDER, "client_secret": secret}
        settings = {"transport": "microsoft_graph", "from_address": FROM, **app}
        self.director.put("/settings/email", settings)


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    with graph_service(tmp_path) as graph:
        graph.tenant.add_app(App(READER, READER_SECRET, frozenset({"Mail.ReadBasic.All"})))
        graph.tenant.add_app(App(SENDER, SENDER_SECRET, frozenset({"Mail.Send"}), frozenset({FROM})))
        graph.tenant.add_mailbox(FROM)
        director = DirectorProcess(tmp_path, free_ports(1)[0])
        director.environment |= {**graph.director_environment, "DIRECTOR_LOG_LEVEL": "debug"}
        director.start()
        try:
            director.actor("vm-1", environment={**graph.environment, "ACTOR_LOG_LEVEL": "debug"})
            made = Installation(director, graph)
            made.mail_by_graph()
            yield made
        finally:
            director.close()


def test_mail_that_arrives_at_once_late_in_junk_and_never(installation: Installation) -> None:
    director = installation.director
    actions = director.get("/settings/email-actions")
    director.put("/settings/email-actions", {**actions, "search_seconds": 8})
    arrivals = {
        "there": Arrival(),
        "late": Arrival(after_seconds=4),
        "junk": Arrival("junkemail"),
        "never": Arrival(None),
    }
    profiles = {name: installation.profile(name, arrival) for name, arrival in arrivals.items()}
    runs = {name: director.verify(profile) for name, profile in profiles.items()}
    checks = {name: director.ended(run)["checks"][0] for name, run in runs.items()}
    ends = {name: (check["state"], check["failure_code"], check["mail"]) for name, check in checks.items()}
    verified = ("verified", None, "sent")
    never = ("unverified", "code_not_found", "sent")
    assert ends == {"there": verified, "late": verified, "junk": verified, "never": never}
    warnings = [warning["code"] for warning in checks["junk"]["warnings"]]
    assert "found_in_junk" in warnings
    assert {check["proof"] for name, check in checks.items() if name != "never"} == {"retrieved"}
    _keeps_its_secrets(director)


def test_a_throttled_send_is_late_and_a_refused_one_ends_the_check(installation: Installation) -> None:
    director = installation.director
    installation.graph.tenant.troubles.append(Trouble("sendMail", 429, "{}", {"Retry-After": "2"}))
    (check,) = director.ended(director.verify(installation.profile("patient", Arrival())))["checks"]
    assert (check["state"], check["mail"]) == ("verified", "sent")
    installation.graph.tenant.apps[SENDER].roles = frozenset()
    (check,) = director.ended(director.verify(installation.profile("refused", Arrival())))["checks"]
    assert (check["state"], check["failure_code"]) == ("unverified", "send_not_permitted")
    assert "Mail.Send" in check["hint"]
    assert check["mail"] == "failed"


def test_the_test_message_says_what_to_do_about_the_app(installation: Installation) -> None:
    director = installation.director
    installation.graph.tenant.add_mailbox("someone@contoso.test")
    sent = director.post("/settings/email/test", {"to": "someone@contoso.test"})
    assert (sent["sent"], sent["server_reply"][:3]) == (True, "202")
    installation.graph.tenant.apps[SENDER].sign_in_error = (
        7000222,
        "The provided client secret keys are expired.",
    )
    refused = director.post("/settings/email/test", {"to": "someone@contoso.test"})
    assert (refused["sent"], refused["code"]) == (False, "send_auth_failed")
    assert "expired" in refused["message"]
    assert "Certificates & secrets" in refused["hint"]
    assert "AADSTS7000222" in refused["server_reply"]


def _keeps_its_secrets(director: DirectorProcess) -> None:
    assert director.process is not None
    actor = director.actors[0].process
    assert actor is not None
    for secret in (READER_SECRET, SENDER_SECRET, "eyJ0", "eyJh"):
        assert not any(secret in line for line in (*director.process.lines, *actor.lines))
