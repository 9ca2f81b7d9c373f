"""Names to addresses, bounded in time and never holding up the loop."""

import asyncio
import socket

from mail_transport.failures import MailFailure
from mail_transport.limits import RESOLVE_SECONDS
from mail_transport.name_lookup import look_up
from wire_contract.failure_codes import FailureCode

_NOT_FOUND = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}


async def resolve(host: str, seconds: float = RESOLVE_SECONDS) -> tuple[str, ...]:
    """Return the numeric addresses of ``host``, in the order in which they should be tried.

    Raises:
        MailFailure: ``dns_not_found``, ``dns_failed``.
    """
    try:
        async with asyncio.timeout(seconds):
            return await look_up(host)
    except TimeoutError:
        raise MailFailure(FailureCode.DNS_FAILED, detail={"host": host, "error": "no answer"}) from None
    except socket.gaierror as error:
        code = FailureCode.DNS_NOT_FOUND if error.errno in _NOT_FOUND else FailureCode.DNS_FAILED
        raise MailFailure(code, detail={"host": host, "error": error.strerror or "unknown"}) from None
    except UnicodeError:  # a label that no name can have: empty or above 63 bytes
        raise MailFailure(FailureCode.DNS_NOT_FOUND, detail={"host": host}) from None
