"""A Director that dies at any moment: another one, or the next, does what it was about to do."""

from collections.abc import Callable

from tests.faults.cluster import LEASES_OVER_SECONDS, Cluster, mailed, started, verified
from tests.faults.gate import gate
from tests.servers.scripted_smtp import ACCEPTED, HANG_UP

LEASED = "UPDATE ON outbox_message"
SENT = "DELETE ON outbox_message"
RECORDED = "UPDATE ON \"check\" WHEN (NEW.state = 'verified')"


def dies(directors: Cluster, *, sign: bytes) -> Callable[[bytes], bool]:
    """Return a watch that kills the Director when the Actor gets ``sign``, which arrives nowhere."""
    directors.forget_what_was()

    def watch(data: bytes) -> bool:
        if sign in data:
            directors.die()
            return False
        return True

    return watch


def test_after_accepting_verify(directors: Cluster) -> None:
    with gate(directors.database_url, LEASED) as held:
        run = started(directors)
        held.reached()
        directors.kill()
        held.turn_away()
    directors.start()
    verified(directors, run)
    mailed(directors, run)


def test_after_leasing_the_outbox_row(directors: Cluster) -> None:
    def at_recipient() -> bytes:
        directors.smtp.at_recipient = lambda: ACCEPTED
        directors.die()
        return HANG_UP

    directors.smtp.at_recipient = at_recipient
    before = len(directors.smtp.subjects)
    run = started(directors)
    directors.process_ended()
    assert len(directors.smtp.subjects) == before
    directors.restart(after_seconds=LEASES_OVER_SECONDS)
    verified(directors, run)
    mailed(directors, run)


def test_after_the_mail_server_took_the_message(directors: Cluster) -> None:
    before = len(directors.smtp.subjects)
    with gate(directors.database_url, SENT) as held:
        run = started(directors)
        held.reached()
        directors.kill()
        held.turn_away()
    directors.restart(after_seconds=LEASES_OVER_SECONDS)
    verified(directors, run)
    mailed(directors, run)
    assert len(set(directors.smtp.subjects[before:])) == 1, "both messages carry the same code"


def test_after_giving_a_lease_whose_answer_is_lost(directors: Cluster) -> None:
    directors.balancer.from_server = dies(directors, sign=b'"sealed"')
    run = started(directors)
    directors.process_ended()
    directors.restart(after_seconds=LEASES_OVER_SECONDS)
    assert verified(directors, run)["attempts"] == 1


def test_after_giving_a_lease_that_the_actor_works_on(directors: Cluster) -> None:
    directors.forget_what_was()

    def watch(data: bytes) -> bool:
        if b"AUTHENTICATE" in data:
            directors.die()
        return True

    directors.imap.from_client = watch
    run = started(directors)
    directors.process_ended()
    directors.imap.watch_nothing()
    directors.restart(after_seconds=LEASES_OVER_SECONDS)
    verified(directors, run)


def test_while_recording_a_result(directors: Cluster) -> None:
    with gate(directors.database_url, RECORDED) as held:
        run = started(directors)
        held.reached()
        directors.kill()
        held.turn_away()
    directors.start()
    assert verified(directors, run)["attempts"] == 0


def test_after_recording_a_result_whose_answer_is_lost(directors: Cluster) -> None:
    directors.balancer.from_server = dies(directors, sign=b'{"state":"verified"')
    run = started(directors)
    directors.process_ended()
    directors.restart()
    assert verified(directors, run)["attempts"] == 0
