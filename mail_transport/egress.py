"""Which addresses may be connected to, decided on the address at the moment of connecting."""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Self

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class _Rule:
    """One entry of the list: a name, the end of a name, or a network; perhaps one port alone."""

    name: str | None
    suffix: str | None
    network: Network | None
    port: int | None

    def allows(self, host: str, address: Address, port: int) -> bool:
        if self.port is not None and self.port != port:
            return False
        if self.network is not None:
            return address.version == self.network.version and address in self.network
        if self.suffix is not None:
            return host.endswith(self.suffix)
        return host == self.name


@dataclass(frozen=True, slots=True)
class EgressPolicy:
    """The operator's list. Empty: anywhere except loopback and link-local, where cloud metadata lives.

    A name that is listed is trusted with whatever public or private address it resolves to, but not
    with loopback or link-local ones: these count as named only by an address, or by ``localhost``.
    """

    rules: tuple[_Rule, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a comma-separated list of ``host``, ``*.domain`` and ``CIDR``, each with an optional ``:port``.

        An IPv6 address with a port is written in brackets. Raises ValueError with the bad entry.
        """
        return cls(tuple(_rule(entry.strip()) for entry in text.split(",") if entry.strip()))

    def allows(self, host: str, address: str, port: int) -> bool:
        """Tell whether ``host`` may be reached at ``address`` (numeric, a scope after ``%`` is ignored)."""
        plain = _plain(ip_address(address.partition("%")[0]))
        name = host.rstrip(".").lower()
        matching = [rule for rule in self.rules if rule.allows(name, plain, port)]
        if plain.is_loopback or plain.is_link_local or plain.is_unspecified:
            return any(rule.network is not None or name == "localhost" for rule in matching)
        return not self.rules or bool(matching)


def _plain(address: Address) -> Address:
    # ::ffff:169.254.169.254 reaches the same machine as 169.254.169.254 does.
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _rule(entry: str) -> _Rule:
    host, port = _split_port(entry)
    network = _network(host)
    if network is not None:
        return _Rule(None, None, network, port)
    name = host.rstrip(".").lower()
    if name.startswith("*.") and _is_name(name[2:]):
        return _Rule(None, name[1:], None, port)
    if not _is_name(name):
        raise ValueError(f"{entry!r} is neither a host, nor *.domain, nor a network")
    return _Rule(name, None, None, port)


def _split_port(entry: str) -> tuple[str, int | None]:
    host, colon, port = entry.rpartition(":")
    bracketed = entry.startswith("[")
    if not colon or (bracketed and entry.endswith("]")) or (":" in host and not bracketed):
        return entry.strip("[]"), None
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise ValueError(f"{entry!r} does not end in a port")
    return host.strip("[]"), int(port)


def _network(text: str) -> Network | None:
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


def _is_name(text: str) -> bool:
    return bool(text) and all(char.isalnum() or char in "-_." for char in text) and "/" not in text
