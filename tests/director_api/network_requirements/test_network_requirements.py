"""What a firewall must let through, as JSON and as a table."""

import csv
import io
from types import SimpleNamespace
from typing import Any

import pytest

from director_api.network_requirements.destinations import destinations_of
from tests.director_api.conftest import RunningDirector
from tests.servers.microsoft_clouds import CLOUDS

STATUS = {"version": "test", "addresses": ["192.0.2.10", "2001:db8::10"]}
RESOLVED = {
    "step": "resolve",
    "outcome": "ok",
    "milliseconds": 3,
    "detail": {"host": "imap.example.test", "addresses": ["198.51.100.7"]},
}


async def test_each_actor_to_each_server_with_the_addresses_that_were_seen(director: RunningDirector) -> None:
    zone = await director.zone("dmz")
    first, second = await director.enroll("vm-1", zone), await director.enroll("vm-2")
    await first.call("PUT", "/actor/status", STATUS)
    profile = await director.profile(
        first, second, outgoing={"host": "smtp.example.test", "encryption": "starttls"}
    )
    await director.verify(profile)
    (lease,) = await first.poll()
    await first.renew(lease, progress=[RESOLVED])
    path = f"/email-profiles/{profile['id']}/network-requirements"
    answer = await director.viewer.get(path)
    assert answer.status_code == 200, answer.text
    items = answer.json()["items"]
    assert [(item["actor"], item["destination_host"], item["port"]) for item in items] == [
        ("vm-1", "imap.example.test", 993),
        ("vm-1", "smtp.example.test", 587),
        ("vm-2", "imap.example.test", 993),
        ("vm-2", "smtp.example.test", 587),
    ]
    assert (items[0]["source_addresses"], items[0]["security_zone"]) == (STATUS["addresses"], "dmz")
    assert items[0]["destination_addresses"] == ["198.51.100.7"]
    assert items[2]["destination_addresses"] == []

    answer = await director.viewer.get(path, headers={"Accept": "text/csv"})
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(rows) == 4
    assert rows[0] == {
        "source_actor": "vm-1",
        "security_zone": "dmz",
        "source_addresses": "192.0.2.10 2001:db8::10",
        "destination_host": "imap.example.test",
        "destination_addresses": "198.51.100.7",
        "port": "993",
        "protocol": "tcp",
        "purpose": "Reading the mailbox by IMAP (TLS)",
    }
    assert (await director.viewer.get(path, params={"format": "csv"})).text == answer.text


async def test_no_cell_is_a_formula(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1", await director.zone("=1+1"))
    profile = await director.profile(actor)
    path = f"/email-profiles/{profile['id']}/network-requirements"
    text = (await director.viewer.get(path, params={"format": "csv"})).text
    assert "'=1+1" in text


@pytest.mark.parametrize(
    ("server_type", "configuration", "hosts"),
    [
        (
            "microsoft_graph",
            {"graph": {"cloud": "global"}},
            ["login.microsoftonline.com", "graph.microsoft.com"],
        ),
        (
            "microsoft_graph",
            {"graph": {"cloud": "us_government"}},
            ["login.microsoftonline.us", "graph.microsoft.us"],
        ),
        (
            "microsoft_graph",
            {"graph": {"cloud": "us_government_dod"}},
            ["login.microsoftonline.us", "dod-graph.microsoft.us"],
        ),
        (
            "microsoft_graph",
            {"graph": {"cloud": "china"}},
            ["login.chinacloudapi.cn", "microsoftgraph.chinacloudapi.cn"],
        ),
        ("gmail", {"gmail": {}}, ["oauth2.googleapis.com", "gmail.googleapis.com"]),
        *(
            (
                "pop3",
                {
                    "oauth": {"provider": "microsoft", "cloud": cloud},
                    "incoming": {"host": "pop.example.test", "port": 995, "encryption": "ssl_tls"},
                    "outgoing": None,
                },
                [names.sign_in, "pop.example.test"],
            )
            for cloud, names in CLOUDS.items()
        ),
        (
            "imap",
            {
                "oauth": {"provider": "google", "cloud": "global"},
                "incoming": {"host": "imap.gmail.com", "port": 993, "encryption": "ssl_tls"},
                "outgoing": None,
            },
            ["oauth2.googleapis.com", "imap.gmail.com"],
        ),
    ],
)
def test_the_clouds_have_their_own_hosts(
    server_type: str, configuration: dict[str, Any], hosts: list[str]
) -> None:
    mailbox = SimpleNamespace(
        server_type=server_type, email_address="box@example.test", configuration=configuration
    )
    assert [destination.host for destination in destinations_of(mailbox)] == hosts
