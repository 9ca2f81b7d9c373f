"""Proving the account to a sending server: the step ``smtp_authenticate`` (RFC 4954)."""

import base64

from mail_transport.failures import MailFailure
from mail_transport.journal import Journal
from mail_transport.limits import LOGIN_SECONDS
from mail_transport.ntlm import Respond, ntlm
from mail_transport.smtp.auth_failures import refused_login
from mail_transport.smtp.mechanisms import cram_md5, login, plain
from mail_transport.smtp.replies import Reply
from mail_transport.smtp.session import Session
from wire_contract.diagnostics import StepName
from wire_contract.failure_codes import FailureCode
from wire_contract.jobs import Authentication, Encryption, MailServer, PasswordCredentials

_MAKERS = {"PLAIN": plain, "LOGIN": login, "CRAM-MD5": cram_md5, "NTLM": ntlm}
# The profile's word, and the mechanisms that carry it out, the best first.
_BY_AUTHENTICATION = {Authentication.PLAIN: ("PLAIN", "LOGIN"), Authentication.NTLM: ("NTLM",)}
_MAX_CHALLENGES = 4
_MAX_CHALLENGE = 12_288  # RFC 4954 section 4


async def log_in(
    session: Session,
    server: MailServer,
    credentials: PasswordCredentials,
    journal: Journal,
    mechanisms: tuple[str, ...] | None = None,
) -> None:
    """Log in as ``server`` asks, or by the first of ``mechanisms`` that is offered.

    Raises:
        MailFailure: ``auth_*`` among others.
    """
    username, password = credentials.username, credentials.password.get_secret_value()
    journal.mask(password, f"\0{username}\0{password}")
    with journal.step(StepName.SMTP_AUTHENTICATE) as step:
        step.detail["username"] = username
        step.detail["mechanism"] = mechanism = _mechanism(
            session, mechanisms or _BY_AUTHENTICATION.get(server.authentication or Authentication.XOAUTH2, ())
        )
        respond = _MAKERS[mechanism](username, password)
        if server.encryption is Encryption.NONE:
            journal.warn(FailureCode.AUTH_WITHOUT_ENCRYPTION)
        reply = await _exchange(session, mechanism, respond, journal)
        step.server_reply = reply.said
        if reply.code != 235:
            raise refused_login(reply)


def _mechanism(session: Session, usable: tuple[str, ...]) -> str:
    for mechanism in usable:
        if mechanism in session.mechanisms:
            return mechanism
    offered = sorted(session.mechanisms)
    raise MailFailure(FailureCode.AUTH_MECHANISM_NOT_OFFERED, detail={"offered": [*offered]})


async def _exchange(session: Session, mechanism: str, respond: Respond, journal: Journal) -> Reply:
    """Return what ends the exchange: 235, or a refusal."""
    command = b"AUTH " + mechanism.encode("ascii")
    if mechanism == "PLAIN":  # the client speaks first, so it need not wait for a challenge
        command += b" " + _encoded(respond(b""), journal)
    reply = await session.command(command, LOGIN_SECONDS)
    for _ in range(_MAX_CHALLENGES):
        if reply.code != 334:
            return reply
        reply = await session.command(_encoded(respond(_challenge(reply)), journal), LOGIN_SECONDS)
    raise MailFailure(FailureCode.PROTOCOL_LIMIT_EXCEEDED, detail={"challenges": _MAX_CHALLENGES})


def _encoded(message: bytes, journal: Journal) -> bytes:
    encoded = base64.b64encode(message)
    journal.mask(encoded.decode("ascii"))
    return encoded


def _challenge(reply: Reply) -> bytes:
    text = reply.texts[0]
    if len(text) > _MAX_CHALLENGE:
        raise MailFailure(FailureCode.PROTOCOL_LIMIT_EXCEEDED, detail={"challenge_bytes": len(text)})
    try:
        return base64.b64decode(text.strip(), validate=True)
    except ValueError:
        return b""  # some servers put a text for people where an empty challenge belongs
