"""The sandbox's mailboxes over POP3 (RFC 1939), by Twisted's protocol on asyncio's connections."""

import asyncio
import base64
import binascii
import ssl
from collections.abc import Awaitable, Callable, Iterable, Iterator
from io import BytesIO
from typing import Any

from pymap.exceptions import InvalidAuth
from pysasl.creds.plain import PlainCredentials
from pysasl.creds.server import ServerCredentials
from pysasl.exception import AuthenticationError
from pysasl.mechanism import ChallengeResponse, ServerChallenge, ServerMechanism
from twisted.cred.error import UnauthorizedLogin
from twisted.internet.defer import Deferred, succeed
from twisted.mail.pop3 import POP3, IMailbox
from zope.interface import implementer

from sandbox.mailboxes import Mailboxes, mechanisms


@implementer(IMailbox)
class _Maildrop:
    """What was in the inbox at the login: a session sees nothing newer."""

    def __init__(self, messages: dict[int, bytes], delete: Callable[[list[int]], Awaitable[None]]) -> None:
        self._uids = list(messages)
        self._messages = list(messages.values())
        self._deleted: set[int] = set()
        self._delete = delete

    def listMessages(self, index: int | None = None) -> int | list[int]:  # noqa: N802  # because Twisted calls it so
        sizes = [0 if at in self._deleted else len(text) for at, text in enumerate(self._messages)]
        if index is None:
            return sizes
        return sizes[self._known(index)]

    def getMessage(self, index: int) -> BytesIO:  # noqa: N802  # because Twisted calls it so
        return BytesIO(self._messages[self._known(index)].replace(b"\r\n", b"\n"))  # Twisted makes CRLF of it

    def getUidl(self, index: int) -> bytes:  # noqa: N802  # because Twisted calls it so
        return b"%d" % self._uids[self._known(index)]

    def deleteMessage(self, index: int) -> None:  # noqa: N802  # because Twisted calls it so
        self._deleted.add(self._known(index))

    def undeleteMessages(self) -> None:  # noqa: N802  # because Twisted calls it so
        self._deleted.clear()

    def sync(self) -> "Deferred[None]":
        return _deferred(self._delete([self._uids[at] for at in self._deleted]))

    def _known(self, index: int) -> int:
        if not 0 <= index < len(self._messages):
            raise ValueError(index)  # what Twisted answers with -ERR
        return index


class _Pop3(POP3):  # type: ignore[misc]  # because Twisted is in the sandbox's environment alone
    """Twisted's server with the mailboxes behind it, SASL as RFC 5034 has it, and STLS (RFC 2595)."""

    timeOut = None  # noqa: N815  # because Twisted calls it so; a time-out needs a reactor, and nobody is kept waiting here
    AUTH_CMDS = (*POP3.AUTH_CMDS, b"STLS")

    def __init__(self, mailboxes: Mailboxes, start_tls: Callable[[], None] | None) -> None:
        self._mailboxes = mailboxes
        self._start_tls = start_tls
        self._mechanism: ServerMechanism | None = None
        self._responses: list[ChallengeResponse] = []
        self._challenge = b""

    @staticmethod
    def schedule(work: Iterable[object]) -> "Deferred[None]":
        for _ in work:
            pass
        return succeed(None)

    def listCapabilities(self) -> list[bytes]:  # noqa: N802  # because Twisted calls it so
        names = b" ".join(mechanism.name for mechanism in mechanisms().server_mechanisms)
        return [b"TOP", b"USER", b"UIDL", b"SASL " + names, *([b"STLS"] if self._start_tls else [])]

    def do_STLS(self) -> None:  # noqa: N802  # because Twisted looks it up by this name
        if self._start_tls is None:
            self.failResponse(b"not here")
            return
        self.successResponse(b"Begin TLS negotiation")
        self._start_tls()
        self._start_tls = None

    def do_AUTH(self, name: bytes = b"", initial: bytes | None = None) -> None:  # noqa: N802  # because Twisted looks it up by this name
        self._mechanism = mechanisms().get_server(name)
        if self._mechanism is None:
            self.failResponse(b"no such mechanism")
            return
        self._responses, self._challenge = [], b""
        if initial is None:
            self._attempt()
        else:
            self.state_AUTH(initial)

    def state_AUTH(self, line: bytes) -> None:  # noqa: N802  # because Twisted looks it up by this name
        self.state = "COMMAND"
        try:
            response = base64.b64decode(line, validate=True)
        except binascii.Error:
            self.failResponse(b"cancelled")
            return
        self._responses.append(ChallengeResponse(self._challenge, response))
        self._attempt()

    def _attempt(self) -> None:
        assert self._mechanism is not None  # noqa: S101  # because do_AUTH has set it
        try:
            credentials, _ = self._mechanism.server_attempt(self._responses)
        except ServerChallenge as challenge:
            self._challenge, self.state = challenge.data, "AUTH"
            self.sendLine(b"+ " + base64.b64encode(challenge.data))
        except (AuthenticationError, ValueError):
            self.failResponse(b"[AUTH] Authentication failed")
        else:
            self._log_in(credentials)

    def authenticateUserPASS(self, user: bytes, password: bytes) -> "Deferred[Any]":  # noqa: N802  # because Twisted calls it so
        name = user.decode("utf-8", "replace")
        return _deferred(self._opened(PlainCredentials(name, password.decode("utf-8", "replace"), name)))

    def _log_in(self, credentials: ServerCredentials) -> None:
        opened = _deferred(self._opened(credentials))
        opened.addCallbacks(self._cbMailbox, self._ebMailbox, callbackArgs=(b"",))
        opened.addErrback(self._ebUnexpected)

    def _ebMailbox(self, failure: Any) -> None:  # noqa: N802  # because Twisted calls it so
        failure.trap(UnauthorizedLogin)
        self.failResponse(b"[AUTH] Authentication failed")

    async def _opened(self, credentials: ServerCredentials) -> tuple[object, _Maildrop, Callable[[], None]]:
        try:
            address = await self._mailboxes.authenticated(credentials)
        except InvalidAuth:
            raise UnauthorizedLogin from None
        messages = await self._mailboxes.messages(address)
        return IMailbox, _Maildrop(messages, lambda uids: self._mailboxes.delete(address, uids)), _nothing


