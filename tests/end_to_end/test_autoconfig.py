"""Presets of a domain that nobody knows: an Actor of the chosen zone asks its own name server."""

from tests.end_to_end.conftest import director
from tests.end_to_end.processes import ActorProcess, DirectorProcess
from tests.servers.dnsmasq import Dnsmasq
from tests.servers.folders import server_folder
from tests.servers.ports import HOST

__all__ = ["director"]
RECORDS = (
    "--mx-host=corp.test,mx.corp.test,10",
    "--srv-host=_imaps._tcp.corp.test,imap.corp.test,993,10",
    "--srv-host=_submission._tcp.corp.test,smtp.corp.test,587,10",
    "--mx-host=cloud.test,cloud-test.mail.protection.outlook.com,10",
)


def test_the_zones_actor_asks_the_name_server_of_its_zone(director: DirectorProcess) -> None:
    zone = director.post("/security-zones", {"name": "dmz"})["id"]
    with server_folder() as folder, Dnsmasq(folder, *RECORDS) as names:
        director.actor("elsewhere")
        token = director.post("/enrollment-tokens", {"security_zone_id": zone})["token"]
        inside = ActorProcess(
            "inside", folder / "inside", director.url, token, {"ACTOR_DNS_SERVER": f"{HOST}:{names.port}"}
        )
        director.actors.append(inside)
        inside.start()
        while not director.get(f"/actors/{director.actor_ids(inside)[0]}")["online"]:
            pass
        found = director.get("/provider-presets", address="carl@corp.test", security_zone_id=zone)
        (preset,) = found["items"]
        assert found["look_up"]["actor"] == "inside"
        assert [(server["host"], server["port"]) for server in preset["incoming"]] == [
            ("imap.corp.test", 993)
        ]
        assert [(server["host"], server["port"]) for server in preset["outgoing"]] == [
            ("smtp.corp.test", 587)
        ]
        cloud = director.get("/provider-presets", address="carl@cloud.test", security_zone_id=zone)
        (preset,) = cloud["items"]
        assert (preset["provider"], preset["advice"][0]["code"]) == ("microsoft_365", "use_graph")
