"""Looking for a message by the Gmail API, from the token to the find."""

from actor_agent.mail.delivery import tell
from actor_agent.mail.evidence import evidence_of
from actor_agent.mail.gmail.api import Mailbox
from actor_agent.mail.gmail.permissions import warn_of_excess
from actor_agent.mail.gmail.search import SPAM, Match, Search
from actor_agent.mail.patience import Patience, persist
from actor_agent.mail.polling import Polling
from actor_agent.mail.search_window import SearchWindow
from actor_agent.mail.wanted import Found, Wanted
from actor_agent.reach import Reach
from mail_transport.failures import MailFailure
from mail_transport.google.scopes import GMAIL_SCOPE
from mail_transport.google.tokens import OAuthCredentials, access_token, delegate_of
from mail_transport.journal import Journal
from mail_transport.web import WebClient
from wire_contract.diagnostics import StepName
from wire_contract.failure_codes import FailureCode
from wire_contract.jobs import (
    Credentials,
    GmailTarget,
    RefreshTokenCredentials,
    ServiceAccountCredentials,
)


async def look(
    target: GmailTarget,
    credentials: Credentials,
    wanted: Wanted | None,
    window: SearchWindow,
    journal: Journal,
    reach: Reach,
) -> Found | None:
    """See :func:`actor_agent.mail.looking.look`."""
    if not isinstance(credentials, RefreshTokenCredentials | ServiceAccountCredentials):
        raise MailFailure(FailureCode.UNSUPPORTED_JOB)
    try:
        matches = await _matches(target, credentials, wanted, window, journal, reach)
    except MailFailure as failure:
        if failure.code is not FailureCode.GMAIL_SIGN_IN_REFUSED or not journal.has_passed(
            StepName.AUTHENTICATE
        ):
            raise
        # The token was taken back while it was in use: signing in again tells why, or gets another.
        matches = await _matches(target, credentials, wanted, window, journal, reach)
    if matches is None:
        return None
    found = _report(matches, journal)
    if target.delete_verification_message:  # neither scope that a profile can have permits it
        journal.warn(FailureCode.MESSAGE_NOT_DELETED)
    return found


async def _matches(
    target: GmailTarget,
    credentials: OAuthCredentials,
    wanted: Wanted | None,
    window: SearchWindow,
    journal: Journal,
    reach: Reach,
) -> list[Match] | None:
    patience = Patience(window) if wanted else None
    async with WebClient(reach.egress, journal, reach.authorities(), reach.https_proxy) as http:
        token = await persist(lambda: _authenticate(http, target, credentials, journal, reach), patience)
        mailbox = Mailbox(http, reach.clouds.gmail_root, token)
        await persist(lambda: _open(mailbox, target, journal, reach), patience)
        if wanted is None:
            return None
        return await Polling(Search(mailbox, wanted, target.scope), window, journal).run()


async def _authenticate(
    http: WebClient, target: GmailTarget, credentials: OAuthCredentials, journal: Journal, reach: Reach
) -> str:
    scope = GMAIL_SCOPE + target.scope
    with journal.step(StepName.AUTHENTICATE) as step:
        step.detail.update(host=reach.clouds.google_token_url, scope=scope, mailbox=target.mailbox)
        if isinstance(credentials, ServiceAccountCredentials):
            step.detail.update(delegate_of(credentials))
        else:
            step.detail["client_id"] = target.client_id
        token = await access_token(
            http,
            reach.clouds.google_token_url,
            credentials,
            client_id=target.client_id,
            subject=target.mailbox,
            scope=scope,
        )
        journal.mask(token.secret.get_secret_value())
        warn_of_excess(token, journal)
        return token.secret.get_secret_value()


async def _open(mailbox: Mailbox, target: GmailTarget, journal: Journal, reach: Reach) -> None:
    with journal.step(StepName.OPEN_MAILBOX) as step:
        scope = GMAIL_SCOPE + target.scope
        step.detail.update(mailbox=target.mailbox, host=reach.clouds.gmail_root, scope=scope)
        await mailbox.list_newest(None, size=1)


def _report(matches: list[Match], journal: Journal) -> Found:
    """Return the codes, the newest message's first, a message outside of spam before one in it."""
    best_first = sorted(matches, key=lambda match: match.folder == SPAM)
    with journal.step(StepName.FOUND) as step:
        best = best_first[0]
        evidence = evidence_of(best.headers.raw, best.folder)
        tell(evidence, best.headers.raw, step, journal)
        step.detail.update(folder=best.folder, messages=len(matches), message_id=evidence.message_id)
        if best.folder == SPAM:
            step.warn(FailureCode.FOUND_IN_JUNK)
        return Found(tuple(dict.fromkeys(code for match in best_first for code in match.codes)), evidence)
