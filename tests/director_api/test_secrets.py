"""A marker in every secret field is found nowhere afterwards."""

import logging
from pathlib import Path

import pytest

from tests.director_api.conftest import RunningDirector
from tests.director_api.scripted_actor import AUTHENTICATED

MARKER = "mArKeR-0f-a-secret"


async def test_no_secret_is_found_anywhere(
    director: RunningDirector, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    actor = await director.enroll("vm-1")
    answers = []
    mail = {"from_address": "d@example.test", "host": "127.0.0.1", "port": 1, "encryption": "ssl_tls"}
    mail |= {"authentication": "plain", "username": "d", "password": MARKER}
    answers.append(await director.admin.put("/settings/email", json=mail))
    answers.append(await director.admin.post("/settings/email/test", json={"to": "x@example.test"}))
    profile = await director.profile(actor, account={"username": "box", "password": MARKER})
    run = await director.verify(profile)
    (lease,) = await actor.poll()
    await actor.renew(lease, progress=[AUTHENTICATED])
    code = await director.operator.get(f"/email-profiles/{profile['id']}/verification-code")
    await actor.report(lease, code=code.json()["verification_uuid"], diagnostics=[AUTHENTICATED])
    answers += [
        await director.viewer.get(f"/verifications/{run['id']}"),
        await director.viewer.get("/email-profiles"),
        await director.admin.get("/settings/email"),
        await director.operator.post(
            "/email-profiles", json={"account": {"username": "b", "password": MARKER}}
        ),
        await director.operator.post("/email-profiles", content=f'{{"password": "{MARKER}"'.encode()),
    ]
    secrets = [MARKER, actor.credential, code.json()["verification_uuid"]]
    secrets += [client.headers["authorization"].split()[1] for client in (director.admin, director.viewer)]
    stored = b"".join(path.read_bytes() for path in _files(director.path))
    assert len(stored) > 10_000
    for secret in secrets:
        assert secret.encode() not in stored
        assert secret not in caplog.text
        assert all(secret not in answer.text for answer in answers)


def _files(database: Path) -> list[Path]:
    return [path for path in database.parent.iterdir() if path.name.startswith(database.name)]
