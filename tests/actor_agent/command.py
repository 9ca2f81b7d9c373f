"""The ``actor`` command as its users have it: a process of its own."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

_PATIENCE_SECONDS = 30.0
_ACTOR = Path(sys.executable).with_name("actor")


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    log: str


async def start(folder: Path, *arguments: str, **environ: str) -> Process:
    """Start ``actor`` with its state in ``folder``."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ACTOR_")}
    env = clean | {"ACTOR_STATE_DIR": str(folder)} | environ
    return await asyncio.create_subprocess_exec(
        _ACTOR, *arguments, env=env, stdin=PIPE, stdout=PIPE, stderr=PIPE
    )


async def end_of(process: Process, stdin: str = "") -> Ended:
    """Wait for the end."""
    async with asyncio.timeout(_PATIENCE_SECONDS):
        out, log = await process.communicate(stdin.encode())
    assert process.returncode is not None
    return Ended(process.returncode, out.decode(), log.decode())


async def actor(folder: Path, *arguments: str, stdin: str = "", **environ: str) -> Ended:
    """Run ``actor`` to its end."""
    return await end_of(await start(folder, *arguments, **environ), stdin)


@asynccontextmanager
async def running(folder: Path, **environ: str) -> AsyncIterator[Process]:
    """Have ``actor run`` work until the end of the block."""
    process = await start(folder, "run", **environ)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()
