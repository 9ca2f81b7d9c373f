"""Why a message may not have come: the Director's side of the story joined to the Actor's; pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wire_contract.failure_codes import FailureCode
from wire_contract.failure_texts import FAILURE_TEXTS

_QUEUE_ID = re.compile(r"queued as ([A-Za-z0-9]{4,32})", re.IGNORECASE)
_NEAR_MISSES = (
    FailureCode.CODE_WITHOUT_PARENTHESES,
    FailureCode.CODE_INCOMPLETE,
    FailureCode.CODE_OUTDATED,
)


@dataclass(frozen=True, slots=True)
class MissingMail:
    """What is known of a message that no search found.

    ``search`` is the detail of the Actor's step ``search``; ``account`` is the mailbox that is read, null
    where it is that of the address; ``bounced`` is why the message came back, where it did.
    """

    email_address: str
    account: str | None
    manual: bool
    sent_at: datetime | None
    reply: str | None
    search: dict[str, Any]
    warnings: frozenset[str]
    bounced: str | None = None


def possible_causes(missing: MissingMail) -> list[str]:
    """Return what remains possible, the most likely first."""
    return [
        *_returned(missing),
        *_in_trash(missing),
        *_near_misses(missing),
        *_of_the_way(missing),
        *_of_the_mailbox(missing),
        *_of_time(missing),
    ]


def _returned(missing: MissingMail) -> Iterator[str]:
    if missing.bounced:
        yield f"The message came back, and the server that refused it said: {missing.bounced}"


def _in_trash(missing: MissingMail) -> Iterator[str]:
    if missing.search.get("messages_in_trash"):
        yield (
            "The message is in the mailbox's trash, where it does not count: a filter, another program or a "
            "person deleted it. Stop that, and verify again."
        )


def _near_misses(missing: MissingMail) -> Iterator[str]:
    for code in _NEAR_MISSES:
        if code in missing.warnings:
            yield f"{FAILURE_TEXTS[code].message} {FAILURE_TEXTS[code].hint}"


def _of_the_way(missing: MissingMail) -> Iterator[str]:
    if missing.manual:
        yield (
            "Nobody has sent the code yet, or it went to another address: send it to "
            f"{missing.email_address} with the subject as shown under View UUID code."
        )
        return
    if missing.sent_at is None:
        return
    took = f"The Director's mail server took the message at {missing.sent_at:%Y-%m-%d %H:%M:%S} UTC"
    if _other_mail_arrived(missing.search, missing.sent_at):
        yield (
            f"{took}, and other mail reached the mailbox meanwhile: a filter, a quarantine or a rule took "
            f"this one. {_where_to_ask(missing.reply)}"
        )
    else:
        yield (
            f"{took}, and nothing reached the mailbox since: it waits in a queue or was stopped on its way. "
            f"{_where_to_ask(missing.reply)}"
        )


def _other_mail_arrived(search: dict[str, Any], sent_at: datetime) -> bool:
    """Tell whether the Actor saw mail come, itself or by the time that the mailbox gives its newest message."""
    if search.get("messages_arrived"):
        return True
    try:
        newest = datetime.fromisoformat(str(search.get("newest_seen")))
    except ValueError:
        return False
    return newest.tzinfo is not None and newest > sent_at


def _where_to_ask(reply: str | None) -> str:
    queued = _QUEUE_ID.search(reply or "")
    if queued:
        return f"Search that server's log for the queue id {queued[1]}: it says where the message went."
    return "That server's log says where the message went."


def _of_the_mailbox(missing: MissingMail) -> Iterator[str]:
    account = missing.account
    if account and "@" in account and account.casefold() != missing.email_address.casefold():
        yield (
            f"Mail for {missing.email_address} may not be delivered into the account {account}: check the "
            "alias or the forwarding."
        )
    if unopened := missing.search.get("not_opened"):
        yield f"It may be in a folder that could not be opened: {', '.join(map(str, unopened))}."
    if missing.search.get("junk_not_visible"):
        yield "It may be in the junk folder, which POP3 does not show: look there by hand, or use IMAP."
    if missing.search.get("junk_not_listed"):
        yield (
            "It may be in the junk folder, which was not looked for: the account sees more folders than the "
            "Actor has listed. Look there by hand, or name the folder under /settings/email-actions."
        )


def _of_time(missing: MissingMail) -> Iterator[str]:
    if not missing.manual:
        yield (
            "It may still be on its way: greylisting takes up to 30 minutes. Verify again later, or let "
            "Actors search for longer (search_seconds under /settings/email-actions)."
        )
