"""The state: private, whole or not there, and used by one Actor at a time."""

import stat
from pathlib import Path
from uuid import uuid4

import pytest

from actor_agent.private_files import StateError, write_private
from actor_agent.secret import Secret
from actor_agent.state import ENROLLED_FILE, PENDING_FILE, Enrollment, PendingEnrollment, State

PENDING = PendingEnrollment(token_sha256="0" * 64, private_key=Secret("private-key"))


def an_enrollment() -> Enrollment:
    return Enrollment(
        director_url="https://director.example.com",
        name="office-1",
        actor_id=str(uuid4()),
        credential=Secret("the-credential"),
        private_key=Secret("private-key"),
        poll_seconds=60,
        renew_seconds=20,
    )


def test_what_is_kept_is_read_again(state: State) -> None:
    enrollment = an_enrollment()
    state.finish(enrollment)
    assert state.enrollment() == enrollment


def test_nothing_is_kept_at_first(state: State) -> None:
    assert state.enrollment() is None
    assert state.pending() is None


def test_files_are_for_their_owner_alone(state: State) -> None:
    state.begin(PENDING)
    assert stat.S_IMODE(state.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((state.folder / PENDING_FILE).stat().st_mode) == 0o600


def test_a_finished_enrollment_leaves_nothing_pending(state: State) -> None:
    state.begin(PENDING)
    state.finish(an_enrollment())
    assert [path.name for path in state.folder.iterdir()] == [ENROLLED_FILE]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_file_that_others_can_read_is_refused(state: State, mode: int) -> None:
    state.finish(an_enrollment())
    (state.folder / ENROLLED_FILE).chmod(mode)
    with pytest.raises(StateError, match=r"others on this machine may use it \(mode 06"):
        state.enrollment()


def test_a_folder_that_others_can_write_is_refused(state: State) -> None:
    state.finish(an_enrollment())
    state.folder.chmod(0o770)
    with pytest.raises(StateError, match="chmod 700"):
        state.enrollment()


@pytest.mark.parametrize("text", ["", "{}", "null", '{"name": "the-credential"}'])
def test_a_damaged_file_is_said_to_be_damaged(state: State, text: str) -> None:
    write_private(state.folder / ENROLLED_FILE, text)
    with pytest.raises(StateError, match="is damaged") as caught:
        state.enrollment()
    assert "the-credential" not in str(caught.value)


def test_no_secret_in_a_repr() -> None:
    shown = repr(an_enrollment()) + repr(PENDING)
    assert "the-credential" not in shown
    assert "private-key" not in shown


def test_a_failed_write_leaves_the_old_file(state: State, tmp_path: Path) -> None:
    state.finish(an_enrollment())
    (state.folder / PENDING_FILE).mkdir()
    with pytest.raises(StateError, match="can't be written"):
        state.begin(PENDING)
    assert sorted(path.name for path in state.folder.iterdir()) == [ENROLLED_FILE, PENDING_FILE]
    assert state.folder.parent == tmp_path


def test_two_runs_do_not_share_a_state(state: State) -> None:
    state.finish(an_enrollment())
    assert not state.in_use()
    with state.running():
        assert state.in_use()
        with pytest.raises(StateError, match="Another actor run"), state.running():
            pass
    assert not state.in_use()
