"""Talking to a sending server up to the login, with everything that a test may want to vary."""

from dataclasses import dataclass, field

import pytest
from pydantic import SecretStr

from mail_transport.egress import EgressPolicy
from mail_transport.failures import MailFailure
from mail_transport.journal import Journal
from mail_transport.smtp.login import log_in
from mail_transport.smtp.opening import Opening
from tests.servers.hostile import Peer, Script
from tests.servers.ports import HOST
from wire_contract.diagnostics import Step
from wire_contract.failure_codes import FailureCode
from wire_contract.jobs import Authentication, Encryption, MailServer, PasswordCredentials, TlsPolicy

SECRET = "s3cret-of-x"
EHLO = (b"250-mail.example.test", b"250 AUTH PLAIN LOGIN")


def somebody(username: str = "x", password: str = SECRET) -> PasswordCredentials:
    """Whose login is tried."""
    return PasswordCredentials(username=username, password=SecretStr(password))


@dataclass
class Talk:
    """A talk and what came of it; `authentication` null stops ahead of the login."""

    port: int
    encryption: Encryption = Encryption.NONE
    authentication: Authentication | None = Authentication.PLAIN
    credentials: PasswordCredentials = field(default_factory=somebody)
    tls: TlsPolicy = field(default_factory=TlsPolicy)
    journal: Journal = field(default_factory=Journal)

    async def run(self) -> None:
        server = MailServer(
            host=HOST, port=self.port, encryption=self.encryption, authentication=self.authentication
        )
        here = EgressPolicy.parse("127.0.0.0/8")
        session = await Opening(server, self.tls, here, self.journal).open()
        try:
            if self.authentication is not None:
                await log_in(session, server, self.credentials, self.journal)
        finally:
            session.channel.abort()

    async def failure(self) -> FailureCode:
        """Talk, and return the code of the failure, which the last step must carry too."""
        with pytest.raises(MailFailure) as caught:
            await self.run()
        assert self.last.code is caught.value.code
        return caught.value.code

    @property
    def last(self) -> Step:
        return self.journal.steps[-1]

    @property
    def step_names(self) -> list[str]:
        return [step.step.value for step in self.journal.steps]


def smtp_script(
    *auth: bytes, ehlo: tuple[bytes, ...] = EHLO, greeting: bytes = b"220 mail.example.test"
) -> Script:
    """Greet, answer EHLO, then each further line with the next of `auth`; and swallow what is said then."""

    async def script(peer: Peer) -> None:
        await peer.send(greeting)
        await peer.line()
        await peer.send(*ehlo)
        for answer in auth:
            await peer.line()
            await peer.send(answer)
        await peer.until_closed()

    return script
