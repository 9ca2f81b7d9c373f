"""Asking the system for a name's addresses, in threads that hold up neither the loop nor the end of the process.

It loads next to nothing, since the way to the Director goes by it too (see ``actor_agent.waiting``).
"""

import asyncio
import socket
import threading
from ipaddress import ip_address

MOST_AT_ONCE = 128
"""Threads. An Actor does up to 64 jobs at a time; look-ups that were given up hold theirs until they end."""
_SLOT_PAUSE = 0.05
_slots = threading.BoundedSemaphore(MOST_AT_ONCE)


async def look_up(host: str) -> tuple[str, ...]:
    """Return the numeric addresses of ``host``, in the order in which they should be tried; unbounded in time.

    Raises:
        socket.gaierror: the system found none.
        UnicodeError: a label that no name can have: empty or above 63 bytes.
    """
    try:
        return (str(ip_address(host)),)
    except ValueError:
        return await _ask_system(host)


async def _ask_system(host: str) -> tuple[str, ...]:
    # A thread of its own: getaddrinfo can't be cancelled, and a dead name server would fill up the
    # shared pool until nothing else runs. A daemon thread keeps nobody from ending either.
    await _slot()
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[tuple[str, ...]] = loop.create_future()

    def settle(addresses: tuple[str, ...], error: OSError | UnicodeError | None) -> None:
        if answer.done():
            return
        if error is None:
            answer.set_result(addresses)
        else:
            answer.set_exception(error)

    def work() -> None:
        outcome: tuple[tuple[str, ...], OSError | UnicodeError | None]
        try:
            found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
            outcome = tuple(dict.fromkeys(str(entry[4][0]) for entry in found)), None
        except (OSError, UnicodeError) as error:
            outcome = (), error
        finally:
            _slots.release()
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, *outcome)

    threading.Thread(target=work, name=f"resolve {host}", daemon=True).start()
    return await answer


async def _slot() -> None:
    """Wait until another thread may be started, as long as the caller waits."""
    while not _slots.acquire(blocking=False):  # noqa: ASYNC110  # because threads of any loop end and free one
        await asyncio.sleep(_SLOT_PAUSE)
