"""A whole check of a mailbox of 100,000 messages over one of 10, from `verify` to Verified.

The mailboxes are Dovecot's mdbox: with a file for each message (maildir) it is the server that reads
a folder of 100,000 names at each opening, whatever a client asks. The first checks, during which the
server writes its index, are not counted.
"""

import io
import socket
import statistics

from benchmarks.measurement import Goal, Measurement, Scale, alternated, spread
from benchmarks.stage import Stage, stage
from tests.servers.dovecot import Dovecot
from tests.servers.mailbox import Mailbox, message

SMALL = 10
_AT_ONCE = 2000


async def measure(scale: Scale) -> list[Measurement]:
    """Measure IMAP and POP3, large and small in turn."""
    large = scale.of(100_000, 2_000)
    with stage(mail_format="mdbox") as there:
        boxes = [there.servers.add_user(), there.servers.add_user()]
        for box, messages in zip(boxes, (SMALL, large), strict=True):
            fill(there.servers.dovecot, box, messages)
        return [await _measured(there, boxes, server_type, scale, large) for server_type in ("imap", "pop3")]


async def _measured(
    there: Stage, boxes: list[Mailbox], server_type: str, scale: Scale, large: int
) -> Measurement:
    actor = there.director.actor(f"bench-{server_type}")
    small_profile, large_profile = (there.profile(box, actor, server_type) for box in boxes)
    small, big = await alternated(
        scale.of(25, 3),
        lambda: there.verified_in(small_profile),
        lambda: there.verified_in(large_profile),
        warm_up=3,
    )
    actor.kill()
    return Measurement(
        f"large_mailbox_{server_type}",
        statistics.median(big) / statistics.median(small),
        Goal(1.2),
        {"messages_small": SMALL, "messages_large": large} | spread("small", small) | spread("large", big),
    )


def fill(dovecot: Dovecot, mailbox: Mailbox, messages: int) -> None:
    """Append messages by one command for each 2,000 (MULTIAPPEND, RFC 3502; LITERAL+, RFC 7888)."""
    with socket.create_connection((dovecot.host, dovecot.ports.imap)) as connection:
        replies = connection.makefile("rb")
        replies.readline()
        connection.sendall(f"a LOGIN {mailbox.username} {mailbox.password}\r\n".encode())
        _until(replies, b"a ")
        for first in range(0, messages, _AT_ONCE):
            batch = [b"b APPEND INBOX"]
            for number in range(first, min(messages, first + _AT_ONCE)):
                text = message(f"old news {number}", to=mailbox.address)
                batch.append(b" (\\Seen) {%d+}\r\n%s" % (len(text), text))
            connection.sendall(b"".join(batch) + b"\r\n")
            _until(replies, b"b ")


def _until(replies: io.BufferedReader, tag: bytes) -> None:
    while not (line := replies.readline()).startswith(tag):
        if not line:
            raise ConnectionError("the server closed the connection")
    if not line.startswith(tag + b"OK"):
        raise RuntimeError(f"the server refused: {line!r}")
