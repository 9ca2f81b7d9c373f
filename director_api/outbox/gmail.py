"""Sending by the Gmail API ("users.messages.send"), which needs the scope gmail.send alone."""

import base64
import json
from email.message import EmailMessage
from email.policy import SMTP

from pydantic import SecretStr

from director_api.mail_settings.schemas import GmailMailRead
from director_api.outbox.clouds import Clouds
from mail_transport.google.failures import api_failure, json_object
from mail_transport.google.scopes import GMAIL_SCOPE
from mail_transport.google.tokens import access_token
from mail_transport.web import WebClient
from wire_contract.jobs import ServiceAccountCredentials

SCOPE = f"{GMAIL_SCOPE}send"


async def send(
    settings: GmailMailRead, secret: SecretStr, message: EmailMessage, client: WebClient, clouds: Clouds
) -> str:
    """Send ``message`` as ``from_address``, for whom the service account stands; returns Gmail's id of it.

    Raises:
        MailFailure: ``gmail_*``, and those of a connection.
    """
    token = await access_token(
        client,
        clouds.google_token_url,
        ServiceAccountCredentials(service_account_json=secret),
        client_id=None,
        subject=settings.from_address,
        scope=SCOPE,
    )
    headers = {
        "Authorization": f"Bearer {token.secret.get_secret_value()}",
        "Content-Type": "application/json",
    }
    body = json.dumps({"raw": base64.urlsafe_b64encode(message.as_bytes(policy=SMTP)).decode()})
    url = f"{clouds.gmail_root}/gmail/v1/users/me/messages/send"
    answer = await client.ask("POST", url, headers, body.encode())
    sent = json_object(answer) if answer.status == 200 else None
    if sent is None or not isinstance(sent.get("id"), str):
        raise api_failure(answer)
    return f"200 {sent['id']}"
