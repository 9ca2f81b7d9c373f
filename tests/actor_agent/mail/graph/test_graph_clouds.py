"""Where secrets go: the cloud of the profile by its real names, or what the Actor's own settings name."""

from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from actor_agent.mail import Reach
from mail_transport.microsoft.clouds import endpoints_of
from sandbox.graph.tenant import App
from tests.actor_agent.mail.graph.conftest import CLIENT, PERSON, SECRET
from tests.actor_agent.mail.looking import HERE, Look, wanted
from tests.servers.graph import graph_service
from tests.servers.https_proxy import https_proxy
from tests.servers.microsoft_clouds import CLOUDS, NAMES
from wire_contract.jobs import ClientSecretCredentials, Cloud, GraphTarget
from wire_contract.verification_code import new_code, subject_for


@pytest.mark.parametrize("cloud", Cloud)
def test_each_cloud_has_its_endpoints(cloud: Cloud) -> None:
    endpoints = endpoints_of(cloud, authority=None, graph=None)
    names = CLOUDS[cloud]
    assert endpoints.authority == f"https://{names.sign_in}"
    assert endpoints.scope == f"https://{names.graph}/.default"
    assert endpoints.is_public is (cloud is Cloud.GLOBAL)


@pytest.mark.parametrize("cloud", Cloud)
async def test_a_code_is_read_in_each_cloud_and_no_other_is_asked(cloud: Cloud, tmp_path: Path) -> None:
    """By the settings as they come, but for a proxy that leads every cloud's names to the stand-in."""
    code = new_code()
    with graph_service(tmp_path, *NAMES) as graph:
        graph.tenant.add_app(App(CLIENT, SECRET))
        graph.tenant.add_mailbox(PERSON).deliver(subject_for(code))
        with https_proxy(dict.fromkeys((f"{name}:443" for name in NAMES), graph.port)) as proxy:
            target = GraphTarget(
                server_type="microsoft_graph",
                tenant_id=graph.tenant.id,
                client_id=CLIENT,
                cloud=cloud,
                mailbox=PERSON,
            )
            credentials = ClientSecretCredentials(client_secret=SecretStr(SECRET))
            reach = Reach(HERE, ca_file=graph.ca_file, https_proxy=proxy.url)
            look = Look(target, credentials, wanted(code), reach=reach)
            found = await look.found()

    assert found.codes == (code,)
    names = CLOUDS[cloud]
    assert set(proxy.asked) == {f"{names.sign_in}:443", f"{names.graph}:443"}


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
