"""From the request for a consent to the refresh token that is stored."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from pydantic import SecretStr
from sqlalchemy import delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from director_api.clock import new_id
from director_api.email_profiles import secret_rules, secrets
from director_api.email_profiles.models import EmailProfile
from director_api.email_profiles.secret_rules import at
from director_api.email_profiles.service import store_consent
from director_api.google_consent import tickets
from director_api.google_consent.google import Client, GoogleEndpoints, Granted
from director_api.google_consent.models import ConsentRequest
from director_api.google_consent.pages import ConsentFailure
from director_api.problems import Problem
from director_api.vault import Vault
from director_api.verifications.lifecycle import Lifecycle
from mail_transport.google.scopes import FULL_SCOPE, GMAIL_SCOPE

LIFETIME = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Google:
    """Where Google is, and where it sends the browser back to (``redirect_uri``)."""

    endpoints: GoogleEndpoints
    redirect_uri: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A consent that is under way: what is asked of Google, and for what."""

    profile_id: UUID
    revision: int
    addresses: tuple[str, ...]
    client: Client


async def ask(
    session: AsyncSession, vault: Vault, profile: EmailProfile, caller: str, now: datetime
) -> tuple[str, datetime]:
    """Make a request for a consent in place of an earlier one. Returns the ticket and when it ends.

    Raises:
        Problem: this profile needs no consent.
    """
    if not secret_rules.needs_consent(profile.configuration):
        raise Problem(
            409, "consent_not_needed", "Nobody needs to consent: this profile has a way in of its own."
        )
    stale = or_(ConsentRequest.profile_id == profile.id, ConsentRequest.expires_at <= now)
    await session.execute(delete(ConsentRequest).where(stale))
    ticket = tickets.new_token()
    row = ConsentRequest(
        id=new_id(),
        profile_id=profile.id,
        revision=profile.revision,
        caller=caller,
        ticket_hash=vault.hash_token(ticket),
        browser_hash=None,
        expires_at=now + LIFETIME,
    )
    session.add(row)
    return ticket, row.expires_at


async def start(
    session: AsyncSession, vault: Vault, google: Google, ticket: str, browser: str, now: datetime
) -> tuple[Asked, str]:
    """Bind the request to a browser. Returns what is asked and the ``state``. Raises ConsentFailure."""
    found = select(ConsentRequest).where(ConsentRequest.ticket_hash == vault.hash_token(ticket))
    row = await session.scalar(found.with_for_update())
    if row is None or row.expires_at <= now:
        raise _gone()
    row.browser_hash = vault.hash_token(browser)
    return await _asked(session, vault, google, row), tickets.state_of(vault, row)


async def use(
    session: AsyncSession, vault: Vault, google: Google, state: str, browser: str, now: datetime
) -> Asked:
    """Use up the request that ``state`` answers. One that is not its browser's stays. Raises ConsentFailure."""
    request_id = tickets.request_of(state)
    row = await session.get(ConsentRequest, request_id, with_for_update=True) if request_id else None
    if row is None:
        raise _gone()
    if not tickets.is_browser(vault, row, browser) or not tickets.is_state(vault, row, state):
        raise ConsentFailure(
            "consent_other_browser",
            "This is not the browser that opened the start page, or the page was opened again since.",
            "Open the start page again and finish in the same browser, with cookies allowed.",
            403,
        )
    if row.expires_at <= now:
        raise _gone()
    asked = await _asked(session, vault, google, row)
    await session.delete(row)
    return asked


def checked(asked: Asked, granted: Granted) -> SecretStr:
    """Return the refresh token if the right account granted enough. Raises ConsentFailure."""
    address = (granted.address or "").casefold()
    if address not in {each.casefold() for each in asked.addresses}:
        raise ConsentFailure(
            "consent_wrong_account",
            f"The consent was given by another account than {asked.addresses[0]}.",
            "Open a new start page and choose the right account at Google.",
            403,
        )
    if asked.client.scope not in granted.scopes:
        raise ConsentFailure(
            "consent_scope_missing",
            f"The consent does not cover {asked.client.scope}.",
            "Open a new start page and leave every box on Google's page ticked.",
            403,
        )
    if granted.refresh_token is None:
        raise ConsentFailure(
            "consent_not_lasting",
            "Google gave no lasting consent (refresh token).",
            "Remove the app's access in the Google account's settings, then open a new start page.",
        )
    return granted.refresh_token


async def keep(
    session: AsyncSession, vault: Vault, lifecycle: Lifecycle, asked: Asked, token: SecretStr
) -> None:
    """Store the refresh token, if the profile is still the one that it was given for. Raises ConsentFailure."""
    profile = await session.get(EmailProfile, asked.profile_id, with_for_update=True)
    if profile is None or profile.revision != asked.revision:
        raise ConsentFailure(
            "consent_profile_changed",
            "The profile was changed or deleted while the consent was given.",
            "Ask for a new start page.",
            409,
        )
    await store_consent(session, vault, lifecycle, profile, token.get_secret_value())


async def _asked(session: AsyncSession, vault: Vault, google: Google, row: ConsentRequest) -> Asked:
    profile = await session.get_one(EmailProfile, row.profile_id)
    if profile.revision != row.revision:
        raise _gone()
    clear = await secrets.reveal(session, vault, profile.id)
    in_gmail = at(profile.configuration, "gmail.client_id") is not None
    path = secret_rules.GMAIL_SECRET if in_gmail else secret_rules.OAUTH_SECRET
    place = "gmail" if in_gmail else "oauth"
    client = Client(
        endpoints=google.endpoints,
        client_id=at(profile.configuration, f"{place}.client_id"),
        client_secret=SecretStr(clear[path]),
        redirect_uri=google.redirect_uri,
        scope=GMAIL_SCOPE + profile.configuration["gmail"]["scope"] if in_gmail else FULL_SCOPE,
        code_verifier=tickets.verifier_of(vault, row),
    )
    mailbox = profile.configuration["mailbox"] if in_gmail else at(profile.configuration, "account.username")
    addresses = tuple(dict.fromkeys(each for each in (mailbox, profile.email_address) if each))
    return Asked(profile.id, profile.revision, addresses, client)


def _gone() -> ConsentFailure:
    return ConsentFailure(
        "consent_request_gone",
        "This request for a consent was used, has expired, or its profile has changed since.",
        "Ask for a new start page: POST /email-profiles/{id}/authorize.",
        410,
    )
