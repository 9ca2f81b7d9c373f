"""Each protocol with each encryption and authentication, with the right and with a wrong password."""

from itertools import product
from typing import Any

from tests.end_to_end.processes import DirectorProcess
from tests.servers import ntlm
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.mailbox import Mailbox

MATRIX = list(product(("imap", "pop3"), ("none", "starttls", "ssl_tls"), ("plain", "ntlm"), (True, False)))


def port_of(server: Dovecot, server_type: str, encryption: str) -> int:
    """Return where the server speaks the protocol with this encryption."""
    port: int = getattr(server.ports, server_type + ("s" if encryption == "ssl_tls" else ""))
    return port


def body(
    server: Dovecot, mailbox: Mailbox, actor_id: str, case: tuple[str, str, str, bool]
) -> dict[str, Any]:
    """Return the profile of one case."""
    server_type, encryption, authentication, right = case
    password = ntlm.PASSWORD if authentication == "ntlm" else PASSWORD
    return {
        "server_type": server_type,
        "email_address": mailbox.address,
        "send_verification_manually": True,
        "actor_ids": [actor_id],
        "account": {"username": mailbox.username, "password": password if right else "not-this-one"},
        "incoming": {
            "host": server.host,
            "port": port_of(server, server_type, encryption),
            "encryption": encryption,
            "authentication": authentication,
        },
        "tls": {"ca_certificate": server.ca_pem},
    }


def test_every_combination_ends_as_it_should(
    director: DirectorProcess, dovecot: Dovecot, ntlm_dovecot: Dovecot
) -> None:
    (actor_id,) = director.actor_ids(director.actor("vm-1"))

    def started(case: tuple[str, str, str, bool]) -> dict[str, Any]:
        server = ntlm_dovecot if case[2] == "ntlm" else dovecot
        mailbox = server.add_user()
        profile = director.post("/email-profiles", body(server, mailbox, actor_id, case))
        code = director.get(f"/email-profiles/{profile['id']}/verification-code")
        server.deliver(mailbox, code["subject"])
        return director.verify(profile)

    runs = {case: started(case) for case in MATRIX if case[2] == "plain"}
    ended = {case: director.ended(run) for case, run in runs.items()}
    # This server's NTLM helper is one process that keeps the state of one login: one after the other.
    ended |= {case: director.ended(started(case)) for case in MATRIX if case[2] == "ntlm"}
    ends = {}
    for case, run in ended.items():
        (check,) = run["checks"]
        ends[case] = check["failure_code"] or check["state"]
        warned = "auth_without_encryption" in [warning["code"] for warning in check["warnings"]]
        assert warned == (case[1] == "none"), case
    assert ends == {case: "verified" if case[3] else "auth_invalid_credentials" for case in MATRIX}
