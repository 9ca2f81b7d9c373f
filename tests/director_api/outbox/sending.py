"""Sending a code by settings for a server on this machine."""

from typing import Any

import pytest
from pydantic import SecretStr

from director_api.clock import new_id, utc_now
from director_api.mail_settings.schemas import SmtpMailRead
from director_api.mail_settings.service import OutgoingMail
from director_api.outbox.clouds import Clouds
from director_api.outbox.failures import SendFailed
from director_api.outbox.mailer import Mailer
from director_api.outbox.message import verification_message
from tests.servers.mail_servers import MailServers
from wire_contract.verification_code import new_code

WRONG = "not-the-password"


def mail(port: int, password: str | None = None, **settings: Any) -> OutgoingMail:
    """Return the Director's settings for a server on this machine."""
    document = {"from_address": "director@example.test", "host": "127.0.0.1", "port": port, **settings}
    document["password"] = {"set": password is not None, "changed_at": utc_now()}
    return OutgoingMail(SmtpMailRead.model_validate(document), SecretStr(password) if password else None)


async def sent(outgoing: OutgoingMail, to: str) -> str:
    """Send a code and return the server's reply."""
    return await Mailer(Clouds()).send(
        outgoing, verification_message("director@example.test", to, new_code(), new_id())
    )


async def refused(outgoing: OutgoingMail, to: str = "somebody@example.test") -> SendFailed:
    """Try to send and return why it was not taken."""
    with pytest.raises(SendFailed) as failed:
        await sent(outgoing, to)
    assert WRONG not in failed.value.server_reply
    return failed.value


def login(servers: MailServers, username: str, authentication: str) -> dict[str, Any]:
    """Return the settings of a login over verified TLS."""
    tls = {"ca_certificate": servers.ca_pem}
    return {"authentication": authentication, "username": username, "tls": tls}
