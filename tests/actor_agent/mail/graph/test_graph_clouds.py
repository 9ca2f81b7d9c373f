"""Where secrets go: the cloud of the profile, or what the Actor's own settings name."""

import pytest
from pydantic import ValidationError

from mail_transport.microsoft.clouds import endpoints_of
from wire_contract.jobs import Cloud, GraphTarget


@pytest.mark.parametrize(
    ("cloud", "authority", "scope"),
    [
        (Cloud.GLOBAL, "https://login.microsoftonline.com", "https://graph.microsoft.com/.default"),
        (Cloud.US_GOVERNMENT, "https://login.microsoftonline.us", "https://graph.microsoft.us/.default"),
        (
            Cloud.US_GOVERNMENT_DOD,
            "https://login.microsoftonline.us",
            "https://dod-graph.microsoft.us/.default",
        ),
        (Cloud.CHINA, "https://login.chinacloudapi.cn", "https://microsoftgraph.chinacloudapi.cn/.default"),
    ],
)
def test_each_cloud_has_its_endpoints(cloud: Cloud, authority: str, scope: str) -> None:
    endpoints = endpoints_of(cloud, authority=None, graph=None)
    assert (endpoints.authority, endpoints.scope) == (authority, scope)
    assert endpoints.is_public is (cloud is Cloud.GLOBAL)


def test_a_stand_in_is_never_taken_for_the_public_cloud() -> None:
    endpoints = endpoints_of(Cloud.GLOBAL, authority="https://127.0.0.1:1", graph=None)
    assert endpoints.authority == "https://127.0.0.1:1"
    assert not endpoints.is_public


def test_a_job_can_name_a_known_cloud_alone() -> None:
    with pytest.raises(ValidationError):
        GraphTarget.model_validate(
            {
                "server_type": "microsoft_graph",
                "tenant_id": "t",
                "client_id": "c",
                "mailbox": "m",
                "cloud": "https://evil.test",
            }
        )
