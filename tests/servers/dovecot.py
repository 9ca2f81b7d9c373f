"""Dovecot: IMAP, POP3 (both also over TLS) and LMTP, from a temporary folder."""

import imaplib
import smtplib
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self

import trustme

from tests.servers import certificates
from tests.servers.certificates import ServerCertificate, only_tls_1_0
from tests.servers.daemon import Daemon
from tests.servers.debian import require
from tests.servers.dovecot_config import DovecotPorts, write_config
from tests.servers.mailbox import DOMAIN, JUNK_FOLDER_ON_THE_WIRE, Mailbox, message
from tests.servers.ntlm import write_ntlm_helper
from tests.servers.ports import HOST

PASSWORD = "wonder-land1"


class Dovecot:
    """A running Dovecot; leaving the `with` block stops it."""

    def __init__(
        self,
        folder: Path,
        ca: trustme.CA,
        *,
        certificate: ServerCertificate | None = None,
        ntlm: bool = False,
        introspection_url: str | None = None,
        mail_format: str = "maildir",
        settings: str = "",
        tls_1_0_only: bool = False,
    ) -> None:
        """Start in the empty `folder`, which other system users must be able to enter.

        Without `certificate` it has a good one of `ca`; `mail_format` is maildir, or mdbox where
        mailboxes are large; with `introspection_url` tokens log in too (XOAUTH2). `settings` are further
        lines of its configuration, which come last. Raises NotInstalledError, ServerStartError.
        """
        require("dovecot-imapd", "dovecot-pop3d", "dovecot-lmtpd")
        self.host = HOST
        self.ports = DovecotPorts.free()
        self.ca_pem = ca.cert_pem.bytes().decode("ascii")
        self.smtp_login_socket = folder / "run" / "auth-smtp"
        self._users = folder / "users"
        self._numbers = count(1)
        helper = write_ntlm_helper(folder) if ntlm else None
        config = write_config(
            folder,
            self.ports,
            certificate or certificates.valid(ca),
            ntlm_helper=helper,
            introspection_url=introspection_url,
            mail_format=mail_format,
        )
        self.mail_folder = folder / "mail"
        environment = only_tls_1_0(folder) if tls_1_0_only else {}
        with config.open("a") as end:
            # Its processes are given no more of the environment than is named.
            end.writelines(
                f"import_environment = $import_environment {name}={value}\n"
                for name, value in environment.items()
            )
            if tls_1_0_only:
                end.write("ssl_min_protocol = TLSv1\nssl_cipher_list = ALL:@SECLEVEL=0\n")
            end.write(settings)
        command = ["/usr/sbin/dovecot", "-F", "-c", str(config)]
        self._daemon = Daemon(command, log=folder / "log", environment=environment)
        self._daemon.wait_for_greeting(self.ports.imap, b"* OK")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop it and wait until it is gone; up to 3 s."""
        self._daemon.stop()

    def add_user(
        self, name: str | None = None, password: str = PASSWORD, *, username: str | None = None
    ) -> Mailbox:
        """Make an empty mailbox `name`@example.test; without a name it gets one that nobody has yet.

        `username` is what logs in instead of the name, such as `CORP\\carl` or an address.
        """
        name = name or f"user{next(self._numbers)}"
        login = username or name
        # The server looks names up in lower case and with + for \ (auth_username_translation).
        looked_up = login.lower().replace("\\", "+")
        (self._users / looked_up).write_text(f"{looked_up}:{{PLAIN}}{password}::::::user={name}\n")
        return Mailbox(address=f"{name}@{DOMAIN}", username=login, password=password)

    def deliver(self, mailbox: Mailbox, subject: str) -> None:
        """Put a new message with this subject into the inbox; it is there on return."""
        self.deliver_raw(mailbox, message(subject, to=mailbox.address))

    def deliver_raw(self, mailbox: Mailbox, content: bytes) -> None:
        """Put these very bytes (CRLF lines) into the inbox, below the headers that delivery adds."""
        with smtplib.LMTP(HOST, self.ports.lmtp) as lmtp:
            lmtp.sendmail(f"director@{DOMAIN}", [mailbox.address], content)

    def deliver_to_junk(self, mailbox: Mailbox, subject: str) -> None:
        """Put a new message into the folder that SPECIAL-USE marks as junk."""
        self.append(mailbox, JUNK_FOLDER_ON_THE_WIRE, message(subject, to=mailbox.address))

    def append(self, mailbox: Mailbox, folder: str, content: bytes) -> None:
        """Put these very bytes into `folder`, named as on the wire (modified UTF-7)."""
        with imaplib.IMAP4(HOST, self.ports.imap) as imap:
            imap.login(_quoted(mailbox.username), mailbox.password)
            status, answer = imap.append(_quoted(folder), "", "", content)
            if status != "OK":
                raise RuntimeError(f"APPEND to {folder}: {answer!r}")


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
