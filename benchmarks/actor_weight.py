"""An Actor's start and memory over a bare Python process that has imported httpx.

Both run where only what an Actor needs is installed, as on its VM, and with the bytecode that an
installation leaves there.
"""

import asyncio
import statistics
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.utils import formatdate
from pathlib import Path

import psutil

from benchmarks.measurement import Goal, Measurement, Scale, alternated, spread
from tests.end_to_end.processes import DirectorProcess
from tests.servers.folders import server_folder
from tests.servers.ports import HOST, free_ports

_ROOT = Path(__file__).parent.parent
_PYTHON = _ROOT / ".bench-actor" / "bin" / "python"
_ACTOR = "from actor_agent.cli import main; main(['run'])"
_BARE = "import sys, httpx; print('ready', flush=True); sys.stdin.read()"
_SETTLED_SECONDS = 1.0


async def measure(scale: Scale) -> list[Measurement]:
    """Start both in turn. The Actor is there with its first poll, the bare process with its line."""
    with server_folder() as folder:
        environment = await asyncio.to_thread(_enrolled, folder)
        async with _first_polls() as (port, polls):
            environment["ACTOR_DIRECTOR_URL"] = f"http://{HOST}:{port}"
            environment |= {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(folder / "bytecode")}
            await _actor(environment, polls, [])  # writes the bytecode, for the bare process too
            memory: dict[str, list[float]] = {"actor": [], "bare": []}
            actor, bare = await alternated(
                scale.of(15, 2),
                lambda: _actor(environment, polls, memory["actor"]),
                lambda: _bare(environment, memory["bare"]),
            )
    return [
        Measurement(
            "actor_start_over_httpx",
            statistics.median(actor) / statistics.median(bare),
            Goal(1.5),
            spread("actor", actor) | spread("bare", bare),
        ),
        Measurement(
            "actor_memory_over_httpx",
            statistics.median(memory["actor"]) / statistics.median(memory["bare"]),
            Goal(1.5),
            {f"{side}_mib_median": round(statistics.median(each), 1) for side, each in memory.items()},
        ),
    ]


def _enrolled(folder: Path) -> dict[str, str]:
    director = DirectorProcess(folder, free_ports(1)[0])
    director.start()
    try:
        return dict(director.actor("bench", started=False).environment)
    finally:
        director.close()


@asynccontextmanager
async def _first_polls() -> AsyncIterator[tuple[int, asyncio.Queue[float]]]:
    """Take the Actor's requests as a Director would that has no work; note when each poll came."""
    polls: asyncio.Queue[float] = asyncio.Queue()
    held: set[asyncio.StreamWriter] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held.add(writer)
        while request := await reader.readline():
            if request.startswith(b"POST /actor/leases "):
                polls.put_nowait(time.perf_counter())
                return  # held, as a Director holds it
            length = 0
            while (header := await reader.readline()).strip():
                if header.lower().startswith(b"content-length:"):
                    length = int(header.partition(b":")[2])
            await reader.readexactly(length)
            date = formatdate(usegmt=True).encode()
            writer.write(b"HTTP/1.1 204 No Content\r\nDate: " + date + b"\r\n\r\n")

    server = await asyncio.start_server(serve, HOST, 0)
    try:
        yield server.sockets[0].getsockname()[1], polls
    finally:
        for writer in held:
            writer.close()
        server.close()


async def _actor(environment: dict[str, str], polls: asyncio.Queue[float], memory: list[float]) -> float:
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        str(_PYTHON),
        "-c",
        _ACTOR,
        env=environment | {"PYTHONPATH": str(_ROOT)},
        stderr=asyncio.subprocess.DEVNULL,
    )
    seconds = await polls.get() - began
    await _weighed(process, memory)
    return seconds


async def _bare(environment: dict[str, str], memory: list[float]) -> float:
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        str(_PYTHON), "-c", _BARE, env=environment, stdin=PIPE, stdout=PIPE
    )
    if process.stdout is None:
        raise RuntimeError("the bare process has no output")
    await process.stdout.readline()
    seconds = time.perf_counter() - began
    await _weighed(process, memory)
    return seconds


async def _weighed(process: Process, memory: list[float]) -> None:
    """Note its resident memory when it is idle, in MiB, and end it."""
    await asyncio.sleep(_SETTLED_SECONDS)
    memory.append(psutil.Process(process.pid).memory_info().rss / 2**20)
    process.kill()
    await process.wait()
