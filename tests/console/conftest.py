"""A Director that serves the built console, Actors, and a mail server: one for all scenes."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from director_api.console import IN_A_CHECKOUT
from tests.console.stage import Answer, play
from tests.end_to_end.processes import ActorProcess, DirectorProcess
from tests.servers.mail_servers import MailServers
from tests.servers.mailbox import Mailbox
from tests.servers.ports import free_ports


@dataclass(frozen=True)
class Installation:
    """What the scenes play in."""

    director: DirectorProcess
    actors: list[ActorProcess]
    mail: MailServers

    def play(self, scene: str, answers: dict[str, Answer] | None = None, **world: Any) -> None:
        """Play a scene as an admin."""
        token = self.director.api.headers["Authorization"].removeprefix("Bearer ")
        play(scene, {"url": self.director.url, "token": token, **world}, answers)

    def profile(self, mailbox: Mailbox, **fields: Any) -> dict[str, Any]:
        """Make a profile that both Actors may use."""
        return self.director.post("/email-profiles", self.body(mailbox, **fields))

    def body(self, mailbox: Mailbox, **fields: Any) -> dict[str, Any]:
        """What a profile of a mailbox is made of."""
        return {
            "server_type": "imap",
            "email_address": mailbox.address,
            "actor_ids": self.director.actor_ids(*self.actors),
            "account": {"username": mailbox.username, "password": mailbox.password},
            "incoming": {"host": self.mail.host, "port": self.mail.dovecot.ports.imap, "encryption": "none"},
            **fields,
        }

    def change(self, profile: dict[str, Any], **fields: Any) -> None:
        """Change a profile, as another person does meanwhile."""
        headers = {"Content-Type": "application/merge-patch+json"}
        answer = self.director.api.patch(
            f"/email-profiles/{profile['id']}", content=json.dumps(fields), headers=headers
        )
        assert answer.is_success, answer.text


@pytest.fixture(scope="session")
def installation(
    tmp_path_factory: pytest.TempPathFactory, mail_servers: MailServers
) -> Iterator[Installation]:
    """A Director with two Actors, which mails through Postfix."""
    assert (IN_A_CHECKOUT / "index.html").is_file(), "`make console` builds the console first"
    director = DirectorProcess(tmp_path_factory.mktemp("console"), free_ports(1)[0])
    try:
        director.start()
        director.mail_through(mail_servers)
        yield Installation(director, [director.actor("vm-1"), director.actor("vm-2")], mail_servers)
    finally:
        director.close()
