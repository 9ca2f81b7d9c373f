"""A polite IMAP server, whose answers a test replaces one by one."""

from collections.abc import Awaitable, Callable

from tests.servers.hostile import Peer, Script

Answer = bytes | list[bytes] | Callable[[Peer, bytes], Awaitable[None]]
"""To a command: its whole tagged status, or untagged lines ahead of an OK, or what to do with (peer, tag)."""

CAPABILITIES = b"* CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR IDLE"
USUAL: dict[bytes, Answer] = {
    b"CAPABILITY": [CAPABILITIES],
    b"LIST": [],
    b"EXAMINE": [b"* 0 EXISTS", b"* OK [UIDVALIDITY 1] valid"],
    b"LOGOUT": [b"* BYE see you"],
}


def imap_script(answers: dict[bytes, Answer] | None = None, *, greeting: bytes = b"* OK ready") -> Script:
    """Greet and answer each command by its first word; what has no answer of its own is OK."""
    all_answers = USUAL | (answers or {})

    async def script(peer: Peer) -> None:
        await peer.send(greeting)
        while True:
            tag, command = await peer.command()
            if not tag:
                return
            verb = command.split(b" ")[0]
            await _answer(
                peer, tag, all_answers.get(b" ".join(command.split(b" ")[:2]), all_answers.get(verb, []))
            )

    return script


async def _answer(peer: Peer, tag: bytes, answer: Answer) -> None:
    if isinstance(answer, bytes):
        await peer.send(tag + b" " + answer)
    elif isinstance(answer, list):
        await peer.send(*answer, tag + b" OK done")
    else:
        await answer(peer, tag)
