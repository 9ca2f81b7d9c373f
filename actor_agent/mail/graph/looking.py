"""Looking for a message in a mailbox behind Microsoft Graph, from the sign-in to the find."""

from actor_agent.mail.graph.found import delete, report
from actor_agent.mail.graph.mailbox import GraphMailbox
from actor_agent.mail.graph.permissions import warn_of_permissions
from actor_agent.mail.graph.search import Search
from actor_agent.mail.patience import Patience, persist
from actor_agent.mail.polling import Polling
from actor_agent.mail.search_window import SearchWindow
from actor_agent.mail.wanted import Found, Wanted
from actor_agent.reach import Reach
from mail_transport.failures import MailFailure
from mail_transport.journal import Journal
from mail_transport.microsoft.clouds import endpoints_of
from mail_transport.microsoft.tokens import App, Token, TokenSource, tokens_of
from mail_transport.web import WebClient
from wire_contract.diagnostics import StepName
from wire_contract.failure_codes import FailureCode
from wire_contract.jobs import ClientSecretCredentials, Credentials, GraphTarget


async def look(
    target: GraphTarget,
    credentials: Credentials,
    wanted: Wanted | None,
    window: SearchWindow,
    journal: Journal,
    reach: Reach,
) -> Found | None:
    """See :func:`actor_agent.mail.looking.look`."""
    if not isinstance(credentials, ClientSecretCredentials):
        raise MailFailure(FailureCode.UNSUPPORTED_JOB)
    clouds = reach.clouds
    endpoints = endpoints_of(target.cloud, authority=clouds.graph_authority, graph=clouds.graph_root)
    app = App(endpoints, target.tenant_id, target.client_id, credentials.client_secret, endpoints.scope)
    patience = Patience(window) if wanted else None
    with tokens_of(app) as tokens:
        async with WebClient(reach.egress, journal, reach.authorities(), reach.https_proxy) as client:
            token = await persist(lambda: _sign_in(app, tokens, client, journal), patience)
            mailbox = GraphMailbox(client, endpoints.graph, target.mailbox, token)
            await persist(lambda: _open(mailbox, tokens, target, journal), patience)
            warn_of_permissions(token, journal, deletes=target.delete_verification_message)
            return await _find(mailbox, wanted, window, target, journal) if wanted else None


async def _find(
    mailbox: GraphMailbox, wanted: Wanted, window: SearchWindow, target: GraphTarget, journal: Journal
) -> Found:
    matches = await Polling(Search(mailbox, wanted), window, journal).run()
    found = await report(mailbox, matches, journal)
    if target.delete_verification_message:
        await delete(mailbox, matches, journal)
    return found


async def _sign_in(app: App, tokens: TokenSource, client: WebClient, journal: Journal) -> Token:
    with journal.step(StepName.AUTHENTICATE) as step:
        step.detail.update(authority=app.endpoints.authority, tenant=app.tenant_id, client=app.client_id)
        token = await tokens.get(client)
        journal.mask(token.secret.get_secret_value())
        step.detail["roles"] = [*sorted(token.roles)]
        return token


async def _open(mailbox: GraphMailbox, tokens: TokenSource, target: GraphTarget, journal: Journal) -> None:
    with journal.step(StepName.OPEN_MAILBOX) as step:
        step.detail["mailbox"] = target.mailbox
        try:
            await mailbox.open()
        except MailFailure as failure:
            if failure.code is not FailureCode.GRAPH_THROTTLED:
                tokens.forget()  # a permission that is granted shows in a new token alone
            raise
