"""From Unverified to Verified, or to the reason why not, over real mail."""

import smtplib
from email.message import EmailMessage

import pytest

from tests.end_to_end.conftest import MakeProfile
from tests.end_to_end.processes import DirectorProcess
from tests.servers.mail_servers import MailServers
from tests.servers.ports import free_ports


@pytest.mark.parametrize("encryption", ["none", "starttls", "ssl_tls"])
def test_automatic_with_two_actors(
    mailing_director: DirectorProcess, mail_servers: MailServers, make_profile: MakeProfile, encryption: str
) -> None:
    actors = [mailing_director.actor("vm-1"), mailing_director.actor("vm-2")]
    profile = make_profile(mail_servers.add_user(), *actors, encryption=encryption)
    ended = mailing_director.ended(mailing_director.verify(profile))
    assert ended["outcome"] == "verified", ended
    for check in ended["checks"]:
        assert (check["state"], check["mail"], check["proof"]) == ("verified", "sent", "retrieved")
        assert check["evidence"]["folder"] == "INBOX"
        steps = [step["step"] for step in check["diagnostics"]]
        assert steps[:2] == ["resolve", "connect"]
        assert steps[-1] == "found"
        assert ("tls" in steps) == (encryption != "none")
    shown = mailing_director.get(f"/email-profiles/{profile['id']}")
    assert shown["account_status"] == "verified"
    assert [actor["online"] for actor in shown["actors"]] == [True, True]


@pytest.mark.parametrize("sent", ["before verify", "while the actors wait"])
def test_manual_with_a_message_that_a_person_sends(
    director: DirectorProcess, mail_servers: MailServers, make_profile: MakeProfile, sent: str
) -> None:
    actors = [director.actor("vm-1"), director.actor("vm-2")]
    mailbox = mail_servers.add_user()
    profile = make_profile(mailbox, *actors, send_verification_manually=True)
    subject = director.get(f"/email-profiles/{profile['id']}/verification-code")["subject"]
    message = EmailMessage()
    message["From"], message["To"] = "person@example.test", mailbox.address
    message["Subject"] = f"[EXTERNAL] Fwd: {subject}"
    message.set_content("By hand.\n")
    if sent == "before verify":
        mail_servers.deliver(mailbox, str(message["Subject"]))
    run = director.verify(profile)
    if sent != "before verify":
        with smtplib.SMTP(mail_servers.postfix.host, mail_servers.postfix.ports.smtp) as smtp:
            smtp.send_message(message)
    ended = director.ended(run)
    assert ended["outcome"] == "verified", ended
    assert {check["proof"] for check in ended["checks"]} == {"manual"}


def test_a_code_in_the_junk_folder_is_found_and_said_to_be_there(
    director: DirectorProcess, mail_servers: MailServers, make_profile: MakeProfile
) -> None:
    mailbox = mail_servers.add_user()
    profile = make_profile(mailbox, director.actor("vm-1"), send_verification_manually=True)
    mail_servers.deliver_to_junk(
        mailbox, director.get(f"/email-profiles/{profile['id']}/verification-code")["subject"]
    )
    (check,) = director.ended(director.verify(profile))["checks"]
    assert check["state"] == "verified"
    assert "found_in_junk" in [warning["code"] for warning in check["warnings"]]


def test_a_wrong_password(
    director: DirectorProcess, mail_servers: MailServers, make_profile: MakeProfile
) -> None:
    mailbox = mail_servers.add_user()
    account = {"username": mailbox.username, "password": "not-this-one"}
    profile = make_profile(mailbox, director.actor("vm-1"), account=account, send_verification_manually=True)
    (check,) = director.ended(director.verify(profile))["checks"]
    assert (check["state"], check["failure_code"]) == ("unverified", "auth_invalid_credentials")
    failed = check["diagnostics"][-1]
    assert (failed["step"], failed["outcome"]) == ("authenticate", "failed")
    assert "AUTHENTICATIONFAILED" in failed["server_reply"]
    assert check["hint"]
    assert "not-this-one" not in str(check)


