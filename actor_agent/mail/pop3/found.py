"""From the messages that were found to what is reported: the codes, the evidence, the deletion."""

from contextlib import suppress

from actor_agent.mail.delivery import tell
from actor_agent.mail.evidence import evidence_of
from actor_agent.mail.pop3.maildrop import INBOX
from actor_agent.mail.pop3.search import MAX_CODES
from actor_agent.mail.pop3.watch import Hit
from actor_agent.mail.wanted import Found
from mail_transport.failures import MailFailure
from mail_transport.journal import Journal
from mail_transport.limits import SLOW_REPLY_SECONDS
from wire_contract.diagnostics import StepName
from wire_contract.failure_codes import FailureCode


def report(hit: Hit, journal: Journal) -> Found:
    """Return the codes, the newest message's first, with the step ``found``."""
    with journal.step(StepName.FOUND) as step:
        codes = tuple(dict.fromkeys(code for match in hit.matches for code in match.codes))
        evidence = evidence_of(hit.matches[0].header, INBOX)
        step.detail.update(folder=INBOX, messages=len(hit.matches), message_id=evidence.message_id)
        tell(evidence, hit.matches[0].header, step, journal)
        return Found(codes[:MAX_CODES], evidence)


async def delete_and_leave(hit: Hit, journal: Journal) -> None:
    """Delete the messages that carry the wanted locator and end the session; a failure is but a warning.

    The server deletes when it answers QUIT, and not before (RFC 1939 section 6).
    """
    session = hit.snapshot.session
    marked = False
    with suppress(MailFailure):
        replies = [await session.command(b"DELE %d" % match.number) for match in hit.matches]
        marked = all(reply.is_ok for reply in replies)
    if not (await hit.snapshot.leave(SLOW_REPLY_SECONDS) and marked):
        journal.warn(FailureCode.MESSAGE_NOT_DELETED)
