"""Microsoft's clouds: who signs in, who holds the mail.

Sources: "National cloud deployments", learn.microsoft.com/graph/deployments; "Office 365 URLs and IP
address ranges" of each cloud, learn.microsoft.com/microsoft-365/enterprise, for Exchange Online. A cloud
that is not in the table has no endpoints, and so gets no secret.
"""

from dataclasses import dataclass

from wire_contract.jobs import Cloud


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Base URLs. ``is_public``: the library may ask this authority about itself."""

    authority: str
    graph: str
    exchange: str
    is_public: bool = False

    @property
    def scope(self) -> str:
        """All that the app was granted for Graph."""
        return f"{self.graph}/.default"

    @property
    def exchange_scope(self) -> str:
        """All that the app was granted for Exchange Online's IMAP and POP3.

        Source: "Authenticate an IMAP, POP or SMTP connection using OAuth", learn.microsoft.com/exchange.
        """
        return f"{self.exchange}/.default"


_CLOUDS = {
    Cloud.GLOBAL: Endpoints(
        "https://login.microsoftonline.com",
        "https://graph.microsoft.com",
        "https://outlook.office365.com",
        is_public=True,
    ),
    Cloud.US_GOVERNMENT: Endpoints(
        "https://login.microsoftonline.us", "https://graph.microsoft.us", "https://outlook.office365.us"
    ),
    Cloud.US_GOVERNMENT_DOD: Endpoints(
        "https://login.microsoftonline.us",
        "https://dod-graph.microsoft.us",
        "https://outlook-dod.office365.us",
    ),
    Cloud.CHINA: Endpoints(
        "https://login.chinacloudapi.cn",
        "https://microsoftgraph.chinacloudapi.cn",
        "https://partner.outlook.cn",
    ),
}


def endpoints_of(cloud: Cloud, *, authority: str | None, graph: str | None) -> Endpoints:
    """Return where to ask; ``authority`` and ``graph``, which the program's own settings name, come first."""
    own = _CLOUDS[cloud]
    if authority is None and graph is None:
        return own
    return Endpoints(authority or own.authority, graph or own.graph, own.exchange)