def test_an_unknown_host(
    director: DirectorProcess, mail_servers: MailServers, make_profile: MakeProfile
) -> None:
    profile = make_profile(
        mail_servers.add_user(),
        director.actor("vm-1"),
        incoming={"host": "no-such-host.invalid"},
        send_verification_manually=True,
    )
    (check,) = director.ended(director.verify(profile))["checks"]
    # Without any name server in reach the resolver can't tell that the name does not exist.
    assert check["failure_code"] in ("dns_not_found", "dns_failed")
    assert [(step["step"], step["outcome"]) for step in check["diagnostics"]] == [("resolve", "failed")]


def test_a_closed_port(
    director: DirectorProcess, mail_servers: MailServers, make_profile: MakeProfile
) -> None:
    incoming = {"host": "127.0.0.1", "port": free_ports(1)[0], "encryption": "none"}
    profile = make_profile(
        mail_servers.add_user(), director.actor("vm-1"), incoming=incoming, send_verification_manually=True
    )
    (check,) = director.ended(director.verify(profile))["checks"]
    assert check["failure_code"] == "tcp_refused"
    assert [step["step"] for step in check["diagnostics"]] == ["resolve", "connect"]


def test_an_unknown_authority_is_named_and_nothing_secret_is_sent(
    director: DirectorProcess, mail_servers: MailServers, make_profile: MakeProfile
) -> None:
    profile = make_profile(
        mail_servers.add_user(), director.actor("vm-1"), tls={}, send_verification_manually=True
    )
    (check,) = director.ended(director.verify(profile))["checks"]
    assert check["failure_code"] == "tls_unknown_ca"
    assert check["diagnostics"][-1]["step"] == "tls"


def test_an_actor_that_is_offline(
    director: DirectorProcess, mail_servers: MailServers, make_profile: MakeProfile
) -> None:
    director.put("/settings/email-actions", {"offline_seconds": 1})
    away = director.actor("away", started=False)
    profile = make_profile(mail_servers.add_user(), away, send_verification_manually=True)
    (check,) = director.ended(director.verify(profile))["checks"]
    assert check["failure_code"] == "actor_offline"


def test_a_code_that_never_arrives(
    director: DirectorProcess, mail_servers: MailServers, make_profile: MakeProfile
) -> None:
    director.put("/settings/email-actions", {"search_seconds": 3})
    profile = make_profile(mail_servers.add_user(), director.actor("vm-1"), send_verification_manually=True)
    (check,) = director.ended(director.verify(profile))["checks"]
    assert check["failure_code"] == "code_not_found"
    assert check["diagnostics"][-1]["step"] == "search"


@pytest.mark.parametrize("encryption", ["none", "starttls", "ssl_tls"])
def test_a_pop3_mailbox_that_two_actors_share(
    mailing_director: DirectorProcess, mail_servers: MailServers, make_profile: MakeProfile, encryption: str
) -> None:
    actors = [mailing_director.actor("vm-1"), mailing_director.actor("vm-2")]
    ports = mail_servers.dovecot.ports
    port = ports.pop3s if encryption == "ssl_tls" else ports.pop3
    incoming = {"host": mail_servers.host, "port": port, "encryption": encryption}
    profile = make_profile(mail_servers.add_user(), *actors, server_type="pop3", incoming=incoming)
    ended = mailing_director.ended(mailing_director.verify(profile))
    assert ended["outcome"] == "verified", ended
    assert [check["proof"] for check in ended["checks"]] == ["retrieved", "retrieved"]


def test_an_outgoing_server_that_fails_is_a_warning(
    mailing_director: DirectorProcess, mail_servers: MailServers, make_profile: MakeProfile
) -> None:
    mailbox = mail_servers.add_user()
    outgoing = {"host": mail_servers.host, "port": free_ports(1)[0]}
    profile = make_profile(mailbox, mailing_director.actor("vm-1"), outgoing=outgoing)
    (check,) = mailing_director.ended(mailing_director.verify(profile))["checks"]
    assert check["state"] == "verified"
    (warning,) = [warning for warning in check["warnings"] if warning["code"] == "tcp_refused"]
    assert "outgoing server" in warning["detail"]
    assert "smtp_connect" in [step["step"] for step in check["diagnostics"]]
