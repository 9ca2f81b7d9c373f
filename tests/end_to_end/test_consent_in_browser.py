"""A real Chromium walks Google's page of consent, of the third-party emulator (which checks no scopes)."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.end_to_end.processes import DirectorProcess
from tests.servers.browser import Step, walk
from tests.servers.folders import server_folder
from tests.servers.google_emulator import CLIENT, OTHER, OWNER, SECRET, GoogleEmulator
from tests.servers.ports import free_ports

CALLBACK = "/oauth/google/callback"
GO_ON: Step = {"click": "#continue"}


def _pick(owner: str) -> Step:
    return {"click": f"form:has(input[value='{owner}']) button"}


class Consenting:
    """A Director that another site than Google's serves, and a profile that lacks its consent."""

    def __init__(self, director: DirectorProcess, emulator: GoogleEmulator) -> None:
        self.director = director
        self.emulator = emulator
        self.profile = director.post(
            "/email-profiles",
            {
                "server_type": "gmail",
                "email_address": OWNER,
                "actor_ids": director.actor_ids(*director.actors),
                "gmail": {"client_id": CLIENT, "client_secret": SECRET},
            },
        )

    def start(self) -> Step:
        """Open what `authorize` hands out."""
        asked = self.director.post(f"/email-profiles/{self.profile['id']}/authorize")
        return {"open": asked["authorization_url"]}

    def read(self) -> dict[str, Any]:
        """The profile as it is now."""
        return self.director.get(f"/email-profiles/{self.profile['id']}")

    @property
    def has_consent(self) -> bool:
        """Whether a refresh token is stored."""
        is_set: bool = self.read()["gmail"]["consent"]["set"]
        return is_set


@pytest.fixture(scope="module")
def director(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DirectorProcess]:
    process = DirectorProcess(tmp_path_factory.mktemp("consent"), free_ports(1)[0])
    yield process
    process.close()


@pytest.fixture(scope="module")
def emulator(director: DirectorProcess) -> Iterator[GoogleEmulator]:
    public_url = director.url.replace("127.0.0.1", "localhost")  # because then Google is another site
    with server_folder() as folder, GoogleEmulator(folder, f"{public_url}{CALLBACK}") as emulator:
        director.environment |= {
            "DIRECTOR_PUBLIC_URL": public_url,
            "DIRECTOR_GOOGLE_AUTHORIZE_URL": emulator.authorize_url,
            "DIRECTOR_GOOGLE_TOKEN_URL": emulator.token_url,
            "OAUTHLIB_INSECURE_TRANSPORT": "1",  # because the emulator has no TLS
        }
        director.start()
        director.actor("vm-1", started=False)
        yield emulator


@pytest.fixture
def consenting(director: DirectorProcess, emulator: GoogleEmulator) -> Consenting:
    return Consenting(director, emulator)


def test_chromium_and_emulator_consent_from_the_start_to_the_last_page(consenting: Consenting) -> None:
    assert "authorize" in consenting.read()["available_actions"]

    start, google, done = walk(consenting.start(), GO_ON, _pick(OWNER))

    assert OWNER in start.text
    assert google.query["code_challenge_method"] == "S256"
    assert {google.query["access_type"], google.query["prompt"]} == {"offline", "consent"}
    assert (done.title, done.code) == ("Consent given", None)
    assert OWNER in done.text
    assert consenting.has_consent
    assert "authorize" not in consenting.read()["available_actions"]
    (cookie,) = start.cookies
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")
    assert {urlsplit(url).hostname for url in done.visited} == {"localhost", "127.0.0.1"}


def test_chromium_and_emulator_wrong_account(consenting: Consenting) -> None:
    *_, page = walk(consenting.start(), GO_ON, _pick(OTHER))

    assert page.code == "consent_wrong_account"
    assert not consenting.has_consent


def test_chromium_and_emulator_state_works_once(consenting: Consenting) -> None:
    *_, done, again = walk(consenting.start(), GO_ON, _pick(OWNER), {"again": CALLBACK})

    assert (done.code, again.code) == (None, "consent_request_gone")
    assert consenting.has_consent


def test_chromium_and_emulator_another_browser_can_not_finish(consenting: Consenting) -> None:
    steps: list[Step] = [{"stop": True}, GO_ON, _pick(OWNER), {"fresh": True}, {"again": CALLBACK}]

    *_, page = walk(consenting.start(), *steps)

    assert page.code == "consent_other_browser"
    assert not consenting.has_consent


def test_chromium_and_other_answers_than_a_consent(
    director: DirectorProcess, emulator: GoogleEmulator
) -> None:
    answers = {
        "consent_request_gone": {"state": "wrong", "code": "made-up"},
        "consent_denied": {"error": "access_denied"},
        "consent_refused": {"error": "admin_policy_enforced"},
        "consent_exchange_refused": {"code": "made-up"},
    }
    profiles = [Consenting(director, emulator) for _ in answers]
    starts = [(each.start(), GO_ON) for each in profiles]
    steps = [
        step
        for start, answer in zip(starts, answers.values(), strict=True)
        for step in (*start, {"answer": answer})
    ]

    pages = walk(*steps)[2::3]

    assert [page.code for page in pages] == list(answers)
    assert not any(each.has_consent for each in profiles)


def test_chromium_and_emulator_code_is_of_no_use_without_the_verifier(consenting: Consenting) -> None:
    *_, stopped = walk(consenting.start(), {"stop": True}, GO_ON, _pick(OWNER))
    (code,) = parse_qs(urlsplit(stopped.visited[-1]).query)["code"]
    stolen = {"grant_type": "authorization_code", "code": code, "code_verifier": "v" * 64}
    stolen |= {"client_id": CLIENT, "client_secret": SECRET, "redirect_uri": consenting.emulator.redirect_uri}

    answer = httpx.post(consenting.emulator.token_url, data=stolen)

    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_grant"
    assert "PKCE" in answer.json()["error_description"]
