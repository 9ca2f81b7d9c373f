"""A marker in every secret field is found nowhere afterwards."""

import json
import logging
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select

from director_api.database import Base
from director_api.email_profiles import service
from tests.director_api.conftest import RunningDirector, profile_body
from tests.director_api.profile_types import GRAPH_APP, KEY_FILE, gmail, graph, xoauth2
from tests.director_api.scripted_actor import AUTHENTICATED, ScriptedActor

MARKER = "mArKeR-0f-a-secret"
APP = {**GRAPH_APP, "client_secret": MARKER}
ACCOUNT = {"username": "box", "password": MARKER}


def with_markers(actor: ScriptedActor) -> list[dict[str, Any]]:
    """Return a profile for each secret field that there is."""
    pop3 = {"server_type": "pop3", "incoming": {"host": "pop3.example.test"}}
    google = {"provider": "google", "client_id": "app-2", "client_secret": MARKER}
    return [
        profile_body(actor, account=ACCOUNT),
        profile_body(actor, account=ACCOUNT, **pop3),
        graph(actor, graph=APP),
        gmail(actor, gmail={"client_id": "app-2", "client_secret": MARKER}),
        gmail(actor, gmail={"service_account_json": key_file()}),
        xoauth2(actor, oauth={"provider": "microsoft", **APP}),
        xoauth2(actor, oauth=google),
        xoauth2(
            actor,
            oauth={"provider": "microsoft", **APP},
            account=ACCOUNT,
            outgoing={"host": "smtp.example.test", "authentication": "plain"},
        ),
    ]


def key_file() -> str:
    return json.dumps({**json.loads(KEY_FILE), "private_key": MARKER})


@pytest.fixture
def answers(director: RunningDirector) -> list[httpx.Response]:
    """Every answer that any caller gets."""
    seen: list[httpx.Response] = []

    async def keep(answer: httpx.Response) -> None:
        await answer.aread()
        seen.append(answer)

    for client in director.clients.values():
        client.event_hooks["response"].append(keep)
    return seen


async def test_no_secret_is_found_anywhere(
    director: RunningDirector, answers: list[httpx.Response], caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.DEBUG)
    actor = await director.enroll("vm-1")
    minted = await _minted(director)
    await _settings(director)
    for body in with_markers(actor):
        await _written_refused_and_tried(director, body)
    await _imported_as_a_table(director, actor)
    await _consented(director)
    code = await _verified(director, actor)
    await _read_everything(director)

    of_callers = [client.headers["authorization"].split()[1] for client in (director.admin, director.viewer)]
    stored = await _everything_stored(director) + _files(tmp_path)
    assert len(stored) > 20_000
    assert b"box@example.test" in stored
    said = "\n".join(f"{dict(answer.headers)}\n{answer.text}" for answer in answers)
    assert '"actor_ids"' in said
    for secret in (MARKER, actor.credential, *of_callers, *minted):
        assert secret.encode() not in stored
        assert secret not in caplog.text
        assert said.count(secret) == (
            0 if secret in (MARKER, *of_callers) else 1
        )  # what is minted is shown once
    assert code.encode() not in stored
    assert code not in caplog.text


async def _minted(director: RunningDirector) -> list[str]:
    hook = {"url": "https://hooks.example.test/", "types": ["profile.created", "profile.status_changed"]}
    bodies = {
        "/api-tokens": {"name": "script", "role": "viewer"},
        "/enrollment-tokens": {},
        "/webhooks": hook,
    }
    shown = [
        (await director.admin.post(path, json=body, headers={"Idempotency-Key": path})).json()
        for path, body in bodies.items()
    ]
    return [answer.get("token") or answer["secret"] for answer in shown]


async def _settings(director: RunningDirector) -> None:
    mail = {"from_address": "d@example.test", "host": "127.0.0.1", "port": 1, "encryption": "ssl_tls"}
    mail |= {"authentication": "plain", "username": "d", "password": MARKER}
    for body, status in ((mail, 200), ({**mail, "port": MARKER}, 422), ({**mail, "port": 2}, 200)):
        assert (await director.admin.put("/settings/email", json=body)).status_code == status
    await director.admin.post("/settings/email/test", json={"to": "x@example.test"})
    clouds = (
        {"transport": "microsoft_graph", **APP},
        {"transport": "gmail", "service_account_json": key_file()},
        {**mail, "bounces": {"host": "127.0.0.1", "port": 1, **ACCOUNT}},
    )
    for cloud in clouds:
        settings = {"from_address": "d@example.test", **cloud}
        written = await director.admin.put("/settings/email", json=settings)
        assert written.status_code == 200, written.text
        await director.admin.get("/settings/email")


