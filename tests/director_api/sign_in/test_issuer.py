"""The issuer's keys: changed, withdrawn, malformed, or not to be had."""

import asyncio

import httpx
import pytest
from joserfc.jwk import RSAKey

from director_api.sign_in.issuer import FRESH_SECONDS, RETRY_SECONDS, USABLE_SECONDS, Issuer
from tests.director_api.conftest import RunningDirector
from tests.director_api.rate_limits.test_buckets import Hands
from tests.director_api.sign_in.conftest import bearer
from tests.director_api.sign_in.own_issuer import DISCOVERY, KEYS, OwnIssuer, public

NEW_KEY = RSAKey.generate_key(2048, {"kid": "second"})
NEW = {"kid": "second"}


@pytest.fixture
def hands(director: RunningDirector) -> Hands:
    """The clock of the Director's memory of the issuer's keys."""
    hands = Hands()
    director.app.state.people.issuer.clock = hands
    return hands


async def call(director: RunningDirector, token: str) -> httpx.Response:
    return await director.anonymous.get("/actors", headers=bearer(token))


async def status(director: RunningDirector, token: str) -> int:
    return (await call(director, token)).status_code


def fresh_token(issuer: OwnIssuer, number: int) -> str:
    """Return a token that the Director has not met, so that it has to look at the key."""
    return issuer.token(jti=str(number))


async def test_the_keys_are_asked_for_once(director: RunningDirector, issuer: OwnIssuer) -> None:
    answers = await asyncio.gather(*(status(director, fresh_token(issuer, n)) for n in range(10)))
    assert set(answers) == {200}
    assert issuer.asked == [DISCOVERY, KEYS]


async def test_a_new_key_is_found_and_made_up_ones_ask_no_more_than_now_and_then(
    director: RunningDirector, issuer: OwnIssuer, hands: Hands
) -> None:
    assert await status(director, issuer.token()) == 200
    issuer.published = [public(issuer.key), public(NEW_KEY)]
    hands.now += RETRY_SECONDS
    assert await status(director, issuer.token(NEW_KEY, NEW)) == 200
    asked = len(issuer.asked)
    for number in range(5):
        answer = await call(director, issuer.token(NEW_KEY, {"kid": f"made-up-{number}"}))
        assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
        assert "its key is not one that the issuer publishes" in answer.json()["detail"]
    assert len(issuer.asked) == asked
    hands.now += RETRY_SECONDS
    assert await status(director, issuer.token(NEW_KEY, {"kid": "made-up"})) == 401
    assert len(issuer.asked) == asked + 2


async def test_a_key_that_was_withdrawn_ends(
    director: RunningDirector, issuer: OwnIssuer, hands: Hands
) -> None:
    assert await status(director, fresh_token(issuer, 1)) == 200
    issuer.published = [public(NEW_KEY)]
    hands.now += FRESH_SECONDS + 1
    assert await status(director, fresh_token(issuer, 2)) == 200  # meanwhile the keys are asked for
    known: Issuer = director.app.state.people.issuer
    while known._fetching is not None:
        await asyncio.shield(known._fetching)
    assert await status(director, fresh_token(issuer, 3)) == 401


async def test_an_issuer_that_is_away_shuts_nobody_out_for_an_hour(
    director: RunningDirector, issuer: OwnIssuer, hands: Hands
) -> None:
    assert await status(director, fresh_token(issuer, 1)) == 200
    issuer.raw[DISCOVERY] = (503, b"")
    hands.now += USABLE_SECONDS - 1
    assert await status(director, fresh_token(issuer, 2)) == 200
    unknown = await call(director, issuer.token(NEW_KEY, NEW))
    assert (unknown.status_code, unknown.json()["code"]) == (503, "sign_in_unavailable")
    hands.now += RETRY_SECONDS
    gone = await call(director, fresh_token(issuer, 3))
    assert (gone.status_code, gone.json()["code"]) == (503, "sign_in_unavailable")
    assert gone.headers["Retry-After"] == "10"
    assert (await director.viewer.get("/actors")).status_code == 200
    del issuer.raw[DISCOVERY]
    hands.now += RETRY_SECONDS
    assert await status(director, fresh_token(issuer, 4)) == 200


NONSENSE: list[tuple[str, tuple[int, bytes]]] = [
    (DISCOVERY, (404, b"{}")),
    (DISCOVERY, (302, b"")),
    (DISCOVERY, (200, b"<html>")),
    (DISCOVERY, (200, b"[]")),
    (DISCOVERY, (200, b"[" * 100_000)),
    (DISCOVERY, (200, b" " * 300_000)),
    (KEYS, (500, b"")),
    (KEYS, (200, b'{"keys": 7}')),
    (KEYS, (200, b"{}")),
]
ELSEWHERE: list[dict[str, str | None]] = [
    {"issuer": "https://evil.example.test"},
    {"jwks_uri": "http://keys.example.test/"},
    {"jwks_uri": "file:///etc/passwd"},
    {"jwks_uri": "https://[broken/"},
    {"jwks_uri": None},
]


async def test_an_issuer_that_answers_nonsense_is_away(
    director: RunningDirector, issuer: OwnIssuer, hands: Hands
) -> None:
    for path, answer in NONSENSE:
        issuer.raw = {path: answer}
        refused = await call(director, issuer.token())
        assert (refused.status_code, refused.json()["code"]) == (503, "sign_in_unavailable"), (path, answer)
        assert path in issuer.asked
        hands.now += RETRY_SECONDS
        issuer.asked.clear()


async def test_metadata_that_leads_elsewhere_is_not_followed(
    director: RunningDirector, issuer: OwnIssuer, hands: Hands
) -> None:
    for metadata in ELSEWHERE:
        issuer.metadata = dict(metadata)
        assert await status(director, issuer.token()) == 503, metadata
        assert issuer.asked == [DISCOVERY]
        hands.now += RETRY_SECONDS
        issuer.asked.clear()


async def test_keys_that_cannot_be_used_are_passed_over(director: RunningDirector, issuer: OwnIssuer) -> None:
    issuer.published = [
        {"kty": "oct", "kid": "first", "k": "c2VjcmV0"},
        {"kty": "RSA", "kid": "first", "n": "AQAB", "e": "AQAB"},
        {"kty": "EC", "kid": "first", "crv": "P-256", "x": "AA", "y": "AA"},
        {"kty": "AKP", "kid": "first"},
        {**public(issuer.key), "use": "enc"},
        public(issuer.key),
    ]
    assert await status(director, issuer.token()) == 200


async def test_a_token_without_a_key_id_needs_a_key_without_a_choice(
    director: RunningDirector, issuer: OwnIssuer, hands: Hands
) -> None:
    assert await status(director, issuer.token(header={"kid": None})) == 200
    issuer.published = [public(issuer.key), public(NEW_KEY)]
    hands.now += RETRY_SECONDS
    assert await status(director, issuer.token(NEW_KEY, NEW)) == 200
    assert await status(director, issuer.token(header={"kid": None}, jti="2")) == 401
