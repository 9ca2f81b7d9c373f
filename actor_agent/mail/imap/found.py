"""From the messages that were found to what is reported: the codes, the evidence, the deletion."""

from contextlib import suppress

from actor_agent.mail.evidence import MAX_HEADER, evidence_of
from actor_agent.mail.imap.folders import Folder, open_folder
from actor_agent.mail.imap.responses import Response
from actor_agent.mail.imap.search import MAX_CODES, header_of, uid_of
from actor_agent.mail.imap.session import Session
from actor_agent.mail.imap.watch import Hit
from actor_agent.mail.wanted import Found
from mail_transport.failures import MailFailure
from mail_transport.journal import Journal, OpenStep
from wire_contract.diagnostics import StepName
from wire_contract.failure_codes import FailureCode

_TRACE = b"(UID BODY.PEEK[HEADER.FIELDS (MESSAGE-ID DATE RECEIVED)]<0.%d>)" % MAX_HEADER


async def report(session: Session, hit: Hit, journal: Journal) -> Found:
    """Return the codes, the newest message's first, with the step ``found``."""
    with journal.step(StepName.FOUND) as step:
        matches = sorted(hit.matches, key=lambda match: match.uid, reverse=True)
        codes = tuple(dict.fromkeys(code for match in matches for code in match.codes))
        step.detail.update(folder=hit.folder.name, messages=len(matches))
        evidence = evidence_of(await _header(session, matches[0].uid, step), hit.folder.name)
        step.detail["message_id"] = evidence.message_id
        if hit.folder.is_junk:
            step.warn(FailureCode.FOUND_IN_JUNK)
        return Found(codes[:MAX_CODES], evidence)


async def _header(session: Session, uid: int, step: OpenStep) -> bytes:
    """It only explains the code, which was read already: what goes wrong now is but written down."""
    headers: list[bytes] = []

    def take(response: Response) -> None:
        if uid_of(response) == uid:
            headers.append(header_of(response))

    try:
        await session.command(b"UID FETCH %d %s" % (uid, _TRACE), take=take)
    except MailFailure as failure:
        step.detail["headers_not_read"] = failure.code.value
    return headers[0] if headers else b""


async def delete(session: Session, hit: Hit, journal: Journal) -> None:
    """Delete the messages that carry the wanted locator; a failure is but a warning."""
    gone = False
    with suppress(MailFailure):
        gone = await _deleted(session, hit.folder, [match.uid for match in hit.matches])
    if not gone:
        journal.warn(FailureCode.MESSAGE_NOT_DELETED)


async def _deleted(session: Session, folder: Folder, uids: list[int]) -> bool:
    """Without UIDPLUS (RFC 4315) they are marked alone: a plain EXPUNGE would take others' messages too."""
    validity = folder.uid_validity
    await open_folder(session, folder, writable=True)
    if validity is None or folder.uid_validity != validity:
        return False
    chosen = b",".join(b"%d" % uid for uid in uids)
    marked = await session.command(b"UID STORE %s +FLAGS.SILENT (\\Deleted)" % chosen)
    if not marked.is_ok or "UIDPLUS" not in session.capabilities:
        return False
    return (await session.command(b"UID EXPUNGE " + chosen)).is_ok
