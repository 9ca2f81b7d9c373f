"""Tokens that prove nothing: each is refused, and the reason is said."""

import base64
import hmac
import json
from typing import Any

import pytest
from joserfc.jwk import ECKey, OKPKey, RSAKey

from director_api.clock import utc_now
from tests.director_api.conftest import RunningDirector
from tests.director_api.sign_in.conftest import bearer
from tests.director_api.sign_in.own_issuer import OwnIssuer, public

STRANGER = RSAKey.generate_key(2048, {"kid": "first"})


async def refusal(director: RunningDirector, token: str) -> str:
    """Return why a token is refused."""
    answer = await director.anonymous.get("/actors", headers=bearer(token))
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated"), answer.text
    assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
    detail: str = answer.json()["detail"]
    return detail.removeprefix("The access token is refused: ").removesuffix(". Sign in again.")


def segment(data: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(data).encode()).decode().rstrip("=")


def hmac_signed(text: str, secret: bytes, algorithm: str) -> str:
    """Sign by hand: a good library refuses to take a public key for a secret."""
    digest = hmac.digest(secret, text.encode(), algorithm.replace("HS", "sha"))
    return f"{text}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"


def in_seconds(seconds: int) -> int:
    return int(utc_now().timestamp()) + seconds


async def test_a_good_token_is_taken(director: RunningDirector, issuer: OwnIssuer) -> None:
    answer = await director.anonymous.get("/actors", headers=bearer(issuer.token()))
    assert answer.status_code == 200, answer.text


WRONG_CLAIMS: list[tuple[dict[str, Any], str]] = [
    ({"aud": "https://another.example.test"}, "it is for another audience"),
    ({"aud": ["https://another.example.test"]}, "it is for another audience"),
    ({"aud": None}, "it lacks the claim aud"),
    ({"iss": "https://evil.example.test"}, "it is of another issuer"),
    ({"iss": None}, "it lacks the claim iss"),
    ({"sub": None}, "it lacks the claim sub"),
    ({"sub": ""}, "its claim sub is wrong"),
    ({"sub": "line\nbreak"}, "its claim sub is wrong"),
    ({"sub": 7}, "its claim sub is wrong"),
    ({"exp": None}, "it lacks the claim exp"),
    ({"exp": "soon"}, "its claim exp is wrong"),
    ({"exp": 10**20}, "it is malformed"),
]


async def test_a_token_with_a_wrong_claim_is_refused(director: RunningDirector, issuer: OwnIssuer) -> None:
    for claims, reason in WRONG_CLAIMS:
        assert await refusal(director, issuer.token(**claims)) == reason, claims


async def test_times_are_kept_with_a_minute_for_clocks_that_differ(
    director: RunningDirector, issuer: OwnIssuer
) -> None:
    for claim, seconds in (("exp", -50), ("nbf", 50), ("iat", 50)):
        token = issuer.token(None, None, **{claim: in_seconds(seconds)})
        answer = await director.anonymous.get("/actors", headers=bearer(token))
        assert answer.status_code == 200, answer.text
    assert await refusal(director, issuer.token(exp=in_seconds(-70))) == "it has expired"
    assert await refusal(director, issuer.token(nbf=in_seconds(70))) == "it is not valid yet"
    assert await refusal(director, issuer.token(iat=in_seconds(70))) == "its claim iat is wrong"


async def test_a_token_that_was_taken_ends_when_it_expires(
    director: RunningDirector, issuer: OwnIssuer
) -> None:
    headers = bearer(issuer.token(exp=in_seconds(5)))
    assert (await director.anonymous.get("/actors", headers=headers)).status_code == 200
    await director.pass_time(66)
    assert (await director.anonymous.get("/actors", headers=headers)).status_code == 401


async def test_a_signature_by_another_key_is_refused(director: RunningDirector, issuer: OwnIssuer) -> None:
    assert await refusal(director, issuer.token(STRANGER)) == "its signature is wrong"
    head, claims, signature = issuer.token().split(".")
    admin = segment(issuer.claims(role="admin"))
    assert await refusal(director, f"{head}.{admin}.{signature}") == "its signature is wrong"
    assert await refusal(director, f"{head}.{claims}.") == "its signature is wrong"


