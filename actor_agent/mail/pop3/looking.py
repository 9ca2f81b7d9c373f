"""Looking for a message in a POP3 mailbox, from the name look-up to the polite end."""

from actor_agent.mail.pop3.found import delete_and_leave, report
from actor_agent.mail.pop3.maildrop import Maildrop, Snapshot
from actor_agent.mail.pop3.watch import Watch
from actor_agent.mail.search_window import SearchWindow
from actor_agent.mail.wanted import Found, Wanted
from actor_agent.reach import Reach
from mail_transport.failures import MailFailure
from mail_transport.journal import Journal
from mail_transport.xoauth2 import MailLogin
from wire_contract.failure_codes import FailureCode
from wire_contract.jobs import Pop3Target


async def look(
    target: Pop3Target,
    login: MailLogin,
    wanted: Wanted | None,
    window: SearchWindow,
    journal: Journal,
    reach: Reach,
) -> Found | None:
    """See :func:`actor_agent.mail.looking.look`."""
    maildrop = Maildrop(target, login, reach.egress)
    if wanted is None:
        await (await maildrop.open(journal)).leave()
        return None
    watch = Watch(maildrop, wanted, window, journal)
    hit = await watch.run(await _first(maildrop, journal))
    try:
        found = report(hit, journal)
        if target.delete_verification_message:
            await delete_and_leave(hit, journal)
        else:
            await hit.snapshot.leave()
    finally:
        hit.snapshot.session.channel.abort()
    return found


async def _first(maildrop: Maildrop, journal: Journal) -> Snapshot | None:
    """Open the mailbox; None if another program holds it, often another Actor on its way to its own code."""
    try:
        return await maildrop.open(journal)
    except MailFailure as failure:
        if failure.code is not FailureCode.MAILBOX_IN_USE:
            raise
        return None
