"""The demo notices when a mailbox doesn't come to the end that it should."""

import pytest

from sandbox.story import Chapter, Ending

_GOOD = Chapter("good", "anna@example.test", ("office-1", "dmz-1"))
_BROKEN = Chapter("broken", "carla@example.test", ("dmz-1",), failure_code="auth_invalid_credentials")


def _check(actor: str, state: str, code: str | None = None, proof: str | None = None) -> dict[str, object]:
    return {"actor": {"name": actor}, "state": state, "failure_code": code, "proof": proof}


def test_the_expected_ends_are_accepted() -> None:
    verified = [_check(name, "verified", proof="retrieved") for name in _GOOD.actors]
    assert Ending(_GOOD, {"checks": verified}).differences() == []
    refused = [_check("dmz-1", "unverified", "auth_invalid_credentials")]
    assert Ending(_BROKEN, {"checks": refused}).differences() == []


@pytest.mark.parametrize(
    ("check", "said"),
    [
        (_check("dmz-1", "verified", proof="retrieved"), "is verified"),
        (_check("dmz-1", "unverified", "tcp_refused"), "tcp_refused"),
        (_check("dmz-1", "queued"), "is queued"),
    ],
)
def test_any_other_end_is_named(check: dict[str, object], said: str) -> None:
    [difference] = Ending(_BROKEN, {"checks": [check]}).differences()
    assert "carla@example.test on dmz-1" in difference
    assert said in difference


def test_an_actor_that_never_checked_is_named() -> None:
    [difference] = Ending(
        _GOOD, {"checks": [_check("office-1", "verified", proof="retrieved")]}
    ).differences()
    assert "dmz-1" in difference


def test_a_claim_without_proof_of_retrieval_is_not_enough() -> None:
    checks = [_check(name, "verified", proof="manual") for name in _GOOD.actors]
    assert len(Ending(_GOOD, {"checks": checks}).differences()) == 2