async def test_no_algorithm_but_those_of_the_issuers_private_key(
    director: RunningDirector, issuer: OwnIssuer
) -> None:
    claims = segment(issuer.claims(role="admin"))
    for none in ("none", "None", "NONE"):
        reason = await refusal(director, f"{segment({'alg': none, 'kid': 'first'})}.{claims}.")
        assert reason.startswith("its algorithm is none of RS256, ")
    for secret in (issuer.key.as_pem(private=False), json.dumps(issuer.published[0]).encode()):
        # The public key as the secret of an HMAC: whoever can read the key set could sign.
        for algorithm in ("HS256", "HS384", "HS512"):
            head = segment({"alg": algorithm, "kid": "first"})
            forged = hmac_signed(f"{head}.{claims}", secret, algorithm)
            assert (await refusal(director, forged)).startswith("its algorithm is none of RS256, ")


async def test_a_key_is_used_for_its_own_kind_of_algorithm_alone(
    director: RunningDirector, issuer: OwnIssuer
) -> None:
    curve = ECKey.generate_key("P-256", {"kid": "first"})
    reason = await refusal(director, issuer.token(curve, {"alg": "ES256"}))
    assert reason == "its key is not one that the issuer publishes"


async def test_a_key_that_came_with_the_token_counts_for_nothing(
    director: RunningDirector, issuer: OwnIssuer
) -> None:
    for header in ({"jwk": public(STRANGER)}, {"jku": "http://127.0.0.1:1/keys"}):
        assert await refusal(director, issuer.token(STRANGER, header)) == "its signature is wrong"


async def test_other_types_of_token_are_refused(director: RunningDirector, issuer: OwnIssuer) -> None:
    assert (
        await refusal(director, issuer.token(header={"typ": "logout+jwt"})) == "it is another type of token"
    )
    for typ in ("JWT", "at+jwt", "application/at+jwt"):
        headers = bearer(issuer.token(header={"typ": typ}))
        assert (await director.anonymous.get("/actors", headers=headers)).status_code == 200


NONSENSE = [
    "a.b.c",
    "..",
    f"{segment({'typ': 'JWT'})}.e30.AA",
    f"{segment({'alg': ['RS256'], 'kid': 'first'})}.e30.AA",
    f"{segment({'alg': 'RS256', 'kid': ['first']})}.e30.AA",
    f"{segment({'alg': 'RS256', 'kid': 'first', 'crit': ['b64'], 'b64': False})}.e30.AA",
    f"{base64.urlsafe_b64encode(b'[' * 9000).decode()}.e30.AA",
    f"{segment({'alg': 'RS256', 'kid': 'first'})}.{'A' * 16_384}.AA",
    "ü.e30.AA",
]


async def test_nonsense_is_refused(director: RunningDirector) -> None:
    for token in NONSENSE:
        headers = {b"Authorization": b"Bearer " + token.encode()}
        answer = await director.anonymous.get("/actors", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated"), token[:100]


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (ECKey.generate_key("P-256", {"kid": "first"}), "ES256"),
        (ECKey.generate_key("P-521", {"kid": "first"}), "ES512"),
        (OKPKey.generate_key("Ed25519", {"kid": "first"}), "Ed25519"),
        (RSAKey.generate_key(2048, {"kid": "first"}), "PS256"),
    ],
    ids=["ES256", "ES512", "Ed25519", "PS256"],
)
async def test_the_other_asymmetric_algorithms_are_taken(
    director: RunningDirector, issuer: OwnIssuer, key: Any, algorithm: str
) -> None:
    issuer.published = [public(key)]
    answer = await director.anonymous.get("/actors", headers=bearer(issuer.token(key, {"alg": algorithm})))
    assert answer.status_code == 200, answer.text


async def test_without_an_issuer_no_access_token_counts(director: RunningDirector, issuer: OwnIssuer) -> None:
    director.app.state.callers._people = None
    answer = await director.anonymous.get("/actors", headers=bearer(issuer.token()))
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
