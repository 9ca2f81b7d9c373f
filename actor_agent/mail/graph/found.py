"""From the messages that were found to what is reported: the codes, the evidence, the deletion."""

from actor_agent.mail.graph.mailbox import JUNK, GraphMailbox
from actor_agent.mail.graph.search import MAX_CODES, Match
from actor_agent.mail.wanted import Found
from mail_transport.failures import MailFailure
from mail_transport.journal import Journal, OpenStep
from wire_contract.diagnostics import StepName
from wire_contract.failure_codes import FailureCode
from wire_contract.results import Evidence


async def report(mailbox: GraphMailbox, matches: list[Match], journal: Journal) -> Found:
    """Return the codes, best first, with the step ``found``."""
    with journal.step(StepName.FOUND) as step:
        first = matches[0]
        evidence = Evidence(
            message_id=first.message.message_id[:512] or None,
            folder=(await _folder(mailbox, first, step))[:255],
            date=first.message.received[:512] or None,
        )
        step.detail.update(folder=evidence.folder, messages=len(matches), message_id=first.message.message_id)
        if any(match.in_junk for match in matches):
            step.warn(FailureCode.FOUND_IN_JUNK)
        codes = tuple(dict.fromkeys(code for match in matches for code in match.codes))
        return Found(codes[:MAX_CODES], evidence)


async def _folder(mailbox: GraphMailbox, match: Match, step: OpenStep) -> str:
    """The name only explains the code, which was read already: what goes wrong now is but written down."""
    fallback = JUNK if match.in_junk else "messages"
    try:
        return await mailbox.folder_name(match.message.folder_id) or fallback
    except MailFailure as failure:
        step.detail["folder_name_not_read"] = failure.code.value
        return fallback


async def delete(mailbox: GraphMailbox, matches: list[Match], journal: Journal) -> None:
    """Delete the messages that carry the wanted locator; a failure is but a warning."""
    try:
        for match in matches:
            await mailbox.delete(match.message)
    except MailFailure as failure:
        journal.warn(FailureCode.MESSAGE_NOT_DELETED, failure.code.value)
