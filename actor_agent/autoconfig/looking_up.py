"""The whole look-up: the domain's own file, its SRV and its MX records, all at once and bounded."""

import asyncio
from dataclasses import dataclass

from actor_agent.autoconfig import thunderbird
from actor_agent.autoconfig.domain_records import DomainRecords
from actor_agent.reach import Reach
from mail_transport.journal import Journal
from mail_transport.web import WebClient
from wire_contract.autoconfig import MAX_SERVERS, AutoconfigFindings, FoundServer, Tried

LOOK_UP_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class LookUp:
    """One look-up. ``https_port`` is 443 everywhere but in tests."""

    reach: Reach
    https_port: int = 443

    async def of(self, address: str) -> AutoconfigFindings:
        """Return what the domain of ``address`` says of its mail servers; maybe nothing."""
        local, _, domain = address.rpartition("@")
        ascii_domain = domain if domain.isascii() else domain.encode("idna").decode("ascii")
        plain = f"{local}@{ascii_domain}"
        records = DomainRecords(self.reach.dns_server)
        files, (services, asked), (exchangers, mx) = await asyncio.gather(
            self._files(plain), records.services(ascii_domain), records.mail_exchangers(ascii_domain)
        )
        servers = [server for found, _tried in files for server in found] + services
        return AutoconfigFindings(
            domain=ascii_domain,
            servers=tuple(dict.fromkeys(servers))[:MAX_SERVERS],
            mail_exchangers=exchangers,
            tried=(*(tried for _found, tried in files), *asked, mx),
        )

    async def _files(self, address: str) -> list[tuple[list[FoundServer], Tried]]:
        egress = self.reach.egress.public()
        async with WebClient(egress, Journal(), self.reach.authorities(), self.reach.https_proxy) as web:
            asking = [
                asyncio.create_task(thunderbird.ask(web, url, address))
                for url in thunderbird.places(address, self.https_port)
            ]
            done, late = await asyncio.wait(asking, timeout=LOOK_UP_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        return [task.result() for task in asking if task in done]
