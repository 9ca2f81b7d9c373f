"""A mail server for the Director that answers as a test says, in a thread of its own."""

import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.policy import SMTP
from typing import cast

from tests.servers.ports import HOST

ACCEPTED = b"250 2.0.0 Ok"
GREYLISTED = b"451 4.7.1 Greylisted, come back later"
REFUSED = b"550 5.7.1 Not from you"
HANG_UP = b""
"""In place of an answer: the connection breaks."""
Answer = Callable[[], bytes]
Taken = Callable[[Message], bytes]


@dataclass
class ScriptedSmtp:
    """What the server says (RFC 5321); each hook is called in the connection's own thread.

    ``at_recipient`` gives the answer to RCPT. ``at_message`` has the whole message and gives the answer
    to the end of its data; the message counts as accepted from that moment on.
    """

    port: int = 0
    host: str = HOST
    at_recipient: Answer = lambda: ACCEPTED
    at_message: Taken = lambda _: ACCEPTED
    subjects: list[str] = field(default_factory=list)
    """The subject of each message that was read to its end, as often as it came."""

    @property
    def settings(self) -> dict[str, object]:
        """The Director's mail settings that lead here."""
        return {"from_address": "director@example.test", "host": self.host, "port": self.port}


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    script: ScriptedSmtp

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is what some tests are about."""


class _Dialogue(socketserver.StreamRequestHandler):
    timeout = 120.0

    def handle(self) -> None:
        with suppress(ConnectionError, TimeoutError):
            self._say(b"220 scripted ESMTP")
            while line := self.rfile.readline():
                answer = self._answer(line.split()[0].upper() if line.split() else b"")
                if answer == HANG_UP:
                    return
                self._say(answer)

    def _answer(self, verb: bytes) -> bytes:
        script = cast(_Server, self.server).script
        match verb:
            case b"RCPT":
                return script.at_recipient()
            case b"DATA":
                self._say(b"354 Go on")
                return self._message(script)
            case b"QUIT":
                self._say(b"221 Bye")
                return HANG_UP
        return ACCEPTED

    def _message(self, script: ScriptedSmtp) -> bytes:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        if not line:
            return HANG_UP
        message = message_from_bytes(b"".join(lines), policy=SMTP)
        script.subjects.append(str(message["Subject"]))
        return script.at_message(message)

    def _say(self, reply: bytes) -> None:
        self.wfile.write(reply + b"\r\n")


@contextmanager
def scripted_smtp(port: int = 0) -> Iterator[ScriptedSmtp]:
    """Serve on ``port`` (0: any that is free) until the block ends."""
    with _Server((HOST, port), _Dialogue) as server:
        server.script = ScriptedSmtp(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server.script
        finally:
            server.shutdown()
            thread.join()
