"""The committed documents and the database's schema are those of the code."""

import json
import re
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection

from actor_agent.probe.url import parse_url
from director_api.database import Base, Database
from director_api.documents import documents
from director_api.failure_page import failure_page
from director_api.schema import SchemaError, migrate, require_current
from director_api.tables import ALL_TABLES
from director_api.troubleshooting_page import troubleshooting_page
from wire_contract.autoconfig import Protocol
from wire_contract.failure_codes import FailureCode
from wire_contract.failure_texts import FAILURE_TEXTS

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", ["director.json", "actor.json"])
def test_the_committed_document_is_what_the_code_says(name: str) -> None:
    committed = json.loads((ROOT / "openapi" / name).read_text(encoding="utf-8"))
    assert committed == documents()[name], "run: make openapi"


async def test_the_migrations_make_the_tables_of_the_code(tmp_path: Path) -> None:
    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), Base.metadata))

    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'migrated.db'}")
    assert ALL_TABLES
    with pytest.raises(SchemaError, match="director migrate"):
        await require_current(database)
    await migrate(database)
    await require_current(database)
    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    await database.close()


def test_every_failure_code_says_what_happened_and_what_to_do() -> None:
    assert set(FAILURE_TEXTS) == set(FailureCode)
    for text in FAILURE_TEXTS.values():
        assert text.message.endswith(".")
        assert text.hint.endswith(".")


def test_the_page_for_troubleshooting_is_what_the_code_says() -> None:
    page = troubleshooting_page()
    assert (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8") == page, "run: make docs"
    probes = re.findall(r"`actor probe '?([a-z0-9]+://[^ '`]+)", page)
    assert {parse_url(url.replace("HOST", "mail.example.test")).protocol for url in probes} == set(Protocol)


def test_the_page_of_failure_codes_is_what_the_code_says() -> None:
    assert (ROOT / "docs" / "failure-codes.md").read_text(encoding="utf-8") == failure_page(), (
        "run: make docs"
    )


def test_the_actor_is_locked_without_the_directors_libraries() -> None:
    locked = (ROOT / "requirements" / "actor.txt").read_text(encoding="utf-8").lower()
    names = {
        line.split("==")[0]
        for line in locked.splitlines()
        if "==" in line and not line.startswith((" ", "#"))
    }
    assert {"httpcore", "anyio", "certifi"} <= names
    assert not names & {
        "fastapi",
        "starlette",
        "sqlalchemy",
        "alembic",
        "asyncpg",
        "aiosqlite",
        "psycopg",
        "uvicorn",
    }


@pytest.mark.parametrize("path", sorted((ROOT / "requirements").glob("*.txt")), ids=lambda path: path.name)
def test_locked_requirements_have_hashes_and_no_addresses(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "://" not in text
    assert text.count("--hash=sha256:") > text.count("==") / 2 > 0
