"""A cloud's stand-in beside tests that are not asynchronous: in a thread of its own."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import trustme
from starlette.applications import Starlette

from sandbox.stand_in import served
from tests.servers import certificates

START_SECONDS = 30.0


@contextmanager
def serving(app: Starlette, folder: Path, *names: str) -> Iterator[tuple[str, Path]]:
    """Serve `app`, by further `names` too; yields where it is, and the file of the authority that vouches for it."""
    ca, ca_file = trustme.CA(), folder / "cloud-ca.pem"
    ca.cert_pem.write_to_path(ca_file)
    chain, key = certificates.valid(ca, *names).write(folder)
    loop = asyncio.new_event_loop()
    stop, ready, urls = asyncio.Event(), threading.Event(), list[str]()

    async def serve() -> None:
        async with served(app, chain, key) as url:
            urls.append(url)
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    try:
        assert ready.wait(START_SECONDS)
        yield urls[0], ca_file
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()
