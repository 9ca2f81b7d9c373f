"""Takes mail for the sandbox's users over SMTP (RFC 5321), from anyone; a login is possible, not needed."""

import asyncio
import base64
import smtplib
import ssl
from collections.abc import Mapping
from email.utils import format_datetime, localtime
from typing import cast

from aiosmtpd.smtp import MISSING, SMTP, AuthResult, Envelope, LoginPassword, Session
from pysasl.mechanism import ChallengeResponse, ServerChallenge

from sandbox.mailboxes import Mailboxes
from sandbox.ntlm import NtlmMechanism

HOSTNAME = "mail.example.test"


class _Intake:
    """aiosmtpd calls each method by the SMTP command that it is named after."""

    def __init__(self, mailboxes: Mailboxes, relays: Mapping[str, int]) -> None:
        self._mailboxes = mailboxes
        self._relays = relays

    async def handle_RCPT(  # noqa: N802  # because aiosmtpd looks it up by this name
        self,
        server: SMTP,  # noqa: ARG002  # because aiosmtpd passes it
        session: Session,  # noqa: ARG002  # because aiosmtpd passes it
        envelope: Envelope,
        address: str,
        options: list[str],  # noqa: ARG002  # because aiosmtpd passes it
    ) -> str:
        if address not in self._mailboxes and _domain(address) not in self._relays:
            return "550 5.1.1 No such mailbox here"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(  # noqa: N802  # because aiosmtpd looks it up by this name
        self,
        server: SMTP,  # noqa: ARG002  # because aiosmtpd passes it
        session: Session,
        envelope: Envelope,
    ) -> str:
        content = envelope.content
        assert isinstance(content, bytes)  # noqa: S101  # because decode_data=False says so
        message = _received(session) + content
        for address in envelope.rcpt_tos:
            port = self._relays.get(_domain(address))
            if port is None:
                await self._mailboxes.deliver(address, message)
            else:
                await asyncio.to_thread(_relay, port, str(envelope.mail_from), address, message)
        return "250 2.0.0 Delivered"

    async def auth_NTLM(self, server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802  # because aiosmtpd looks it up by this name
        mechanism = NtlmMechanism()
        responses = [ChallengeResponse(b"", base64.b64decode(initial)) for initial in args[1:]]
        while True:
            try:
                credentials, _ = mechanism.server_attempt(responses)
            except ServerChallenge as challenge:
                response = await server.challenge_auth(challenge.data)
                if response is MISSING:
                    return AuthResult(success=False)
                responses.append(ChallengeResponse(challenge.data, response))
            else:
                return AuthResult(success=credentials.verify(), handled=False)


class SmtpServers:
    """SMTP with and without TLS for the same mailboxes and passwords."""

    def __init__(
        self,
        mailboxes: Mailboxes,
        passwords: dict[str, str],
        tls: ssl.SSLContext,
        relays: Mapping[str, int],
    ) -> None:
        """``relays``: the port on this machine that mail for a domain is passed on to."""
        self._intake = _Intake(mailboxes, relays)
        self._passwords = passwords
        self._tls = tls

    async def serve(self, host: str, port: int) -> asyncio.Server:
        """Listen for SMTP with STARTTLS; port 0 takes a free one."""
        loop = asyncio.get_running_loop()
        return await loop.create_server(lambda: self._protocol(self._tls), host, port)

    async def serve_tls(self, host: str, port: int) -> asyncio.Server:
        """Listen for SMTP in TLS from the first byte."""
        loop = asyncio.get_running_loop()
        return await loop.create_server(lambda: self._protocol(None), host, port, ssl=self._tls)

    def _protocol(self, starttls: ssl.SSLContext | None) -> SMTP:
        return SMTP(
            self._intake,
            hostname=HOSTNAME,
            loop=asyncio.get_running_loop(),
            tls_context=starttls,
            auth_require_tls=False,
            authenticator=self._authenticate,
        )

    def _authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: LoginPassword
    ) -> AuthResult:
        known = self._passwords.get(given.login.decode("utf-8", "replace").lower())
        return AuthResult(success=known is not None and known.encode() == given.password, handled=False)


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower()


def _relay(port: int, sender: str, address: str, message: bytes) -> None:
    with smtplib.SMTP("127.0.0.1", port) as smtp:
        smtp.sendmail(sender, [address], message)


def _received(session: Session) -> bytes:
    # The trace line that RFC 5321 section 4.4 wants of each server.
    peer, *_ = cast("tuple[str, int]", session.peer)  # aiosmtpd says that it is a string
    line = f"Received: from {session.host_name} ([{peer}])\r\n\tby {HOSTNAME} with ESMTP; {format_datetime(localtime())}\r\n"
    return line.encode("ascii", "replace")
