"""What the kernel says of this machine's network, held against what it says by other ways."""

import ipaddress
import socket
import struct
from ipaddress import ip_interface

from actor_agent import interfaces
from actor_agent.interfaces import list_interfaces, outward_addresses, overlap_of
from actor_agent.waiting import Interface
from mail_transport import netlink
from mail_transport.netlink import Address, list_addresses


def test_the_kernel_lists_loopback() -> None:
    loopback = Address(socket.if_nametoindex("lo"), ip_interface("127.0.0.1/8"), permanent=True)
    assert loopback in list_addresses()


def test_every_listed_address_can_be_bound() -> None:
    for found in list_addresses():
        ip = found.address.ip
        if ip.is_link_local:
            continue
        with socket.socket(
            socket.AF_INET6 if ip.version == 6 else socket.AF_INET, socket.SOCK_DGRAM
        ) as probe:
            probe.bind((str(ip), 0))


def test_loopback_is_not_told() -> None:
    told = [ip_interface(text) for interface in list_interfaces() for text in interface.addresses]
    assert not [address for address in told if address.ip.is_loopback]


def test_leased_and_static_addresses_are_told_apart() -> None:
    names = {1: "lo", 2: "eth0", 3: "eth1", 4: "eth2"}
    addresses = [
        Address(1, ip_interface("127.0.0.1/8"), permanent=True),
        Address(2, ip_interface("192.0.2.7/24"), permanent=True),
        Address(3, ip_interface("192.0.2.8/24"), permanent=False),
        Address(3, ip_interface("fe80::1/64"), permanent=True),
        Address(4, ip_interface("2001:db8::1/64"), permanent=False),
        Address(9, ip_interface("198.51.100.1/24"), permanent=True),
    ]
    described = interfaces._described(names, addresses, {"eth1"})
    assert described == (
        Interface(name="eth1", addresses=("192.0.2.8/24", "fe80::1/64"), dhcp=True, default_route=True),
        Interface(name="eth0", addresses=("192.0.2.7/24",), dhcp=False),
        Interface(name="eth2", addresses=("2001:db8::1/64",), dhcp=None),
    )
    assert outward_addresses(described) == ("192.0.2.8", "192.0.2.7", "2001:db8::1")


def test_a_machine_full_of_interfaces_is_told_within_limits() -> None:
    names = {index: f"veth{index:03}" for index in range(200)}
    addresses = [
        Address(index, ip_interface(f"10.{index}.0.{host}/24"), permanent=True)
        for index in range(200)
        for host in range(1, 41)
    ]
    described = interfaces._described(names, addresses, {"veth199"})
    assert len(described) == interfaces.MAX_INTERFACES
    assert described[0].name == "veth199"
    assert len(described[0].addresses) == interfaces.MAX_ADDRESSES
    assert len(outward_addresses(described)) == interfaces.MAX_INTERFACES


def test_default_routes_are_found() -> None:
    ipv4 = """Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT
eth0 00000000 010200C0 0003 0 0 0 00000000 0 0 0
eth1 000200C0 00000000 0001 0 0 0 00FFFFFF 0 0 0
tun0 00000000 00000000 0001 0 0 0 00000080 0 0 0"""
    zeros = "0" * 32
    ipv6 = f"""{zeros} 00 {zeros} 00 fd000000000000000000000000000001 00000400 2 0 00000003 eth2
fd{zeros[2:]} 40 {zeros} 00 {zeros} 00000100 1 0 00000001 eth3
{zeros} 00 {zeros} 00 {zeros} ffffffff 1 0 00200200 lo"""
    assert interfaces._default_ipv4([line.split() for line in ipv4.splitlines()]) == ["eth0"]
    assert interfaces._default_ipv6([line.split() for line in ipv6.splitlines()]) == ["eth2"]


def test_a_point_to_point_link_is_told_by_its_own_end() -> None:
    payload = struct.pack("=BBBBI", 2, 31, 0, 0, 5)

    def attribute(kind: int, text: str) -> bytes:
        packed = ipaddress.ip_address(text).packed
        return struct.pack("=HH", 4 + len(packed), kind) + packed

    peer_and_own = attribute(1, "192.0.2.1") + attribute(2, "192.0.2.0")
    assert netlink._address(payload + peer_and_own) == Address(
        5, ip_interface("192.0.2.0/31"), permanent=False
    )


def test_two_leased_addresses_on_one_subnet_overlap() -> None:
    def interface(name: str, address: str, dhcp: bool) -> Interface:
        return Interface(name=name, addresses=(address, "fe80::1/64"), dhcp=dhcp)

    first, second = interface("eth0", "192.0.2.7/24", True), interface("eth1", "192.0.2.8/24", True)
    assert overlap_of((first, second)) == "eth0 and eth1 on 192.0.2.0/24"
    assert overlap_of((first, interface("eth1", "192.0.2.8/24", False))) is None
    assert overlap_of((first, interface("eth1", "198.51.100.8/24", True))) is None
    assert overlap_of(()) is None
