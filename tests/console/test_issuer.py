"""People of an OpenID Connect issuer in the console; proved against npm's oidc-provider."""

from pathlib import Path

from tests.console.stage import play
from tests.end_to_end.processes import DirectorProcess
from tests.servers.oidc_provider import AUDIENCE, OidcProvider
from tests.servers.ports import free_ports


def test_a_person_signs_in_at_the_issuer_and_sees_what_an_operator_may(tmp_path: Path) -> None:
    director = DirectorProcess(tmp_path, free_ports(1)[0])
    try:
        with OidcProvider(tmp_path, console=f"{director.url}/console/") as provider:
            director.environment |= {
                "DIRECTOR_OIDC_ISSUER": provider.issuer,
                "DIRECTOR_OIDC_AUDIENCE": AUDIENCE,
                "DIRECTOR_OIDC_CLIENT_ID": "console",
            }
            director.start()
            play("issuer", {"url": director.url, "token": "there-is-none-here", "origins": [provider.issuer]})
    finally:
        director.close()
