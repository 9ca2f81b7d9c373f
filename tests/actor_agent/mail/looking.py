"""One look into a mailbox of a test server, with everything that a test may want to vary."""

from dataclasses import dataclass, field

import pytest
from pydantic import SecretStr

from actor_agent.mail import Found, Reach, SearchWindow, Wanted, look
from mail_transport.egress import EgressPolicy
from mail_transport.failures import MailFailure
from mail_transport.journal import Journal
from tests.servers.dovecot import Dovecot
from tests.servers.mailbox import Mailbox
from wire_contract.diagnostics import Step, StepName
from wire_contract.failure_codes import FailureCode
from wire_contract.jobs import (
    Authentication,
    Credentials,
    Encryption,
    ImapTarget,
    MailServer,
    PasswordCredentials,
    Target,
    TlsPolicy,
)
from wire_contract.verification_code import locator_of

HERE = EgressPolicy.parse("127.0.0.0/8")
REACH = Reach(HERE)


def closed_window() -> SearchWindow:
    """A window that is over: one look, and no more."""
    window = SearchWindow()
    window.close_after(0)
    return window


def wanted(code: str, *, folders: tuple[str, ...] = ()) -> Wanted:
    """What a check of `code` looks for."""
    return Wanted(locator_of(code), folders=folders)


def target_of(
    port: int,
    encryption: Encryption = Encryption.NONE,
    *,
    ca: str | None = None,
    host: str = "127.0.0.1",
    authentication: Authentication = Authentication.PLAIN,
    tls: TlsPolicy | None = None,
    mailbox: str | None = None,
    delete: bool = False,
) -> ImapTarget:
    """An IMAP server on this machine as a profile describes it."""
    server = MailServer(host=host, port=port, encryption=encryption, authentication=authentication)
    return ImapTarget(
        server_type="imap",
        incoming=server,
        tls=tls or TlsPolicy(ca_certificate=ca),
        mailbox=mailbox,
        delete_verification_message=delete,
    )


def dovecot_target(
    dovecot: Dovecot,
    encryption: Encryption = Encryption.SSL_TLS,
    *,
    tls: TlsPolicy | None = None,
    mailbox: str | None = None,
    delete: bool = False,
) -> ImapTarget:
    """Dovecot over `encryption`, trusted by its CA."""
    port = dovecot.ports.imaps if encryption is Encryption.SSL_TLS else dovecot.ports.imap
    return target_of(port, encryption, ca=dovecot.ca_pem, tls=tls, mailbox=mailbox, delete=delete)


def credentials_of(mailbox: Mailbox, password: str | None = None) -> PasswordCredentials:
    """The login of `mailbox`, perhaps with another password."""
    secret = mailbox.password if password is None else password
    return PasswordCredentials(username=mailbox.username, password=SecretStr(secret))


@dataclass
class Look:
    """A look and what came of it."""

    target: Target
    credentials: Credentials
    wanted: Wanted | None = None
    window: SearchWindow = field(default_factory=closed_window)
    journal: Journal = field(default_factory=Journal)
    reach: Reach = REACH

    async def run(self) -> Found | None:
        return await look(self.target, self.credentials, self.wanted, self.window, self.journal, self.reach)

    async def found(self) -> Found:
        """Look, and insist on a find."""
        found = await self.run()
        assert found is not None
        return found

    async def failure(self) -> FailureCode:
        """Look, and return the code of the failure, which the last step must carry too."""
        with pytest.raises(MailFailure) as raised:
            await self.run()
        assert self.journal.steps[-1].code is raised.value.code
        return raised.value.code

    def step(self, name: StepName) -> Step:
        """The last step of this name."""
        return next(step for step in reversed(self.journal.steps) if step.step is name)

    @property
    def step_names(self) -> list[str]:
        return [step.step.value for step in self.journal.steps]

    @property
    def warnings(self) -> list[FailureCode]:
        return [warned.code for warned in self.journal.warnings]
