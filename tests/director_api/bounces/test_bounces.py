"""Mail that comes back to the Director from real servers: a Postfix that bounces, a Dovecot that keeps the report."""

import asyncio
from typing import Any

import pytest

from tests.actor_agent.mail.imap_script import Answer, imap_script
from tests.director_api.conftest import RunningDirector
from tests.servers.dovecot import PASSWORD
from tests.servers.hostile import hostile_server
from tests.servers.mail_servers import MailServers
from tests.servers.mailbox import Mailbox

GONE = "gone@example.test"  # taken by the server, forwarded to where it can't be delivered, and so returned


@pytest.fixture
def sender(mail_servers: MailServers) -> Mailbox:
    """The mailbox that the Director's mail is from, and comes back to."""
    return mail_servers.add_user()


def settings(servers: MailServers, sender: Mailbox, **bounces: Any) -> dict[str, Any]:
    return {
        "from_address": sender.address,
        "host": "127.0.0.1",
        "port": servers.postfix.ports.submission,
        "encryption": "starttls",
        "authentication": "plain",
        "username": sender.username,
        "password": PASSWORD,
        "tls": {"ca_certificate": servers.ca_pem},
        "bounces": {
            "host": "127.0.0.1",
            "port": servers.dovecot.ports.imaps,
            "username": sender.username,
            "password": PASSWORD,
            "tls": {"ca_certificate": servers.ca_pem},
            **bounces,
        },
    }


async def test_what_comes_back_ends_the_check_with_the_remote_words(
    director: RunningDirector, mail_servers: MailServers, sender: Mailbox
) -> None:
    written = await director.admin.put("/settings/email", json=settings(mail_servers, sender))
    assert written.status_code == 200, written.text
    assert written.json()["bounces"]["password"]["set"] is True
    assert PASSWORD not in written.text
    profile = await director.profile(
        await director.enroll("vm-1"), email_address=GONE, send_verification_manually=False
    )
    run = await director.verify(profile)
    async with asyncio.timeout(60):
        while (shown := await director.verification(run, wait=1))["state"] == "running":
            await director.app.state.bounces.round()
    (check,) = shown["checks"]
    assert (check["failure_code"], check["mail"]) == ("send_bounced", "failed")
    assert "outbound disabled" in check["failure_detail"]


async def test_a_late_bounce_explains_a_search_that_found_nothing(
    director: RunningDirector, mail_servers: MailServers, sender: Mailbox
) -> None:
    await director.admin.put("/settings/email", json=settings(mail_servers, sender, port=9))
    await director.admin.put("/settings/email-actions", json={"search_seconds": 1})
    actor = await director.enroll("vm-1")
    run = await director.verify(
        await director.profile(actor, email_address=GONE, send_verification_manually=False)
    )
    (lease,) = await actor.poll()
    async with asyncio.timeout(60):
        while (await director.verification(run, wait=1))["checks"][0]["mail"] != "sent":
            pass
    await director.app.state.bounces.round()  # nothing answers on that port: a line in the log, and no more
    await director.pass_time(2)
    await actor.report(lease, failure_code="code_not_found")
    await director.admin.put("/settings/email", json=settings(mail_servers, sender))
    async with asyncio.timeout(60):
        while (check := (await director.verification(run))["checks"][0])["mail"] != "failed":
            await director.app.state.bounces.round()
    assert check["failure_code"] == "code_not_found"
    assert "came back" in check["possible_causes"][0]
    assert "outbound disabled" in check["possible_causes"][0]


async def test_a_refused_login_is_told_by_the_test_and_never_repeated(
    director: RunningDirector, mail_servers: MailServers, sender: Mailbox
) -> None:
    refusing: dict[bytes, Answer] = {b"AUTHENTICATE": b"NO [AUTHENTICATIONFAILED] no"}
    async with hostile_server(imap_script(refusing)) as server:
        body = settings(mail_servers, sender, port=server.port, encryption="none")
        await director.admin.put("/settings/email", json=body)
        tested = await director.admin.post("/settings/email/test", json={"to": sender.address})
        told = tested.json()
        assert (told["sent"], told["bounces"]["code"]) == (True, "auth_invalid_credentials")
        assert told["bounces"]["server_reply"] == "[AUTHENTICATIONFAILED] no"
        run = await director.verify(
            await director.profile(
                await director.enroll("vm-1"), email_address=sender.address, send_verification_manually=False
            )
        )
        async with asyncio.timeout(60):
            while (await director.verification(run, wait=1))["checks"][0]["mail"] != "sent":
                pass
        before = len(server.peers)
        for _ in range(3):
            await director.app.state.bounces.round()
        assert len(server.peers) - before <= 1, "the loop itself may have tried before"
        assert PASSWORD not in tested.text


async def test_the_test_reads_the_mailbox(
    director: RunningDirector, mail_servers: MailServers, sender: Mailbox
) -> None:
    await director.admin.put("/settings/email", json=settings(mail_servers, sender))
    tested = await director.admin.post("/settings/email/test", json={"to": sender.address})
    assert (tested.json()["sent"], tested.json()["bounces"]["read"]) == (True, True)


async def test_the_password_goes_nowhere_else(
    director: RunningDirector, mail_servers: MailServers, sender: Mailbox
) -> None:
    body = settings(mail_servers, sender)
    await director.admin.put("/settings/email", json=body)
    kept = {**body, "bounces": {**body["bounces"], "password": None}}
    assert (await director.admin.put("/settings/email", json=kept)).status_code == 200
    for change in ({"host": "elsewhere.test"}, {"encryption": "none"}, {"tls": {"verify": False}}):
        moved = {**kept, "bounces": {**kept["bounces"], **change}}
        refused = await director.admin.put("/settings/email", json=moved)
        (error,) = refused.json()["errors"]
        assert (error["pointer"], error["code"]) == ("/bounces/password", "secret_required")
    without = await director.admin.put("/settings/email", json={**body, "bounces": None})
    assert without.json()["bounces"] is None
    again = await director.admin.put("/settings/email", json=kept)
    assert again.json()["errors"][0]["code"] == "required"
    entries = (await director.admin.get("/audit-log")).json()["items"]
    assert any("bounces.password" in entry["changes"] for entry in entries)
    assert PASSWORD not in str(entries)
