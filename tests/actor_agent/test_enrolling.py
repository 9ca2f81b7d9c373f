"""Enrollment: a key that is on disk before it is sent, so that a lost answer costs nothing."""

import pytest
from starlette.responses import Response

from actor_agent.director_client import DirectorClient
from actor_agent.director_clock import DirectorClock
from actor_agent.director_errors import AnswerLost, AnswerUnreadable, DirectorRefused
from actor_agent.director_http import open_http
from actor_agent.enrolling import enroll
from actor_agent.sealing_key import public_key_of
from actor_agent.secret import Secret
from actor_agent.settings import SettingsError
from actor_agent.state import Enrollment, State
from tests.actor_agent.director import TOKEN, FakeDirector, lost_answer


async def enroll_at(
    director: FakeDirector, state: State, *, token: str = TOKEN, name: str = "office-1"
) -> Enrollment:
    async with open_http(director.url, credential=None, ca_file=None) as http:
        client = DirectorClient(http, DirectorClock())
        return await enroll(state, client, director_url=director.url, token=Secret(token), name=name)


async def test_an_actor_enrolls(director: FakeDirector, state: State) -> None:
    enrollment = await enroll_at(director, state)
    assert state.enrollment() == enrollment
    assert enrollment.credential.get_secret_value() in director.credentials
    assert public_key_of(enrollment.private_key) == director.keys[TOKEN]


async def test_a_lost_answer_is_repeated_with_the_same_key(director: FakeDirector, state: State) -> None:
    director.answer_next("enroll", lost_answer())
    with pytest.raises(AnswerLost):
        await enroll_at(director, state)
    sent = director.keys[TOKEN]
    assert state.enrollment() is None

    enrollment = await enroll_at(director, state)
    assert public_key_of(enrollment.private_key) == sent
    assert state.pending() is None


async def test_another_token_gets_another_key(director: FakeDirector, state: State) -> None:
    with pytest.raises(DirectorRefused):
        await enroll_at(director, state, token="some-other-token")
    before = state.pending()
    await enroll_at(director, state)
    assert before is not None
    assert public_key_of(before.private_key) != director.keys[TOKEN]


async def test_a_refused_token_is_explained_by_the_director(director: FakeDirector, state: State) -> None:
    with pytest.raises(DirectorRefused, match=r"This enrollment token is not valid\.") as caught:
        await enroll_at(director, state, token="wrong-token")
    assert caught.value.code == "token_refused"
    assert "wrong-token" not in str(caught.value)


@pytest.mark.parametrize("name", ["", "-x", "a b", "x" * 65, "zoë"])
async def test_a_name_that_can_be_none_is_not_sent(director: FakeDirector, state: State, name: str) -> None:
    with pytest.raises(SettingsError, match="can't be a name"):
        await enroll_at(director, state, name=name)
    assert director.called("enroll") == 0


@pytest.mark.parametrize("seconds", [0, -1, 60, 3600])
async def test_senseless_intervals_are_refused(director: FakeDirector, state: State, seconds: float) -> None:
    director.renew_seconds = seconds  # 60 is a lease's whole length: it would lapse before its renewal
    with pytest.raises(AnswerUnreadable, match="renew_seconds"):
        await enroll_at(director, state)


async def test_the_token_follows_no_redirect(director: FakeDirector, state: State) -> None:
    elsewhere = Response(status_code=307, headers={"Location": f"{director.url}/actor/enroll"})
    director.answer_next("enroll", elsewhere)
    with pytest.raises(DirectorRefused, match="307"):
        await enroll_at(director, state)
    assert director.called("enroll") == 1
