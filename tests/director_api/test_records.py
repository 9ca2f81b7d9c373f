"""A record says what was proved, and shows any change; it is checked without the Director."""

import asyncio
import hashlib
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from director_api.records.keys import add_key
from director_api.records.verifying import RecordError, verified
from tests.director_api.conftest import RunningDirector
from tests.end_to_end.processes import BIN

KEYS = "/.well-known/verification-keys"


async def recorded(director: RunningDirector) -> tuple[dict[str, Any], str, str]:
    """Let one Actor prove the code; return the verification, the code and the record."""
    actor = await director.enroll("vm-1")
    profile = await director.profile(actor)
    run = await director.verify(profile)
    code = (await director.operator.get(f"/email-profiles/{profile['id']}/verification-code")).json()
    [lease] = await actor.poll()
    await actor.report(lease, code=code["verification_uuid"])
    answer = await director.viewer.get(f"/verifications/{run['id']}/record")
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "application/jose"
    return run, code["verification_uuid"], answer.text


async def test_a_record_tells_what_was_proved(director: RunningDirector) -> None:
    run, code, record = await recorded(director)
    keys = (await director.anonymous.get(KEYS)).json()
    said = verified(record, keys)
    assert said["verification_id"] == run["id"]
    assert said["outcome"] == "verified"
    assert said["profile"]["email_address"] == "box@example.test"
    [check] = said["checks"]
    assert check["actor"]["name"] == "vm-1"
    assert check["code_sha256"] == hashlib.sha256(code.encode()).hexdigest()
    assert code not in json.dumps(said)
    assert all("d" not in key for key in keys["keys"])


async def test_a_changed_record_and_a_foreign_key_are_refused(director: RunningDirector) -> None:
    _, _, record = await recorded(director)
    keys = (await director.anonymous.get(KEYS)).json()
    header, payload, signature = record.split(".")
    for forged in (
        f"{header}.{payload[:-4]}AAAA.{signature}",
        f"{header}.{payload}.{signature[:-4]}AAAA",
        "x",
    ):
        with pytest.raises(RecordError):
            verified(forged, keys)
    with pytest.raises(RecordError):
        verified(record, {"keys": []})


async def test_records_outlive_the_key_that_signed_them(director: RunningDirector) -> None:
    run, _, record = await recorded(director)
    state = director.app.state
    async with state.database.write() as session:
        newer = add_key(session, state.vault)
    keys = (await director.anonymous.get(KEYS)).json()
    assert len(keys["keys"]) == 2
    assert verified(record, keys)["verification_id"] == run["id"]
    again = (await director.viewer.get(f"/verifications/{run['id']}/record")).text
    assert verified(again, {"keys": [key for key in keys["keys"] if key["kid"] == newer.kid]})


async def test_there_is_no_record_of_what_was_not_proved(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    run = await director.verify(await director.profile(actor))
    path = f"/verifications/{run['id']}/record"
    assert (await director.viewer.get(path)).json()["code"] == "verification_running"
    [lease] = await actor.poll()
    await actor.report(lease, failure_code="tcp_refused")
    assert (await director.viewer.get(path)).json()["code"] == "nothing_verified"


async def test_the_command_checks_offline(director: RunningDirector, tmp_path: Path) -> None:
    run, _, record = await recorded(director)
    (tmp_path / "keys.json").write_text((await director.anonymous.get(KEYS)).text)
    (tmp_path / "good.jws").write_text(record + "\n")
    (tmp_path / "bad.jws").write_text(record[:-8] + "AAAAAAAA")
    good = await asyncio.to_thread(_checked, tmp_path, "good.jws")
    bad = await asyncio.to_thread(_checked, tmp_path, "bad.jws")
    assert (good.returncode, json.loads(good.stdout)["verification_id"]) == (0, run["id"])
    assert bad.returncode == 1
    assert "signature does not fit" in bad.stderr


def _checked(folder: Path, name: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [BIN / "director", "records", "verify", folder / name, "--keys", folder / "keys.json"],
        capture_output=True,
        text=True,
        check=False,
    )
