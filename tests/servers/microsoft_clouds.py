"""The names of Microsoft's clouds, written down apart from the code that uses them.

"National cloud deployments" (learn.microsoft.com/graph), "Office 365 URLs and IP address ranges" of each
cloud (learn.microsoft.com/microsoft-365/enterprise).
"""

from dataclasses import dataclass

from wire_contract.jobs import Cloud


@dataclass(frozen=True)
class Names:
    """Who signs in, who holds the mail, and whom a token for IMAP and POP3 is for."""

    sign_in: str
    graph: str
    exchange: str


CLOUDS = {
    Cloud.GLOBAL: Names("login.microsoftonline.com", "graph.microsoft.com", "outlook.office365.com"),
    Cloud.US_GOVERNMENT: Names("login.microsoftonline.us", "graph.microsoft.us", "outlook.office365.us"),
    Cloud.US_GOVERNMENT_DOD: Names(
        "login.microsoftonline.us", "dod-graph.microsoft.us", "outlook-dod.office365.us"
    ),
    Cloud.CHINA: Names("login.chinacloudapi.cn", "microsoftgraph.chinacloudapi.cn", "partner.outlook.cn"),
}
NAMES = sorted({name for names in CLOUDS.values() for name in (names.sign_in, names.graph)})
"""All that is asked over HTTPS."""
