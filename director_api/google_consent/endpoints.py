"""Routes of the consent: one for callers, two for the browser of the mailbox's owner."""

import logging
from typing import Annotated
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import APIRouter, Cookie, Query, Request, Response
from fastapi.responses import HTMLResponse

from director_api.access.callers import Operator
from director_api.audit.log import SECRET, CallerKind, Who, record
from director_api.dependencies import TheLifecycle, TheVault, Writing
from director_api.email_profiles.service import profile
from director_api.google_consent import service, tickets
from director_api.google_consent.google import ExchangeRefused, GoogleAway, authorization_url, exchange
from director_api.google_consent.pages import ConsentFailure, done_page, failure_page, start_page
from director_api.google_consent.schemas import AuthorizationRead
from director_api.google_consent.service import Google
from director_api.problems import responses

log = logging.getLogger(__name__)
router = APIRouter(tags=["Email profiles"])
pages = APIRouter(prefix="/oauth/google", include_in_schema=False)
COOKIE = "director_google_consent"
_PATH = "/oauth/google"
_OWNER = Who(CallerKind.MAILBOX_OWNER, "google_consent", "the mailbox's owner, in a browser")
_Text = Annotated[str, Query(max_length=4096)]
_Browser = Annotated[str, Cookie(alias=COOKIE, max_length=128)]


@router.post("/email-profiles/{profile_id}/authorize", responses=responses(401, 403, 404, 409, 422))
async def authorize_email_profile(
    caller: Operator,
    profile_id: UUID,
    request: Request,
    session: Writing,
    vault: TheVault,
    lifecycle: TheLifecycle,
    response: Response,
) -> AuthorizationRead:
    """Ask for the consent of a Google mailbox's owner: hand them the address that this returns."""
    row = await profile(session, profile_id)
    ticket, expires_at = await service.ask(session, vault, row, caller.who.name, lifecycle.now())
    record(session, caller, "email_profile.consent_asked", profile_id)
    response.headers["Cache-Control"] = "no-store"
    return AuthorizationRead(
        authorization_url=f"{_base(request)}{_PATH}/start?ticket={ticket}", expires_at=expires_at
    )


@pages.get("/start")
async def start_consent(
    request: Request, vault: TheVault, lifecycle: TheLifecycle, ticket: _Text = ""
) -> HTMLResponse:
    """Bind the browser by a cookie and lead on to Google."""
    browser = tickets.new_token()
    google = _google(request)
    try:
        async with request.app.state.database.write() as session:
            asked, state = await service.start(session, vault, google, ticket, browser, lifecycle.now())
    except ConsentFailure as failure:
        return failure_page(failure)
    page = start_page(asked.addresses[0], authorization_url(asked.client, state, asked.addresses[0]))
    secure = google.redirect_uri.startswith("https:")
    path = urlsplit(google.redirect_uri).path.removesuffix("/callback")
    page.set_cookie(COOKIE, browser, max_age=3600, path=path, secure=secure, httponly=True, samesite="lax")
    return page


@pages.get("/callback")
async def finish_consent(
    request: Request,
    vault: TheVault,
    lifecycle: TheLifecycle,
    state: _Text = "",
    code: _Text = "",
    error: Annotated[str, Query(max_length=200)] = "",
    browser: _Browser = "",
) -> HTMLResponse:
    """Take Google's answer. Nothing of the database is held while Google is asked."""
    database = request.app.state.database
    try:
        async with database.write() as session:
            asked = await service.use(session, vault, _google(request), state, browser, lifecycle.now())
        _refuse_error(error, code)
        token = service.checked(asked, await exchange(asked.client, code))
        async with database.write() as session:
            await service.keep(session, vault, lifecycle, asked, token)
            record(session, _OWNER, "email_profile.consent_given", asked.profile_id, {"consent": SECRET})
    except ConsentFailure as failure:
        return failure_page(failure)
    except ExchangeRefused as refusal:
        log.warning("Google refused to exchange a code: %s", refusal)
        return failure_page(_refused(str(refusal)))
    except GoogleAway:
        return failure_page(_away())
    return done_page(asked.addresses[0])


def _google(request: Request) -> Google:
    return Google(request.app.state.google, f"{_base(request)}{_PATH}/callback")


def _base(request: Request) -> str:
    return str(request.app.state.public_url or request.base_url).rstrip("/")


def _refuse_error(error: str, code: str) -> None:
    if error == "access_denied":
        message, hint = (
            "Google says that the consent was denied.",
            "Open a new start page and allow what is asked for.",
        )
        raise ConsentFailure("consent_denied", message, hint, 403)
    if error or not code:
        message = f"Google gave no consent: {error or 'no code'}."
        raise ConsentFailure("consent_refused", message, "Check the app in the Google Cloud project.")


def _refused(error: str) -> ConsentFailure:
    return ConsentFailure(
        "consent_exchange_refused",
        f"Google refused to hand out the consent: {error}.",
        "invalid_client: correct the client id and secret in the profile. Else open a new start page.",
        502,
    )


def _away() -> ConsentFailure:
    return ConsentFailure(
        "consent_google_away",
        "Google gave no usable answer to the Director.",
        "Let the Director reach Google's token endpoint, then open a new start page.",
        502,
    )
