"""Sending by Microsoft Graph ("user: sendMail", learn.microsoft.com/graph), which needs Mail.Send alone."""

import json
from email.message import EmailMessage
from urllib.parse import quote

from pydantic import SecretStr

from director_api.mail_settings.schemas import GraphMailRead
from director_api.outbox.clouds import Clouds
from mail_transport.microsoft.answers import graph_failure
from mail_transport.microsoft.clouds import endpoints_of
from mail_transport.microsoft.tokens import App, tokens_of
from mail_transport.web import WebClient
from wire_contract.failure_codes import FailureCode

_TAKEN = 202


async def send(
    settings: GraphMailRead, secret: SecretStr, message: EmailMessage, client: WebClient, clouds: Clouds
) -> str:
    """Send ``message`` from the mailbox of ``from_address``; returns Graph's id of the request.

    Raises:
        MailFailure: ``graph_*``, and those of a connection.
    """
    endpoints = endpoints_of(settings.cloud, authority=clouds.graph_authority, graph=clouds.graph_root)
    app = App(endpoints, settings.tenant_id, settings.client_id, secret, endpoints.scope)
    url = f"{endpoints.graph}/v1.0/users/{quote(settings.from_address, safe='@')}/sendMail"
    with tokens_of(app) as tokens:
        token = await tokens.get(client)
        headers = {
            "Authorization": f"Bearer {token.secret.get_secret_value()}",
            "Content-Type": "application/json",
            "Accept": "application/json",
        }
        answer = await client.ask("POST", url, headers, json.dumps(_body(message)).encode())
        if answer.status != _TAKEN:
            failure = graph_failure(answer)
            if failure.code is FailureCode.GRAPH_MAILBOX_NOT_PERMITTED:
                tokens.forget()  # a permission that is granted shows in a new token alone
            raise failure
    return f"{_TAKEN} Accepted {answer.headers.get('request-id', '')}".rstrip()


def _body(message: EmailMessage) -> dict[str, object]:
    """Return what Graph takes, which sets the rest itself. It carries no header but those that begin with ``x-``.

    The copy that Graph would keep among the sent items would be one for each check.
    """
    return {
        "message": {
            "subject": message["Subject"],
            "body": {"contentType": "Text", "content": message.get_content()},
            "toRecipients": [{"emailAddress": {"address": message["To"]}}],
            # Exchange's own word for "no vacation notice answers it" ([MS-OXCMAIL] section 2.1.3.2.20).
            "internetMessageHeaders": [{"name": "X-Auto-Response-Suppress", "value": "All"}],
        },
        "saveToSentItems": False,
    }
