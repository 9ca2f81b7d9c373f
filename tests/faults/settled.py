"""What must be true of every verification after any fault, read from the database itself."""

from collections import Counter
from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from director_api.database import Database
from director_api.events.log import EventType
from director_api.events.models import Event
from director_api.outbox.models import OutboxMessage
from director_api.vault import SecretKey, open_vault
from director_api.verifications.models import Check, Verification
from director_api.verifications.service import code_owner
from director_api.verifications.state_machine import OPEN
from wire_contract.verification_code import subject_for


async def settled(
    url: str, keys: tuple[SecretKey, ...], accepted: Collection[str], mailed: Collection[str]
) -> None:
    """Hold every check against the promises. ``accepted``: the runs that callers were told of.

    ``mailed``: the subjects of all mail that left.
    """
    database = Database(url)
    try:
        vault = await open_vault(database, keys)
        async with database.read() as session:
            runs = {row.id: row for row in await session.scalars(select(Verification))}
            checks = list(await session.scalars(select(Check)))
            outbox = set(await session.scalars(select(OutboxMessage.check_id)))
            events = list(await session.scalars(select(Event).order_by(Event.id)))
    finally:
        await database.close()
    assert {UUID(run) for run in accepted} <= runs.keys(), "a verification is lost"
    assert all(run.state != "running" for run in runs.values()), "a verification never ended"
    assert not any(check.state in OPEN for check in checks), "a check never ended"
    assert not outbox & {check.id for check in checks if check.mail == "sent"}, "sent mail waits to be sent"
    _each_ended_once(runs, checks, events)
    for check in checks:
        given_up = check.failure_code in ("code_not_found", "send_deferred")
        assert not given_up or check.mail in ("sent", "none", "failed"), "mail was left unsent"
        code = vault.decrypt(check.code_encrypted, owner=code_owner(check.id))
        if check.state == "verified":
            assert check.proof is not None, "Verified without proof"
            assert check.mail in ("sent", "none"), "Verified, and its mail not known to be sent"
            assert runs[check.verification_id].manual or subject_for(code) in mailed, "a code nobody mailed"


async def mail_is_noted(url: str) -> bool:
    """Tell whether the messages of all Verified checks are noted as sent: an Actor may be faster than a Director's note."""
    database = Database(url)
    unnoted = select(Check.id).where(Check.state == "verified", Check.mail.in_(("queued", "deferred")))
    try:
        async with database.read() as session:
            return await session.scalar(unnoted.limit(1)) is None
    finally:
        await database.close()


def _each_ended_once(runs: dict[UUID, Verification], checks: list[Check], events: list[Event]) -> None:
    finished = Counter(
        event.data["verification_id"] for event in events if event.type == EventType.VERIFICATION_FINISHED
    )
    assert finished == Counter(str(id_) for id_ in runs), "a verification ended twice"
    states = {str(check.id): check.state for check in checks}
    ended: dict[str, str] = {}
    for event in events:
        if event.type == EventType.VERIFICATION_PROGRESSED:
            check_id, state = event.data["check_id"], event.data["state"]
            assert ended.get(check_id, state) == state, "a check changed after its end"
            if state not in OPEN:
                ended[check_id] = state
    assert ended == states, "an end that nobody was told of"
