"""The addresses of this machine, asked of the Linux kernel (rtnetlink(7), RTM_GETADDR).

/proc lists IPv6 addresses but not the IPv4 ones, and the ioctls know neither a second address of an
interface nor whether an address is leased.
"""

import ipaddress
import socket
import struct
from collections.abc import Iterator
from typing import NamedTuple

_RTM_NEWADDR, _RTM_GETADDR = 20, 22
_NLMSG_ERROR, _NLMSG_DONE = 2, 3
_NLM_F_REQUEST, _NLM_F_DUMP = 0x1, 0x300
_IFA_ADDRESS, _IFA_LOCAL = 1, 2
_IFA_F_PERMANENT = 0x80
_HEADER = struct.Struct("=IHHII")
_IFADDRMSG = struct.Struct("=BBBBI")
_ATTRIBUTE = struct.Struct("=HH")
_BUFFER_BYTES = 65_536
_ANSWER_SECONDS = 2.0


class Address(NamedTuple):
    """One address of an interface. ``permanent``: not leased for a time, as DHCP and SLAAC do."""

    interface_index: int
    address: ipaddress.IPv4Interface | ipaddress.IPv6Interface
    permanent: bool


def list_addresses() -> list[Address]:
    """Return all addresses of all interfaces.

    Raises:
        OSError: this is no Linux, or the kernel doesn't answer.
    """
    if not hasattr(socket, "AF_NETLINK"):
        raise OSError("only Linux lists its addresses by netlink")
    request = _HEADER.pack(_HEADER.size + _IFADDRMSG.size, _RTM_GETADDR, _NLM_F_REQUEST | _NLM_F_DUMP, 1, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as kernel:
        kernel.settimeout(_ANSWER_SECONDS)
        kernel.send(request + _IFADDRMSG.pack(socket.AF_UNSPEC, 0, 0, 0, 0))
        return list(_answers(kernel))


def interface_of(address: str) -> str | None:
    """Return the name of the interface that has ``address``; null where the system can't say."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    try:
        index = next((found.interface_index for found in list_addresses() if found.address.ip == ip), None)
        return None if index is None else socket.if_indextoname(index)
    except OSError:
        return None


def _answers(kernel: socket.socket) -> Iterator[Address]:
    while True:
        for kind, payload in _messages(kernel.recv(_BUFFER_BYTES)):
            if kind == _NLMSG_DONE:
                return
            if kind == _NLMSG_ERROR:
                raise OSError("the kernel refused to list the addresses")
            if kind == _RTM_NEWADDR:
                yield _address(payload)


def _messages(data: bytes) -> Iterator[tuple[int, bytes]]:
    offset = 0
    while offset + _HEADER.size <= len(data):
        length, kind, *_ = _HEADER.unpack_from(data, offset)
        yield kind, data[offset + _HEADER.size : offset + length]
        offset += _aligned(max(length, _HEADER.size))


def _address(payload: bytes) -> Address:
    _family, prefix, flags, _scope, index = _IFADDRMSG.unpack_from(payload)
    found = dict(_attributes(payload[_IFADDRMSG.size :]))
    # On a point-to-point link IFA_ADDRESS is the peer's; IPv6 has no IFA_LOCAL otherwise.
    packed = found.get(_IFA_LOCAL) or found[_IFA_ADDRESS]
    address = ipaddress.ip_interface(f"{ipaddress.ip_address(packed)}/{prefix}")
    return Address(index, address, bool(flags & _IFA_F_PERMANENT))


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    offset = 0
    while offset + _ATTRIBUTE.size <= len(data):
        length, kind = _ATTRIBUTE.unpack_from(data, offset)
        yield kind, data[offset + _ATTRIBUTE.size : offset + length]
        offset += _aligned(max(length, _ATTRIBUTE.size))


def _aligned(length: int) -> int:
    return (length + 3) & ~3
