"""Rows of earlier versions, brought forward and back."""

import asyncio
from functools import partial
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, select

from director_api import schema
from director_api.database import Database
from director_api.email_profiles.models import EmailProfile
from tests.director_api.conftest import RunningDirector
from tests.director_api.profile_types import GOOGLE_OAUTH, MICROSOFT_OAUTH, xoauth2
from tests.director_api.waits import until_waiting
from tests.servers.postgres import Postgres


def _bring(connection: Connection, to: str) -> None:
    config = schema._config()
    config.attributes["connection"] = connection
    (command.upgrade if to == "head" else command.downgrade)(config, to)


async def _configuration(director: RunningDirector, *, brought_to: str) -> dict[str, Any]:
    async with director.app.state.database.writer.begin() as connection:
        await connection.run_sync(partial(_bring, to=brought_to))
    async with director.app.state.database.read() as session:
        found: dict[str, Any] = await session.scalar(select(EmailProfile.configuration))
        return found


@pytest.mark.parametrize("app", [MICROSOFT_OAUTH, GOOGLE_OAUTH])
async def test_a_login_by_tokens_was_by_those_of_the_global_cloud(
    director: RunningDirector, app: dict[str, Any]
) -> None:
    actor = await director.enroll("vm-1")
    made = await director.operator.post("/email-profiles", json=xoauth2(actor, oauth=app))
    before = await _configuration(director, brought_to="0074")
    assert "cloud" not in before["oauth"]
    after = await _configuration(director, brought_to="head")
    assert after == {**before, "oauth": {**before["oauth"], "cloud": "global"}}
    path = f"/email-profiles/{made.json()['id']}"
    same = await director.operator.patch(path, json={"oauth": {"cloud": "global"}})
    assert same.status_code == 200, "the secret goes where it went"


async def test_of_two_migrations_of_an_empty_database_one_waits_for_the_other(postgres: Postgres) -> None:
    database = Database(await postgres.empty_database())
    async with database.writer.begin() as connection:
        await connection.run_sync(schema._upgrade)
        second = asyncio.create_task(schema.migrate(database))
        await until_waiting(database, second)
    await second
    await schema.require_current(database)
    await database.close()
