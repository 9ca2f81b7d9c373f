"""Gmail shows a message over POP3 to its first client alone, unless the name asks for the recent mode."""

import asyncio

import pytest
from pydantic import SecretStr

from actor_agent.mail.pop3.login import log_in
from actor_agent.mail.pop3.session import Session
from mail_transport.connecting import connect
from mail_transport.journal import Journal
from tests.actor_agent.mail.looking import HERE
from tests.actor_agent.mail.pop3.pop3_script import Pop3Script
from tests.servers.hostile import hostile_server
from wire_contract.jobs import Authentication, Encryption, MailServer, PasswordCredentials


@pytest.mark.parametrize(
    ("host", "username", "said"),
    [
        ("pop.gmail.com", "anna@gmail.com", "recent:anna@gmail.com"),
        ("POP.Gmail.com.", "anna@gmail.com", "recent:anna@gmail.com"),
        ("pop.googlemail.com", "anna@example.test", "recent:anna@example.test"),
        ("pop.gmail.com", "recent:anna@gmail.com", "recent:anna@gmail.com"),
        ("pop.gmail.com.example.test", "anna@gmail.com", "anna@gmail.com"),
        ("pop.example.test", "anna@gmail.com", "anna@gmail.com"),
    ],
)
async def test_the_name_asks_for_the_recent_mode_at_gmail_alone(host: str, username: str, said: str) -> None:
    script = Pop3Script(capabilities=("USER",))
    server_of_profile = MailServer(
        host=host, port=995, encryption=Encryption.SSL_TLS, authentication=Authentication.PLAIN
    )
    journal = Journal()
    async with hostile_server(script) as server, asyncio.timeout(10):
        session = Session(await connect(server.host, server.port, HERE, Journal()))
        await session.read()
        await session.ask_capabilities()
        account = PasswordCredentials(username=username, password=SecretStr("an app password"))
        await log_in(session, server_of_profile, account, journal)
        session.channel.abort()
    assert script.commands[1:] == [f"USER {said}".encode(), b"PASS an app password"]
    assert journal.steps[-1].detail["username"] == said
