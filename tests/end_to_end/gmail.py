"""Gmail profiles of a Director and an Actor whose Google is the strict stand-in."""

import json
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from tests.end_to_end.processes import DirectorProcess
from tests.servers.google.project import Account, Client, ServiceAccount
from tests.servers.google.service import GoogleService
from tests.servers.mail_drop import Deliver, mail_drop
from tests.servers.ports import HOST

APP, SECRET = "app.example.test", "GOCSPX-of-the-stand-in-alone"


class Stage:
    """A Director, one Actor, and Google; each mailbox gets a profile of its own."""

    def __init__(self, folder: Path, port: int, google: GoogleService) -> None:
        self.google = google
        callback = f"http://{HOST}:{port}/oauth/google/callback"
        self.codes: list[str] = []
        self.client = google.project.add_client(Client(APP, SECRET, (callback,)))
        self.robot = google.project.add_service_account(ServiceAccount("reader@project.iam.example.test"))
        self.director = DirectorProcess(folder, port)
        self.director.environment |= {
            "DIRECTOR_GOOGLE_AUTHORIZE_URL": f"{google.url}/o/oauth2/v2/auth",
            "DIRECTOR_GOOGLE_TOKEN_URL": f"{google.url}/token",
            "DIRECTOR_GMAIL_ROOT": google.url,
            "DIRECTOR_CA_FILE": str(google.ca_file),
            "DIRECTOR_LOG_LEVEL": "debug",
        }
        self.director.start()
        self.director.actor("vm-1", environment={**google.environment, "ACTOR_LOG_LEVEL": "debug"})

    def account(self, name: str) -> Account:
        """A mailbox."""
        return self.google.project.add_account(f"{name}@example.test")

    def profile(self, account: Account, *, manual: bool = True) -> dict[str, Any]:
        """A profile by consent, which its owner gives."""
        app = {"client_id": APP, "client_secret": SECRET}
        profile = self._made(account, app, manual=manual)
        assert self.consent(profile).status_code == 200
        return profile

    def profile_by_service_account(self, account: Account, *, manual: bool = True) -> dict[str, Any]:
        """A profile by domain-wide delegation."""
        return self._made(account, {"service_account_json": self.robot.key_file()}, manual=manual)

    def _made(self, account: Account, gmail: dict[str, Any], *, manual: bool) -> dict[str, Any]:
        return self.director.post(
            "/email-profiles",
            {
                "server_type": "gmail",
                "email_address": account.address,
                "actor_ids": self.director.actor_ids(*self.director.actors),
                "send_verification_manually": manual,
                "gmail": gmail,
            },
        )

    def consent(self, profile: dict[str, Any]) -> httpx.Response:
        """Go the owner's way from `authorize` to the last page."""
        asked = self.director.post(f"/email-profiles/{profile['id']}/authorize")
        trust = ssl.create_default_context(cafile=self.google.ca_file)
        with httpx.Client(verify=trust, timeout=30) as browser:
            start = browser.get(asked["authorization_url"])
            link = re.search(r'id="continue" href="([^"]+)"', start.text)
            assert link is not None, start.text
            back = browser.get(unescape(link[1])).headers["location"]
            self.codes += parse_qs(urlsplit(back).query)["code"]
            return browser.get(back)

    def subject(self, profile: dict[str, Any]) -> str:
        """What a person sends by hand."""
        subject: str = self.director.get(f"/email-profiles/{profile['id']}/verification-code")["subject"]
        return subject

    def check(self, profile: dict[str, Any]) -> dict[str, Any]:
        """Verify, and return how the one check ended."""
        (check,) = self.director.ended(self.director.verify(profile))["checks"]
        outcome: dict[str, Any] = check
        return outcome

    def read(self, profile: dict[str, Any]) -> dict[str, Any]:
        """The profile as it is now."""
        return self.director.get(f"/email-profiles/{profile['id']}")

    def events(self, profile: dict[str, Any], kind: str) -> list[dict[str, Any]]:
        """What was told of the profile so far."""
        params = {"types": kind, "profile_id": profile["id"], "last_event_id": 0, "seconds": 1}
        text = self.director.api.get("/events", params=params).text
        lines = [line for line in text.splitlines() if line.startswith("data: ")]
        return [json.loads(line.removeprefix("data: ")) for line in lines]

    @contextmanager
    def mailing(self, deliver: Deliver) -> Iterator[None]:
        """Let the Director's mail leave, and `deliver` decide what becomes of it."""
        with mail_drop(deliver) as port:
            settings = {"from_address": "director@example.test", "host": HOST, "port": port}
            self.director.put("/settings/email", {**settings, "encryption": "none"})
            yield

    @contextmanager
    def searching(self, seconds: int) -> Iterator[None]:
        """Let searches end that soon."""
        before = self.director.get("/settings/email-actions")
        self.director.put("/settings/email-actions", {**before, "search_seconds": seconds})
        try:
            yield
        finally:
            self.director.put("/settings/email-actions", before)

    def told(self) -> str:
        """All that Director and Actor have logged so far."""
        processes = [self.director.process, *(actor.process for actor in self.director.actors)]
        return "".join(line for process in processes if process for line in process.lines)
