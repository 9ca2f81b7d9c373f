"""What the state of a consent is bound to: where anything differs, it is another's."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from director_api.database import Database
from director_api.google_consent import tickets
from director_api.google_consent.models import ConsentRequest
from director_api.schema import migrate
from director_api.vault import SecretKey, open_vault

ASKED: dict[str, Any] = {
    "id": UUID(int=1),
    "profile_id": UUID(int=2),
    "revision": 3,
    "caller": "operator-1",
    "ticket_hash": b"ticket",
    "browser_hash": b"browser",
    "expires_at": datetime(2026, 11, 30, tzinfo=UTC),
}


@pytest.mark.parametrize(
    "other",
    [
        {"id": UUID(int=9)},
        {"profile_id": UUID(int=9)},
        {"revision": 4},
        {"caller": "operator-2"},
        {"browser_hash": b"another"},
        {"browser_hash": None},
    ],
    ids=lambda other: next(iter(other)),
)
async def test_a_state_is_bound_to_the_profile_the_caller_and_the_browser(
    tmp_path: Path, other: dict[str, Any]
) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'director.db'}")
    await migrate(database)
    try:
        vault = await open_vault(database, (SecretKey.generate(),))
    finally:
        await database.close()
    asked, another = ConsentRequest(**ASKED), ConsentRequest(**ASKED | other)
    state = tickets.state_of(vault, asked)
    assert tickets.is_state(vault, asked, state)
    assert not tickets.is_state(vault, another, state)
