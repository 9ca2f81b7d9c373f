"""``actor probe`` against real servers, as a process of its own."""

import io
import json
from pathlib import Path

import pytest

from actor_agent.probe.showing import as_text, wants_colour
from mail_transport.journal import Journal
from tests.actor_agent.command import actor
from tests.servers.dovecot import Dovecot
from tests.servers.mail_servers import MailServers
from tests.servers.ports import HOST, free_ports
from wire_contract.diagnostics import StepName
from wire_contract.failure_codes import FailureCode


class Terminal(io.StringIO):
    """What a person looks at."""

    def isatty(self) -> bool:
        """Be one."""
        return True


def ca_file(folder: Path, dovecot: Dovecot) -> str:
    """Write the authority that signed the server's certificate."""
    path = folder / "ca.pem"
    path.write_text(dovecot.ca_pem)
    return str(path)


async def test_every_protocol_is_reached_without_a_login(tmp_path: Path, mail_servers: MailServers) -> None:
    dovecot, ports = mail_servers.dovecot, mail_servers.postfix.ports
    trusted = ("--ca-file", ca_file(tmp_path, dovecot), "--json")
    for url in (
        f"imap://{HOST}:{dovecot.ports.imap}?starttls",
        f"imaps://{HOST}:{dovecot.ports.imaps}",
        f"pop3://{HOST}:{dovecot.ports.pop3}?starttls",
        f"pop3s://{HOST}:{dovecot.ports.pop3s}",
        f"smtps://{HOST}:{ports.smtps}",
    ):
        ended = await actor(tmp_path / "no-state", "probe", url, *trusted)
        shown = json.loads(ended.out)
        assert (ended.code, shown["outcome"], shown["url"]) == (0, "reached", url), ended.out
        assert {step["outcome"] for step in shown["steps"]} == {"ok"}
    assert not (tmp_path / "no-state").exists()


async def test_a_login_is_tried_with_a_password_that_no_one_sees(tmp_path: Path, dovecot: Dovecot) -> None:
    mailbox = dovecot.add_user()
    password = tmp_path / "password"
    password.write_text(mailbox.password + "\n")
    url = f"imaps://{HOST}:{dovecot.ports.imaps}"
    login = ("--user", mailbox.username, "--ca-file", ca_file(tmp_path, dovecot))
    ended = await actor(tmp_path, "probe", url, *login, "--password-file", str(password))
    assert ended.code == 0, ended.out
    assert "authenticate" in ended.out
    assert "open_mailbox" in ended.out
    wrong = await actor(tmp_path, "probe", url, *login, "--password-env", "PW", "--json", PW="not-this-one")
    shown = json.loads(wrong.out)
    assert (wrong.code, shown["failure_code"]) == (1, "auth_invalid_credentials")
    assert shown["hint"]
    for text in (ended.out, ended.log, wrong.out, wrong.log):
        assert mailbox.password not in text
        assert "not-this-one" not in text


async def test_an_authority_that_is_not_trusted_fails_at_tls(tmp_path: Path, dovecot: Dovecot) -> None:
    url = f"imaps://{HOST}:{dovecot.ports.imaps}"
    ended = await actor(tmp_path, "probe", url)
    assert ended.code == 1
    assert "tls_unknown_ca" in ended.out
    loud = await actor(tmp_path, "probe", url, "--no-verify")
    assert loud.code == 0, loud.out
    assert "tls_not_verified" in loud.out


async def test_an_egress_list_is_followed_and_said(tmp_path: Path) -> None:
    ended = await actor(tmp_path, "probe", f"smtp://{HOST}:2525", ACTOR_EGRESS_ALLOW="mail.example.test")
    assert ended.code == 1
    assert "egress_not_allowed" in ended.out
    assert "ACTOR_EGRESS_ALLOW" in ended.log


async def test_what_is_wrong_with_the_command_line_has_codes_of_its_own(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    refused = await actor(tmp_path, "probe", f"imap://{HOST}:{port}")
    assert (refused.code, "tcp_refused" in refused.out, "\x1b" in refused.out) == (1, True, False)
    assert (await actor(tmp_path, "probe", "telnet://x")).code == 2
    no_file = await actor(tmp_path, "probe", f"imap://{HOST}:{port}", "--ca-file", str(tmp_path / "none"))
    assert no_file.code == 3
    helped = await actor(tmp_path, "probe", "--help")
    assert "exit codes:" in helped.out


def test_a_terminal_gets_colours_unless_it_or_the_person_wants_none() -> None:
    assert wants_colour(Terminal(), {})
    assert not wants_colour(Terminal(), {"NO_COLOR": "1"})
    assert not wants_colour(Terminal(), {"TERM": "dumb"})
    assert not wants_colour(Terminal(), {}, refused=True)
    assert not wants_colour(io.StringIO(), {})


@pytest.mark.parametrize(("colour", "escaped"), [(True, True), (False, False)])
def test_the_failed_step_stands_out(colour: bool, escaped: bool) -> None:
    journal = Journal()
    with journal.step(StepName.RESOLVE) as step:
        step.detail["host"] = "mail.example.test"
    text = as_text("imap://x:143", journal, FailureCode.TCP_REFUSED, colour=colour)
    assert ("\x1b[31m" in text) is escaped
    assert "host: mail.example.test" in text
