"""The state machine of a job, pure: what may become of it, and what may not.

    state  queued ⇄ leased → verified | unverified          queued, leased → cancelled | unverified
    mail   none (manual) | queued → sent | deferred → sent | failed        sent → failed (it came back)

A job without mail ends ``connected`` or ``answered`` in place of ``verified``: it proves no code.
Everything that is not drawn is refused.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from wire_contract.failure_codes import FailureCode

MAX_ATTEMPTS = 3


class CheckState(StrEnum):
    """Where a check stands."""

    QUEUED = "queued"
    LEASED = "leased"
    VERIFIED = "verified"
    CONNECTED = "connected"
    ANSWERED = "answered"
    UNVERIFIED = "unverified"
    CANCELLED = "cancelled"


class MailState(StrEnum):
    """What became of a check's message."""

    NONE = "none"
    QUEUED = "queued"
    SENT = "sent"
    DEFERRED = "deferred"
    FAILED = "failed"


OPEN = frozenset({CheckState.QUEUED, CheckState.LEASED})
UNSENT = frozenset({MailState.QUEUED, MailState.DEFERRED})


class IllegalTransition(Exception):  # noqa: N818  # it names what was tried
    """Something was tried that a check in this state does not admit."""


@dataclass(frozen=True, slots=True)
class CheckStatus:
    """A check's state, apart from everything that does not decide what may follow."""

    state: CheckState
    mail: MailState
    attempts: int = 0
    failure_code: FailureCode | None = None

    @property
    def is_open(self) -> bool:
        """Tell whether the check has not ended."""
        return self.state in OPEN


def lease(check: CheckStatus) -> CheckStatus:
    """An Actor takes the check."""
    _need(check, CheckState.QUEUED)
    return replace(check, state=CheckState.LEASED)


def hand_back(check: CheckStatus) -> CheckStatus:
    """The Actor gives the check back until a later look. This is no attempt."""
    _need(check, CheckState.LEASED)
    return replace(check, state=CheckState.QUEUED)


def lapse(check: CheckStatus, refused: FailureCode | None = None) -> CheckStatus:
    """The lease ran out: an attempt is spent, and after the third the check ends.

    It ends at once with ``refused``, the refusal of a login that the Actor had told of: another attempt
    would bring the account nearer to being locked.
    """
    _need(check, CheckState.LEASED)
    attempts = check.attempts + 1
    if refused is not None:
        return replace(fail(check, refused), attempts=attempts)
    if attempts >= MAX_ATTEMPTS:
        return replace(fail(check, FailureCode.LEASE_LOST), attempts=attempts)
    return replace(check, state=CheckState.QUEUED, attempts=attempts)


def prove(check: CheckStatus) -> CheckStatus:
    """The right code came back. A superseded lease proves it too, so a queued check may be verified."""
    _need(check, *OPEN)
    return replace(check, state=CheckState.VERIFIED)


def complete(check: CheckStatus, state: CheckState) -> CheckStatus:
    """A job without mail ends well: ``connected`` for a connectivity check, ``answered`` for a look-up."""
    _need(check, CheckState.LEASED)
    if check.mail is not MailState.NONE or state not in (CheckState.CONNECTED, CheckState.ANSWERED):
        raise IllegalTransition(f"this job can't end {state}")
    return replace(check, state=state)


def fail(check: CheckStatus, code: FailureCode) -> CheckStatus:
    """The check ends without proof."""
    _need(check, *OPEN)
    return replace(check, state=CheckState.UNVERIFIED, failure_code=code)


def cancel(check: CheckStatus) -> CheckStatus:
    """A person ends the check."""
    _need(check, *OPEN)
    return replace(check, state=CheckState.CANCELLED)


def mail_sent(check: CheckStatus) -> CheckStatus:
    """The Director's mail server took the message. A check may have ended meanwhile."""
    _need_mail(check, *UNSENT)
    return replace(check, mail=MailState.SENT)


def mail_deferred(check: CheckStatus) -> CheckStatus:
    """The Director's mail server did not take the message yet."""
    _need_mail(check, *UNSENT)
    return replace(check, mail=MailState.DEFERRED)


def mail_failed(check: CheckStatus, code: FailureCode) -> CheckStatus:
    """The message will never leave: the check ends with the reason."""
    _need_mail(check, *UNSENT)
    failed = replace(check, mail=MailState.FAILED)
    return fail(failed, code) if check.is_open else failed


def mail_bounced(check: CheckStatus) -> CheckStatus:
    """The message came back: a check that still waits for it ends.

    A report may be faster than the reply to the sending.
    """
    _need_mail(check, MailState.SENT, *UNSENT)
    failed = replace(check, mail=MailState.FAILED)
    return fail(failed, FailureCode.SEND_BOUNCED) if check.is_open else failed


def _need(check: CheckStatus, *states: CheckState) -> None:
    if check.state not in states:
        raise IllegalTransition(f"a check that is {check.state} can't do this")


def _need_mail(check: CheckStatus, *states: MailState) -> None:
    if check.mail not in states:
        raise IllegalTransition(f"a message that is {check.mail} can't do this")
