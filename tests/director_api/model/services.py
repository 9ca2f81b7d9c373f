"""The Director's own services on a real database, one call at a time and by a clock that a test sets."""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from joserfc.jwk import OKPKey
from pydantic import TypeAdapter
from sqlalchemy import select

from director_api.actor_protocol import work
from director_api.actor_protocol.holding import Hold, held
from director_api.actor_protocol.roster import ActorIdentity
from director_api.actors.models import Actor
from director_api.clock import new_id
from director_api.database import Database
from director_api.email_profiles import manual_codes
from director_api.email_profiles import service as profiles
from director_api.email_profiles.schemas import ProfileCreate
from director_api.mail_settings.schemas import SmtpMailWrite
from director_api.mail_settings.service import write_email_settings
from director_api.outbox.clouds import Clouds
from director_api.outbox.mailer import Mailer
from director_api.outbox.models import OutboxMessage
from director_api.outbox.sender import OutboxSender
from director_api.problems import Problem
from director_api.schema import migrate
from director_api.vault import SecretKey, Vault, open_vault
from director_api.verifications import service as verifications
from director_api.verifications.lifecycle import Lifecycle
from director_api.verifications.models import Check, Verification
from director_api.verifications.sweep import Sweep
from director_api.wakeups import Wakeups
from tests.servers.scripted_smtp import ScriptedSmtp, scripted_smtp
from wire_contract.jobs import Lease
from wire_contract.results import LeaseRenewed, LeaseUpdate, Result, ResultRecorded

T = TypeVar("T")
_START = datetime(2026, 1, 1, tzinfo=UTC)
_PROFILE: TypeAdapter[ProfileCreate] = TypeAdapter(ProfileCreate)
_CAPABILITIES = ["check", "imap", "plain"]


@dataclass
class SetClock:
    """The present moment is what a test says."""

    moment: datetime = _START

    def __call__(self) -> datetime:
        """Return it."""
        return self.moment


@dataclass
class Services:
    """A Director without its loops: nothing happens but what is called."""

    runner: asyncio.Runner
    database: Database
    vault: Vault
    smtp: ScriptedSmtp
    clock: SetClock = field(default_factory=SetClock)

    def __post_init__(self) -> None:
        self.lifecycle = Lifecycle(self.clock)
        self._wakeups = Wakeups()
        self._sweep = Sweep(self.database, self.lifecycle)
        self.sender = OutboxSender(self.database, self.vault, self.lifecycle, self._wakeups, Mailer(Clouds()))

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait for ``work`` to end."""
        return self.runner.run(work)

    async def actor(self, name: str) -> ActorIdentity:
        """Make an Actor."""
        key = OKPKey.generate_key("X25519").as_dict(private=False)
        row = Actor(
            id=new_id(),
            name=name,
            public_key=key,
            version="test",
            capabilities=_CAPABILITIES,
            interfaces=[],
            addresses=[],
            draining=False,
            enrolled_at=self.clock(),
            created_at=self.clock(),
        )
        async with self.database.write() as session:
            session.add(row)
        return ActorIdentity(row.id, name, b"", key)

    async def profile(self, wanted: dict[str, Any]) -> UUID:
        """Make a profile."""
        async with self.database.write() as session:
            row = await profiles.create_profile(session, self.vault, _PROFILE.validate_python(wanted))
            return row.id

    async def change(self, profile_id: UUID, wanted: dict[str, Any]) -> None:
        """Change a profile."""
        async with self.database.write() as session:
            row = await profiles.profile(session, profile_id, for_update=True)
            changed = _PROFILE.validate_python(wanted)
            await profiles.change_profile(session, self.vault, self.lifecycle, row, changed)

    async def verify(self, profile_id: UUID) -> tuple[UUID, bool]:
        """Start a verification; return its id and whether it is new."""
        async with self.database.write() as session:
            row = await profiles.profile(session, profile_id, for_update=True)
            run, checks = await verifications.start(
                session,
                self.vault,
                self.lifecycle,
                self._wakeups,
                row,
                trigger="person",
                actor_ids=None,
            )
            return run.id, checks is not None

    async def cancel(self, run_id: UUID) -> None:
        """Cancel a verification."""
        async with self.database.write() as session:
            await self.lifecycle.cancel(session, await session.get_one(Verification, run_id))

    async def poll(self, actor: ActorIdentity) -> tuple[Lease, ...]:
        """Ask for work, without waiting."""
        async with self.database.write() as session:
            return (await work.take(session, self.vault, self.lifecycle, actor, 4)).leases

    async def renew(self, actor: ActorIdentity, lease_id: UUID, update: LeaseUpdate) -> LeaseRenewed:
        """Renew a lease."""
        async with self.database.write() as session:
            hold: Hold = await held(session, self.vault, self.lifecycle, actor, lease_id)
            return await hold.renew(update)

    async def hand_back(self, actor: ActorIdentity, lease_id: UUID, seconds: float) -> None:
        """Hand a lease back."""
        update = LeaseUpdate(hand_back=True, look_again_at=self.clock() + timedelta(seconds=seconds))
        async with self.database.write() as session:
            hold = await held(session, self.vault, self.lifecycle, actor, lease_id)
            await hold.hand_back(update)

    async def report(self, actor: ActorIdentity, lease_id: UUID, result: Result) -> ResultRecorded:
        """Report a result. Raises a Problem that is answered, once its transaction is committed."""
        async with self.database.write() as session:
            hold = await held(session, self.vault, self.lifecycle, actor, lease_id)
            recorded = await hold.record(result)
        if isinstance(recorded, Problem):
            raise recorded
        return recorded

    async def manual_code(self, profile_id: UUID) -> str | None:
        """Read the code that a person sends by hand."""
        async with self.database.read() as session:
            current = await manual_codes.current_code(session, self.vault, profile_id)
            return current.code if current else None

    async def sweep(self) -> None:
        """Treat everything that is due."""
        while await self._sweep.sweep():
            pass

    async def send_due(self) -> None:
        """Send every message that is due."""
        while await self.sender.send_due() or await self._due():
            pass

    async def _due(self) -> bool:
        async with self.database.read() as session:
            due = select(OutboxMessage.check_id).where(OutboxMessage.next_attempt_at <= self.clock())
            return await session.scalar(due.limit(1)) is not None

    async def checks(self, profile_id: UUID) -> list[Check]:
        """Read the checks of a profile."""
        async with self.database.read() as session:
            rows = await session.scalars(
                select(Check).where(Check.profile_id == profile_id).order_by(Check.id)
            )
            return list(rows)

    async def unsent(self) -> set[UUID]:
        """Read whose messages the outbox holds."""
        async with self.database.read() as session:
            return set(await session.scalars(select(OutboxMessage.check_id)))


@contextmanager
def services(url: str) -> Iterator[Services]:
    """Give the services on the empty database at ``url``."""
    with asyncio.Runner() as runner, scripted_smtp() as smtp:
        database = Database(url)
        runner.run(migrate(database))
        vault = runner.run(open_vault(database, (SecretKey.generate(),)))
        given = Services(runner, database, vault, smtp)

        async def settings() -> None:
            async with database.write() as session:
                wanted = SmtpMailWrite.model_validate(smtp.settings)
                await write_email_settings(session, vault, wanted)

        runner.run(settings())
        try:
            yield given
        finally:
            runner.run(database.close())
