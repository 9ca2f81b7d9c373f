"""What the outcomes of several Actors mean together: where to look first; pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from director_api.wording import agree, names
from wire_contract.failure_codes import FailureCode
from wire_contract.failure_texts import FAILURE_TEXTS, Phase

_PLACES = {
    Phase.RESOLVE: "name resolution",
    Phase.CONNECT: "TCP",
    Phase.TLS: "TLS",
    Phase.GREETING: "the greeting",
    Phase.PROTOCOL: "the protocol",
    Phase.AUTHENTICATE: "authentication",
    Phase.MAILBOX: "the mailbox",
    Phase.SEARCH: "the search",
    Phase.ACTOR: "the Actor itself",
    Phase.DIRECTOR: "the Director's own mail",
}
_ALL_FAIL = {
    Phase.RESOLVE: "the host name, or the DNS that all of them use",
    Phase.CONNECT: "the server, its port, or a firewall in front of it",
    Phase.TLS: "the server's certificate or the profile's TLS settings, not the network",
    Phase.GREETING: "what answers on this port is not the mail server that the profile means",
    Phase.PROTOCOL: "the server, not the network",
    Phase.AUTHENTICATE: "the account, not the network",
    Phase.MAILBOX: "the mailbox or the account's right to it, not the network",
    Phase.SEARCH: "the message did not arrive, and the network is not the reason",
    Phase.ACTOR: "the Actors or their way to the Director, not the mailbox",
    Phase.DIRECTOR: "the Director's way of sending, not the mailbox",
}
_SOME_FAIL = {
    Phase.RESOLVE: "look at {its} DNS",
    Phase.CONNECT: "look at {its} zone's firewall",
    Phase.TLS: "look for something in {its} zone that intercepts TLS, or for another server behind the name",
    Phase.GREETING: "look for a proxy or another server that answers in {its} zone",
    Phase.PROTOCOL: "look for a proxy in {its} zone that changes what is said",
    Phase.AUTHENTICATE: "look for a rule of the mail server that admits logins by source address",
    Phase.MAILBOX: "look for another program that holds the mailbox, then verify again",
    Phase.SEARCH: "{its} own message is missing: see its mail in the check, then verify again",
    Phase.ACTOR: "look at the VM",
    Phase.DIRECTOR: "look at the reply of the Director's mail server",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one Actor's check stands. ``failure_code`` null: verified, cancelled or still open."""

    actor: str
    zone: str | None
    verified: bool
    failure_code: FailureCode | None = None


def meaning(outcomes: Sequence[Outcome]) -> str | None:
    """Return where to look first, without a full stop; None where no Actor failed or only one took part."""
    failed = [outcome for outcome in outcomes if outcome.failure_code is not None]
    if not failed or len(outcomes) == 1:
        return None
    if len(failed) == len(outcomes):
        return _all_fail(failed)
    return "; ".join(_group(phase, group, outcomes) for phase, group in _by_phase(failed).items())


def _all_fail(failed: Sequence[Outcome]) -> str:
    groups = _by_phase(failed)
    if len(groups) == 1:
        phase = next(iter(groups))
        return f"all fail at {_PLACES[phase]}: {_ALL_FAIL[phase]}"
    return "all fail: " + "; ".join(
        f"{names([each.actor for each in group])} at {_PLACES[phase]}" for phase, group in groups.items()
    )


def _group(phase: Phase, group: Sequence[Outcome], outcomes: Sequence[Outcome]) -> str:
    advice = _SOME_FAIL[phase]
    zone = _whole_zone(group, outcomes)
    if zone is not None:
        said = advice.format(its="its").replace("its zone", "that zone")
        return f"every Actor in the zone {zone} fails, at {_PLACES[phase]}: {said}"
    actors = [each.actor for each in group]
    only = "only " if _is_all_that_failed(group, outcomes) else ""
    its = agree(actors, "its", "their")
    return f"{only}{names(actors)} {agree(actors, 'fails', 'fail')}, at {_PLACES[phase]}: {advice.format(its=its)}"


def _whole_zone(group: Sequence[Outcome], outcomes: Sequence[Outcome]) -> str | None:
    """Return the zone of which several Actors took part, all of them in ``group``, and no one else."""
    zones = {each.zone for each in group}
    zone = next(iter(zones))
    members = sum(each.zone == zone for each in outcomes)
    return zone if zone and len(zones) == 1 and members == len(group) and members > 1 else None


def _is_all_that_failed(group: Sequence[Outcome], outcomes: Sequence[Outcome]) -> bool:
    return len(group) == sum(each.failure_code is not None for each in outcomes)


def _by_phase(failed: Iterable[Outcome]) -> dict[Phase, list[Outcome]]:
    groups: dict[Phase, list[Outcome]] = {}
    for outcome in failed:
        if outcome.failure_code is not None:
            groups.setdefault(FAILURE_TEXTS[outcome.failure_code].phase, []).append(outcome)
    return groups
