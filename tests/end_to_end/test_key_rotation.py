"""The secret key is replaced while a Director serves: nothing stops, and afterwards the old key opens nothing."""

import asyncio
import json
import threading
from pathlib import Path

import httpx

from tests.director_api.conftest import profile_body
from tests.director_api.scripted_actor import ScriptedActor
from tests.end_to_end.conftest import director
from tests.end_to_end.processes import BIN, READY, DirectorProcess, Process, command
from tests.servers.ports import free_ports

__all__ = ["director"]
STORED_PASSWORD = "s3cret-of-the-box"  # because it is made up, in profile_body


def test_rotating_while_serving_loses_nothing_and_retires_the_old_key(
    director: DirectorProcess, tmp_path: Path
) -> None:
    old = next(tmp_path.glob("*.keys")).read_text(encoding="utf-8").strip()
    new = command("director", "keys", "generate", environment=director.environment)
    assert STORED_PASSWORD in asyncio.run(unsealed(director.url, director))
    with Traffic(director) as traffic:
        said = command("director", "keys", "rotate", environment=keyed(director, new, old))
    assert f"2 of the database's keys re-wrapped by {new.partition(':')[0]}" in said
    assert {answer.status_code for answer in traffic.answers} == {201}
    assert STORED_PASSWORD in asyncio.run(unsealed(director.url, director))
    director.kill()
    refused = Process([str(BIN / "director"), "serve"], keyed(director, old))
    refused.wait_for("this database needs the secret key")
    refused.kill()
    director.environment = keyed(director, new)
    director.start()
    last = traffic.answers[-1].json()
    assert director.get(f"/security-zones/{last['id']}") == last
    assert STORED_PASSWORD in asyncio.run(unsealed(director.url, director))


def test_a_second_director_with_the_new_key_serves_beside_the_one_with_the_old(
    director: DirectorProcess, tmp_path: Path
) -> None:
    old = next(tmp_path.glob("*.keys")).read_text(encoding="utf-8").strip()
    new = command("director", "keys", "generate", environment=director.environment)
    command("director", "keys", "rotate", environment=keyed(director, new, old))
    (port,) = free_ports(1)
    other = Process([str(BIN / "director"), "serve"], {**keyed(director, new), "DIRECTOR_PORT": str(port)})
    try:
        other.wait_for(READY)
        for url in (director.url, f"http://127.0.0.1:{port}"):
            assert STORED_PASSWORD in asyncio.run(unsealed(url, director))
    finally:
        other.kill()


class Traffic:
    """Makes security zones, one after the other, until the block ends."""

    def __init__(self, director: DirectorProcess) -> None:
        self._director = director
        self._over = threading.Event()
        self._begun = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.answers: list[httpx.Response] = []

    def __enter__(self) -> "Traffic":
        self._thread.start()
        assert self._begun.wait(30)
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.is_set():
            name = {"name": f"zone-{len(self.answers)}"}
            self.answers.append(self._director.api.post("/security-zones", json=name))
            self._begun.set()


async def unsealed(url: str, director: DirectorProcess) -> str:
    """Let an Actor lease a check of a new profile, and return what is sealed for it."""
    async with httpx.AsyncClient(base_url=url, headers=director.api.headers, timeout=60) as api:
        minted = (await api.post("/enrollment-tokens", json={})).json()["token"]
        async with httpx.AsyncClient(base_url=url, timeout=60) as bare:
            actor = await ScriptedActor.enroll(bare, minted, f"vm-{minted[-6:].strip('-_')}")
            profile = (await api.post("/email-profiles", json=profile_body(actor))).json()
            await api.post(f"/email-profiles/{profile['id']}/verify")
            (lease,) = await actor.poll(wait_seconds=20)
            return json.dumps(actor.unseal(lease))


def keyed(director: DirectorProcess, *keys: str) -> dict[str, str]:
    """Return the Director's settings, with keys of which the first one wraps."""
    return {**director.environment, "DIRECTOR_SECRET_KEYS": ",".join(keys)}
