"""How long Google's sign-in may take, whatever answers in its place."""

import asyncio

import pytest
import trustme
from pydantic import SecretStr

from mail_transport.egress import EgressPolicy
from mail_transport.failures import MailFailure
from mail_transport.google import tokens
from mail_transport.journal import Journal
from mail_transport.web import WebClient
from tests.servers import certificates
from tests.servers.dripping import dripping_headers
from tests.servers.hostile import hostile_server
from wire_contract.failure_codes import FailureCode
from wire_contract.jobs import RefreshTokenCredentials

HERE = EgressPolicy.parse("127.0.0.0/8")
CONSENT = RefreshTokenCredentials(client_secret=SecretStr("secret"), refresh_token=SecretStr("1//token"))


async def test_a_sign_in_that_drips_is_left_when_its_time_is_up(
    ca: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "SIGN_IN_SECONDS", 1.0)
    drip = dripping_headers()
    async with asyncio.timeout(20), hostile_server(drip, certificate=certificates.valid(ca)) as server:
        url, pem = f"https://127.0.0.1:{server.port}/token", ca.cert_pem.bytes().decode()
        async with WebClient(HERE, Journal(), pem, None) as client:
            with pytest.raises(MailFailure) as raised:
                await tokens.access_token(client, url, CONSENT, client_id="app", subject="me", scope="s")
            await drip.gone.wait()
    assert raised.value.code is FailureCode.REPLY_TIMED_OUT
    assert drip.sent > 1, "no single byte was late"
