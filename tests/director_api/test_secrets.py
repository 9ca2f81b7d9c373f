"""A marker in every secret field is found nowhere afterwards."""

import logging

import pytest
from sqlalchemy import select

from director_api.database import Base
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
    stored = await _everything_stored(director)
    assert len(stored) > 2_000
    assert b"box@example.test" in stored
    for secret in secrets:
        assert secret.encode() not in stored
        assert secret not in caplog.text
        assert all(secret not in answer.text for answer in answers)


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
