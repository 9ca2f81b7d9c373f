"""TLS on a connection that stands, with the step ``tls``: whom we speak to, or what is wrong with it."""

import asyncio
import hmac
import ssl
from collections.abc import Awaitable, Callable

from pydantic import JsonValue

from mail_transport.certificates import chain_of, described, described_chain, expires_soon, fingerprint
from mail_transport.channel import Channel
from mail_transport.failures import MailFailure
from mail_transport.journal import Journal
from mail_transport.limits import REPLY_SECONDS
from mail_transport.tls_failures import failure_of
from wire_contract.diagnostics import StepName
from wire_contract.failure_codes import FailureCode
from wire_contract.jobs import TlsPolicy

PEEK_SECONDS = 5.0
_BROKEN_OFF = {FailureCode.CONNECTION_CLOSED, FailureCode.TLS_PROTOCOL}
_TOO_OLD = {"SSLv3", "TLSv1", "TLSv1.1"}
"""What ``ssl.create_default_context`` refuses (RFC 8996)."""
Again = Callable[[], Awaitable[Channel]]
"""Makes a further connection that stands just ahead of its handshake."""


async def secure(
    channel: Channel,
    host: str,
    policy: TlsPolicy,
    journal: Journal,
    again: Again,
    step_name: StepName = StepName.TLS,
) -> None:
    """Encrypt ``channel`` and hold the server's certificate against ``policy``.

    A certificate that was refused can't be looked at, so ``again`` is used once to fetch and show it; and
    once to learn whether a server that breaks off speaks only versions that are refused here, since not
    every one says so (Dovecot just closes).

    Raises:
        MailFailure: ``tls_*``, ``connection_closed``, ``reply_timed_out``.
    """
    with journal.step(step_name) as step:
        step.detail["host"] = host
        context = context_for(policy)
        try:
            session = await handshake(channel, context, host)
        except MailFailure as failure:
            raise await _explained(failure, again, host) from None
        step.detail.update(_described(session))
        if policy.pinned_sha256:
            _compare(policy.pinned_sha256, session)
        elif not policy.verify:
            journal.warn(FailureCode.TLS_NOT_VERIFIED)
        if expires_soon(session.getpeercert(binary_form=True) or b""):
            step.warn(FailureCode.TLS_CERTIFICATE_EXPIRES_SOON)


def context_for(policy: TlsPolicy) -> ssl.SSLContext:
    """Return what verifies as ``policy`` says. Its own certificates replace the system's trust.

    A pin replaces the chain. Raises MailFailure ``tls_ca_unreadable``.
    """
    try:
        context = ssl.create_default_context(cadata=policy.ca_certificate or None)
    except (ssl.SSLError, ValueError, TypeError):  # the last for text outside ASCII
        raise MailFailure(FailureCode.TLS_CA_UNREADABLE) from None
    if policy.ca_certificate:
        context.verify_flags |= (
            ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN
        )  # an intermediate or the leaf will do
    if policy.pinned_sha256 or not policy.verify:
        _verify_nothing(context)
    return context


def _verify_nothing(context: ssl.SSLContext) -> None:
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE


async def handshake(
    channel: Channel, context: ssl.SSLContext, host: str, seconds: float = REPLY_SECONDS
) -> ssl.SSLObject:
    """Shake hands within ``seconds``. Raises MailFailure."""
    try:
        async with asyncio.timeout(seconds):
            return await channel.start_tls(context, host, seconds)
    except (ssl.SSLError, OSError, ValueError) as error:
        raise failure_of(error) from None


def unverified() -> ssl.SSLContext:
    """Return a context that takes any certificate: to look at one, never to send anything."""
    context = ssl.create_default_context()
    _verify_nothing(context)
    return context


async def silence(channel: Channel, seconds: float) -> MailFailure:
    """Tell a server that waits for TLS from one that is just silent, by offering it TLS for ``seconds``."""
    if channel.pending:
        return MailFailure(FailureCode.GREETING_MISSING)
    try:
        await handshake(channel, unverified(), "", seconds)
    except MailFailure:
        return MailFailure(FailureCode.GREETING_MISSING)
    return MailFailure(FailureCode.TLS_EXPECTED_BY_SERVER)


def _any_version() -> ssl.SSLContext:
    """Return a context that speaks whatever the library can, to look at a server."""
    context = unverified()
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("ALL:@SECLEVEL=0")
    return context


async def _explained(failure: MailFailure, again: Again, host: str) -> MailFailure:
    if "verify_code" in failure.detail:
        failure.detail.update(await _seen(again, host, unverified()))
    elif failure.code in _BROKEN_OFF:
        seen = await _seen(again, host, _any_version())
        if seen.get("version") in _TOO_OLD:
            return MailFailure(FailureCode.TLS_PROTOCOL, failure.server_reply, failure.detail | seen)
    return failure


async def _seen(again: Again, host: str, context: ssl.SSLContext) -> dict[str, JsonValue]:
    """Return what a further handshake shows; nothing where there is none."""
    try:
        channel = await again()
    except MailFailure:
        return {}
    try:
        return _described(await handshake(channel, context, host, PEEK_SECONDS))
    except MailFailure:
        return {}
    finally:
        channel.abort()


def _described(session: ssl.SSLObject) -> dict[str, JsonValue]:
    cipher = session.cipher()
    shown: dict[str, JsonValue] = {"version": session.version(), "cipher": cipher[0] if cipher else None}
    chain = chain_of(session)
    return shown | (described(chain[0]) | {"chain": described_chain(chain)} if chain else {})


def _compare(pin: str, session: ssl.SSLObject) -> None:
    certificate = session.getpeercert(binary_form=True) or b""
    expected = pin.replace(":", "").strip().lower()
    if not hmac.compare_digest(expected.encode(), fingerprint(certificate).encode()):
        raise MailFailure(FailureCode.TLS_PIN_MISMATCH, detail={"presented_sha256": fingerprint(certificate)})