class _Connection(asyncio.Protocol):
    """Stands between an asyncio transport and Twisted's protocol, as either expects of the other."""

    def __init__(self, mailboxes: Mailboxes, tls: ssl.SSLContext | None) -> None:
        self._tls = tls
        self._transport: asyncio.Transport | None = None
        self._pop3 = _Pop3(mailboxes, self._start_tls if tls else None)
        self._pop3.factory = self
        self._encrypting: asyncio.Task[None] | None = None
        self._early = b""
        self._producing = False

    noisy = False  # Twisted asks its factory whether to log each connection

    @property
    def disconnecting(self) -> bool:
        return self._transport is None or self._transport.is_closing()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  # because TCP makes no other
        greeted, self._transport = self._transport is not None, transport
        if not greeted:
            self._pop3.makeConnection(self)

    def data_received(self, data: bytes) -> None:
        if self._encrypting is None or self._encrypting.done():
            self._pop3.dataReceived(data)
        else:  # the client was quicker than the task that learns of the handshake's end
            self._early += data

    def connection_lost(self, exc: Exception | None) -> None:
        self._pop3.connectionLost(exc)

    def write(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)

    def writeSequence(self, parts: Iterator[bytes]) -> None:  # noqa: N802  # because Twisted calls it so
        self.write(b"".join(parts))

    def registerProducer(self, producer: Any, streaming: bool) -> None:  # noqa: N802, ARG002  # because Twisted calls it so
        self._producing = True
        while self._producing:  # messages are small: asyncio's buffer takes them whole
            producer.resumeProducing()

    def unregisterProducer(self) -> None:  # noqa: N802  # because Twisted calls it so
        self._producing = False

    def loseConnection(self) -> None:  # noqa: N802  # because Twisted calls it so
        if self._transport is not None:
            self._transport.close()

    def _start_tls(self) -> None:
        self._encrypting = asyncio.create_task(self._encrypt())
        self._encrypting.add_done_callback(lambda _: self._pop3.dataReceived(self._early))

    async def _encrypt(self) -> None:
        loop = asyncio.get_running_loop()
        assert self._transport is not None and self._tls is not None  # noqa: S101, PT018  # because do_STLS came over it
        try:
            self._transport = await loop.start_tls(self._transport, self, self._tls, server_side=True)
        except OSError:  # a client that doesn't like the certificate hangs up
            self.loseConnection()


async def serve_pop3(
    mailboxes: Mailboxes,
    host: str,
    port: int,
    *,
    starttls: ssl.SSLContext | None = None,
    tls: ssl.SSLContext | None = None,
) -> asyncio.Server:
    """Listen for POP3, with `starttls` on demand or with `tls` from the first byte."""
    loop = asyncio.get_running_loop()
    return await loop.create_server(lambda: _Connection(mailboxes, starttls), host, port, ssl=tls)


def _deferred(work: Awaitable[Any]) -> "Deferred[Any]":
    return Deferred.fromFuture(asyncio.ensure_future(work))


def _nothing() -> None:
    """Twisted calls what a login gave it when the session ends; there is nothing to give back."""
