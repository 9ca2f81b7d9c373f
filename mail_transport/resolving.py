"""Names to addresses, bounded in time and never holding up the loop."""

import asyncio
import socket
import threading
from ipaddress import ip_address

from mail_transport.failures import MailFailure
from mail_transport.limits import RESOLVE_SECONDS
from wire_contract.failure_codes import FailureCode

MOST_AT_ONCE = 128
"""Threads. An Actor does up to 64 jobs at a time; look-ups that were given up hold theirs until they end."""
_SLOT_PAUSE = 0.05
_slots = threading.BoundedSemaphore(MOST_AT_ONCE)
_NOT_FOUND = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}


async def resolve(host: str, seconds: float = RESOLVE_SECONDS) -> tuple[str, ...]:
    """Return the numeric addresses of ``host``, in the order in which they should be tried.

    Raises:
        MailFailure: ``dns_not_found``, ``dns_failed``.
    """
    try:
        return (str(ip_address(host)),)
    except ValueError:
        pass
    try:
        async with asyncio.timeout(seconds):
            return await _look_up(host)
    except TimeoutError:
        raise MailFailure(FailureCode.DNS_FAILED, detail={"host": host, "error": "no answer"}) from None
    except socket.gaierror as error:
        code = FailureCode.DNS_NOT_FOUND if error.errno in _NOT_FOUND else FailureCode.DNS_FAILED
        raise MailFailure(code, detail={"host": host, "error": error.strerror or "unknown"}) from None
    except UnicodeError:  # a label that no name can have: empty or above 63 bytes
        raise MailFailure(FailureCode.DNS_NOT_FOUND, detail={"host": host}) from None


async def _look_up(host: str) -> tuple[str, ...]:
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
