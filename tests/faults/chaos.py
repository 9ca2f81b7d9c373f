"""All faults in a seeded random mix, for as long as one likes: `make chaos SECONDS=600 SEED=7`."""

import argparse
import asyncio
import random
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from email.message import Message
from pathlib import Path
from typing import Any

import httpx
import trustme

from tests.faults.cluster import LEASES_OVER_SECONDS, Cluster, cluster
from tests.servers.dovecot import Dovecot
from tests.servers.folders import server_folder
from tests.servers.postgres import Postgres
from tests.servers.scripted_smtp import GREYLISTED, HANG_UP, REFUSED

ACTORS, PROFILES = 2, 4
_ROUNDS = 8
_LONG_SECONDS = 400
"""Longer than the longest pause between two tries to send; two of them are longer than a search."""
_WAIT_SECONDS = 5
_PAUSE_SECONDS = 0.6


class Chaos:
    """Does one harmful thing after the other; what it did can be mended by :meth:`heal`."""

    def __init__(self, directors: Cluster, postgres: Postgres, seed: int) -> None:
        self._directors = directors
        self._postgres = postgres
        self._random = random.Random(seed)  # noqa: S311  # because a seed is to give the same faults again
        self._seed = seed
        self._never = threading.Event()
        self.done: list[str] = []
        actors = directors.actor_ids(*directors.actors)
        self._profiles = [directors.new_profile(*actors)["id"] for _ in range(PROFILES)]

    def for_seconds(self, seconds: float) -> None:
        """Verify and harm until the time is over."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._verify(self._random.choice(self._profiles))
            harm = self._random.choice(self._harms())
            self.done.append(harm.__name__)
            harm()
            self._never.wait(self._random.uniform(0, _PAUSE_SECONDS))

    def heal(self) -> None:
        """Let everything run again, and time pass until all has ended."""
        self._directors.smtp.at_message = self._directors.deliver
        self._directors.imap.watch_nothing()
        for round_number in range(_ROUNDS):
            self._directors.restart(after_seconds=_LONG_SECONDS if round_number else LEASES_OVER_SECONDS)
            self._actors_start()
            if self._all_ended():
                return
        left = [run for run in self._runs() if not self._ended(run)]
        raise AssertionError(f"SEED={self._seed}: after {' '.join(self.done)}, this never ended: {left}")

    def _harms(self) -> list[Callable[[], None]]:
        return [
            self.a_director_dies,
            self.another_director_joins,
            self.an_actor_dies,
            self.every_connection_to_the_director_breaks,
            self.every_connection_to_the_mailbox_breaks,
            self.the_mailbox_falls_silent,
            self.the_director_falls_silent,
            self.mail_is_not_taken,
            self.postgres_restarts,
            self.nothing_happens,
        ]

    def nothing_happens(self) -> None:
        """Heal what falls silent, and let it work."""
        self._directors.imap.watch_nothing()
        self._directors.balancer.watch_nothing()
        self._directors.smtp.at_message = self._directors.deliver
        self._never.wait(2 * _PAUSE_SECONDS)

    def a_director_dies(self) -> None:
        """Kill every Director, and start one; sometimes only after the leases lapsed."""
        self._directors.restart(after_seconds=self._random.choice([0, LEASES_OVER_SECONDS]))

    def another_director_joins(self) -> None:
        """Start a Director beside, at most one at a time."""
        if not self._directors.others:
            self._directors.start()

    def an_actor_dies(self) -> None:
        """Kill an Actor and start it again."""
        actor = self._random.choice(self._directors.actors)
        actor.kill()
        actor.start()

    def every_connection_to_the_director_breaks(self) -> None:
        """Reset them."""
        self._directors.balancer.cut()

    def every_connection_to_the_mailbox_breaks(self) -> None:
        """Reset them."""
        self._directors.imap.cut()

    def the_mailbox_falls_silent(self) -> None:
        """Hold back all that is said to the mailbox."""
        self._directors.imap.flowing.clear()

    def the_director_falls_silent(self) -> None:
        """Hold back all that is said to the Director, for a moment."""
        self._directors.balancer.flowing.clear()
        self._never.wait(self._random.uniform(0, _PAUSE_SECONDS))
        self._directors.balancer.flowing.set()

    def mail_is_not_taken(self) -> None:
        """Refuse, defer or break each message that comes."""
        answers = [GREYLISTED, HANG_UP, REFUSED]

        def at_message(message: Message) -> bytes:
            answer = self._random.choice(answers)
            if answer == HANG_UP:
                self._directors.deliver(message)  # taken, and nobody is told
            return answer

        self._directors.smtp.at_message = at_message

    def postgres_restarts(self) -> None:
        """Stop the database and start it again."""
        self._postgres.stop()
        self._never.wait(self._random.uniform(0, _PAUSE_SECONDS))
        self._postgres.start()

    def _verify(self, profile_id: str) -> None:
        try:
            answer = self._directors.api.post(f"/email-profiles/{profile_id}/verify", timeout=5.0)
        except httpx.HTTPError:
            return  # whether it was accepted, the database says in the end
        if answer.is_success:
            self._directors.accepted.append(answer.json()["id"])

    def _actors_start(self) -> None:
        for actor in self._directors.actors:
            if actor.process is None:
                actor.start()

    def _all_ended(self) -> bool:
        return all(self._ended(run) for run in self._runs())

    def _runs(self) -> Iterator[dict[str, Any]]:
        for profile_id in self._profiles:
            yield from self._directors.get(f"/email-profiles/{profile_id}/verifications")["items"]

    def _ended(self, run: dict[str, Any]) -> bool:
        """Whether it is over, and what is still to be noted of its mail too."""
        if run["state"] == "running":
            run = self._directors.get(f"/verifications/{run['id']}", wait=_WAIT_SECONDS)
        end = time.monotonic() + _WAIT_SECONDS
        while (unnoted := _has_unnoted(run)) and time.monotonic() < end:  # no request waits for that
            self._never.wait(0.05)
            run = self._directors.get(f"/verifications/{run['id']}")
        return run["state"] != "running" and not unnoted


def _has_unnoted(run: dict[str, Any]) -> bool:
    return any(
        each["state"] == "verified" and each["mail"] in ("queued", "deferred") for each in run["checks"]
    )


def chaos(folder: Path, postgres: Postgres, dovecot: Dovecot, *, seed: int, seconds: float) -> list[str]:
    """Harm a cluster for ``seconds`` and hold all its checks against what is promised; return what was done."""
    with cluster(folder, asyncio.run(postgres.new_database()), dovecot) as directors:
        for number in range(ACTORS):
            directors.actor(f"vm-{number}")
        mix = Chaos(directors, postgres, seed)
        mix.for_seconds(seconds)
        mix.heal()
        directors.assert_all_settled()
        return mix.done


def main() -> int:
    """Run it by hand."""
    parser = argparse.ArgumentParser(prog="make chaos")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    asked = parser.parse_args()
    sys.stdout.write(f"chaos for {asked.seconds:.0f} s with SEED={asked.seed}\n")
    sys.stdout.flush()
    with (
        tempfile.TemporaryDirectory() as folder,
        server_folder() as first,
        server_folder() as second,
        Postgres(first) as postgres,
        Dovecot(second, trustme.CA()) as dovecot,
    ):
        done = chaos(Path(folder), postgres, dovecot, seed=asked.seed, seconds=asked.seconds)
    sys.stdout.write(f"{len(done)} faults, and every check ended once, as it must\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
