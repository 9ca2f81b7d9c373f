"""What a server that does not take the message says decides whether it is tried again (RFC 5321 section 4.2.1)."""

import asyncio

import pytest
from sqlalchemy import delete

from director_api.mail_settings.models import EmailSettings
from director_api.wakeups import OUTBOX
from tests.director_api.conftest import RunningDirector
from tests.director_api.outbox.sending import mail, refused
from tests.servers.hostile import Peer, Script, hostile_server
from wire_contract.failure_codes import FailureCode

GREYLISTED = b"451 4.7.1 Greylisted, come back in a while"
DIALOGUE = (b"250 mail.example.test", b"250 2.1.0 OK", b"250 2.1.5 OK", b"354 go on")
NAMES = {"EHLO": 0, "MAIL": 1, "RCPT": 2, "DATA": 3, "content": 4}


def refusing(at: int, answer: bytes) -> Script:
    """Answer well up to the step `at`, and that one with `answer`, as what is tried in its place."""

    async def script(peer: Peer) -> None:
        await peer.send(b"220 mail.example.test")
        for good in DIALOGUE[:at]:
            await peer.line()
            await peer.send(good)
        while at == len(DIALOGUE) and await peer.line() != b".\r\n":
            pass
        await peer.send(answer)
        while await peer.line():
            await peer.send(answer)

    return script


@pytest.mark.parametrize("step", NAMES)
@pytest.mark.parametrize(
    ("answer", "code", "permanent"),
    [
        (GREYLISTED, FailureCode.SEND_DEFERRED, False),
        (b"421 4.3.2 Shutting down", FailureCode.SEND_DEFERRED, False),
        (b"452 4.2.2 Over quota", FailureCode.SEND_DEFERRED, False),
        (b"550 5.7.1 Not from you", FailureCode.SEND_REJECTED, True),
    ],
    ids=["greylisted", "shutting down", "over quota", "rejected"],
)
async def test_4xx_is_tried_again_and_5xx_is_not(
    step: str, answer: bytes, code: FailureCode, *, permanent: bool
) -> None:
    async with hostile_server(refusing(NAMES[step], answer)) as server, asyncio.timeout(30):
        failure = await refused(mail(server.port))
    assert (failure.code, failure.permanent) == (code, permanent)
    assert failure.server_reply == answer.decode()


async def test_greylisted_mail_is_shown_as_late_and_arrives_in_the_end(director: RunningDirector) -> None:
    talks = iter([refusing(NAMES["RCPT"], GREYLISTED), refusing(NAMES["content"], b"250 2.0.0 Taken")])

    async def greylisting(peer: Peer) -> None:
        await next(talks)(peer)

    actor = await director.enroll("vm-1")
    async with hostile_server(greylisting) as server, asyncio.timeout(30):
        settings = {"from_address": "d@example.test", "host": server.host, "port": server.port}
        assert (await director.admin.put("/settings/email", json=settings)).status_code == 200
        profile = await director.profile(actor, send_verification_manually=False)
        run = await director.verify(profile)
        assert (await _mail_becomes(director, run, "deferred"))["mail_reply"] == GREYLISTED.decode()
        sent = await _mail_becomes(director, run, "sent")
    assert (sent["state"], sent["mail_reply"], list(talks)) == ("queued", "2.0.0 Taken", [])
    assert server.heard.count(b"\r\nSubject: (") == 1


async def test_mail_that_was_read_has_left_whatever_its_server_answered(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    async with hostile_server(refusing(NAMES["content"], GREYLISTED)) as server, asyncio.timeout(30):
        settings = {"from_address": "d@example.test", "host": server.host, "port": server.port}
        await director.admin.put("/settings/email", json=settings)
        run = await director.verify(await director.profile(actor, send_verification_manually=False))
        await _mail_becomes(director, run, "deferred")
        code = server.heard.partition(b"\r\nSubject: (")[2].partition(b")")[0].decode()
        [lease] = await actor.poll()
        assert (await actor.report(lease, code=code)).json()["state"] == "verified"
        await director.pass_time(10)
        director.app.state.wakeups.tell(OUTBOX)
        assert (await _mail_becomes(director, run, "sent"))["state"] == "verified"


async def test_mail_whose_server_was_taken_away_meanwhile_says_so(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    async with hostile_server(refusing(NAMES["RCPT"], GREYLISTED)) as server, asyncio.timeout(30):
        settings = {"from_address": "d@example.test", "host": server.host, "port": server.port}
        await director.admin.put("/settings/email", json=settings)
        run = await director.verify(await director.profile(actor, send_verification_manually=False))
        await _mail_becomes(director, run, "deferred")
    async with director.app.state.database.write() as session:
        await session.execute(delete(EmailSettings))
    await director.pass_time(10)
    director.app.state.wakeups.tell(OUTBOX)
    assert (await _mail_becomes(director, run, "failed"))["failure_code"] == "send_not_configured"


async def _mail_becomes(
    director: RunningDirector, run: dict[str, object], mail_state: str
) -> dict[str, object]:
    while True:
        [check] = (await director.verification(run))["checks"]
        if check["mail"] == mail_state:
            found: dict[str, object] = check
            return found
        await asyncio.sleep(0.02)
