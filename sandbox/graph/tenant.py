"""What the stand-in knows: a tenant, its apps, its mailboxes, and the troubles to come."""

import itertools
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sandbox.stand_in import StandIn

_numbers = itertools.count(1)


@dataclass
class App:
    """An app registration. ``mailboxes`` null: no policy limits it. ``exchange_roles`` are for IMAP and POP3."""

    client_id: str
    secret: str
    roles: frozenset[str] = frozenset({"Mail.ReadBasic.All", "Mail.Send"})
    exchange_roles: frozenset[str] = frozenset()
    mailboxes: frozenset[str] | None = None
    sign_in_error: tuple[int, str] | None = None


@dataclass
class Message:
    """A message in a folder; hidden until ``visible_at`` (monotonic), as new mail is for a while."""

    subject: str
    folder: str = "inbox"
    received: datetime = field(default_factory=lambda: datetime.now(UTC))
    visible_at: float = 0.0
    id: str = field(default_factory=lambda: f"AAMk{next(_numbers):08d}")

    @property
    def is_visible(self) -> bool:
        """Whether lists show it yet."""
        return time.monotonic() >= self.visible_at

    def id_for(self, *, immutable: bool) -> str:
        """Return the id; one that is not immutable is another in each folder."""
        return self.id if immutable else f"{self.id}-{self.folder}"

    def shown(self, fields: list[str], *, immutable: bool) -> dict[str, object]:
        """Return the properties that were asked for."""
        everything: dict[str, object] = {
            "id": self.id_for(immutable=immutable),
            "subject": self.subject,
            "receivedDateTime": self.received.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "internetMessageId": f"<{self.id}@example.test>",
            "parentFolderId": self.folder,
        }
        return {"@odata.etag": f'W/"{self.id}"'} | {name: everything.get(name) for name in fields}


@dataclass(frozen=True)
class Arrival:
    """What becomes of new mail: into which folder it goes, and how long it takes. ``folder`` null: it is lost."""

    folder: str | None = "inbox"
    after_seconds: float = 0.0


@dataclass
class Mailbox:
    """A user and its mailbox. ``is_enabled`` false: there is no licence. ``sent`` are the sent items' subjects."""

    principal_name: str
    is_enabled: bool = True
    arrival: Arrival = Arrival()
    messages: list[Message] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    sent_at: list[float] = field(default_factory=list)

    def deliver(self, subject: str, *, folder: str = "inbox", after_seconds: float = 0.0) -> Message:
        """Put a message there, to be seen after a while."""
        message = Message(subject, folder, visible_at=time.monotonic() + after_seconds)
        self.messages.append(message)
        return message

    def receive(self, subject: str) -> None:
        """Take new mail in, as ``arrival`` says."""
        if self.arrival.folder is not None:
            self.deliver(subject, folder=self.arrival.folder, after_seconds=self.arrival.after_seconds)


@dataclass
class Tenant(StandIn):
    """The one tenant of the stand-in."""

    id: str = "11111111-2222-3333-4444-555555555555"
    apps: dict[str, App] = field(default_factory=dict)
    mailboxes: dict[str, Mailbox] = field(default_factory=dict)
    under_way: Counter[str] = field(default_factory=Counter)

    def add_mailbox(self, principal_name: str, *, is_enabled: bool = True) -> Mailbox:
        """Make a user with a mailbox."""
        made = self.mailboxes[principal_name.lower()] = Mailbox(principal_name, is_enabled)
        return made

    def add_app(self, app: App) -> App:
        """Register an app."""
        self.apps[app.client_id] = app
        return app
