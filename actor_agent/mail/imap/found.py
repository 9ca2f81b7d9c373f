"""From the messages that were found to what is reported: the codes, the evidence, the deletion."""

from contextlib import suppress
from itertools import zip_longest

from actor_agent.mail.delivery import tell
from actor_agent.mail.evidence import MAX_HEADER, evidence_of
from actor_agent.mail.imap.folders import open_folder
from actor_agent.mail.imap.search import MAX_CODES
from actor_agent.mail.imap.watch import Hit, Hits
from actor_agent.mail.wanted import Found
from mail_transport.failures import MailFailure
from mail_transport.imap.fetching import header_of, uid_of
from mail_transport.imap.responses import Response
from mail_transport.imap.session import Session
from mail_transport.journal import Journal, OpenStep
from wire_contract.base import JsonValue
from wire_contract.diagnostics import StepName
from wire_contract.failure_codes import FailureCode

_TRACE = b"(UID BODY.PEEK[HEADER.FIELDS (MESSAGE-ID DATE RECEIVED SUBJECT)]<0.%d>)" % MAX_HEADER


async def report(session: Session, hits: Hits, journal: Journal) -> Found:
    """Return the codes, the inbox's newest first, and the evidence of that one, with the step ``found``."""
    with journal.step(StepName.FOUND) as step:
        folders: list[JsonValue] = [hit.folder.name for hit in hits]
        step.detail.update(folders=folders, messages=sum(len(hit.matches) for hit in hits))
        header = await _header(session, hits[0], step)
        evidence = evidence_of(header, hits[0].folder.name)
        step.detail["message_id"] = evidence.message_id
        tell(evidence, header, step, journal)
        if any(hit.folder.is_junk for hit in hits):
            step.warn(FailureCode.FOUND_IN_JUNK)
        return Found(_codes(hits), evidence)


def _codes(hits: Hits) -> tuple[str, ...]:
    """The folders take turns, so that look-alikes in one can't crowd out what another holds."""
    each_folders = [[code for match in hit.matches for code in match.codes] for hit in hits]
    in_turn = (code for turn in zip_longest(*each_folders) for code in turn if code)
    return tuple(dict.fromkeys(in_turn))[:MAX_CODES]


async def _header(session: Session, hit: Hit, step: OpenStep) -> bytes:
    """It only explains the code, which was read already: what goes wrong now is but written down."""
    headers: list[bytes] = []
    uid = hit.matches[0].uid

    def take(response: Response) -> None:
        if uid_of(response) == uid:
            headers.append(header_of(response))

    try:
        if await _opened(session, hit):
            await session.command(b"UID FETCH %d %s" % (uid, _TRACE), take=take)
    except MailFailure as failure:
        step.detail["headers_not_read"] = failure.code.value
    return headers[0] if headers else b""


async def _opened(session: Session, hit: Hit, *, writable: bool = False) -> bool:
    """Open the folder of ``hit``, and tell whether its UIDs still stand for the same messages."""
    await open_folder(session, hit.folder, writable=writable)
    return hit.folder.uid_validity == hit.uid_validity


async def delete(session: Session, hits: Hits, journal: Journal) -> None:
    """Delete the messages that carry the wanted locator; a failure is but a warning."""
    gone = False
    with suppress(MailFailure):
        gone = all([await _deleted(session, hit) for hit in hits])
    if not gone:
        journal.warn(FailureCode.MESSAGE_NOT_DELETED)


async def _deleted(session: Session, hit: Hit) -> bool:
    """Without UIDPLUS (RFC 4315) they are marked alone: a plain EXPUNGE would take others' messages too."""
    if not await _opened(session, hit, writable=True) or hit.uid_validity is None:
        return False
    chosen = b",".join(b"%d" % match.uid for match in hit.matches)
    marked = await session.command(b"UID STORE %s +FLAGS.SILENT (\\Deleted)" % chosen)
    if not marked.is_ok or "UIDPLUS" not in session.capabilities:
        return False
    return (await session.command(b"UID EXPUNGE " + chosen)).is_ok
