"""The Director's own mail, by whichever way its settings name."""

import asyncio
from email.message import EmailMessage

from pydantic import SecretStr

from director_api.mail_settings.schemas import GmailMailRead, GraphMailRead, SmtpMailRead
from director_api.mail_settings.service import OutgoingMail
from director_api.outbox import smtp
from director_api.outbox.cloud_failures import send_failed
from director_api.outbox.clouds import Clouds
from director_api.outbox.failures import SendFailed
from mail_transport.failures import MailFailure
from wire_contract.failure_codes import FailureCode

_SECONDS = 80.0
"""All of it: shorter than the outbox keeps a message from its other senders."""


class Mailer:
    """Hands over one message at a time."""

    def __init__(self, clouds: Clouds) -> None:
        self._clouds = clouds

    async def send(self, mail: OutgoingMail, message: EmailMessage) -> str:
        """Hand ``message`` over and return what was answered, which often names it.

        Raises:
            SendFailed: it was not taken.
        """
        settings = mail.settings
        if isinstance(settings, SmtpMailRead):
            return await smtp.send(settings, mail.secret, message)
        if mail.secret is None:
            raise SendFailed(FailureCode.SEND_NOT_CONFIGURED, "", permanent=True)
        secrets = [mail.secret.get_secret_value()]
        try:
            async with asyncio.timeout(_SECONDS):
                return await self._by_cloud(settings, mail.secret, message)
        except MailFailure as failure:
            raise send_failed(failure, secrets) from None
        except TimeoutError:
            raise SendFailed(FailureCode.SEND_DEFERRED, "", permanent=False) from None

    async def _by_cloud(
        self, settings: GraphMailRead | GmailMailRead, secret: SecretStr, message: EmailMessage
    ) -> str:
        async with self._clouds.way_out.client() as client:
            if isinstance(settings, GraphMailRead):
                from director_api.outbox import graph  # noqa: PLC0415  # loads Microsoft's library

                return await graph.send(settings, secret, message, client, self._clouds)
            from director_api.outbox import gmail  # noqa: PLC0415  # loads Google's library

            return await gmail.send(settings, secret, message, client, self._clouds)
