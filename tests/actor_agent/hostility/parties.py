"""One attempt at a server, whatever its protocol: a look into a mailbox, or a login to send."""

from collections.abc import Callable

from tests.actor_agent.mail.imap_script import imap_script
from tests.actor_agent.mail.looking import Look, credentials_of, target_of, wanted
from tests.actor_agent.mail.pop3.pop3_script import Pop3Script, header
from tests.actor_agent.mail.pop3.targets import pop3_target
from tests.mail_transport.smtp_talk import Talk, smtp_script
from tests.servers.hostile import Script
from tests.servers.mailbox import Mailbox
from wire_contract.jobs import Encryption, TlsPolicy
from wire_contract.verification_code import subject_for

CODE = "Ab3_-xyZ" + "A" * 18
SOMEBODY = credentials_of(Mailbox("x@example.test", "x", "s3cret-of-x"))
Attempt = Callable[[int, str | None], Look | Talk]
"""Makes an attempt at a port, over TLS if it is given whom to trust."""


def imap(port: int, ca: str | None = None) -> Look:
    return Look(target_of(port, _encryption(ca), ca=ca), SOMEBODY, wanted(CODE))


def pop3(port: int, ca: str | None = None) -> Look:
    return Look(pop3_target(port, _encryption(ca), ca=ca), SOMEBODY, wanted(CODE))


def smtp(port: int, ca: str | None = None) -> Talk:
    return Talk(port, _encryption(ca), tls=TlsPolicy(ca_certificate=ca))


def _encryption(ca: str | None) -> Encryption:
    return Encryption.SSL_TLS if ca else Encryption.NONE


_SUBJECT = f"Subject: {subject_for(CODE)}\r\n\r\n".encode()
_FETCHED = b"* 1 FETCH (UID 7 BODY[HEADER.FIELDS (SUBJECT)]<0> {%d}\r\n%s)" % (len(_SUBJECT), _SUBJECT)
_IMAP = imap_script(
    {
        b"EXAMINE": [b"* 1 EXISTS", b"* OK [UIDVALIDITY 1] valid"],
        b"LIST": [rb'* LIST (\Junk) "/" "Rommel"'],
        b"FETCH": [_FETCHED],
        b"UID FETCH": [_FETCHED],
    }
)
ATTEMPTS: dict[str, Attempt] = {"imap": imap, "pop3": pop3, "smtp": smtp}
GOOD: dict[str, Callable[[], Script]] = {
    "imap": lambda: _IMAP,
    "pop3": lambda: Pop3Script([("a", header(subject_for(CODE)))]),
    "smtp": lambda: smtp_script(b"235 2.7.0 in"),
}
"""For each protocol a server that has what is looked for."""
