"""Looking for a message in an IMAP mailbox, from the name look-up to the polite end."""

import asyncio
from contextlib import suppress

from actor_agent.mail.imap.folders import Folder, first_folder, open_folder
from actor_agent.mail.imap.found import delete, report
from actor_agent.mail.imap.watch import Watch
from actor_agent.mail.search_window import SearchWindow
from actor_agent.mail.wanted import Found, Wanted
from actor_agent.reach import Reach
from mail_transport.failures import LookAgain, MailFailure
from mail_transport.imap.login import log_in
from mail_transport.imap.opening import Opening
from mail_transport.imap.session import Session
from mail_transport.journal import Journal
from mail_transport.limits import CLOSE_SECONDS, SESSION_SECONDS
from mail_transport.xoauth2 import MailLogin
from wire_contract.diagnostics import StepName
from wire_contract.failure_codes import FailureCode
from wire_contract.jobs import ImapTarget

# What the server says next can't be told from an answer to something else.
_OUT_OF_STEP = {
    FailureCode.CONNECTION_CLOSED,
    FailureCode.REPLY_TIMED_OUT,
    FailureCode.PROTOCOL_VIOLATION,
    FailureCode.PROTOCOL_LIMIT_EXCEEDED,
}


async def look(
    target: ImapTarget,
    login: MailLogin,
    wanted: Wanted | None,
    window: SearchWindow,
    journal: Journal,
    reach: Reach,
) -> Found | None:
    """See :func:`actor_agent.mail.looking.look`."""
    session = await _bounded_open(Opening(target.incoming, target.tls, reach.egress, journal))

    async def reopen() -> Session:
        nonlocal session
        session.channel.abort()
        unseen = Journal()  # the steps of the first time stand for all
        session = await _bounded_open(Opening(target.incoming, target.tls, reach.egress, unseen))
        await log_in(session, target.incoming, login, unseen)
        return session

    try:
        inbox = await _log_in_and_open(session, target, login, journal)
        found = None
        if wanted is not None:
            hits = await Watch(session, inbox, wanted, window, journal, reopen=reopen).run()
            found = await report(session, hits, journal)
            if target.delete_verification_message:
                await delete(session, hits, journal)
    except MailFailure as failure:
        if failure.code not in _OUT_OF_STEP:
            await _log_out(session)
        raise
    except LookAgain:
        await _log_out(session)
        raise
    else:
        await _log_out(session)
        return found
    finally:
        session.channel.abort()


async def _bounded_open(opening: Opening) -> Session:
    try:
        async with asyncio.timeout(SESSION_SECONDS):
            return await opening.open()
    except TimeoutError:
        raise opening.journal.time_ran_out(SESSION_SECONDS) from None


async def _log_in_and_open(
    session: Session, target: ImapTarget, login: MailLogin, journal: Journal
) -> Folder:
    await log_in(session, target.incoming, login, journal)
    folder = first_folder(target.mailbox, login.username)
    with journal.step(StepName.OPEN_MAILBOX) as step:
        step.detail["folder"] = folder.name
        await open_folder(session, folder)
        step.detail["messages"] = folder.exists
    return folder


async def _log_out(session: Session) -> None:
    with suppress(MailFailure):
        await session.command(b"LOGOUT", seconds=CLOSE_SECONDS)
