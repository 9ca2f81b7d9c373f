"""Sending what the outbox holds.

A row is leased by moving its ``next_attempt_at`` ahead, in a transaction of its own; the message is
sent with nothing held; what came of it is recorded in another. A Director that dies in between leaves
a row that is sent again when its time comes: a message may go twice, none is lost.
"""

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from pydantic import SecretStr
from sqlalchemy import Select, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from director_api.database import Database
from director_api.email_profiles.models import EmailProfile
from director_api.loops import rest, seconds_until, whole
from director_api.mail_settings.schemas import Transport
from director_api.mail_settings.service import OutgoingMail, email_actions, outgoing_mail
from director_api.outbox.failures import SendFailed
from director_api.outbox.mailer import Mailer
from director_api.outbox.message import verification_message
from director_api.outbox.models import OutboxMessage
from director_api.outbox.pace import AT_ONCE, Pace
from director_api.vault import Vault
from director_api.verifications import state_machine
from director_api.verifications.lifecycle import Lifecycle, status_of
from director_api.verifications.locking import locked_check
from director_api.verifications.models import Check
from director_api.verifications.service import code_owner
from director_api.verifications.state_machine import UNSENT, CheckState, MailState
from director_api.wakeups import OUTBOX, Wakeups
from wire_contract.failure_codes import FailureCode

log = logging.getLogger(__name__)
_SENDING = timedelta(seconds=90)
"""Longer than a send can take: see ``director_api.outbox.smtp``."""
_LONGEST_BACKOFF = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Due:
    """A message to send now."""

    check_id: UUID
    to: str
    code: SecretStr
    attempts: int


