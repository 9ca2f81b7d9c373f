"""What is wrong with the TLS of real servers: Dovecot by IMAP and POP3, Postfix by SMTP."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
import trustme

from tests.actor_agent.mail.looking import Look, credentials_of, dovecot_target
from tests.actor_agent.mail.pop3.targets import dovecot_pop3
from tests.mail_transport.smtp_talk import Talk, somebody
from tests.servers import certificates
from tests.servers.certificates import ServerCertificate
from tests.servers.dovecot import Dovecot
from tests.servers.folders import server_folder
from tests.servers.postfix import Postfix
from wire_contract.diagnostics import Step, StepName, StepOutcome
from wire_contract.failure_codes import FailureCode
from wire_contract.jobs import Encryption, TlsPolicy

ENCRYPTED = pytest.mark.parametrize("encryption", [Encryption.SSL_TLS, Encryption.STARTTLS])


@dataclass(frozen=True)
class Trouble:
    """What the servers' TLS is like; without `make` the certificate is good and the protocol too old."""

    code: FailureCode
    make: Callable[[trustme.CA], ServerCertificate] | None = None

    def certificate(self, ca: trustme.CA) -> ServerCertificate:
        return self.make(ca) if self.make else certificates.valid(ca)

    @property
    def postfix_settings(self) -> dict[str, str]:
        if self.make:
            return {}
        only = {f"smtpd_tls_{kind}protocols": "TLSv1" for kind in ("", "mandatory_")}
        return {**only, "tls_medium_cipherlist": "ALL:@SECLEVEL=0", "tlsproxy_tls_protocols": "TLSv1"}


TROUBLES = {
    "expired": Trouble(FailureCode.TLS_CERTIFICATE_EXPIRED, certificates.expired),
    "not yet valid": Trouble(FailureCode.TLS_CERTIFICATE_NOT_YET_VALID, certificates.not_yet_valid),
    "for another host": Trouble(FailureCode.TLS_WRONG_HOST, certificates.for_another_host),
    "of another CA": Trouble(FailureCode.TLS_UNKNOWN_CA, lambda _: certificates.from_another_ca()),
    "self-signed": Trouble(FailureCode.TLS_SELF_SIGNED, lambda _: certificates.self_signed()),
    "TLS 1.0 alone": Trouble(FailureCode.TLS_PROTOCOL),
}


@pytest.fixture(scope="module", params=TROUBLES.values(), ids=list(TROUBLES))
def trouble(request: pytest.FixtureRequest) -> Trouble:
    found: Trouble = request.param
    return found


@pytest.fixture(scope="module")
def troubled_dovecot(ca: trustme.CA, trouble: Trouble) -> Iterator[Dovecot]:
    with (
        server_folder() as folder,
        Dovecot(folder, ca, certificate=trouble.certificate(ca), tls_1_0_only=trouble.make is None) as server,
    ):
        yield server


@pytest.fixture(scope="module")
def troubled_postfix(ca: trustme.CA, trouble: Trouble, dovecot: Dovecot) -> Iterator[Postfix]:
    with (
        server_folder() as folder,
        Postfix(
            *(folder, ca, dovecot),
            certificate=trouble.certificate(ca),
            settings=trouble.postfix_settings,
        ) as postfix,
    ):
        yield postfix


def _as_named(step: Step, trouble: Trouble) -> None:
    assert (step.outcome, step.code) == (StepOutcome.FAILED, trouble.code)
    if trouble.code is FailureCode.TLS_WRONG_HOST:
        assert step.detail["names"] == ["mail.elsewhere.test"]
    if trouble.code is FailureCode.TLS_PROTOCOL:
        assert step.detail["version"] == "TLSv1"
    assert step.detail["fingerprint_sha256"]


@ENCRYPTED
async def test_over_imap(trouble: Trouble, troubled_dovecot: Dovecot, encryption: Encryption) -> None:
    look = Look(dovecot_target(troubled_dovecot, encryption), credentials_of(troubled_dovecot.add_user()))
    assert await look.failure() is trouble.code
    _as_named(look.step(StepName.TLS), trouble)


@ENCRYPTED
async def test_over_pop3(trouble: Trouble, troubled_dovecot: Dovecot, encryption: Encryption) -> None:
    look = Look(dovecot_pop3(troubled_dovecot, encryption), credentials_of(troubled_dovecot.add_user()))
    assert await look.failure() is trouble.code
    _as_named(look.step(StepName.TLS), trouble)


@ENCRYPTED
async def test_over_smtp(
    ca: trustme.CA, trouble: Trouble, troubled_postfix: Postfix, encryption: Encryption
) -> None:
    ports = troubled_postfix.ports
    port = ports.smtps if encryption is Encryption.SSL_TLS else ports.submission
    trusting = TlsPolicy(ca_certificate=ca.cert_pem.bytes().decode())
    talk = Talk(port, encryption, credentials=somebody(), tls=trusting)
    assert await talk.failure() is trouble.code
    _as_named(talk.last, trouble)