async def _written_refused_and_tried(director: RunningDirector, body: dict[str, Any]) -> None:
    """Send a profile with its secrets by each route that takes one."""
    operator = director.operator
    key = {"Idempotency-Key": str(len((await operator.get("/email-profiles?limit=200")).json()["items"]))}
    made = await operator.post("/email-profiles", json=body, headers=key)
    assert made.status_code == 201, made.text
    path = f"/email-profiles/{made.json()['id']}"
    assert (await operator.put(path, json={**body, "email_address": "box2@example.test"})).status_code == 200
    assert (await operator.patch(path, json=body)).status_code == 200
    tried = await operator.post("/connectivity-checks", json={"profile": body})
    assert tried.status_code == 202 or tried.json()["code"] == "gmail_consent_missing"
    assert (await operator.post("/email-profiles/import", json=[body])).status_code == 201
    assert (await operator.get(f"{path}/export")).status_code == 200
    for wrong in (
        {**body, "email_address": MARKER},
        {**body, "note": {MARKER: MARKER}},
        {**body, "server_type": MARKER},
    ):
        assert (await operator.post("/email-profiles", json=wrong)).status_code == 422
        assert (await operator.post("/email-profiles/import", json=[wrong])).status_code == 422
    cut, as_json = json.dumps(body).encode()[:-1], {"Content-Type": "application/json"}
    assert (await operator.post("/email-profiles", content=cut, headers=as_json)).status_code == 400


async def _imported_as_a_table(director: RunningDirector, actor: ScriptedActor) -> None:
    columns = "server_type,email_address,actor_ids,account.username,account.password,incoming.host,note"
    headers = {"Content-Type": "text/csv"}
    for host, status in (("imap.example.test", 201), ("imaps://x", 422)):
        row = f"imap,box@example.test,{actor.id},box,{MARKER},{host},"
        answer = await director.operator.post(
            "/email-profiles/import", content=f"{columns}\n{row}\n", headers=headers
        )
        assert answer.status_code == status, answer.text


async def _consented(director: RunningDirector) -> None:
    """Store a refresh token, as the consent flow does."""
    state = director.app.state
    listed = await director.viewer.get("/email-profiles", params={"server_type": "gmail"})
    async with state.database.write() as session:
        row = await service.profile(session, UUID(listed.json()["items"][0]["id"]), for_update=True)
        await service.store_consent(session, state.vault, state.lifecycle, row, MARKER)


async def _verified(director: RunningDirector, actor: ScriptedActor) -> str:
    """Verify a profile, whose lease is sealed, and return its code."""
    profile = await director.profile(actor, account=ACCOUNT)
    run = await director.verify(profile)
    while not (leases := [lease for lease in await actor.poll(capacity=50) if lease["kind"] == "check"]):
        pass  # the drafts' jobs come first
    (lease,) = leases
    await actor.renew(lease, progress=[AUTHENTICATED])
    path = f"/email-profiles/{profile['id']}/verification-code"
    code: str = (await director.operator.get(path)).json()["verification_uuid"]
    ended = await actor.report(lease, code=code, diagnostics=[AUTHENTICATED])
    assert ended.json()["state"] == "verified"
    await director.viewer.get(f"/verifications/{run['id']}")
    return code


async def _read_everything(director: RunningDirector) -> None:
    """Read each list, all events, all metrics and the whole audit log."""
    paths = (
        "email-profiles",
        "actors",
        "settings/email",
        "api-tokens",
        "webhooks",
        "security-zones",
        "metrics",
    )
    for path in (*paths, "events?last_event_id=0&seconds=0", "audit-log?limit=200"):
        assert (await director.admin.get(f"/{path}")).status_code == 200, path


async def _everything_stored(director: RunningDirector) -> bytes:
    """Read every column of every row, as whoever has a dump of the database does."""
    stored = b""
    async with director.app.state.database.read() as session:
        for table in Base.metadata.sorted_tables:
            for row in await session.execute(select(table)):
                stored += b"|".join(_raw(value) for value in row)
    return stored


def _raw(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def _files(folder: Path) -> bytes:
    """Read the database's files byte by byte, its write-ahead log among them; a server's are its own."""
    return b"".join(path.read_bytes() for path in sorted(folder.glob("director.db*")))
