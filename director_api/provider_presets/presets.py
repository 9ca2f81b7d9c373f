"""From a provider of the table, or from what a domain says, to what a form can fill in; pure."""

from collections.abc import Iterable

from director_api.provider_presets.known import ADVICE_TEXTS, Provider, Server, by_exchangers
from director_api.provider_presets.schemas import AdviceRead, Preset, PresetServer
from wire_contract.autoconfig import AutoconfigFindings, FoundServer, Protocol, Source
from wire_contract.jobs import Encryption

_SOURCES = (Source.AUTOCONFIG, Source.SRV)
_SAFEST = (Encryption.SSL_TLS, Encryption.STARTTLS, Encryption.NONE)
_PROTOCOLS = (Protocol.IMAP, Protocol.POP3)


def of_provider(provider: Provider) -> Preset:
    """Return what the table says."""
    reading = ((Protocol.IMAP, provider.imap), (Protocol.POP3, provider.pop3))
    return Preset.model_validate(
        {
            "provider": provider.id,
            "name": provider.name,
            "server_type": provider.server_type,
            "incoming": [_known(protocol, server) for protocol, server in reading if server is not None],
            "outgoing": [_known(Protocol.SMTP, provider.smtp)],
            "advice": [AdviceRead(code=code, message=ADVICE_TEXTS[code]) for code in provider.advice],
        }
    )


def of_findings(findings: AutoconfigFindings) -> list[Preset]:
    """Return what the domain says of itself first, then who takes its mail."""
    provider = by_exchangers(findings.mail_exchangers)
    known = [] if provider is None else [of_provider(provider)]
    own = _own(findings.servers)
    # Where a known provider takes the mail, its wishes hold whatever the domain's records say.
    return [*known, *own]


def _own(servers: Iterable[FoundServer]) -> list[Preset]:
    found = sorted(servers, key=_order)
    incoming = [_shown(server) for server in found if server.protocol is not Protocol.SMTP]
    outgoing = [_shown(server) for server in found if server.protocol is Protocol.SMTP]
    if not incoming and not outgoing:
        return []
    best = incoming[0].protocol.value if incoming else None
    return [
        Preset.model_validate(
            {
                "provider": None,
                "name": None,
                "server_type": best,
                "incoming": incoming,
                "outgoing": outgoing,
                "advice": [],
            }
        )
    ]


def _order(server: FoundServer) -> tuple[int, int, int]:
    protocol = _PROTOCOLS.index(server.protocol) if server.protocol in _PROTOCOLS else 0
    return protocol, _SOURCES.index(server.source), _SAFEST.index(server.encryption)


def _known(protocol: Protocol, server: Server) -> PresetServer:
    return PresetServer(
        protocol=protocol,
        host=server.host,
        port=server.port,
        encryption=server.encryption,
        username=None,
        source="known_provider",
    )


def _shown(server: FoundServer) -> PresetServer:
    return PresetServer(
        protocol=server.protocol,
        host=server.host,
        port=server.port,
        encryption=server.encryption,
        username=server.username,
        source=server.source,
    )
