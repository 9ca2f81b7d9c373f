"""POP3 profiles: their ports, and one reader at a time."""

from datetime import timedelta
from importlib import import_module
from uuid import UUID

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection

from director_api.clock import utc_now
from director_api.database import Database
from director_api.email_profiles.models import EmailProfile
from tests.director_api.conftest import RunningDirector, profile_body
from tests.director_api.scripted_actor import AUTHENTICATED

BOUND = 10.0


async def test_ports_follow_the_type(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    for encryption, port in (("none", 110), ("starttls", 110), ("ssl_tls", 995)):
        server = {"host": "pop.example.test", "encryption": encryption}
        profile = await director.profile(actor, server_type="pop3", incoming=server)
        assert (profile["server_type"], profile["type"]) == ("pop3", "POP3")
        assert profile["server_address"] == f"pop.example.test:{port}"


async def test_a_mailbox_that_is_shared_has_one_reader_at_a_time(director: RunningDirector) -> None:
    first, second = await director.enroll("first"), await director.enroll("second")
    one = await director.profile(first, server_type="pop3")
    other = await director.profile(second, server_type="pop3")
    await director.verify(one)
    run = await director.verify(other)
    (lease,) = await first.poll()
    await first.renew(lease, progress=[AUTHENTICATED])
    assert await second.poll() == []
    for _ in range(4):
        await director.pass_time(50)
        await first.renew(lease)
    waiting = (await director.verification(run))["checks"][0]
    assert waiting["state"] == "queued", "waiting for one's turn is not being offline"


async def test_the_next_actor_takes_its_turn_when_the_first_hands_back(director: RunningDirector) -> None:
    first, second = await director.enroll("first"), await director.enroll("second")
    await director.verify(await director.profile(first, second, server_type="pop3"))
    (lease,) = await first.poll()
    await first.renew(lease, progress=[AUTHENTICATED])
    assert await second.poll() == []
    await director.pass_time(55)
    assert (await first.renew(lease)).json()["search_seconds_left"] < 600 - 54
    await first.hand_back(lease, (utc_now() + timedelta(hours=1)).isoformat())
    (turn,) = await second.poll(wait_seconds=BOUND)
    left = (await second.renew(turn)).json()["search_seconds_left"]
    assert left > 600 - 5, "the time spent waiting is no part of the search"


async def test_a_type_that_does_not_exist_is_named(director: RunningDirector) -> None:
    answer = await director.operator.post("/email-profiles", json={"server_type": "carrier-pigeon"})
    (error,) = answer.json()["errors"]
    assert (error["pointer"], error["code"]) == ("/server_type", "not_a_choice")
    assert "'pop3'" in error["detail"]


async def test_another_mailbox_is_refused_since_pop3_has_none(director: RunningDirector) -> None:
    body = profile_body(await director.enroll("vm-1"), server_type="pop3", mailbox="shared")
    answer = await director.operator.post("/email-profiles", json=body)
    (error,) = answer.json()["errors"]
    assert "no other" in error["detail"]


async def test_profiles_that_named_their_own_account_as_the_mailbox_are_brought_forward(
    director: RunningDirector,
) -> None:
    actor = await director.enroll("vm-1")
    made = [await director.profile(actor, server_type=kind) for kind in ("pop3", "pop3", "imap")]
    database: Database = director.app.state.database
    async with database.write() as session:
        for profile, mailbox in zip(made, ("box", "INBOX", "box"), strict=True):
            row = await session.get_one(EmailProfile, UUID(profile["id"]))
            row.configuration = {**row.configuration, "mailbox": mailbox}
    step = import_module("migrations.versions.0074_pop3_has_one_mailbox")

    def upgrade(connection: Connection) -> None:
        with Operations.context(MigrationContext.configure(connection)):
            step.upgrade()

    async with database.writer.begin() as connection:
        await connection.run_sync(upgrade)
    paths = [f"/email-profiles/{profile['id']}" for profile in made]
    shown = [(await director.viewer.get(path)).json()["mailbox"] for path in paths]
    assert shown == [None, "INBOX", "box"]
    changed = await director.operator.patch(paths[0], json={"note": "n"})
    assert (changed.status_code, changed.json()["revision"]) == (200, 1), changed.text
