"""The loop that looks for undeliverable mail while messages are awaited, and ends their checks."""

import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from director_api.bounces.message_ids import check_named_by, is_genuine
from director_api.bounces.reading import Seen, read_reports
from director_api.bounces.reports import Bounce, bounce_in
from director_api.database import Database
from director_api.loops import rest, whole
from director_api.mail_settings.bounces import BounceMailbox, bounce_mailbox
from director_api.vault import Vault
from director_api.verifications import state_machine
from director_api.verifications.lifecycle import Lifecycle, status_of
from director_api.verifications.locking import locked_check
from director_api.verifications.logins import REFUSED
from director_api.verifications.models import Check
from director_api.verifications.service import code_owner
from director_api.verifications.state_machine import UNSENT, MailState
from mail_transport.failures import MailFailure
from wire_contract.failure_codes import FailureCode

log = logging.getLogger(__name__)
LOOK_SECONDS = 10.0
_AFTER_THE_END = timedelta(hours=1)
"""So long after the last search, what comes back still explains one that found nothing."""


class BounceWatch:
    """Reads the mailbox every 10 s while a message is on its way and for an hour more, else not at all.

    Each Director of several reads it: what was done already is not done again.
    """

    def __init__(
        self,
        database: Database,
        vault: Vault,
        lifecycle: Lifecycle,
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._database = database
        self._vault = vault
        self._lifecycle = lifecycle
        self._sleep = sleep
        self._mailbox: BounceMailbox | None = None
        self._seen = Seen()
        self._failed: FailureCode | None = None
        self._until = lifecycle.now()

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await self.round()
            await self._sleep(LOOK_SECONDS)

    async def round(self) -> None:
        """Look once, if there is a mailbox and anything to wait for."""
        mailbox = await self._to_read()
        if mailbox is None:
            return
        if mailbox != self._mailbox:
            self._mailbox, self._seen, self._failed = mailbox, Seen(), None
        if self._failed in REFUSED:
            return  # tried again, it would lock the account; other settings are tried anew
        try:
            reports, seen = await rest(read_reports(mailbox, self._seen))  # which ends by itself
        except MailFailure as failure:
            self._tell(failure.code)
            return
        self._tell(None)
        for bounce in filter(None, map(bounce_in, reports)):
            await whole(self._apply(bounce))
        self._seen = seen  # only now: what failed half-way is read again

    async def _to_read(self) -> BounceMailbox | None:
        now = self._lifecycle.now()
        async with self._database.read() as session:
            # An open check has a deadline: by that index it is found among any number of ended ones.
            awaited = select(Check.id).where(Check.deadline_at.is_not(None), Check.mail == MailState.SENT)
            if await session.scalar(awaited.limit(1)) is not None:
                self._until = now + _AFTER_THE_END
            return await bounce_mailbox(session, self._vault) if now < self._until else None

    def _tell(self, code: FailureCode | None) -> None:
        if code is not None and code != self._failed:
            log.warning("the mailbox of undeliverable mail could not be read: %s", code)
        self._failed = code

    async def _apply(self, bounce: Bounce) -> None:
        check_id = check_named_by(bounce.message_id)
        if check_id is None:
            return
        async with self._database.write() as session:
            check = await locked_check(session, check_id)
            if check is not None and self._is_about(check, bounce):
                await self._ended_by(session, check, bounce)

    def _is_about(self, check: Check, bounce: Bounce) -> bool:
        code = self._vault.decrypt(check.code_encrypted, owner=code_owner(check.id))
        missing = status_of(check).is_open or check.failure_code == FailureCode.CODE_NOT_FOUND
        on_its_way = check.mail in {MailState.SENT, *UNSENT}
        return missing and on_its_way and is_genuine(bounce.message_id, code)

    async def _ended_by(self, session: AsyncSession, check: Check, bounce: Bounce) -> None:
        log.info("the message of check %s came back", check.id)
        check.failure_detail = bounce.said
        await self._lifecycle.apply(session, check, state_machine.mail_bounced(status_of(check)))
