"""What real servers say when a mailbox is locked, a disk is full, a mechanism or TLS was turned off."""

import os
import poplib
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme

from tests.actor_agent.mail.looking import Look, credentials_of, dovecot_target, target_of, wanted
from tests.actor_agent.mail.pop3.targets import dovecot_pop3, pop3_target
from tests.mail_transport.smtp_talk import Talk, somebody
from tests.servers.dovecot import Dovecot
from tests.servers.folders import server_folder
from tests.servers.postfix import Postfix
from wire_contract.diagnostics import StepName
from wire_contract.failure_codes import FailureCode
from wire_contract.jobs import Encryption, Target, TlsPolicy
from wire_contract.verification_code import new_code

LOCKING = "protocol pop3 {\n  pop3_lock_session = yes\n}\n"


@contextmanager
def _dovecot(ca: trustme.CA, settings: str) -> Iterator[Dovecot]:
    with server_folder() as folder, Dovecot(folder, ca, settings=settings) as server:
        yield server


async def test_a_mailbox_that_another_session_locks_is_in_use(ca: trustme.CA) -> None:
    with _dovecot(ca, LOCKING) as dovecot:
        mailbox = dovecot.add_user()
        other = poplib.POP3(dovecot.host, dovecot.ports.pop3)
        other.user(mailbox.username)
        other.pass_(mailbox.password)
        look = Look(dovecot_pop3(dovecot), credentials_of(mailbox))
        assert await look.failure() is FailureCode.MAILBOX_IN_USE
        assert look.step(StepName.AUTHENTICATE).outcome == "ok"
        said = look.step(StepName.OPEN_MAILBOX).server_reply
        assert said == "[IN-USE] Mailbox is locked by another POP3 session."
        other.quit()
        await Look(dovecot_pop3(dovecot), credentials_of(mailbox)).run()


@pytest.fixture(scope="module")
def without_passwords(ca: trustme.CA) -> Iterator[Dovecot]:
    """A Dovecot without any mechanism that shows it a password."""
    with _dovecot(ca, "auth_mechanisms = cram-md5\n") as dovecot:
        yield dovecot


async def test_mechanisms_that_imap_lacks_are_told(without_passwords: Dovecot) -> None:
    target = dovecot_target(without_passwords)
    look = Look(target, credentials_of(without_passwords.add_user()))
    assert await look.failure() is FailureCode.AUTH_MECHANISM_NOT_OFFERED
    assert look.step(StepName.AUTHENTICATE).detail["offered"] == ["AUTH=CRAM-MD5", "LOGINDISABLED"]


async def test_a_mechanism_that_pop3_offers_and_lacks_is_no_wrong_password(
    without_passwords: Dovecot,
) -> None:
    look = Look(dovecot_pop3(without_passwords), credentials_of(without_passwords.add_user()))
    assert await look.failure() is FailureCode.AUTH_MECHANISM_NOT_OFFERED
    said = look.step(StepName.AUTHENTICATE).server_reply
    assert said == "[AUTH] Unsupported authentication mechanism."


async def test_mechanisms_that_smtp_lacks_are_told(ca: trustme.CA, without_passwords: Dovecot) -> None:
    with server_folder() as folder, Postfix(folder, ca, without_passwords) as postfix:
        tls = TlsPolicy(ca_certificate=without_passwords.ca_pem)
        talk = Talk(postfix.ports.smtps, Encryption.SSL_TLS, credentials=somebody(), tls=tls)
        assert await talk.failure() is FailureCode.AUTH_MECHANISM_NOT_OFFERED
        assert talk.last.detail["offered"] == ["CRAM-MD5"]


@pytest.fixture(scope="module")
def without_tls(ca: trustme.CA) -> Iterator[Dovecot]:
    """A Dovecot whose TLS is turned off: what a device that strips STARTTLS leaves of one."""
    with _dovecot(ca, "ssl = no\n") as dovecot:
        yield dovecot


async def test_starttls_that_is_not_offered_is_no_reason_to_go_on_without(without_tls: Dovecot) -> None:
    ports, credentials = without_tls.ports, credentials_of(without_tls.add_user())
    targets: list[Target] = [
        target_of(ports.imap, Encryption.STARTTLS),
        pop3_target(ports.pop3, Encryption.STARTTLS),
    ]
    for target in targets:
        look = Look(target, credentials)
        assert await look.failure() is FailureCode.TLS_NOT_OFFERED
        assert "authenticate" not in look.step_names


@contextmanager
def _full_disk(folder: Path) -> Iterator[None]:
    """Have no room left in ``folder``, as the only file on its disk."""
    if os.geteuid() != 0:
        pytest.skip("a small disk is mounted by root alone: run as root, for example in a container")
    size = "size=16k,nr_inodes=1,mode=777"
    subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


async def test_a_full_disk_is_told_as_the_server_tells_it(ca: trustme.CA) -> None:
    with _dovecot(ca, "") as dovecot, _full_disk(dovecot.mail_folder):
        credentials = credentials_of(dovecot.add_user())
        for target, words in (
            (dovecot_target(dovecot), "[SERVERBUG] Internal error occurred."),
            (dovecot_pop3(dovecot), "[SYS/TEMP] Internal error occurred."),
        ):
            look = Look(target, credentials, wanted(new_code()))
            assert await look.failure() is FailureCode.MAILBOX_UNAVAILABLE
            assert str(look.step(StepName.OPEN_MAILBOX).server_reply).startswith(words)
