"""This machine's network interfaces, as the Director is told: replies may leave by the wrong one."""

import ipaddress
import logging
import socket
from collections import defaultdict
from pathlib import Path

from actor_agent.waiting import Interface
from mail_transport.netlink import Address, list_addresses

MAX_INTERFACES = 64
MAX_ADDRESSES = 32
_ROUTES_IPV4 = Path("/proc/net/route")
_ROUTES_IPV6 = Path("/proc/net/ipv6_route")
_RTF_REJECT = 0x0200

logger = logging.getLogger(__name__)


def list_interfaces() -> tuple[Interface, ...]:
    """Return the interfaces that have an address, those with a default route first, without loopback.

    An IPv4 address with a lifetime is taken for one from DHCP. A DHCP client that sets none (busybox
    udhcpc) passes for a static configuration. Where the system can't say, the tuple is empty.
    """
    try:
        names = dict(socket.if_nameindex())
        addresses = list_addresses()
    except OSError as error:
        logger.debug("the interfaces can't be listed: %s", error)
        return ()
    return _described(names, addresses, _default_route_interfaces())


def outward_addresses(interfaces: tuple[Interface, ...]) -> tuple[str, ...]:
    """Return the addresses without prefix that others may know this machine by."""
    all_of_them = (ipaddress.ip_interface(text).ip for found in interfaces for text in found.addresses)
    return tuple(str(address) for address in all_of_them if not address.is_link_local)[:MAX_INTERFACES]


def overlap_of(interfaces: tuple[Interface, ...]) -> str | None:
    """Say which interfaces took addresses of one subnet from DHCP; null when none did.

    With two ways into one subnet, a reply may leave by another way than the request came, and what
    stands between drops it.
    """
    by_subnet: dict[str, list[str]] = defaultdict(list)
    for found in interfaces:
        if found.dhcp:
            subnets = {ipaddress.ip_interface(text).network for text in found.addresses}
            for subnet in subnets:
                if not subnet.is_link_local:
                    by_subnet[str(subnet)].append(found.name)
    shared = [f"{' and '.join(names)} on {subnet}" for subnet, names in by_subnet.items() if len(names) > 1]
    return "; ".join(shared)[:512] or None


def _described(names: dict[int, str], addresses: list[Address], routed: set[str]) -> tuple[Interface, ...]:
    by_name: dict[str, list[Address]] = defaultdict(list)
    for found in addresses:
        if not found.address.ip.is_loopback and found.interface_index in names:
            by_name[names[found.interface_index]].append(found)
    in_order = sorted(by_name, key=lambda name: (name not in routed, name))
    return tuple(_interface(name, by_name[name], name in routed) for name in in_order[:MAX_INTERFACES])


def _interface(name: str, addresses: list[Address], default_route: bool) -> Interface:
    leased = [not found.permanent for found in addresses if found.address.version == 4]
    return Interface(
        name=name,
        addresses=tuple(str(found.address) for found in addresses[:MAX_ADDRESSES]),
        dhcp=any(leased) if leased else None,
        default_route=default_route,
    )


def _default_route_interfaces() -> set[str]:
    return {*_default_ipv4(_lines(_ROUTES_IPV4)), *_default_ipv6(_lines(_ROUTES_IPV6))}


def _default_ipv4(lines: list[list[str]]) -> list[str]:
    # Columns of /proc/net/route: interface, destination, gateway, flags, …, mask (the eighth).
    return [row[0] for row in lines[1:] if len(row) > 7 and row[1] == row[7] == "00000000"]


def _default_ipv6(lines: list[list[str]]) -> list[str]:
    # Columns of /proc/net/ipv6_route: destination, its prefix, …, flags (the ninth), interface. The
    # kernel's own entry that rejects everything looks like a default route but for its flag.
    return [
        row[9]
        for row in lines
        if len(row) > 9 and set(row[0]) == {"0"} and row[1] == "00" and not int(row[8], 16) & _RTF_REJECT
    ]


def _lines(path: Path) -> list[list[str]]:
    try:
        return [line.split() for line in path.read_text(encoding="utf-8").splitlines()]
    except FileNotFoundError:
        return []  # IPv6, or IPv4, is switched off in the kernel
