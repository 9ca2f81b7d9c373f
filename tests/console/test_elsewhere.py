"""The console on a static host, in front of a Director with thousands of profiles."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import OKPKey

from tests.console.stage import play
from tests.console.static_host import static_host
from tests.director_api.scripted_actor import enrollment
from tests.end_to_end.processes import DirectorProcess
from tests.servers.ports import free_ports

PROFILES = 3_000
ROWS = 1_000
ACTORS = 8


@pytest.fixture
def director(tmp_path: Path) -> Iterator[DirectorProcess]:
    process = DirectorProcess(tmp_path, free_ports(1)[0])
    yield process
    process.close()


def _enrolled(director: DirectorProcess, name: str) -> str:
    token = director.post("/enrollment-tokens", {"name": name})["token"]
    made = director.post("/actor/enroll", enrollment(token, name, OKPKey.generate_key("X25519")))
    actor_id: str = made["actor_id"]
    return actor_id


def _profile(number: int, actors: list[str]) -> dict[str, Any]:
    """One of many; the last one is for all Actors."""
    pop3 = number % 10 == 0
    return {
        "server_type": "pop3" if pop3 else "imap",
        "email_address": f"user-{number:05}@example.test",
        "actor_ids": actors if number == PROFILES - 1 else actors[:1],
        "account": {"username": f"user-{number:05}", "password": "never-used"},
        "incoming": {"host": "mail.example.test"},
    }


def test_thousands_of_profiles_from_another_origin(director: DirectorProcess, tmp_path: Path) -> None:
    with static_host(tmp_path / "host", director.url) as origin:
        director.environment["DIRECTOR_CORS_ORIGINS"] = origin
        director.start()
        actors = [_enrolled(director, f"vm-{number}") for number in range(ACTORS)]

        def fill(_: dict[str, Any]) -> None:
            for first in range(0, PROFILES, ROWS):
                rows = [_profile(number, actors) for number in range(first, first + ROWS)]
                director.post("/email-profiles/import", rows)

        token = director.api.headers["Authorization"].removeprefix("Bearer ")
        world = {
            "url": origin,
            "director": director.url,
            "origins": [director.url],
            "token": token,
            "last": f"user-{PROFILES - 1:05}@example.test",
            "least": "user-00000@example.test",
        }
        play("elsewhere", world, {"import": fill})
