"""Where a webhook may lead: the resolved address is looked at when the connection is made.

A name is resolved once, and the connection goes to the very address that was looked at, so a name
that resolves differently a moment later (DNS rebinding) gains nothing.
"""

import ipaddress
from collections.abc import Iterable

import httpcore

from mail_transport.resolving import resolve

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052, section 2.1


class AddressRefusedError(Exception):
    """The name leads to an address that a webhook may not reach."""


def is_public(address: str) -> bool:
    """Tell whether ``address`` is on the public internet, also where it wraps an IPv4 address."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    return all(each.is_global and not each.is_multicast for each in (parsed, *_wrapped(parsed)))


def is_usable(address: str) -> bool:
    """Tell whether ``address`` names one machine at all."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    return not (parsed.is_multicast or parsed.is_unspecified)


def _wrapped(address: IpAddress) -> Iterable[IpAddress]:
    if isinstance(address, ipaddress.IPv4Address):
        return
    if address.ipv4_mapped is not None:
        yield address.ipv4_mapped
    if address.sixtofour is not None:
        yield address.sixtofour
    if address.teredo is not None:
        yield from address.teredo
    if address in _NAT64:
        yield ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)


class GuardedNetwork(httpcore.AsyncNetworkBackend):
    """Connects to addresses that are allowed, and to nothing else."""

    def __init__(self, *, allow_private: bool) -> None:
        self._allows = is_usable if allow_private else is_public
        self._network: httpcore.AsyncNetworkBackend = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Resolve ``host``, refuse it when any of its addresses is refused, and connect.

        Raises:
            MailFailure: the name does not resolve (``dns_*``).
            AddressRefusedError: an address is not allowed.
            httpcore.ConnectError, httpcore.ConnectTimeout: no address answers.
        """
        addresses = await resolve(host.strip("[]"))
        if not all(self._allows(address) for address in addresses):
            raise AddressRefusedError
        error: Exception = httpcore.ConnectError("the name has no address")
        for address in addresses:
            try:
                return await self._network.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as failed:
                error = failed
        raise error
