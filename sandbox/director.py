"""The part of the Director's REST API that the demo uses, as any script would."""

import time
from collections.abc import Callable
from typing import Any

import httpx

Json = dict[str, Any]

READY_SECONDS = 30.0
_LOOK_SECONDS = 0.1


class DirectorError(RuntimeError):
    """The Director refused something, or never got ready."""


class Director:
    """A client with one token."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._http = httpx.Client(base_url=url, timeout=15.0, trust_env=False)

    def wait_until_ready(self, check: Callable[[], None]) -> None:
        """Return when it is ready to serve; `check` raises when waiting has become useless.

        Raises DirectorError after READY_SECONDS.
        """
        deadline = time.monotonic() + READY_SECONDS
        while not self._is_ready():
            check()
            if time.monotonic() > deadline:
                raise DirectorError(f"{self.url}/health/ready did not say ready within {READY_SECONDS:.0f} s")
            time.sleep(_LOOK_SECONDS)

    def use_token(self, token: str) -> None:
        """Send `token` with every request from now on."""
        self._http.headers["Authorization"] = f"Bearer {token}"

    def create_zone(self, name: str) -> None:
        """Make a security zone."""
        self._call("POST", "/security-zones", {"name": name})

    def set_outgoing_mail(self, *, sender: str, host: str, port: int) -> None:
        """Have the Director's own mail sent through this server, without a login."""
        settings = {
            "from_address": sender,
            "host": host,
            "port": port,
            "encryption": "none",
            "authentication": None,
        }
        self._call("PUT", "/settings/email", settings)

    def actor_ids(self) -> dict[str, str]:
        """Return each Actor's id by its name."""
        return {actor["name"]: actor["id"] for actor in self._call("GET", "/actors")["items"]}

    def create_profile(self, profile: Json) -> str:
        """Make an email profile and return its id."""
        return str(self._call("POST", "/email-profiles", profile)["id"])

    def profiles(self) -> list[Json]:
        """Return the profiles with what their table shows, the oldest first."""
        items: list[Json] = self._call("GET", "/email-profiles")["items"]
        return sorted(items, key=lambda item: str(item["id"]))  # UUIDv7 sorts by time

    def verification_subject(self, profile_id: str) -> str:
        """Return the subject of the message that a person has to send (manual mode)."""
        return str(self._call("GET", f"/email-profiles/{profile_id}/verification-code")["subject"])

    def verify(self, profile_id: str) -> str:
        """Start a verification and return its id."""
        return str(self._call("POST", f"/email-profiles/{profile_id}/verify")["id"])

    def verification(self, verification_id: str) -> Json:
        """Return the verification with its checks and their diagnostics."""
        return self._call("GET", f"/verifications/{verification_id}")

    def _is_ready(self) -> bool:
        try:
            return self._http.get("/health/ready").is_success
        except httpx.TransportError:
            return False

    def _call(self, method: str, path: str, body: Json | None = None) -> Json:
        response = self._http.request(method, path, json=body)
        if not response.is_success:
            raise DirectorError(f"{method} {path} was answered {response.status_code}: {response.text}")
        answer: Json = response.json()
        return answer
