"""Routes of the Director's mail settings."""

from fastapi import APIRouter, Request

from director_api.access.callers import Admin, Viewer
from director_api.audit.log import differences, record, secrets_given
from director_api.dependencies import Reading, TheVault, Writing
from director_api.mail_settings import bounces, service, testing
from director_api.mail_settings.schemas import (
    EmailActionSettings,
    EmailSettingsRead,
    EmailSettingsWrite,
    EmailTest,
    EmailTestResult,
)
from director_api.problems import Problem, responses

router = APIRouter(prefix="/settings", tags=["Settings"], responses=responses(401, 403, 422))


@router.get("/email", responses=responses(404))
async def get_email_settings(_: Viewer, session: Reading) -> EmailSettingsRead:
    """Read how the Director's own mail leaves."""
    return await service.read_email_settings(session)


@router.put("/email", responses=responses(400))
async def put_email_settings(
    caller: Admin, body: EmailSettingsWrite, session: Writing, vault: TheVault
) -> EmailSettingsRead:
    """Set how the Director's own mail leaves: by its mail server, Microsoft Graph or the Gmail API."""
    before = await service.audited_email_settings(session)
    after = await service.write_email_settings(session, vault, body)
    changes = differences(before, await service.audited_email_settings(session)) | secrets_given(body)
    record(session, caller, "email_settings.updated", "email", changes)
    return after


@router.post("/email/test", responses=responses(400, 409))
async def send_test_message(
    caller: Admin, body: EmailTest, request: Request, vault: TheVault
) -> EmailTestResult:
    """Send a message by the settings as they are, read the mailbox of undeliverable mail, and say what came of it."""
    async with request.app.state.database.write() as session:
        mail = await service.outgoing_mail(session, vault)
        if mail is None:
            raise Problem(
                409, "email_settings_missing", "Set the Director's mail server first: PUT /settings/email."
            )
        mailbox = await bounces.bounce_mailbox(session, vault)
        record(session, caller, "email_settings.tested", "email", differences({}, body.model_dump()))
    return await testing.test_settings(request.app.state.mailer, mail, mailbox, body.to)


@router.get("/email-actions")
async def get_email_actions(_: Viewer, session: Reading) -> EmailActionSettings:
    """Read the deadlines and the folders to look in."""
    return await service.email_actions(session)


@router.put("/email-actions", responses=responses(400))
async def put_email_actions(
    caller: Admin, body: EmailActionSettings, session: Writing
) -> EmailActionSettings:
    """Set the deadlines and the folders to look in."""
    before = (await service.email_actions(session)).model_dump(mode="json")
    changes = differences(before, body.model_dump(mode="json"))
    record(session, caller, "email_actions.updated", "email-actions", changes)
    return await service.write_email_actions(session, body)
