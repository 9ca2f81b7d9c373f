"""The caller of a route: found by bearer token, kept for a few seconds, allowed by role."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy import select
from starlette.datastructures import Headers

from director_api.access.models import ApiToken
from director_api.access.roles import Role
from director_api.access.tokens import TokenKind, is_kind
from director_api.audit.log import CallerKind, Who
from director_api.clock import Clock, utc_now
from director_api.database import Database
from director_api.problems import Problem
from director_api.sign_in.tokens import Person, Tokens, looks_signed
from director_api.vault import Vault

_CACHE_SECONDS = 15.0
_CACHE_SIZE = 10_000
_bearer = HTTPBearer(
    auto_error=False,
    description="An API token (director api-tokens create), or an access token of the issuer that GET /sign-in names",
)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, for the length of one request."""

    who: Who
    role: Role
    expires_at: datetime | None

    def expired(self, now: datetime) -> bool:
        """Tell whether what proved the caller has expired."""
        return self.expires_at is not None and self.expires_at <= now

    def may(self, role: Role) -> bool:
        """Tell whether the caller's role covers ``role``."""
        return self.role.covers(role)

    @property
    def trigger(self) -> str:
        """Who starts a verification by this caller: people sign in, scripts have API tokens."""
        return "person" if self.who.kind is CallerKind.OIDC_SUBJECT else "script"


class Callers:
    """Finds the caller of a token. An answer is kept for 15 s, so that a burst costs one look-up.

    ``people`` finds whom an access token of the issuer stands for; null where none is configured.
    """

    def __init__(
        self, database: Database, vault: Vault, clock: Clock = utc_now, people: Tokens | None = None
    ) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock
        self._people = people
        self._known: dict[bytes, tuple[float, Caller]] = {}
        self.used: dict[UUID, datetime] = {}

    async def find(self, token: str) -> Caller | None:
        """Return the caller whom ``token`` stands for, or null for a wrong or expired one.

        Raises:
            Problem: it is an access token that is refused (401), gives no role (403), or can't be
                checked while the issuer is away (503).
        """
        digest = self._vault.hash_token(token)
        until, caller = self._known.get(digest, (0.0, None))
        if caller is None or until < monotonic() or caller.expired(self._clock()):
            caller = await self._look_up(token, digest)
        if caller is None or caller.expired(self._clock()):
            return None
        if caller.who.kind is CallerKind.API_TOKEN:
            self.used[UUID(caller.who.id)] = self._clock()
        return caller

    def known(self, token: str) -> Caller | None:
        """Return whom ``token`` stood for when it was last found, without a look-up."""
        return self._known.get(self._vault.hash_token(token), (0.0, None))[1]

    def forget(self) -> None:
        """Drop every answer that is kept: a token was revoked."""
        self._known.clear()

    async def _look_up(self, token: str, digest: bytes) -> Caller | None:
        if is_kind(token, TokenKind.API):
            caller = await self._of_api_token(digest)
        elif self._people is not None and looks_signed(token):
            caller = _signed_in(await self._people.find(token))
        else:
            caller = None
        if caller is None:
            self._known.pop(digest, None)
            return None
        if len(self._known) >= _CACHE_SIZE:
            self._known.clear()
        self._known[digest] = (monotonic() + _CACHE_SECONDS, caller)
        return caller

    async def _of_api_token(self, digest: bytes) -> Caller | None:
        async with self._database.read() as session:
            row = await session.scalar(select(ApiToken).where(ApiToken.token_hash == digest))
        if row is None:
            return None
        return Caller(Who(CallerKind.API_TOKEN, str(row.id), row.name), Role(row.role), row.expires_at)


def _signed_in(person: Person) -> Caller:
    return Caller(Who(CallerKind.OIDC_SUBJECT, person.subject, person.name), person.role, person.expires_at)


async def caller_of(request: Request) -> Caller | None:
    """Return who sends ``request``, or null for nobody who is known."""
    callers: Callers = request.app.state.callers
    token = bearer_of(request.headers)
    return await callers.find(token) if token else None


def bearer_of(headers: Headers) -> str | None:
    """Return the bearer token of a request, or null where it has none."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def _unauthenticated() -> Problem:
    return Problem(
        401,
        "not_authenticated",
        "Send a valid token as: Authorization: Bearer <token>.",
        headers={"WWW-Authenticate": "Bearer"},
    )


def require(role: Role) -> Callable[..., Awaitable[Caller]]:
    """Make a dependency that lets ``role`` and higher ones pass."""

    async def caller_with_role(
        request: Request, _: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]
    ) -> Caller:
        caller = await caller_of(request)
        if caller is None:
            raise _unauthenticated()
        if not caller.may(role):
            raise Problem(
                403, "role_required", f"This needs the role {role}; the token's role is {caller.role}."
            )
        return caller

    return caller_with_role


Viewer = Annotated[Caller, Depends(require(Role.VIEWER))]
Operator = Annotated[Caller, Depends(require(Role.OPERATOR))]
Admin = Annotated[Caller, Depends(require(Role.ADMIN))]