class OutboxSender:
    """Sends due messages, a few at a time."""

    def __init__(
        self, database: Database, vault: Vault, lifecycle: Lifecycle, wakeups: Wakeups, mailer: Mailer
    ) -> None:
        self._database = database
        self._vault = vault
        self._lifecycle = lifecycle
        self._wakeups = wakeups
        self._mailer = mailer
        self._pace = Pace()

    async def run(self) -> None:
        """Send until cancelled: woken when a message is put in, and when the next one is due."""
        with self._wakeups.on(OUTBOX) as waiter:
            while True:
                while await self.send_due():
                    pass
                closed = self._pace.seconds_closed(self._lifecycle.now())
                await rest(waiter.wait(max(closed, await self._seconds_to_next())))

    async def take_over(self) -> None:
        """Make every message due: only for a Director that knows to be alone, after its own death."""
        async with self._database.write() as session:
            await session.execute(update(OutboxMessage).values(next_attempt_at=self._lifecycle.now()))

    async def send_due(self) -> int:
        """Send what is due, as many at once as the transport bears. Returns how many were tried."""
        mail, due, over = await whole(self._take_due())
        for check_id in over:
            await whole(self._over(check_id))
        if due:
            async with asyncio.TaskGroup() as group:
                for message in due:
                    group.create_task(self._send(mail, message))
        return len(due)

    async def _take_due(self) -> tuple[OutgoingMail | None, list[Due], list[UUID]]:
        """Lease what is due. Returns how to send it, the messages, and the checks that need none any more."""
        now = self._lifecycle.now()
        async with self._database.write() as session:
            due_now = in_turn(now).limit(AT_ONCE).with_for_update(skip_locked=True)
            rows = (await session.scalars(due_now)).all()
            if not rows:
                return None, [], []
            mail = await outgoing_mail(session, self._vault)
            transport = mail.settings.transport if mail else Transport.SMTP
            due, over = [], []
            for row in rows[: self._pace.room(transport, now)]:
                row.next_attempt_at = now + _SENDING
                row.attempts += 1
                message = await self._due(session, row)
                if message is None:
                    over.append(row.check_id)
                else:
                    due.append(message)
            self._pace.begun(transport, len(due), now)
            return mail, due, over

    async def _due(self, session: AsyncSession, row: OutboxMessage) -> Due | None:
        check = await session.get_one(Check, row.check_id)
        if not status_of(check).is_open or MailState(check.mail) not in UNSENT:
            return None
        profile = await session.get_one(EmailProfile, check.profile_id)
        code = self._vault.decrypt(check.code_encrypted, owner=code_owner(check.id))
        return Due(check.id, profile.email_address, SecretStr(code), row.attempts)

    async def _send(self, mail: OutgoingMail | None, due: Due) -> None:
        if mail is None:
            await whole(self._failed(due, SendFailed(FailureCode.SEND_NOT_CONFIGURED, "", permanent=True)))
            return
        code = due.code.get_secret_value()
        message = verification_message(mail.settings.from_address, due.to, code, due.check_id)
        try:
            reply = await self._mailer.send(mail, message)
        except SendFailed as failure:
            log.warning(
                "mail for check %s was not taken: %s %s", due.check_id, failure.code, failure.server_reply
            )
            await whole(self._failed(due, failure))
        else:
            await whole(self._sent(due, reply))

    async def _sent(self, due: Due, reply: str) -> None:
        async with self._database.write() as session:
            check = await self._take_out(session, due.check_id)
            if check is None:
                return
            now = self._lifecycle.now()
            actions = await email_actions(session)
            check.sent_at, check.mail_reply = now, reply
            check.search_until = now + timedelta(seconds=actions.search_seconds)
            if check.state == CheckState.QUEUED and check.look_at > now:
                check.look_at, check.offline_at = now, now + timedelta(seconds=actions.offline_seconds)
                self._lifecycle.offer(session, check)
            await self._lifecycle.apply(session, check, state_machine.mail_sent(status_of(check)))

    async def _failed(self, due: Due, failure: SendFailed) -> None:
        async with self._database.write() as session:
            check = await locked_check(session, due.check_id)
            row = await session.get(OutboxMessage, due.check_id)
            if check is None or row is None or MailState(check.mail) not in UNSENT:
                return
            if check.state == CheckState.VERIFIED:
                await self._left(session, check)
                await session.delete(row)
                return
            check.mail_reply = failure.server_reply
            if failure.permanent:
                await session.delete(row)
                await self._lifecycle.apply(
                    session, check, state_machine.mail_failed(status_of(check), failure.code)
                )
                return
            row.next_attempt_at = self._lifecycle.now() + _backoff(due.attempts, failure.retry_after)
            await self._lifecycle.apply(session, check, state_machine.mail_deferred(status_of(check)))

    async def _over(self, check_id: UUID) -> None:
        async with self._database.write() as session:
            check = await self._take_out(session, check_id)
            if check is not None and check.state == CheckState.VERIFIED:
                await self._left(session, check)

    async def _left(self, session: AsyncSession, check: Check) -> None:
        """Note that a message left, as its code was read, though no answer of the server's said so."""
        await self._lifecycle.apply(session, check, state_machine.mail_sent(status_of(check)))

    async def _take_out(self, session: AsyncSession, check_id: UUID) -> Check | None:
        check = await locked_check(session, check_id)
        row = await session.get(OutboxMessage, check_id)
        if row is not None:
            await session.delete(row)
        return check if check is not None and MailState(check.mail) in UNSENT else None

    async def _seconds_to_next(self) -> float:
        async with self._database.read() as session:
            at: datetime | None = await session.scalar(select(func.min(OutboxMessage.next_attempt_at)))
        return seconds_until(at, self._lifecycle.now())


def in_turn(at: datetime) -> Select[OutboxMessage]:
    """Return the statement for the messages that are due at ``at``, in their order."""
    return (
        select(OutboxMessage)
        .where(OutboxMessage.next_attempt_at <= at)
        .order_by(OutboxMessage.priority, OutboxMessage.turn_at)
    )


def _backoff(attempts: int, asked_seconds: float) -> timedelta:
    own = min(_LONGEST_BACKOFF, timedelta(seconds=2 ** min(attempts, 10)))
    return max(own, timedelta(seconds=asked_seconds))
