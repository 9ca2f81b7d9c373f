"""Getting the token that an account logs in with, from the cloud that its profile names."""

from dataclasses import dataclass

from pydantic import SecretStr

from actor_agent.mail.patience import Patience, persist
from actor_agent.mail.search_window import SearchWindow
from actor_agent.reach import CloudEndpoints, Reach
from mail_transport.failures import MailFailure
from mail_transport.google.scopes import FULL_SCOPE
from mail_transport.journal import Journal
from mail_transport.microsoft.clouds import endpoints_of
from mail_transport.web import WebClient
from mail_transport.xoauth2 import TokenLogin
from wire_contract.base import JsonValue
from wire_contract.diagnostics import StepName
from wire_contract.failure_codes import FailureCode
from wire_contract.jobs import (
    ClientSecretCredentials,
    Credentials,
    OAuthApp,
    OAuthProvider,
    RefreshTokenCredentials,
)

_NEEDED_AT_EXCHANGE = frozenset({"IMAP.AccessAsApp", "POP.AccessAsApp", "SMTP.SendAsApp"})
"""What reading by either protocol needs, and sending; "Authenticate an IMAP, POP or SMTP connection using
OAuth", learn.microsoft.com/exchange."""


async def token_login(
    app: OAuthApp | None,
    credentials: Credentials,
    window: SearchWindow | None,
    journal: Journal,
    reach: Reach,
) -> TokenLogin:
    """Sign in for ``app``, within ``window`` where there is one, else with one try.

    That it worked is shown with the login that the token is for.

    Raises:
        MailFailure: ``graph_*``, ``gmail_*``, and those of a connection; ``unsupported_job`` for
            credentials that are not ``app``'s.
        LookAgain: when the cloud wants to be left alone for longer than anything should be held.
    """
    if app is None:
        raise MailFailure(FailureCode.UNSUPPORTED_JOB)
    async with WebClient(reach.egress, journal, reach.authorities(), reach.https_proxy) as client:
        sign_in = _SignIn(app, client, journal, reach.clouds)
        patience = Patience(window) if window else None
        return await persist(lambda: sign_in.run(credentials), patience)


@dataclass(frozen=True, slots=True)
class _SignIn:
    app: OAuthApp
    client: WebClient
    journal: Journal
    clouds: CloudEndpoints

    async def run(self, credentials: Credentials) -> TokenLogin:
        with self.journal.step(StepName.AUTHENTICATE, quiet=True) as step:
            microsoft = self.app.provider is OAuthProvider.MICROSOFT
            step.detail.update(provider=self.app.provider.value, client_id=self.app.client_id)
            if microsoft and isinstance(credentials, ClientSecretCredentials):
                token = await self._microsoft(credentials, step.detail)
            elif not microsoft and isinstance(credentials, RefreshTokenCredentials):
                token = await self._google(credentials, step.detail)
            else:
                raise MailFailure(FailureCode.UNSUPPORTED_JOB)
            self.journal.mask(token.get_secret_value())
            return TokenLogin(_name(credentials), token, {**step.detail})

    async def _microsoft(
        self, credentials: ClientSecretCredentials, shown: dict[str, JsonValue]
    ) -> SecretStr:
        from mail_transport.microsoft.tokens import App, tokens_of  # noqa: PLC0415  # loads a heavy library

        endpoints = endpoints_of(self.app.cloud, authority=self.clouds.graph_authority, graph=None)
        tenant = self.app.tenant_id or ""
        shown.update(authority=endpoints.authority, tenant=tenant, scope=endpoints.exchange_scope)
        app = App(endpoints, tenant, self.app.client_id, credentials.client_secret, endpoints.exchange_scope)
        with tokens_of(app) as tokens:
            token = await tokens.get(self.client)
        shown["roles"] = [*sorted(token.roles)]
        if excess := token.roles - _NEEDED_AT_EXCHANGE:
            self.journal.warn(FailureCode.AUTH_EXCESS_PERMISSION, ", ".join(sorted(excess)))
        return token.secret

    async def _google(self, credentials: RefreshTokenCredentials, shown: dict[str, JsonValue]) -> SecretStr:
        from actor_agent.mail.gmail.permissions import warn_of_excess  # noqa: PLC0415  # as the next
        from mail_transport.google.tokens import access_token  # noqa: PLC0415  # loads a heavy library

        url = self.clouds.google_token_url
        shown.update(host=url, scope=FULL_SCOPE)
        token = await access_token(
            self.client,
            url,
            credentials,
            client_id=self.app.client_id,
            subject=_name(credentials),
            scope=FULL_SCOPE,
        )
        warn_of_excess(token, self.journal)
        return token.secret


def _name(credentials: ClientSecretCredentials | RefreshTokenCredentials) -> str:
    if credentials.username is None:
        raise MailFailure(FailureCode.UNSUPPORTED_JOB)
    return credentials.username
