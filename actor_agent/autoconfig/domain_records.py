"""What the DNS says of a domain's mail: MX (RFC 5321), and SRV (RFC 6186, RFC 8314)."""

import asyncio
import re
from collections.abc import Iterable
from typing import cast

import dns.asyncresolver
import dns.exception
import dns.resolver
from dns.rdtypes.ANY.MX import MX
from dns.rdtypes.IN.SRV import SRV

from wire_contract.autoconfig import MAX_EXCHANGERS, FoundServer, Protocol, Source, Tried
from wire_contract.jobs import Encryption

ANSWER_SECONDS = 5.0
_SERVICES = {
    "_imaps._tcp": (Protocol.IMAP, Encryption.SSL_TLS),
    "_imap._tcp": (Protocol.IMAP, Encryption.STARTTLS),
    "_pop3s._tcp": (Protocol.POP3, Encryption.SSL_TLS),
    "_pop3._tcp": (Protocol.POP3, Encryption.STARTTLS),
    "_submissions._tcp": (Protocol.SMTP, Encryption.SSL_TLS),
    "_submission._tcp": (Protocol.SMTP, Encryption.STARTTLS),
}
_HOST = re.compile(
    r"^(?=.{1,253}$)[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,62})(?:\.[A-Za-z0-9_][A-Za-z0-9_-]{0,62})*$"
)
_MOST_OF_A_SERVICE = 3


class DomainRecords:
    """Asks one name server, or those of the system."""

    def __init__(self, server: tuple[str, int] | None) -> None:
        self._resolver = dns.asyncresolver.Resolver(configure=server is None)
        if server is not None:
            self._resolver.nameservers = [server[0]]
            self._resolver.port = server[1]
        self._resolver.lifetime = ANSWER_SECONDS

    async def mail_exchangers(self, domain: str) -> tuple[tuple[str, ...], Tried]:
        """Return the hosts that take the domain's mail, the preferred first."""
        rows, tried = await self._ask(domain, "MX", Source.MX)
        found = sorted(cast("Iterable[MX]", rows), key=lambda row: row.preference)
        hosts = [host for row in found if (host := _host(str(row.exchange)))]
        return tuple(hosts[:MAX_EXCHANGERS]), tried

    async def services(self, domain: str) -> tuple[list[FoundServer], list[Tried]]:
        """Return the servers of all six services, by priority and weight."""
        answers = await asyncio.gather(
            *(self._ask(f"{name}.{domain}", "SRV", Source.SRV) for name in _SERVICES)
        )
        servers = [
            server
            for service, (rows, _tried) in zip(_SERVICES.values(), answers, strict=True)
            for server in _servers(cast("Iterable[SRV]", rows), *service)
        ]
        return servers, [tried for _rows, tried in answers]

    async def _ask(self, name: str, kind: str, source: Source) -> tuple[list[object], Tried]:
        place = f"{kind} {name}"[:512]
        try:
            answer = await self._resolver.resolve(name, kind, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return [], Tried(source=source, place=place, answered=True, detail="no such record")
        except dns.exception.DNSException as error:
            return [], Tried(source=source, place=place, answered=False, detail=type(error).__name__)
        return list(answer), Tried(source=source, place=place, answered=True, detail=f"{len(answer)} records")


def _servers(rows: Iterable[SRV], protocol: Protocol, encryption: Encryption) -> list[FoundServer]:
    in_order = sorted(rows, key=lambda row: (row.priority, -row.weight))
    return [
        FoundServer(source=Source.SRV, protocol=protocol, host=host, port=row.port, encryption=encryption)
        for row in in_order[:_MOST_OF_A_SERVICE]
        if row.port and (host := _host(str(row.target)))
    ]


def _host(name: str) -> str | None:
    # A target of "." says that the service is decidedly not there (RFC 6186, section 3.4).
    host = name.rstrip(".").lower()
    return host if _HOST.match(host) else None
