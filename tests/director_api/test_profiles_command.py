"""The command that imports a file, against a Director that serves."""

import asyncio
import json
import re
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import uvicorn

from tests.director_api.conftest import RunningDirector, profile_body

BOUND = 30.0


@pytest.fixture
async def url(director: RunningDirector) -> AsyncIterator[str]:
    """The Director, served on a free port of this machine."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(director.app, lifespan="off", log_level="error"))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    await serving


async def command(file: Path, url: str, token: str) -> tuple[int, str, str]:
    token_file = file.with_name("token")
    token_file.write_text(f"{token}\n")
    arguments = ["profiles", "import", str(file), "--url", url, "--token-file", str(token_file)]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "from director_api.cli import main; main()",
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(BOUND):
        out, err = await process.communicate()
    return process.returncode or 0, out.decode(), err.decode()


async def test_a_file_is_imported_or_each_wrong_row_is_named(
    director: RunningDirector, url: str, tmp_path: Path
) -> None:
    token = director.operator.headers["authorization"].split()[1]
    actor = await director.enroll("vm-1")
    file = tmp_path / "profiles.json"
    file.write_text(json.dumps([profile_body(actor), profile_body(actor, email_address="none")]))
    code, out, err = await command(file, url, token)
    assert (code, out) == (1, "")
    assert "nothing was imported" in err
    assert "/1/email_address: " in err
    assert "s3cret" not in err
    many = [profile_body(actor, email_address=f"box{number}@example.test") for number in range(1000)]
    file.write_text(json.dumps(many))
    code, out, err = await command(file, url, token)
    assert (code, out) == (0, "1000 profiles made\n")
    percents = [int(each) for each in re.findall(r"\r *(\d+) % of", err)]
    assert percents == sorted(percents)
    assert (len(percents) > 2, percents[-1]) == (True, 100)
    assert err.count("\n") == 1, "the progress is one line"
    assert token not in err
    code, _, err = await command(file, "http://127.0.0.1:1", token)
    assert (code, "is not reached" in err) == (1, True)
