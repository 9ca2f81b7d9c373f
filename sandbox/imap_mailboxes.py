"""Mailboxes in memory, for several users at once, served over IMAP with IDLE by pymap."""

import asyncio
from argparse import Namespace
from datetime import UTC, datetime

from proxyprotocol.reader import ProxyProtocolReader
from pymap.backend.dict import Config, Identity, Login
from pymap.imap import IMAPServer
from pymap.parsing.message import AppendMessage
from pymap.user import UserMetadata
from pysasl.hashing import Cleartext


class ImapMailboxes:
    """The users with their inboxes. A user logs in by the whole address."""

    def __init__(self) -> None:
        arguments = Namespace(passlib_cfg=None, proxy_protocol=None)
        self._config = Config(
            arguments,
            host=None,
            port=0,
            demo_data=False,
            demo_user="",
            demo_password="",
            tls_enabled=False,
            hash_context=Cleartext(),
            reject_dnsbl=False,
        )
        self._login = Login(self._config)

    async def add(self, address: str, password: str) -> None:
        """Make an empty inbox."""
        await self._identity(address).set(UserMetadata(self._config, address, password=password))

    def __contains__(self, address: str) -> bool:
        return address.lower() in self._login.users_dict

    async def deliver(self, address: str, message: bytes) -> None:
        """Put `message` into the inbox and wake those that IDLE in it."""
        async with self._identity(address).new_session() as session:
            await session.append_messages("INBOX", [AppendMessage(message, datetime.now(UTC))])

    async def serve(self, host: str, port: int) -> asyncio.Server:
        """Listen for IMAP; port 0 takes a free one."""
        self._config.apply_context()
        handshake = ProxyProtocolReader(self._config.proxy_protocol)
        connected = handshake.get_callback(IMAPServer(self._login, self._config))
        return await asyncio.start_server(connected, host, port)

    def _identity(self, address: str) -> Identity:
        return Identity(address.lower(), self._login, None, frozenset())
