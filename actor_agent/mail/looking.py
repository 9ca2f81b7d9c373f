"""The way in: which module looks into which kind of mailbox."""

from importlib import import_module
from typing import Protocol, cast

from actor_agent.kinds_of_mailbox import LOOKING
from actor_agent.mail.search_window import SearchWindow
from actor_agent.mail.wanted import Found, Wanted
from actor_agent.reach import Reach
from mail_transport.failures import MailFailure
from mail_transport.journal import Journal
from mail_transport.xoauth2 import MailLogin
from wire_contract.failure_codes import FailureCode
from wire_contract.jobs import (
    Authentication,
    Credentials,
    MailTarget,
    PasswordCredentials,
    Target,
    secrets_of,
)


class _Module(Protocol):
    async def look(
        self,
        target: Target,
        credentials: Credentials | MailLogin,
        wanted: Wanted | None,
        window: SearchWindow,
        journal: Journal,
        reach: Reach,
    ) -> Found | None: ...


async def look(
    target: Target,
    credentials: Credentials,
    wanted: Wanted | None,
    window: SearchWindow,
    journal: Journal,
    reach: Reach,
) -> Found | None:
    """Look for ``wanted`` until it is found or ``window`` is over; None goes only as far as opening.

    Once the mailbox is open, the outgoing server is tested beside the search.
    Cancelling closes the connection at once.

    Raises:
        MailFailure: with the code that the check ends with; the journal has the step.
        LookAgain: nothing is found yet and nothing should be held open meanwhile.
    """
    for secret in secrets_of(credentials):
        journal.mask(secret)
    name = LOOKING.get(target.server_type)  # loaded on first use: an Actor pays for what it is asked for
    if name is None:
        raise MailFailure(FailureCode.UNSUPPORTED_JOB)
    module = cast("_Module", import_module(name))
    if isinstance(target, MailTarget):
        login = await _login(target, credentials, wanted, window, journal, reach)
        from actor_agent.mail.outgoing import outgoing_tested  # noqa: PLC0415  # brings SMTP and cryptography

        async with outgoing_tested(target, credentials, wanted, journal, reach.egress):
            return await module.look(target, login, wanted, window, journal, reach)
    return await module.look(target, credentials, wanted, window, journal, reach)


async def _login(
    target: MailTarget,
    credentials: Credentials,
    wanted: Wanted | None,
    window: SearchWindow,
    journal: Journal,
    reach: Reach,
) -> MailLogin:
    if target.incoming.authentication is Authentication.XOAUTH2:
        from actor_agent.mail.token_login import token_login  # noqa: PLC0415  # brings HTTP

        return await token_login(target.oauth, credentials, window if wanted else None, journal, reach)
    if not isinstance(credentials, PasswordCredentials):
        raise MailFailure(FailureCode.UNSUPPORTED_JOB)
    return credentials
