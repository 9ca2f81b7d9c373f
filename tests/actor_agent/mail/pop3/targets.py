"""POP3 servers on this machine as a profile describes them."""

from tests.servers.dovecot import Dovecot
from tests.servers.ports import HOST
from wire_contract.jobs import Authentication, Encryption, MailServer, Pop3Target, TlsPolicy


def pop3_target(
    port: int,
    encryption: Encryption = Encryption.NONE,
    *,
    ca: str | None = None,
    authentication: Authentication = Authentication.PLAIN,
    mailbox: str | None = None,
    delete: bool = False,
) -> Pop3Target:
    """A POP3 server at `port`."""
    return Pop3Target(
        server_type="pop3",
        incoming=MailServer(host=HOST, port=port, encryption=encryption, authentication=authentication),
        tls=TlsPolicy(ca_certificate=ca),
        mailbox=mailbox,
        delete_verification_message=delete,
    )


def dovecot_pop3(
    dovecot: Dovecot,
    encryption: Encryption = Encryption.SSL_TLS,
    *,
    mailbox: str | None = None,
    delete: bool = False,
) -> Pop3Target:
    """Dovecot over `encryption`, trusted by its CA."""
    port = dovecot.ports.pop3s if encryption is Encryption.SSL_TLS else dovecot.ports.pop3
    return pop3_target(port, encryption, ca=dovecot.ca_pem, mailbox=mailbox, delete=delete)
