"""NULs, 8-bit text and terminal escapes in replies harm nobody who reads what the server said."""

import asyncio

import pytest

from tests.actor_agent.hostility.parties import ATTEMPTS
from tests.actor_agent.mail.imap_script import imap_script
from tests.actor_agent.mail.pop3.pop3_script import Pop3Script, says
from tests.mail_transport.smtp_talk import smtp_script
from tests.servers.hostile import Script, hostile_server
from wire_contract.failure_codes import FailureCode

GARBAGE = b"no\0thing \x1b[31mred\x1b[0m \x9b2J \xff\xfe \xc3\xa9 \x08\x7f \xe2\x80\xae end"
REFUSING: dict[str, Script] = {
    "imap": imap_script({b"AUTHENTICATE": b"NO [AUTHENTICATIONFAILED] " + GARBAGE}),
    "pop3": Pop3Script(answers={b"AUTH": says(b"-ERR [AUTH] " + GARBAGE)}),
    "smtp": smtp_script(b"535 5.7.8 " + GARBAGE),
}
GREETING: dict[str, Script] = {
    "imap": imap_script(greeting=b"\0\x1b]0;title\x07" + GARBAGE),
    "pop3": Pop3Script(greeting=b"\0\x1b]0;title\x07" + GARBAGE),
    "smtp": smtp_script(greeting=b"\0\x1b]0;title\x07" + GARBAGE),
}


@pytest.mark.parametrize(
    ("scripts", "code"),
    [(REFUSING, FailureCode.AUTH_INVALID_CREDENTIALS), (GREETING, FailureCode.GREETING_UNEXPECTED)],
    ids=["refusal", "greeting"],
)
@pytest.mark.parametrize("protocol", list(ATTEMPTS))
async def test_garbage_is_shown_without_what_steers_a_terminal(
    protocol: str, scripts: dict[str, Script], code: FailureCode
) -> None:
    async with hostile_server(scripts[protocol]) as server, asyncio.timeout(30):
        attempt = ATTEMPTS[protocol](server.port, None)
        assert await attempt.failure() is code
    said = attempt.journal.steps[-1].server_reply or ""
    assert "red" in said
    assert said.endswith("end")
    assert said.isprintable()
