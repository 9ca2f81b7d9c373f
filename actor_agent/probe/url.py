"""What ``actor probe`` is pointed at: ``imap[s]://``, ``pop3[s]://`` or ``smtp[s]://host[:port][?starttls]``."""

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from wire_contract.autoconfig import Protocol
from wire_contract.jobs import Encryption

_SCHEMES = {
    "imap": (Protocol.IMAP, False),
    "imaps": (Protocol.IMAP, True),
    "pop3": (Protocol.POP3, False),
    "pop3s": (Protocol.POP3, True),
    "smtp": (Protocol.SMTP, False),
    "smtps": (Protocol.SMTP, True),
}
_PORTS = {
    (Protocol.IMAP, Encryption.NONE): 143,
    (Protocol.IMAP, Encryption.STARTTLS): 143,
    (Protocol.IMAP, Encryption.SSL_TLS): 993,
    (Protocol.POP3, Encryption.NONE): 110,
    (Protocol.POP3, Encryption.STARTTLS): 110,
    (Protocol.POP3, Encryption.SSL_TLS): 995,
    (Protocol.SMTP, Encryption.NONE): 25,
    (Protocol.SMTP, Encryption.STARTTLS): 587,
    (Protocol.SMTP, Encryption.SSL_TLS): 465,
}


@dataclass(frozen=True, slots=True)
class ProbedServer:
    """A server to probe. ``username``: from the URL, where it names one."""

    protocol: Protocol
    host: str
    port: int
    encryption: Encryption
    username: str | None

    def __str__(self) -> str:
        """Write the URL with its port, and without an account."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        scheme = f"{self.protocol}s" if self.encryption is Encryption.SSL_TLS else str(self.protocol)
        starttls = "?starttls" if self.encryption is Encryption.STARTTLS else ""
        return f"{scheme}://{host}:{self.port}{starttls}"


def parse_url(text: str) -> ProbedServer:
    """Read a URL.

    Raises:
        ValueError: it is none of these; the message says what is wrong.
    """
    parts = urlsplit(text)
    if parts.scheme not in _SCHEMES:
        raise ValueError(f"a URL begins with one of {', '.join(f'{name}://' for name in _SCHEMES)}")
    if not parts.hostname:
        raise ValueError("the URL names no host, as in imaps://mail.example.com")
    if parts.password is not None:
        raise ValueError("a password in a URL is seen by everyone in ps: use --password-file")
    if parts.path not in {"", "/"} or parts.fragment:
        raise ValueError("nothing follows the host and port but ?starttls")
    protocol, wrapped = _SCHEMES[parts.scheme]
    encryption = _encryption(parts.query, wrapped=wrapped)
    port = parts.port or _PORTS[protocol, encryption]
    return ProbedServer(
        protocol, parts.hostname, port, encryption, unquote(parts.username) if parts.username else None
    )


def _encryption(query: str, *, wrapped: bool) -> Encryption:
    if query not in {"", "starttls"}:
        raise ValueError(f"?{query} is not known: only ?starttls is")
    if wrapped and query:
        raise ValueError("?starttls goes with imap://, pop3:// and smtp://: the others begin with TLS")
    if wrapped:
        return Encryption.SSL_TLS
    return Encryption.STARTTLS if query else Encryption.NONE
