"""The stand-in for Google refuses what Google's documentation says that the service refuses."""

import base64
import hashlib
import ssl
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt

from tests.servers.google.assertions import AUDIENCE
from tests.servers.google.project import FULL, METADATA, READONLY, Client, Grant, Project, ServiceAccount
from tests.servers.google.service import google_service

PERSON, CALLBACK = "alice@example.test", "https://director.example.test/oauth/google/callback"
MESSAGES = "/gmail/v1/users/me/messages"
ROBOT = ServiceAccount("reader@project.iam.example.test")
VERIFIER = "v" * 64


class Asking:
    """A client of the stand-in, and what it knows."""

    def __init__(self, url: str, ca_file: Path, project: Project) -> None:
        self.project = project
        self.http = httpx.Client(base_url=url, verify=ssl.create_default_context(cafile=ca_file))

    def get(self, path: str, *scopes: str, address: str = PERSON) -> httpx.Response:
        """Ask the API with a token for `scopes`."""
        token = self.project.issue(Grant(address, frozenset(scopes), "app"), 60)
        return self.http.get(path, headers={"Authorization": f"Bearer {token}"})

    def token(self, **form: Any) -> httpx.Response:
        """Ask the token endpoint."""
        return self.http.post("/token", data={"client_id": "app", "client_secret": "secret", **form})

    def code(self) -> str:
        """Consent, and return the code."""
        digest = hashlib.sha256(VERIFIER.encode()).digest()
        asked = {
            "client_id": "app",
            "redirect_uri": CALLBACK,
            "response_type": "code",
            "scope": f"openid {METADATA}",
            "login_hint": PERSON,
            "state": "s",
            "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        answer = self.http.get("/o/oauth2/v2/auth", params=asked)
        return parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asking]:
    with google_service(tmp_path_factory.mktemp("google")) as service:
        service.project.add_client(Client("app", "secret", (CALLBACK,)))
        service.project.add_service_account(ROBOT)
        service.project.add_account(PERSON).deliver("news")
        client = Asking(service.url, service.ca_file, service.project)
        yield client
        client.http.close()


def _reason(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["errors"][0]["reason"]


@pytest.mark.parametrize(
    ("path", "scopes", "refusal"),
    [
        (f"{MESSAGES}?q=news", (METADATA,), (403, "forbidden")),
        (f"{MESSAGES}?q=news", (METADATA, READONLY), (403, "forbidden")),
        (f"{MESSAGES}/18c0000000000001", (METADATA,), (403, "forbidden")),
        (f"{MESSAGES}/18c0000000000001?format=raw", (METADATA,), (403, "forbidden")),
        (f"{MESSAGES}/18c0000000000001?format=nothing", (READONLY,), (400, "invalidArgument")),
        (f"{MESSAGES}/nothing-like-it", (READONLY,), (400, "invalidArgument")),
        (f"{MESSAGES}/18c00000000000ff", (READONLY,), (404, "notFound")),
        (MESSAGES, ("openid", "email"), (403, "insufficientPermissions")),
        (f"{MESSAGES}?maxresults=5", (METADATA,), (400, "badRequest")),
        (f"{MESSAGES}?maxResults=501", (METADATA,), (400, "invalidArgument")),
        (f"{MESSAGES}?pageToken=nonsense", (METADATA,), (400, "invalidArgument")),
        ("/gmail/v1/users/bob@example.test/messages", (METADATA,), (403, "forbidden")),
    ],
)
def test_the_api_refuses(
    asking: Asking, path: str, scopes: tuple[str, ...], refusal: tuple[int, str]
) -> None:
    assert _reason(asking.get(path, *scopes)) == refusal


@pytest.mark.parametrize("scheme", ["Bearer junk", "Basic anVuaw==", ""])
def test_a_junk_bearer_is_refused(asking: Asking, scheme: str) -> None:
    answer = asking.http.get(MESSAGES, headers={"Authorization": scheme} if scheme else {})
    assert _reason(answer) == (401, "authError")


def test_deleting_needs_the_broadest_scope(asking: Asking) -> None:
    token = asking.project.issue(Grant(PERSON, frozenset({READONLY}), "app"), 60)
    answer = asking.http.delete(f"{MESSAGES}/1", headers={"Authorization": f"Bearer {token}"})
    assert _reason(answer) == (403, "insufficientPermissions")
    assert FULL not in answer.text


def test_lists_page_and_hide_spam(asking: Asking) -> None:
    account = asking.project.add_account("bob@example.test")
    for labels in (("INBOX",), ("SPAM",), ("TRASH",), ("INBOX", "UNREAD")):
        account.deliver("news", *labels)
    first = asking.get(f"{MESSAGES}?maxResults=1", METADATA, address=account.address).json()
    query = f"maxResults=1&pageToken={first['nextPageToken']}"
    second = asking.get(f"{MESSAGES}?{query}", METADATA, address=account.address).json()
    assert "nextPageToken" not in second
    every = asking.get(f"{MESSAGES}?includeSpamTrash=true", METADATA, address=account.address).json()
    assert [each["id"] for each in every["messages"]] == [each.id for each in reversed(account.messages)]


def test_headers_alone_are_shown(asking: Asking) -> None:
    shown = asking.get(
        f"{MESSAGES}/18c0000000000001?format=metadata&metadataHeaders=subject", METADATA
    ).json()
    assert shown["payload"] == {"headers": [{"name": "Subject", "value": "news"}]}


def test_a_code_is_good_once_and_with_its_verifier(asking: Asking) -> None:
    grant = {"grant_type": "authorization_code", "redirect_uri": CALLBACK}
    wrong = asking.token(**grant, code=asking.code(), code_verifier="w" * 64)
    assert (wrong.status_code, wrong.json()["error"]) == (400, "invalid_grant")
    code = asking.code()
    assert asking.token(**grant, code=code, code_verifier=VERIFIER).is_success
    again = asking.token(**grant, code=code, code_verifier=VERIFIER)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    elsewhere = {**grant, "redirect_uri": "https://evil.example.test"}
    answer = asking.token(**elsewhere, code=asking.code(), code_verifier=VERIFIER)
    assert answer.json()["error"] == "redirect_uri_mismatch"


@pytest.mark.parametrize(
    ("change", "description"),
    [
        ({"aud": "https://127.0.0.1/token"}, "Failed audience check"),
        ({"exp": 4000}, "short-lived token"),
        ({"iat": -7200, "exp": -3600}, "short-lived token"),
        ({"scope": ""}, "Empty or missing scope"),
        ({"sub": "nobody@example.test"}, "Invalid email or User ID"),
        ({"scope": READONLY}, "not authorized for any of the scopes"),
        ({"iss": "other@project.iam.example.test"}, "account not found"),
    ],
)
def test_an_assertion_is_checked(asking: Asking, change: dict[str, Any], description: str) -> None:
    now = int(time.time())
    claims: dict[str, Any] = {
        "iss": ROBOT.email,
        "aud": AUDIENCE,
        "scope": METADATA,
        "sub": PERSON,
        "iat": 0,
        "exp": 3600,
    }
    claims |= change
    claims |= {name: now + claims[name] for name in ("iat", "exp")}
    signed = jwt.encode({"alg": "RS256"}, claims, ROBOT.key)
    answer = asking.token(grant_type="urn:ietf:params:oauth:grant-type:jwt-bearer", assertion=signed)
    assert answer.status_code in {400, 401}
    assert description in answer.json()["error_description"]
