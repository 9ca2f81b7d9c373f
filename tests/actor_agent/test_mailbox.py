"""The Actor reads a real mailbox and proves it."""

from functools import partial

from actor_agent.state import Enrollment, State
from tests.actor_agent.command import running
from tests.actor_agent.director import HOST, FakeDirector
from tests.actor_agent.sealed_lease import sealed_lease
from tests.servers.dovecot import Dovecot
from wire_contract.failure_codes import FailureCode
from wire_contract.verification_code import locator_of, new_code, subject_for


async def test_a_code_goes_from_the_mailbox_to_the_director(
    director: FakeDirector, state: State, enrollment: Enrollment, dovecot: Dovecot
) -> None:
    mailbox, code = dovecot.add_user(), new_code()
    lease = partial(sealed_lease, enrollment, port=dovecot.ports.imap, username=mailbox.username, folders=[])
    good = lease(locator=locator_of(code), password=mailbox.password)
    bad = lease(locator=locator_of(code), password="not-the-password")
    plain = lease(kind="connectivity", locator=None, password=mailbox.password)
    async with running(state.folder, ACTOR_EGRESS_ALLOW=HOST):
        await director.give(good, bad, plain)
        await director.until(lambda: plain["id"] in director.results and bad["id"] in director.results)
        assert director.results[plain["id"]].connected
        assert director.results[bad["id"]].failure_code is FailureCode.AUTH_INVALID_CREDENTIALS
        assert good["id"] not in director.results
        dovecot.deliver(mailbox, subject_for(code))
        await director.until(lambda: good["id"] in director.results)
    assert director.results[good["id"]].code == code
    assert state.enrollment() == enrollment
