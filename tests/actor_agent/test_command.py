"""The ``actor`` command as a process: what it prints, how it ends, what it keeps, how light it is."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from actor_agent.exit_codes import ExitCode
from actor_agent.state import Enrollment, State
from tests.actor_agent.command import actor, end_of, running
from tests.actor_agent.director import HOST, TOKEN, FakeDirector, lost_answer
from tests.actor_agent.quiet_server import quiet_server
from tests.actor_agent.sealed_lease import PASSWORD, sealed_lease
from tests.servers.ports import free_ports


async def test_enrolling_prints_who_it_is(director: FakeDirector, state: State) -> None:
    done = await actor(
        state.folder, "enroll", "--director", director.url, "--token", TOKEN, "--name", "office-1"
    )
    assert done.code == ExitCode.OK
    enrollment = state.enrollment()
    assert enrollment is not None
    assert done.out.startswith(f"Enrolled as office-1 ({enrollment.actor_id})")


@pytest.mark.parametrize("way", ["file", "stdin"])
async def test_a_token_need_not_show_in_ps(
    director: FakeDirector, state: State, tmp_path: Path, way: str
) -> None:
    file = tmp_path / "token"
    file.write_text(TOKEN + "\n")
    source = ("--token-file", str(file)) if way == "file" else ("--token", "-")
    done = await actor(
        state.folder, "enroll", "--name", "a", *source, stdin=TOKEN, ACTOR_DIRECTOR_URL=director.url
    )
    assert done.code == ExitCode.OK


async def test_a_lost_answer_is_mended_by_the_same_command(director: FakeDirector, state: State) -> None:
    director.answer_next("enroll", lost_answer())
    command = ("enroll", "--director", director.url, "--token", TOKEN, "--name", "office-1")
    assert (await actor(state.folder, *command)).code == ExitCode.DIRECTOR_AWAY
    assert (await actor(state.folder, *command)).code == ExitCode.OK


async def test_an_identity_is_not_given_up_by_accident(
    director: FakeDirector, state: State, enrollment: Enrollment
) -> None:
    command = ("enroll", "--director", director.url, "--token", "wrong-token", "--name", "office-1")
    refused = await actor(state.folder, *command)
    assert refused.code == ExitCode.STATE
    assert "--replace gives that identity up" in refused.log
    assert (await actor(state.folder, *command, "--replace")).code == ExitCode.DIRECTOR_REFUSED
    assert state.enrollment() == enrollment


async def test_each_end_has_its_code_and_one_sentence(director: FakeDirector, state: State) -> None:
    nobody = f"http://{HOST}:{free_ports(1)[0]}"
    enroll = ("enroll", "--name", "a", "--token")
    for arguments, code, says in (
        (("run",), ExitCode.STATE, "holds no Actor: run actor enroll first"),
        (("status",), ExitCode.STATE, "holds no Actor"),
        ((*enroll, "t"), ExitCode.SETTINGS, "--director or ACTOR_DIRECTOR_URL must say"),
        ((*enroll, "-", "--director", director.url), ExitCode.SETTINGS, "the enrollment token is empty"),
        ((*enroll, "t", "--director", "director"), ExitCode.SETTINGS, "--director: must be https://"),
        ((*enroll, "t", "--director", nobody), ExitCode.DIRECTOR_AWAY, "The Director can't be reached"),
        (
            (*enroll, "wrong", "--director", director.url),
            ExitCode.DIRECTOR_REFUSED,
            "This enrollment token is not valid. (401 token_refused)",
        ),
    ):
        ended = await actor(state.folder, *arguments)
        assert (ended.code, ended.out) == (code, ""), arguments
        assert ended.log.startswith("actor: "), arguments
        assert says in ended.log
        assert ended.log.count("\n") == 1


async def test_a_state_that_others_can_read_is_refused(state: State, enrollment: Enrollment) -> None:
    assert state.enrollment() == enrollment
    (state.folder / "actor.json").chmod(0o644)
    ended = await actor(state.folder, "run")
    assert ended.code == ExitCode.STATE
    assert "chmod 600" in ended.log


async def test_status_shows_who_it_is_and_whether_the_director_answers(
    director: FakeDirector, state: State, enrollment: Enrollment
) -> None:
    shown = await actor(state.folder, "status")
    assert shown.code == ExitCode.OK
    assert str(enrollment.actor_id) in shown.out
    assert f"{director.url} (answers)" in shown.out
    assert "running   no" in shown.out
    await director.stop()
    shown = await actor(state.folder, "status")
    await director.start()
    assert shown.code == ExitCode.DIRECTOR_AWAY
    assert "can't be reached" in shown.out


async def test_a_signal_hands_back_what_is_held_within_ten_seconds(
    director: FakeDirector, state: State, enrollment: Enrollment
) -> None:
    async with (
        quiet_server() as quiet,
        running(state.folder, ACTOR_EGRESS_ALLOW=HOST, ACTOR_LOG_LEVEL="debug") as process,
    ):
        given = sealed_lease(enrollment, port=quiet.port)
        await director.give(given)
        await director.until(lambda: director.updates[given["id"]])
        assert "running   yes" in (await actor(state.folder, "status")).out
        signalled_at = time.monotonic()
        process.send_signal(signal.SIGTERM)
        ended = await end_of(process)
    assert ended.code == ExitCode.OK
    assert time.monotonic() - signalled_at < 10
    assert director.updates[given["id"]][-1].hand_back
    assert director.statuses[-1].draining
    assert "handed back" in ended.log
    assert PASSWORD not in ended.log
    assert enrollment.credential.get_secret_value() not in ended.log


async def test_it_ends_within_ten_seconds_though_the_director_is_away(
    director: FakeDirector, state: State, enrollment: Enrollment
) -> None:
    async with quiet_server() as quiet, running(state.folder, ACTOR_EGRESS_ALLOW=HOST) as process:
        given = sealed_lease(enrollment, port=quiet.port)
        await director.give(given)
        await director.until(lambda: director.updates[given["id"]])
        await director.stop()
        signalled_at = time.monotonic()
        process.send_signal(signal.SIGINT)
        ended = await end_of(process)
        assert ended.code == ExitCode.OK
        assert time.monotonic() - signalled_at < 10
        assert "could not be handed back in time" in ended.log
    await director.start()


async def test_a_second_signal_ends_it_at_once(
    director: FakeDirector, state: State, enrollment: Enrollment
) -> None:
    async with quiet_server() as quiet, running(state.folder, ACTOR_EGRESS_ALLOW=HOST) as process:
        given = sealed_lease(enrollment, port=quiet.port)
        await director.give(given)
        await director.until(lambda: director.updates[given["id"]])
        await director.stop()
        process.send_signal(signal.SIGTERM)
        assert process.stderr is not None
        while b"Stopping" not in await process.stderr.readline():
            pass
        process.send_signal(signal.SIGTERM)
        ended = await end_of(process)
        assert ended.code == -signal.SIGTERM
    await director.start()


async def test_a_revoked_actor_ends_with_its_own_code(
    director: FakeDirector, state: State, enrollment: Enrollment
) -> None:
    assert enrollment.credential.get_secret_value() in director.credentials
    async with running(state.folder) as process:
        await director.until(lambda: director.standing_polls)
        await director.revoke_all()
        ended = await end_of(process)
    assert ended.code == ExitCode.CREDENTIAL_REFUSED
    assert (
        "no longer accepts this Actor: This Actor was revoked. (401 credential_revoked) Enroll it again."
        in ended.log
    )


async def test_two_of_one_identity_do_not_run(
    director: FakeDirector, state: State, enrollment: Enrollment
) -> None:
    assert state.enrollment() == enrollment
    async with running(state.folder):
        await director.until(lambda: director.standing_polls)
        second = await actor(state.folder, "run")
    assert second.code == ExitCode.STATE
    assert "Another actor run uses" in second.log


async def test_traffic_in_clear_is_warned_of(state: State) -> None:
    elsewhere = "http://director.invalid"
    ended = await actor(state.folder, "enroll", "--director", elsewhere, "--token", "t", "--name", "a")
    assert ended.code == ExitCode.DIRECTOR_AWAY
    assert "http://director.invalid is NOT ENCRYPTED" in ended.log


def _loaded_with(module: str) -> list[str]:
    script = f"import {module}, json, sys; print(json.dumps(sorted(sys.modules)))"
    loaded: list[str] = json.loads(subprocess.check_output([sys.executable, "-c", script], text=True))
    return loaded


def test_looking_into_mailboxes_loads_a_protocol_when_it_is_asked_for_alone() -> None:
    heavy = (
        "cryptography",
        "spnego",
        "mail_transport.smtp",
        "actor_agent.mail.imap",
        "actor_agent.mail.pop3",
    )
    assert [module for module in _loaded_with("actor_agent.mail") if module.startswith(heavy)] == []
