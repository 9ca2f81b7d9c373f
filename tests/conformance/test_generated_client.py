"""A client that openapi-python-client makes of the document drives the README's story."""

import importlib
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.conftest import director, mailing_director
from tests.end_to_end.processes import BIN, ActorProcess, DirectorProcess
from tests.servers.mail_servers import MailServers

__all__ = ["director", "mailing_director"]
ROOT = Path(__file__).parents[2]
PACKAGE = "generated_director_client"
Part = Callable[[str], Any]


@pytest.fixture(scope="module")
def part(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Part]:
    """Generate the client, and import parts of it."""
    folder = tmp_path_factory.mktemp("client")
    source = ["--path", str(ROOT / "openapi" / "director.json"), "--meta", "none"]
    subprocess.run(
        [BIN / "openapi-python-client", "generate", *source, "--output-path", folder / PACKAGE],
        env={**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"},
        check=True,
        capture_output=True,
        timeout=120,
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        yield lambda name: importlib.import_module(f"{PACKAGE}.{name}")


def test_it_drives_the_story_of_the_readme(
    mailing_director: DirectorProcess, mail_servers: MailServers, tmp_path: Path, part: Part
) -> None:
    url, token = mailing_director.url, mailing_director.api.headers["Authorization"].removeprefix("Bearer ")
    models, routes = part("models"), "api.{}".format
    with part("client").AuthenticatedClient(base_url=url, token=token, timeout=90.0) as client:
        minted = part(routes("actors.create_enrollment_token")).sync(
            client=client, body=models.EnrollmentTokenCreate()
        )
        actor = ActorProcess("vm-1", tmp_path / "vm-1", url, minted.token)
        mailing_director.actors.append(actor)
        actor.start()
        (listed,) = part(routes("actors.list_actors")).sync(client=client).items
        mailbox, ports = mail_servers.add_user(), mail_servers.dovecot.ports
        profile = part(routes("email_profiles.create_email_profile")).sync(
            client=client,
            body=models.ImapProfileCreate(
                server_type="imap",
                email_address=mailbox.address,
                actor_ids=[listed.id],
                account=models.Account(username=mailbox.username, password=mailbox.password),
                incoming=models.ImapServer(host=mail_servers.host, port=ports.imaps),
                tls=models.Tls(ca_certificate=mail_servers.ca_pem),
            ),
        )
        assert (profile.account_status, profile.account.password.set_) == ("unverified", True)
        run = part(routes("verifications.verify")).sync(
            profile.id, client=client, body=models.VerifyRequest()
        )
        ended = part(routes("verifications.get_verification")).sync(run.id, client=client, wait=60)
        assert ended.outcome == "verified", ended
        assert {check.actor.name: check.proof for check in ended.checks} == {"vm-1": "retrieved"}


def test_it_knows_errors_by_their_codes(director: DirectorProcess, part: Part) -> None:
    with part("client").AuthenticatedClient(base_url=director.url, token="of-nobody") as client:
        refused = part("api.actors.list_actors").sync(client=client)
    assert refused.code == part("models").ProblemDocumentCode.NOT_AUTHENTICATED
