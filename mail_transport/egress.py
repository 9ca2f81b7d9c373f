"""Where an Actor may connect to (``ACTOR_EGRESS_ALLOW``), held against the address at the moment of connecting."""

import ipaddress
import re
from typing import NamedTuple, Self

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IpNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network
_ENTRY = r"^(?P<host>\[[^\]]+\](?:/\d+)?|[^:]+|[0-9A-Fa-f:]*:[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*(?:/\d+)?)(?::(?P<port>\d{1,5}))?$"
_NAME = r"^(?:\*\.)?[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?$"


class _Rule(NamedTuple):
    """One entry: a network or a name pattern, and a port where it is limited to one."""

    network: IpNetwork | None
    name: str | None
    port: int | None

    def allows(self, host: str, address: IpAddress, port: int) -> bool:
        if self.port is not None and self.port != port:
            return False
        if self.network is not None:
            return address.version == self.network.version and address in self.network
        return self.name is not None and _matches(self.name, host)


class EgressPolicy(NamedTuple):
    """The entries. Without any, everything is allowed except loopback and link-local addresses."""

    rules: tuple[_Rule, ...] = ()
    public_only: bool = False

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``host``, ``*.domain`` and ``CIDR`` entries, each with an optional ``:port``, separated by commas.

        Raises:
            ValueError: an entry is none of these.
        """
        return cls(tuple(_rule(entry.strip()) for entry in text.split(",") if entry.strip()))

    @classmethod
    def everywhere(cls) -> Self:
        """Return a policy that allows every address: someone in charge of this machine has named it."""
        return cls.parse("0.0.0.0/0, ::/0")

    def public(self) -> Self:
        """Return a policy that lets private networks be reached only where an entry names them.

        It is for addresses that nobody chose, such as those that a stranger's domain gives.
        """
        return self._replace(public_only=True)

    def allows(self, host: str, address: str, port: int) -> bool:
        """Tell whether a connection to ``address``, to which ``host`` resolved, is allowed."""
        parsed = _plain(ipaddress.ip_address(address.partition("%")[0]))
        if not self.rules:
            return not _is_sensitive(parsed) and (parsed.is_global or not self.public_only)
        allowing = [rule for rule in self.rules if rule.allows(host, parsed, port)]
        # A name says nothing of where it leads: loopback and link-local must be named as addresses,
        # or by the very name that was asked for.
        if _is_sensitive(parsed) or (self.public_only and not parsed.is_global):
            return any(rule.network is not None or rule.name == host.lower() for rule in allowing)
        return bool(allowing)


def _rule(entry: str) -> _Rule:
    match = re.match(_ENTRY, entry)
    if match is None:
        raise ValueError(f"{entry!r} is not a host, *.domain or network, with an optional :port")
    port = int(match["port"]) if match["port"] else None
    if port is not None and not 1 <= port <= 65535:
        raise ValueError(f"{entry!r}: a port is from 1 to 65535")
    host = match["host"].replace("[", "").replace("]", "")
    try:
        return _Rule(ipaddress.ip_network(host, strict=False), None, port)
    except ValueError:
        if not re.match(_NAME, host):
            raise ValueError(
                f"{entry!r} is not a host, *.domain or network, with an optional :port"
            ) from None
        return _Rule(None, host.lower(), port)


def _matches(pattern: str, host: str) -> bool:
    host = host.lower().rstrip(".")
    return host.endswith(pattern[1:]) if pattern.startswith("*.") else host == pattern


def _plain(address: IpAddress) -> IpAddress:
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped or address


def _is_sensitive(address: IpAddress) -> bool:
    return address.is_loopback or address.is_link_local or address.is_unspecified or address.is_multicast
