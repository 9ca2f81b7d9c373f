"""The sandbox's mail server: SMTP in, IMAP out, everything in memory.

    .sandbox/bin/python -m sandbox.mail_server --user alice@example.test:secret

Prints one JSON line with its ports once both listen, and runs until SIGTERM or Ctrl-C.
"""

import argparse
import asyncio
import json
import os
import signal
from collections.abc import Sequence

from sandbox.imap_mailboxes import ImapMailboxes
from sandbox.smtp_intake import HOSTNAME, serve_smtp


def main() -> None:
    """Parse the command line and serve."""
    parser = argparse.ArgumentParser(description="A mail server in memory: SMTP in, IMAP out.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--smtp-port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--imap-port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--user", type=_user, action="append", required=True, metavar="ADDRESS:PASSWORD")
    options = parser.parse_args()
    # pymap's greeting names the host; left alone it asks the name service at each connection.
    os.environ["FQDN"] = HOSTNAME
    asyncio.run(_run(options.host, options.smtp_port, options.imap_port, options.user))


def _user(text: str) -> tuple[str, str]:
    address, separator, password = text.partition(":")
    if not separator or "@" not in address or not password:
        raise argparse.ArgumentTypeError("expected ADDRESS:PASSWORD")
    return address, password


async def _run(host: str, smtp_port: int, imap_port: int, users: Sequence[tuple[str, str]]) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    mailboxes = ImapMailboxes()
    for address, password in users:
        await mailboxes.add(address, password)
    imap = await mailboxes.serve(host, imap_port)
    smtp = await serve_smtp(mailboxes, host, smtp_port)
    print(json.dumps({"smtp_port": _port(smtp), "imap_port": _port(imap)}), flush=True)
    await stop.wait()
    imap.close()
    smtp.close()


def _port(server: asyncio.Server) -> int:
    port: int = server.sockets[0].getsockname()[1]
    return port


if __name__ == "__main__":
    main()
