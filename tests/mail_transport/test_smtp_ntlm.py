"""NTLM with a sending server: a real one, and ones that answer with what is no challenge."""

import asyncio
import base64
import struct

import pytest

from tests.mail_transport.smtp_talk import SECRET, Talk, smtp_script, somebody
from tests.servers import ntlm
from tests.servers.dovecot import Dovecot
from tests.servers.hostile import hostile_server
from tests.servers.postfix import Postfix
from wire_contract.failure_codes import FailureCode
from wire_contract.jobs import Authentication, Encryption, TlsPolicy

# Names a time (AvId 7) that is out of every calendar's range; see [MS-NLMP] 2.2.1.2 and 2.2.2.1.
_TARGET_INFO = struct.pack("<HHqI", 7, 8, 2**63 - 1, 0)
OUT_OF_TIME = (
    struct.pack("<8sIHHII8s8xHHI8x", b"NTLMSSP", 2, 0, 0, 56, 0xE2898235, b"12345678", 16, 16, 56)
    + _TARGET_INFO
)
OFFER = (b"250-a", b"250 AUTH NTLM")


def _talk(postfix: Postfix, dovecot: Dovecot, username: str, password: str) -> Talk:
    return Talk(
        postfix.ports.submission,
        Encryption.STARTTLS,
        Authentication.NTLM,
        somebody(username, password),
        TlsPolicy(ca_certificate=dovecot.ca_pem),
    )


@pytest.mark.parametrize("username", ["dora", r"CORP\dora", "dora@corp.test"])
async def test_every_spelling_of_the_domain_logs_in(
    ntlm_postfix: Postfix, ntlm_dovecot: Dovecot, username: str
) -> None:
    talk = _talk(ntlm_postfix, ntlm_dovecot, username, ntlm.PASSWORD)
    await talk.run()
    assert talk.last.detail["mechanism"] == "NTLM"
    assert (talk.last.server_reply or "").startswith("235 ")


async def test_a_wrong_password_is_named(ntlm_postfix: Postfix, ntlm_dovecot: Dovecot) -> None:
    talk = _talk(ntlm_postfix, ntlm_dovecot, "dora", SECRET)
    assert await talk.failure() is FailureCode.AUTH_INVALID_CREDENTIALS
    assert SECRET not in repr(talk.journal.steps)


@pytest.mark.parametrize(
    "challenge",
    [
        b"no base64",
        b"",
        base64.b64encode(b"garbage"),
        base64.b64encode(OUT_OF_TIME),
        base64.b64encode(b"NTLMSSP\0\2\0\0\0" + b"\xff" * 20),
        base64.b64encode(b"NTLMSSP\0\3\0\0\0" + b"\0" * 60),
        base64.b64encode(b"NTLMSSP\0\1\0\0\0" + b"\0" * 60),
        base64.b64encode(b"NTLMSSP\0\2\0\0\0" + b"\0" * 44),
    ],
)
async def test_what_is_no_challenge_ends_the_login(challenge: bytes) -> None:
    script = smtp_script(b"334 NTLM supported", b"334 " + challenge, b"334 again", ehlo=OFFER)
    async with hostile_server(script) as server, asyncio.timeout(30):
        talk = Talk(server.port, authentication=Authentication.NTLM)
        assert await talk.failure() is FailureCode.PROTOCOL_VIOLATION
    assert [warned.code for warned in talk.journal.warnings] == [FailureCode.AUTH_WITHOUT_ENCRYPTION]
