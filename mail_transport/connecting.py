"""From a host and a port to a connection, with the steps ``resolve`` and ``connect``."""

import asyncio
import errno
import socket
from dataclasses import dataclass
from ipaddress import ip_address

from mail_transport.channel import Channel
from mail_transport.dead_paths import notice_dead_path
from mail_transport.egress import EgressPolicy
from mail_transport.failures import MailFailure
from mail_transport.journal import Journal, OpenStep
from mail_transport.limits import CONNECT_SECONDS, PATH_SECONDS
from mail_transport.netlink import interface_of
from mail_transport.resolving import resolve
from wire_contract.diagnostics import StepName
from wire_contract.failure_codes import FailureCode

_MAX_ADDRESSES = 4
_UNREACHABLE = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EINVAL}


@dataclass(frozen=True, slots=True)
class Steps:
    """What the steps of a connection are called: a reading and a sending server have their own names."""

    resolve: StepName = StepName.RESOLVE
    connect: StepName = StepName.CONNECT
    tls: StepName = StepName.TLS


async def connect(
    host: str,
    port: int,
    egress: EgressPolicy,
    journal: Journal,
    steps: Steps | None = None,
    *,
    transcribed: bool = True,
) -> Channel:
    """Connect to the first of the host's addresses that answers; at most 10 s for all of them.

    ``transcribed``: the journal keeps what is said on the connection, line by line.

    Raises:
        MailFailure: ``dns_*``, ``tcp_*``, ``egress_not_allowed``.
    """
    names = steps or Steps()
    with journal.step(names.resolve) as step:
        addresses = await resolve(host)
        step.detail.update(host=host, addresses=list(addresses))
    with journal.step(names.connect) as step:
        step.detail.update(host=host, port=port)
        allowed = [address for address in addresses if egress.allows(host, address, port)][:_MAX_ADDRESSES]
        if not allowed:
            raise MailFailure(FailureCode.EGRESS_NOT_ALLOWED, detail={"addresses": list(addresses)})
        channel = await _first_that_answers(allowed, port, step)
        if transcribed:
            journal.keep(f"{host}:{port}", channel.transcript)
        return channel


async def _first_that_answers(addresses: list[str], port: int, step: OpenStep) -> Channel:
    tried: dict[str, FailureCode] = {}
    for address in addresses:
        try:
            channel = await _dial(address, port, CONNECT_SECONDS / len(addresses))
        except MailFailure as failure:
            tried[address] = failure.code
            step.detail["tried"] = {name: code.value for name, code in tried.items()}
            continue
        step.detail.update(_ends(channel), family=f"ipv{ip_address(address.partition('%')[0]).version}")
        return channel
    raise MailFailure(next(iter(tried.values())))


async def _dial(address: str, port: int, seconds: float) -> Channel:
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(seconds):
            _, channel = await loop.create_connection(Channel, address, port, flags=socket.AI_NUMERICHOST)
    except TimeoutError:
        raise MailFailure(FailureCode.TCP_TIMED_OUT) from None
    except ConnectionRefusedError:
        raise MailFailure(FailureCode.TCP_REFUSED) from None
    except OSError as error:
        unreachable = error.errno in _UNREACHABLE
        code = FailureCode.TCP_UNREACHABLE if unreachable else FailureCode.TCP_TIMED_OUT
        raise MailFailure(code, detail={"error": errno.errorcode.get(error.errno or 0, "unknown")}) from None
    notice_dead_path(channel.transport, PATH_SECONDS)
    return channel


def _ends(channel: Channel) -> dict[str, str]:
    local = channel.transport.get_extra_info("sockname")
    remote = channel.transport.get_extra_info("peername")
    interface = interface_of(local[0]) if local else None
    named = {} if interface is None else {"interface": interface}
    return {"local": _shown(local), "remote": _shown(remote), **named}


def _shown(name: tuple[str, int] | None) -> str:
    if not name:
        return "unknown"
    host, port = name[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
