"""The sandbox's mail server: SMTP in, IMAP and POP3 out, everything in memory.

    .sandbox/bin/python -m sandbox.mail_server --user alice@example.test:secret

Each protocol has a port without TLS, where STARTTLS is offered, and one in TLS from the first byte.
Logins are Plain or NTLM. Prints one JSON line with its ports and the certificate to trust once all of
them listen, and runs until SIGTERM or Ctrl-C.
"""

import argparse
import asyncio
import json
import os
import signal
import ssl
import tempfile
from pathlib import Path

import trustme

from sandbox.mailboxes import Mailboxes
from sandbox.ntlm import use_accounts
from sandbox.pop3 import serve_pop3
from sandbox.smtp_intake import HOSTNAME, SmtpServers

_SERVERS = ("smtp", "smtps", "imap", "imaps", "pop3", "pop3s")


def main() -> None:
    """Parse the command line and serve."""
    parser = argparse.ArgumentParser(description="A mail server in memory: SMTP in, IMAP and POP3 out.")
    parser.add_argument("--host", default="127.0.0.1")
    for name in _SERVERS:
        parser.add_argument(f"--{name}-port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--user", type=_user, action="append", required=True, metavar="ADDRESS:PASSWORD")
    parser.add_argument(
        "--relay", type=_relay, action="append", default=[], metavar="DOMAIN:PORT", help="pass its mail on"
    )
    options = parser.parse_args()
    # pymap's greeting names the host; left alone it asks the name service at each connection.
    os.environ["FQDN"] = HOSTNAME
    ports = {name: getattr(options, f"{name}_port") for name in _SERVERS}
    with tempfile.TemporaryDirectory(prefix="sandbox-mail-") as folder:
        passwords = dict(options.user)
        use_accounts(Path(folder) / "ntlm-accounts", passwords)
        asyncio.run(_run(options.host, ports, passwords, dict(options.relay)))


def _user(text: str) -> tuple[str, str]:
    address, separator, password = text.partition(":")
    if not separator or "@" not in address or not password:
        raise argparse.ArgumentTypeError("expected ADDRESS:PASSWORD")
    return address.lower(), password


def _relay(text: str) -> tuple[str, int]:
    domain, _, port = text.partition(":")
    if not domain or not port.isdecimal():
        raise argparse.ArgumentTypeError("expected DOMAIN:PORT")
    return domain.lower(), int(port)


async def _run(host: str, ports: dict[str, int], passwords: dict[str, str], relays: dict[str, int]) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    tls, authority = _certificate(host)
    servers = await _serve(host, ports, passwords, tls, relays)
    said = {f"{name}_port": _port(server) for name, server in servers.items()}
    print(json.dumps(said | {"ca_certificate": authority}), flush=True)
    await stop.wait()
    for server in servers.values():
        server.close()


async def _serve(
    host: str,
    ports: dict[str, int],
    passwords: dict[str, str],
    tls: ssl.SSLContext,
    relays: dict[str, int],
) -> dict[str, asyncio.Server]:
    mailboxes = Mailboxes(tls)
    for address, password in passwords.items():
        await mailboxes.add(address, password)
    smtp = SmtpServers(mailboxes, passwords, tls, relays)
    return {
        "smtp": await smtp.serve(host, ports["smtp"]),
        "smtps": await smtp.serve_tls(host, ports["smtps"]),
        "imap": await mailboxes.serve(host, ports["imap"]),
        "imaps": await mailboxes.serve_tls(host, ports["imaps"]),
        "pop3": await serve_pop3(mailboxes, host, ports["pop3"], starttls=tls),
        "pop3s": await serve_pop3(mailboxes, host, ports["pop3s"], tls=tls),
    }


def _certificate(host: str) -> tuple[ssl.SSLContext, str]:
    """Make an authority and what it vouches for; return the server's side, and the authority as PEM."""
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(host, "localhost").configure_cert(context)
    return context, authority.cert_pem.bytes().decode("ascii")


def _port(server: asyncio.Server) -> int:
    port: int = server.sockets[0].getsockname()[1]
    return port


if __name__ == "__main__":
    main()
