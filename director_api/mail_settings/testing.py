"""Trying the Director's mail settings: a message is sent, and the mailbox of undeliverable mail is read."""

from director_api.bounces.reading import Seen, read_reports
from director_api.mail_settings.bounces import BounceMailbox
from director_api.mail_settings.schemas import BouncesTestResult, EmailTestResult
from director_api.mail_settings.service import OutgoingMail
from director_api.outbox.failures import SendFailed
from director_api.outbox.mailer import Mailer
from director_api.outbox.message import test_message
from mail_transport.failures import MailFailure
from wire_contract.cleaning import clean_reply
from wire_contract.failure_texts import FAILURE_TEXTS


async def test_settings(
    mailer: Mailer, mail: OutgoingMail, mailbox: BounceMailbox | None, to: str
) -> EmailTestResult:
    """Send to ``to``, read ``mailbox`` if there is one, and return what came of each."""
    result = await _sent(mailer, mail, to)
    if mailbox is None:
        return result
    return result.model_copy(update={"bounces": await _read(mailbox)})


async def _sent(mailer: Mailer, mail: OutgoingMail, to: str) -> EmailTestResult:
    try:
        reply = await mailer.send(mail, test_message(mail.settings.from_address, to))
    except SendFailed as failure:
        text = FAILURE_TEXTS[failure.cause or failure.code]
        return EmailTestResult(
            sent=False,
            code=failure.code,
            message=text.message,
            hint=text.hint,
            server_reply=failure.server_reply,
        )
    return EmailTestResult(
        sent=True, code=None, message="The mail server took the message.", hint=None, server_reply=reply
    )


async def _read(mailbox: BounceMailbox) -> BouncesTestResult:
    try:
        await read_reports(mailbox, Seen())
    except MailFailure as failure:
        text = FAILURE_TEXTS[failure.code]
        reply = clean_reply(failure.server_reply or "", [mailbox.credentials.password.get_secret_value()])
        return BouncesTestResult(
            read=False, code=failure.code, message=text.message, hint=text.hint, server_reply=reply or None
        )
    return BouncesTestResult(
        read=True, code=None, message="The mailbox was read.", hint=None, server_reply=None
    )
