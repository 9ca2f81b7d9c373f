"""What several Actors' outcomes mean together."""

import itertools

import pytest

from director_api.verifications.pattern import Outcome, meaning
from wire_contract.failure_codes import FailureCode
from wire_contract.failure_texts import FAILURE_TEXTS, Phase, Severity

_ONE_OF_EACH_PHASE = {
    text.phase: code for code, text in FAILURE_TEXTS.items() if text.severity is Severity.FAILURE
}


def good(actor: str, zone: str | None = None) -> Outcome:
    return Outcome(actor, zone, verified=True)


def bad(actor: str, code: FailureCode, zone: str | None = None) -> Outcome:
    return Outcome(actor, zone, verified=False, failure_code=code)


@pytest.mark.parametrize(
    ("outcomes", "means"),
    [
        ([good("a"), good("b")], None),
        ([bad("a", FailureCode.TCP_TIMED_OUT)], None),
        (
            [good("a"), good("b"), good("c"), bad("vna-desktop", FailureCode.TCP_TIMED_OUT)],
            "only vna-desktop fails, at TCP: look at its zone's firewall",
        ),
        (
            [bad("a", FailureCode.AUTH_INVALID_CREDENTIALS), bad("b", FailureCode.AUTH_NOT_ATTEMPTED)],
            "all fail at authentication: the account, not the network",
        ),
        (
            [
                good("a", "dmz"),
                bad("b", FailureCode.TCP_REFUSED, "lab"),
                bad("c", FailureCode.TCP_TIMED_OUT, "lab"),
            ],
            "every Actor in the zone lab fails, at TCP: look at that zone's firewall",
        ),
        (
            [
                good("a", "lab"),
                bad("b", FailureCode.DNS_NOT_FOUND, "lab"),
                bad("c", FailureCode.DNS_FAILED, "lab"),
            ],
            "only b and c fail, at name resolution: look at their DNS",
        ),
        (
            [good("a"), bad("b", FailureCode.TCP_REFUSED), bad("c", FailureCode.TLS_UNKNOWN_CA)],
            (
                "b fails, at TCP: look at its zone's firewall; c fails, at TLS: look for something in its zone "
                "that intercepts TLS, or for another server behind the name"
            ),
        ),
        (
            [bad("a", FailureCode.TCP_REFUSED), bad("b", FailureCode.ACTOR_OFFLINE)],
            "all fail: a at TCP; b at the Actor itself",
        ),
    ],
)
def test_the_pattern_says_where_to_look(outcomes: list[Outcome], means: str | None) -> None:
    assert meaning(outcomes) == means


def test_every_phase_has_failures_to_speak_of() -> None:
    assert set(_ONE_OF_EACH_PHASE) == set(Phase)


@pytest.mark.parametrize(
    ("first", "second"),
    list(itertools.product(_ONE_OF_EACH_PHASE.values(), [None, *_ONE_OF_EACH_PHASE.values()])),
)
def test_every_pair_of_phases_has_words(first: FailureCode, second: FailureCode | None) -> None:
    others = [good("b")] if second is None else [bad("b", second)]
    means = meaning([bad("a", first), *others])
    assert means is not None
    assert "{" not in means


def test_many_names_are_cut_short() -> None:
    failing = [bad(f"actor-{number}", FailureCode.TCP_REFUSED) for number in range(9)]
    means = meaning([good("a"), *failing])
    assert means is not None
    assert "actor-4 and 4 more fail" in means
