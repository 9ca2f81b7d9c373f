"""What someone would write in an afternoon: send by smtplib, wait by imaplib. Nothing is kept or checked.

The mailbox must hold a message already: `*` names the newest of some.
"""

import imaplib
import re
import secrets
import smtplib
import ssl
import time
from collections.abc import Callable

from tests.servers.mail_servers import MailServers
from tests.servers.mailbox import DOMAIN, Mailbox, message

_EXISTS = re.compile(rb"\* (\d+) EXISTS")
Wait = Callable[[imaplib.IMAP4_SSL, str], None]


def idle_script(servers: MailServers, mailbox: Mailbox) -> float:
    """Return the seconds from the start until IDLE (RFC 2177) brought the message and its subject was read."""
    return _send_and_wait(servers, mailbox, _wait_by_idle)


def tight_poll_script(servers: MailServers, mailbox: Mailbox) -> float:
    """Return the seconds from the start until a loop without pause saw the subject: the limit."""
    return _send_and_wait(servers, mailbox, _wait_by_polling)


def _send_and_wait(servers: MailServers, mailbox: Mailbox, wait: Wait) -> float:
    context = ssl.create_default_context(cadata=servers.ca_pem)
    code = secrets.token_urlsafe(20)
    began = time.perf_counter()
    dovecot, postfix = servers.dovecot, servers.postfix
    with imaplib.IMAP4_SSL(dovecot.host, dovecot.ports.imaps, ssl_context=context) as imap:
        imap.login(mailbox.username, mailbox.password)
        imap.select(readonly=True)
        with smtplib.SMTP(postfix.host, postfix.ports.smtp) as smtp:
            smtp.starttls(context=context)
            smtp.sendmail(f"script@{DOMAIN}", [mailbox.address], message(f"({code})", to=mailbox.address))
        wait(imap, code)
        return time.perf_counter() - began


def _wait_by_idle(imap: imaplib.IMAP4_SSL, code: str) -> None:
    while not _newest_has(imap, code):
        imap.send(b"X1 IDLE\r\n")
        while not _EXISTS.match(imap.readline()):
            pass
        imap.send(b"DONE\r\n")
        while not imap.readline().startswith(b"X1 "):
            pass


def _wait_by_polling(imap: imaplib.IMAP4_SSL, code: str) -> None:
    while not _newest_has(imap, code):
        imap.noop()


def _newest_has(imap: imaplib.IMAP4_SSL, code: str) -> bool:
    _, answer = imap.fetch("*", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
    return any(code.encode() in part[1] for part in answer if isinstance(part, tuple))
