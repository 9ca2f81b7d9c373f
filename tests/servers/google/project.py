"""What the stand-in knows: a project in Google's cloud, accounts with mailboxes, and what was granted."""

import json
import secrets
import time
from dataclasses import dataclass, field

from joserfc.jwk import RSAKey

from sandbox.stand_in import StandIn

GMAIL = "https://www.googleapis.com/auth/gmail."
METADATA, READONLY = f"{GMAIL}metadata", f"{GMAIL}readonly"
FULL = "https://mail.google.com/"
ELSEWHERE = "https://evil.example.test/token"


@dataclass
class Message:
    """A message with its labels; hidden until `visible_at` (monotonic), as new mail is for a while."""

    number: int
    headers: dict[str, str]
    labels: list[str]
    arrived: float
    visible_at: float

    @property
    def id(self) -> str:
        """Sixteen hexadecimal digits, as Gmail's are."""
        return f"{0x18C0000000000000 + self.number:016x}"

    @property
    def is_visible(self) -> bool:
        """Whether lists show it yet."""
        return time.monotonic() >= self.visible_at


@dataclass
class Account:
    """A Google account. `has_gmail` false: there is no licence, or Gmail is off for it."""

    address: str
    has_gmail: bool = True
    messages: list[Message] = field(default_factory=list)

    def deliver(
        self, subject: str, *labels: str, after_seconds: float = 0.0, age_seconds: float = 0.0
    ) -> Message:
        """Put a message there, to be seen after a while; without labels into the inbox."""
        number = len(self.messages) + 1
        headers = {
            "Subject": subject,
            "Message-ID": f"<{number}@example.test>",
            "From": "someone@example.test",
        }
        arrived = time.time() - age_seconds + number / 1000
        shown_at = time.monotonic() + after_seconds
        self.messages.append(Message(number, headers, list(labels or ("INBOX",)), arrived, shown_at))
        return self.messages[-1]


@dataclass
class Client:
    """An OAuth client of the type Web application. `state` may be `deleted` or `disabled`."""

    id: str
    secret: str
    redirect_uris: tuple[str, ...] = ()
    state: str = "enabled"


@dataclass
class ServiceAccount:
    """A service account, and the scopes that domain-wide delegation allows it."""

    email: str
    client_id: str = "117300000000000000042"
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048))
    delegated: frozenset[str] = frozenset({METADATA})

    def key_file(self, key: RSAKey | None = None) -> str:
        """The JSON that Google's console hands out, with `key` in place of the right one."""
        private = (key or self.key).as_pem(private=True).decode()
        entries = {"client_email": self.email, "client_id": self.client_id, "private_key": private}
        return json.dumps(
            {"type": "service_account", "private_key_id": "1f2e3d", "token_uri": ELSEWHERE, **entries}
        )


@dataclass
class Grant:
    """What a token opens. `address` null: nobody's mailbox."""

    address: str | None
    scopes: frozenset[str]
    client_id: str
    ends: float = float("inf")


@dataclass
class Project(StandIn):
    """The one project of the stand-in, and the accounts of the world around it."""

    gmail_enabled: bool = True
    accounts: dict[str, Account] = field(default_factory=dict)
    clients: dict[str, Client] = field(default_factory=dict)
    service_accounts: dict[str, ServiceAccount] = field(default_factory=dict)
    access: dict[str, Grant] = field(default_factory=dict)
    consents: dict[str, Grant] = field(default_factory=dict)
    """By refresh token."""

    def add_account(self, address: str, *, has_gmail: bool = True) -> Account:
        """Make an account."""
        made = self.accounts[address] = Account(address, has_gmail)
        return made

    def add_client(self, client: Client) -> Client:
        """Register a client."""
        self.clients[client.id] = client
        return client

    def add_service_account(self, account: ServiceAccount) -> ServiceAccount:
        """Register a service account."""
        self.service_accounts[account.email] = account
        return account

    def consent(self, client: Client, address: str, *scopes: str) -> str:
        """Consent as the owner of `address`; returns the refresh token."""
        token = f"1//{secrets.token_urlsafe(48)}"
        self.consents[token] = Grant(address, frozenset(scopes), client.id)
        return token

    def revoke(self, address: str) -> None:
        """Take back every consent of an owner: tokens that were issued for it end too."""
        for granted in (self.consents, self.access):
            for token in [token for token, grant in granted.items() if grant.address == address]:
                del granted[token]

    def issue(self, grant: Grant, life_seconds: int) -> str:
        """Return an access token."""
        token = f"ya29.{secrets.token_urlsafe(64)}"
        self.access[token] = Grant(
            grant.address, grant.scopes, grant.client_id, time.monotonic() + life_seconds
        )
        return token
