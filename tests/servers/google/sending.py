"""The Gmail API, as far as an app that sends may go.

https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages/send
"""

import base64
import json
from email import message_from_bytes
from email.policy import default

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.servers.google.answers import refused
from tests.servers.google.gmail import opened
from tests.servers.google.project import FULL, GMAIL, Project

SEND = f"{GMAIL}send"
_SENDING = {SEND, f"{GMAIL}compose", f"{GMAIL}modify", FULL}


async def send_message(request: Request) -> Response:
    """`POST /gmail/v1/users/{userId}/messages/send`; it arrives in the project's accounts."""
    _, account = opened(request, set(), _SENDING)
    project: Project = request.app.state.project
    try:
        raw = json.loads(await request.body())["raw"]
        message = message_from_bytes(base64.b64decode(raw, altchars="-_", validate=True), policy=default)
    except (ValueError, KeyError, TypeError):
        raise refused(400, "invalidArgument", "'raw' RFC822 payload message string is required") from None
    if not message["To"]:
        raise refused(400, "invalidArgument", "Recipient address required")
    for address in (each.addr_spec for each in message["To"].addresses):
        if address in project.accounts:
            project.accounts[address].deliver(message["Subject"])
    sent = account.deliver(message["Subject"], "SENT")
    return JSONResponse({"id": sent.id, "threadId": sent.id, "labelIds": sent.labels})
