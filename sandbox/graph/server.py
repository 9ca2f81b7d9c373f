"""The stand-in for Entra and Graph as a process, with an SMTP server whose mail arrives in its mailboxes.

    .venv/bin/python -m sandbox.graph.server --app CLIENT_ID:SECRET --mailbox alex@contoso.test

Prints one JSON line with its base URL, its SMTP port, its tenant's id and the certificate to trust once
both listen, and runs until SIGTERM or Ctrl-C.
"""

import argparse
import asyncio
import json
import signal
import tempfile
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import trustme
from aiosmtpd.smtp import SMTP, Envelope, Session

from sandbox.graph.service import make_app
from sandbox.graph.tenant import App, Tenant
from sandbox.stand_in import served

_HOST = "127.0.0.1"


def main() -> None:
    """Parse the command line and serve."""
    parser = argparse.ArgumentParser(description="Microsoft Graph in memory, and SMTP in.")
    parser.add_argument("--app", action="append", required=True, metavar="CLIENT_ID:SECRET")
    parser.add_argument("--mailbox", action="append", required=True, metavar="ADDRESS")
    options = parser.parse_args()
    tenant = Tenant()
    for text in options.app:
        client_id, _, secret = text.partition(":")
        tenant.add_app(App(client_id, secret))
    for address in options.mailbox:
        tenant.add_mailbox(address)
    with tempfile.TemporaryDirectory(prefix="sandbox-graph-") as folder:
        asyncio.run(_run(tenant, Path(folder)))


class _Intake:
    """aiosmtpd calls each method by the SMTP command that it is named after."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant

    async def handle_RCPT(  # noqa: N802  # because aiosmtpd looks it up by this name
        self,
        server: SMTP,  # noqa: ARG002  # because aiosmtpd passes it
        session: Session,  # noqa: ARG002  # because aiosmtpd passes it
        envelope: Envelope,
        address: str,
        options: list[str],  # noqa: ARG002  # because aiosmtpd passes it
    ) -> str:
        if address.lower() not in self._tenant.mailboxes:
            return "550 5.1.10 RESOLVER.ADR.RecipientNotFound"
        envelope.rcpt_tos.append(address.lower())
        return "250 2.1.5 Recipient OK"

    async def handle_DATA(  # noqa: N802  # because aiosmtpd looks it up by this name
        self,
        server: SMTP,  # noqa: ARG002  # because aiosmtpd passes it
        session: Session,  # noqa: ARG002  # because aiosmtpd passes it
        envelope: Envelope,
    ) -> str:
        content = envelope.content
        assert isinstance(content, bytes)  # noqa: S101  # because decode_data=False says so
        subject = str(message_from_bytes(content, policy=default)["Subject"])
        for address in envelope.rcpt_tos:
            self._tenant.mailboxes[address].receive(subject)
        return "250 2.6.0 Queued mail for delivery"


async def _run(tenant: Tenant, folder: Path) -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    authority = trustme.CA()
    certificate = authority.issue_cert(_HOST)
    chain, key = folder / "chain.pem", folder / "key.pem"
    chain.write_bytes(b"".join(blob.bytes() for blob in certificate.cert_chain_pems))
    certificate.private_key_pem.write_to_path(key)
    smtp = await loop.create_server(lambda: SMTP(_Intake(tenant), loop=loop), _HOST, 0)
    async with served(make_app(tenant), chain, key) as url:
        for number in (signal.SIGINT, signal.SIGTERM):  # after the web server, which sets its own
            loop.add_signal_handler(number, stop.set)
        said = {
            "url": url,
            "smtp_port": smtp.sockets[0].getsockname()[1],
            "tenant_id": tenant.id,
            "ca_certificate": authority.cert_pem.bytes().decode("ascii"),
        }
        print(json.dumps(said), flush=True)
        await stop.wait()
    smtp.close()


if __name__ == "__main__":
    main()
