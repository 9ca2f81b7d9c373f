"""Results that come late, or twice at once: real ones, caught on their way and posted by hand."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import httpx

from tests.faults.cluster import LEASES_OVER_SECONDS, Cluster, started, verified
from wire_contract.verification_code import codes_in_subject

_RESULT = re.compile(
    rb"POST (/actor/leases/\S+/result) .*?\r\nauthorization: ([^\r]+)", re.DOTALL | re.IGNORECASE
)


@dataclass
class Caught:
    """A result that the Actor was about to post when it died."""

    path: str
    credential: str
    code: str

    def post(self, url: str, **instead: Any) -> httpx.Response:
        """Post it, or something else in its place."""
        body = instead or {"code": self.code}
        return httpx.post(url + self.path, json=body, headers={"Authorization": self.credential}, timeout=30)


def caught(directors: Cluster) -> tuple[dict[str, Any], Caught]:
    """Start a verification and catch its result; its Actor is dead then, and the balancer as before."""
    (actor,) = directors.actors
    directors.forget_what_was()
    found: list[re.Match[bytes]] = []

    def watch(data: bytes) -> bool:
        if match := _RESULT.search(data):
            actor.kill()
            found.append(match)
        return not match

    directors.balancer.from_client = watch
    run = started(directors)
    directors.until(lambda: bool(found))
    directors.balancer.watch_nothing()
    (code,) = codes_in_subject(directors.smtp.subjects[-1])
    return run, Caught(found[0][1].decode(), found[0][2].decode(), code)


def test_a_result_whose_lease_lapsed_and_was_given_again(directors: Cluster) -> None:
    run, late = caught(directors)
    directors.restart(after_seconds=LEASES_OVER_SECONDS)
    directors.imap.flowing.clear()
    directors.actors[0].start()

    def given_again() -> bool:
        (check,) = directors.get(f"/verifications/{run['id']}")["checks"]
        return (check["state"], check["attempts"]) == ("leased", 1)

    directors.until(given_again)

    wrong = late.post(directors.url, failure_code="tcp_refused")
    assert (wrong.status_code, wrong.json()["code"]) == (409, "lease_superseded")
    right = late.post(directors.url)
    assert (right.status_code, right.json()["state"]) == (200, "verified")
    again = late.post(directors.url, failure_code="tcp_refused")
    assert (again.status_code, again.json()["state"]) == (200, "verified")
    directors.imap.flowing.set()
    verified(directors, run)


def test_the_same_result_twice_at_once_at_two_directors(directors: Cluster) -> None:
    run, result = caught(directors)
    directors.start()
    with ThreadPoolExecutor() as threads:
        answers = list(threads.map(result.post, [*directors.urls, *directors.urls]))
    assert [(answer.status_code, answer.json()["state"]) for answer in answers] == [(200, "verified")] * 4
    verified(directors, run)
    directors.actors[0].start()
