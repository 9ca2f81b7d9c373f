"""Schemathesis, all checks: no answer is undocumented, and no request makes the Director err."""

import json
import os
import subprocess
from pathlib import Path

import httpx
import pytest
from joserfc.jwk import OKPKey

from tests.director_api.scripted_actor import enrollment
from tests.end_to_end.conftest import director
from tests.end_to_end.processes import BIN, DirectorProcess

__all__ = ["director"]
ROOT = Path(__file__).parents[2]
SECONDS = {"director.json": 25, "actor.json": 8}
REFUSED = ("2xx", 401, 403, 404, 409, 412, 422, 429, 503)
"""422 is looked at more closely by the check in hooks.py."""
CONFIG = """
hooks = "tests.conformance.hooks"
[checks.positive_data_acceptance]
expected-statuses = {refused}
[[operations]]  # a table that fits the schema, a text, may be no table
include-path = "/email-profiles/import"
checks.positive_data_acceptance.expected-statuses = {with_400}
[[operations]]  # it would mail through made-up servers
include-path = "/settings/email/test"
enabled = false
"""


@pytest.mark.parametrize("document", ["director.json", "actor.json"])
def test_the_director_keeps_its_documents(director: DirectorProcess, tmp_path: Path, document: str) -> None:
    token = str(director.api.headers["Authorization"])
    actor_id, credential = enrolled(director)
    if document == "actor.json":
        token = f"Bearer {credential}"
    else:
        furnish(director, actor_id)
    done = schemathesis(tmp_path, director.url, document, token)
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2000:]
    assert director.api.get("/whoami").status_code == 200, "the run must not have revoked its own token"


def enrolled(director: DirectorProcess) -> tuple[str, str]:
    """Enroll an Actor; return its id and credential."""
    minted = director.post("/enrollment-tokens", {})["token"]
    key = OKPKey.generate_key("X25519")
    made = httpx.post(f"{director.url}/actor/enroll", json=enrollment(minted, "vm-1", key)).raise_for_status()
    return made.json()["actor_id"], made.json()["credential"]


def furnish(director: DirectorProcess, actor_id: str) -> None:
    """Make one of each thing that lists show."""
    zone = director.post("/security-zones", {"name": "dmz"})
    assert zone["name"] == "dmz"
    director.post("/webhooks", {"url": "https://hooks.example.test/", "types": ["profile.created"]})
    profile = director.post(
        "/email-profiles",
        {
            "server_type": "imap",
            "email_address": "box@example.test",
            "actor_ids": [actor_id],
            "send_verification_manually": True,
            "account": {"username": "box", "password": "of-the-box"},
            "incoming": {"host": "imap.example.test"},
        },
    )
    run = director.verify(profile)
    director.post(f"/verifications/{run['id']}/cancel")


def schemathesis(folder: Path, url: str, document: str, token: str) -> subprocess.CompletedProcess[str]:
    """Run it for so many seconds. It writes its files into ``folder``."""
    (folder / "schemathesis.toml").write_text(
        CONFIG.format(refused=json.dumps(REFUSED), with_400=json.dumps([*REFUSED, 400])), encoding="utf-8"
    )
    bounds = ["--max-time", str(SECONDS[document]), "--max-examples", "8", "--request-timeout", "30"]
    options = ["--checks", "all", "--seed", "1", "--no-color", "-H", f"Authorization: {token}", *bounds]
    return subprocess.run(
        [BIN / "schemathesis", "run", ROOT / "openapi" / document, "--url", url, *options],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=SECONDS[document] + 120,
        check=False,
    )
