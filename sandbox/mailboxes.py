"""Mailboxes in memory, for several users at once, served over IMAP with IDLE by pymap."""

import asyncio
import ssl
from argparse import Namespace
from datetime import UTC, datetime

from proxyprotocol.reader import ProxyProtocolReader
from pymap.backend.dict import Config, Identity, Login
from pymap.imap import IMAPServer
from pymap.parsing.message import AppendMessage
from pymap.parsing.specials import FetchRequirement
from pymap.user import UserMetadata
from pysasl import SASLAuth
from pysasl.creds.server import ServerCredentials
from pysasl.hashing import Cleartext
from pysasl.mechanism.login import LoginMechanism
from pysasl.mechanism.plain import PlainMechanism

from sandbox.ntlm import NtlmMechanism


def mechanisms() -> SASLAuth:
    """Return a connection's own set of what it may log in by."""
    return SASLAuth([PlainMechanism(), LoginMechanism(), NtlmMechanism()])


class _Config(Config):  # type: ignore[misc]  # because pymap is in the sandbox's environment alone
    @property
    def tls_auth(self) -> SASLAuth:
        return mechanisms()


class Mailboxes:
    """The users with their inboxes. A user logs in by the whole address."""

    def __init__(self, tls: ssl.SSLContext) -> None:
        self._tls = tls
        self._config = _config(tls)
        self._login = Login(self._config)

    async def add(self, address: str, password: str) -> None:
        """Make an empty inbox."""
        await self._identity(address).set(UserMetadata(self._config, address, password=password))

    def __contains__(self, address: str) -> bool:
        return address.lower() in self._login.users_dict

    async def authenticated(self, credentials: ServerCredentials) -> str:
        """Return whose login this is. Raises pymap's InvalidAuth."""
        return str((await self._login.authenticate(credentials)).name)

    async def deliver(self, address: str, message: bytes) -> None:
        """Put `message` into the inbox and wake those that IDLE in it."""
        async with self._identity(address).new_session() as session:
            await session.append_messages("INBOX", [AppendMessage(message, datetime.now(UTC))])

    async def messages(self, address: str) -> dict[int, bytes]:
        """Return what is in the inbox now, by UID, the oldest first."""
        async with self._identity(address).new_session() as session:
            inbox = await session.mailbox_set.get_mailbox("INBOX")
            return {
                message.uid: bytes(await message.load_content(FetchRequirement.CONTENT))
                async for message in inbox.messages()
            }

    async def delete(self, address: str, uids: list[int]) -> None:
        """Remove messages for good."""
        async with self._identity(address).new_session() as session:
            await (await session.mailbox_set.get_mailbox("INBOX")).delete(uids)

    async def serve(self, host: str, port: int) -> asyncio.Server:
        """Listen for IMAP with STARTTLS; port 0 takes a free one."""
        return await self._listen(self._config, host, port, None)

    async def serve_tls(self, host: str, port: int) -> asyncio.Server:
        """Listen for IMAP in TLS from the first byte."""
        return await self._listen(_config(None), host, port, self._tls)

    async def _listen(
        self, config: Config, host: str, port: int, tls: ssl.SSLContext | None
    ) -> asyncio.Server:
        config.apply_context()
        handshake = ProxyProtocolReader(config.proxy_protocol)
        connected = handshake.get_callback(IMAPServer(self._login, config))
        return await asyncio.start_server(connected, host, port, ssl=tls)

    def _identity(self, address: str) -> Identity:
        return Identity(address.lower(), self._login, None, frozenset())


def _config(tls: ssl.SSLContext | None) -> Config:
    return _Config(
        Namespace(passlib_cfg=None, proxy_protocol=None),
        host=None,
        port=0,
        demo_data=False,
        demo_user="",
        demo_password="",
        ssl_context=tls,
        tls_enabled=tls is not None,
        hash_context=Cleartext(),
        reject_dnsbl=False,
    )
