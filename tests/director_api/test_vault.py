"""Secrets at rest."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from director_api.database import Database
from director_api.schema import migrate
from director_api.vault import SecretKey, VaultError, open_vault, parse_secret_keys, rewrap


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'vault.db'}")
    await migrate(database)
    yield database
    await database.close()


async def test_a_secret_opens_for_its_owner_alone(database: Database) -> None:
    vault = await open_vault(database, (SecretKey.generate(),))
    stored = vault.encrypt("hunter2", owner="row 1")
    assert b"hunter2" not in stored
    assert vault.decrypt(stored, owner="row 1") == "hunter2"
    with pytest.raises(VaultError):
        vault.decrypt(stored, owner="row 2")


async def test_another_key_of_the_same_name_is_refused(database: Database) -> None:
    key = SecretKey.generate()
    await open_vault(database, (key,))
    with pytest.raises(VaultError, match="is not the one"):
        await open_vault(database, (SecretKey(key.key_id, SecretKey.generate().value),))


async def test_a_missing_key_is_named(database: Database) -> None:
    key = SecretKey.generate()
    await open_vault(database, (key,))
    with pytest.raises(VaultError, match=f"needs the secret key {key.key_id}"):
        await open_vault(database, (SecretKey.generate(),))


async def test_rewrapping_keeps_secrets_and_needs_the_old_key_no_more(database: Database) -> None:
    old, new = SecretKey.generate(), SecretKey.generate()
    stored = (await open_vault(database, (old,))).encrypt("kept", owner="row")
    assert await rewrap(database, (new, old)) == 2
    assert await rewrap(database, (new, old)) == 0
    vault = await open_vault(database, (new,))
    assert vault.decrypt(stored, owner="row") == "kept"


def test_keys_are_read_as_they_are_written() -> None:
    first, second = SecretKey.generate(), SecretKey.generate()
    assert parse_secret_keys(f"{first.line()},\n{second.line()}\n") == (first, second)


@pytest.mark.parametrize("text", ["", "no-colon", "name:short", "name:" + "!" * 43])
def test_malformed_keys_are_refused_without_being_shown(text: str) -> None:
    with pytest.raises(VaultError) as refused:
        parse_secret_keys(text)
    assert "!" * 43 not in str(refused.value)


def test_a_key_does_not_show_itself() -> None:
    key = SecretKey.generate()
    assert key.line().partition(":")[2] not in repr(key)
    assert str(key.value) not in repr(key)
