"""Microsoft's clouds: who signs in, who holds the mail.

Source: "National cloud deployments", learn.microsoft.com/graph/deployments. A cloud that is not in
the table has no endpoints, and so gets no secret.
"""

from dataclasses import dataclass

from actor_agent.reach import CloudEndpoints
from wire_contract.jobs import Cloud


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Base URLs. ``is_public``: the library may ask this authority about itself."""

    authority: str
    graph: str
    is_public: bool = False

    @property
    def scope(self) -> str:
        """All that the app was granted for Graph."""
        return f"{self.graph}/.default"


_CLOUDS = {
    Cloud.GLOBAL: Endpoints(
        "https://login.microsoftonline.com", "https://graph.microsoft.com", is_public=True
    ),
    Cloud.US_GOVERNMENT: Endpoints("https://login.microsoftonline.us", "https://graph.microsoft.us"),
    Cloud.US_GOVERNMENT_DOD: Endpoints("https://login.microsoftonline.us", "https://dod-graph.microsoft.us"),
    Cloud.CHINA: Endpoints("https://login.chinacloudapi.cn", "https://microsoftgraph.chinacloudapi.cn"),
}


def endpoints_of(cloud: Cloud, set_by_actor: CloudEndpoints) -> Endpoints:
    """Return where to ask; what the Actor's own settings name comes first."""
    own = _CLOUDS[cloud]
    if set_by_actor.graph_authority is None and set_by_actor.graph_root is None:
        return own
    return Endpoints(set_by_actor.graph_authority or own.authority, set_by_actor.graph_root or own.graph)
