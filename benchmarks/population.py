"""Rows that benchmarks need many of, made in this process as the Director would make them."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from joserfc.jwk import OKPKey
from pydantic import TypeAdapter
from sqlalchemy import update

from benchmarks.cluster import Cluster
from director_api.access.tokens import TokenKind, new_token
from director_api.actors.models import Actor
from director_api.clock import new_id, utc_now
from director_api.email_profiles.models import EmailProfile
from director_api.email_profiles.schemas import ProfileCreate
from director_api.email_profiles.service import create_profiles
from director_api.verifications.deadlines import next_deadline
from director_api.verifications.models import Check, Verification
from director_api.verifications.service import code_owner
from wire_contract.verification_code import new_code

_PROFILE: TypeAdapter[ProfileCreate] = TypeAdapter(ProfileCreate)
_BATCH = 500
_LONG = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class BenchActor:
    """An enrolled Actor, as one who speaks for it knows it."""

    id: UUID
    credential: str


async def add_actors(there: Cluster, count: int) -> list[BenchActor]:
    """Enroll Actors, all with one key: what is sealed to it is opened by nobody."""
    public_key = OKPKey.generate_key("X25519").as_dict(private=False)
    actors = [BenchActor(new_id(), new_token(TokenKind.ACTOR)) for _ in range(count)]
    async with there.database.write() as session:
        for number, actor in enumerate(actors):
            session.add(_actor(there, f"bench-{number}", actor, public_key))
    return actors


async def add_profiles(there: Cluster, actors: list[BenchActor], count: int, **fields: Any) -> list[UUID]:
    """Make profiles whose login has worked once, one Actor each, in turn."""
    ids: list[UUID] = []
    while len(ids) < count:
        async with there.database.write() as session:
            numbers = range(len(ids), min(count, len(ids) + _BATCH))
            bodies = [profile_body(actors[number % len(actors)], number) | fields for number in numbers]
            wanted = [_PROFILE.validate_python(body) for body in bodies]
            rows = await create_profiles(session, there.vault, wanted, [""] * len(wanted))
            ids += [row.id for row in rows]
    async with there.database.write() as session:
        await session.execute(update(EmailProfile).values(authenticated_revision=EmailProfile.revision))
    return ids


def profile_body(actor: BenchActor, number: int) -> dict[str, Any]:
    """Return a profile as it is posted."""
    return {
        "server_type": "imap",
        "email_address": f"box-{number}@example.test",
        "actor_ids": [str(actor.id)],
        "account": {"username": f"box-{number}", "password": "correct-horse"},
        "incoming": {"host": f"imap-{number}.example.test", "encryption": "ssl_tls"},
    }


async def add_checks(there: Cluster, actors: list[BenchActor], profiles: list[UUID]) -> dict[str, str]:
    """Make a check of each profile that waits for its Actor, with its mail sent. Returns each one's code."""
    codes: dict[str, str] = {}
    numbered = iter(enumerate(profiles))
    while batch := list(islice(numbered, _BATCH)):
        async with there.database.write() as session:
            runs = [_run(profile_id) for _, profile_id in batch]
            session.add_all(runs)
            await session.flush()
            for (number, _), run in zip(batch, runs, strict=True):
                code = new_code()
                check = _check(there, run, number, actors[number % len(actors)], code)
                session.add(check)
                codes[str(check.id)] = code
    return codes


def _actor(there: Cluster, name: str, actor: BenchActor, public_key: dict[str, Any]) -> Actor:
    now = utc_now()
    return Actor(
        id=actor.id,
        name=name,
        credential_hash=there.vault.hash_token(actor.credential),
        public_key=public_key,
        version="bench",
        capabilities=["check", "imap", "plain"],
        interfaces=[],
        addresses=[],
        draining=False,
        enrolled_at=now,
        created_at=now,
    )


def _run(profile_id: UUID) -> Verification:
    return Verification(
        id=new_id(),
        profile_id=profile_id,
        revision=1,
        trigger="script",
        manual=False,
        state="running",
        started_at=utc_now(),
    )


def _check(there: Cluster, run: Verification, number: int, actor: BenchActor, code: str) -> Check:
    check_id, now = new_id(), run.started_at
    check = Check(
        id=check_id,
        verification_id=run.id,
        profile_id=run.profile_id,
        actor_id=actor.id,
        actor_name="bench",
        revision=1,
        position=0,
        mail_host=f"imap-{number}.example.test",
        account=f"box-{number}@imap-{number}.example.test",
        state="queued",
        mail="sent",
        attempts=0,
        code_encrypted=there.vault.encrypt(code, owner=code_owner(check_id)),
        code_made_at=now,
        look_at=now,
        offline_at=now + _LONG,
        sent_at=now,
        search_until=now + _LONG,
        diagnostics=[],
        warnings=[],
        created_at=now,
    )
    check.deadline_at = next_deadline(check)
    return check
