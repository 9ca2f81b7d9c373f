"""How a message came: what its Received trace (RFC 5321, section 4.4) says of each hop's time."""

from datetime import datetime
from itertools import pairwise

from actor_agent.mail.subjects import is_altered
from mail_transport.journal import Journal, OpenStep
from wire_contract.base import JsonValue
from wire_contract.failure_codes import FailureCode
from wire_contract.results import Evidence

DELAYED_SECONDS = 60.0
"""A hop that takes longer is worth a word: greylisting, a scanner's queue, a relay that is down."""


def tell(evidence: Evidence, header: bytes, step: OpenStep, journal: Journal) -> None:
    """Show the hops with their times, and warn of a delay or of a subject that was altered on the way.

    The times are those of the servers' own clocks, which may differ by some seconds.
    """
    hops = [(hop.by or "unnamed", hop.at) for hop in reversed(evidence.received) if hop.at is not None]
    if len(hops) > 1:
        step.detail["delivery_seconds"] = _between(hops[0][1], hops[-1][1])
        step.detail["hops"] = _shown(hops)
        _warn_of_delay(hops, journal)
    if is_altered(header):
        journal.warn(FailureCode.SUBJECT_ALTERED)


def _shown(hops: list[tuple[str, datetime]]) -> list[JsonValue]:
    later: list[JsonValue] = [
        {"by": by, "seconds": _between(before, at)} for (_, before), (by, at) in pairwise(hops)
    ]
    return [{"by": hops[0][0], "seconds": 0}, *later]


def _warn_of_delay(hops: list[tuple[str, datetime]], journal: Journal) -> None:
    slowest, held_by = max((_between(before, at), by) for (by, before), (_, at) in pairwise(hops))
    if slowest >= DELAYED_SECONDS:
        journal.warn(FailureCode.MAIL_DELAYED, f"{held_by} held it for {slowest} s")


def _between(before: datetime, after: datetime) -> int:
    return round((after - before).total_seconds())
