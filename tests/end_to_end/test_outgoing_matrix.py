"""The outgoing server with each encryption and authentication, with the right and with a wrong password."""

from itertools import product
from typing import Any

from tests.end_to_end.processes import DirectorProcess
from tests.servers import ntlm
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.postfix import Postfix

Case = tuple[str, str | None, bool]
MATRIX: list[Case] = [
    case
    for case in product(("none", "starttls", "ssl_tls"), (None, "plain", "ntlm"), (True, False))
    if case[1] is not None or case[2]  # without a login there is no wrong password
]
PORTS = {"none": "smtp", "starttls": "submission", "ssl_tls": "smtps"}


def body(
    actor_id: str, case: Case, incoming: Dovecot, outgoing_users: Dovecot, outgoing: Postfix
) -> dict[str, Any]:
    """Return a profile whose account can read its mailbox, and send as the case says."""
    encryption, authentication, right = case
    password = ntlm.PASSWORD if (authentication == "ntlm") is right else PASSWORD
    mailbox = incoming.add_user(password=password)
    taken = PASSWORD if right or authentication == "ntlm" else "another-password"
    outgoing_users.add_user(mailbox.username, taken)
    return {
        "server_type": "imap",
        "email_address": mailbox.address,
        "actor_ids": [actor_id],
        "account": {"username": mailbox.username, "password": password},
        "incoming": {"host": incoming.host, "port": incoming.ports.imaps, "encryption": "ssl_tls"},
        "outgoing": {
            "host": outgoing.host,
            "port": getattr(outgoing.ports, PORTS[encryption]),
            "encryption": encryption,
            "authentication": authentication,
        },
        "tls": {"ca_certificate": incoming.ca_pem},
    }


def test_every_combination_is_told_apart(
    director: DirectorProcess, dovecot: Dovecot, ntlm_dovecot: Dovecot, ntlm_postfix: Postfix
) -> None:
    (actor_id,) = director.actor_ids(director.actor("vm-1"))
    ends, expected = {}, {}
    for case in MATRIX:
        profile = director.post("/email-profiles", body(actor_id, case, dovecot, ntlm_dovecot, ntlm_postfix))
        run = director.post(f"/email-profiles/{profile['id']}/connectivity-check")
        (check,) = director.get(f"/connectivity-checks/{run['id']}", wait=60)["checks"]
        steps = {step["step"]: step["code"] or step["outcome"] for step in check["diagnostics"]}
        ends[case] = (check["failure_code"], steps["authenticate"], steps["smtp_authenticate"])
        expected[case] = (None, "ok", _login_of(case))
    assert ends == expected


def _login_of(case: Case) -> str:
    _, authentication, right = case
    if authentication is None:
        return "skipped"
    return "ok" if right else "auth_invalid_credentials"
