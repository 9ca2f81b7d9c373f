"""An Actor that dies at each step of a check: it is waited for, and gets the check again."""

from collections.abc import Callable
from typing import Any

from tests.faults.cluster import LEASES_OVER_SECONDS, Cluster, started

STEPS = {
    "connect": b"* OK",
    "authenticate": b"AUTHENTICATE",
    "open_mailbox": b"EXAMINE",
    "search": b"FETCH",
}


def test_at_each_step_of_a_check(directors: Cluster) -> None:
    (actor,) = directors.actors

    def dies(sign: bytes) -> Callable[[bytes], bool]:
        def watch(data: bytes) -> bool:
            if sign in data:
                actor.kill()
                return False
            return True

        return watch

    runs: list[dict[str, Any]] = []

    def killed_by(watched: Callable[[], None]) -> None:
        watched()
        runs.append(started(directors))
        directors.until(lambda: actor.process is None)
        directors.imap.watch_nothing()
        directors.balancer.watch_nothing()
        actor.start()

    for sign in STEPS.values():

        def at_the_mailbox(sign: bytes = sign) -> None:
            directors.imap.from_client = directors.imap.from_server = dies(sign)

        killed_by(at_the_mailbox)

    def with_the_result() -> None:
        directors.balancer.from_client = dies(b"/result")

    killed_by(with_the_result)
    directors.restart(after_seconds=LEASES_OVER_SECONDS)
    for run in runs:
        ended = directors.ended(run)
        assert ended["outcome"] == "verified", ended
        assert ended["checks"][0]["attempts"] == 1
