"""The client: each failure is told apart by its phase, and nothing is retried."""

import asyncio
import logging
from datetime import timedelta

import pytest
from starlette.responses import JSONResponse, PlainTextResponse, Response

from actor_agent.director_client import DirectorClient
from actor_agent.director_clock import DirectorClock
from actor_agent.director_errors import (
    AnswerLost,
    AnswerUnreadable,
    CredentialRefused,
    DirectorError,
    DirectorRefused,
    NotConnected,
)
from actor_agent.director_http import MAX_ANSWER_BYTES, DirectorHttp
from actor_agent.status_loop import current_status
from actor_agent.waiting import Poll
from tests.actor_agent.director import DIRECTORS_TIME, FakeDirector, lease, lost_answer, problem
from wire_contract.jobs import LeaseRequest

POLL = Poll(capacity=2, wait_seconds=5)


async def test_work_arrives_during_a_held_poll(director: FakeDirector, client: DirectorClient) -> None:
    poll = asyncio.create_task(client.poll(POLL))
    await director.until(lambda: director.standing_polls == [LeaseRequest(capacity=2, wait_seconds=5)])
    given = lease()
    await director.give(given)
    work = await poll
    assert work is not None
    assert [str(taken.id) for taken in work.leases] == [given["id"]]


async def test_no_work_is_null(director: FakeDirector, client: DirectorClient) -> None:
    director.answer_next("poll", Response(status_code=204))
    assert await client.poll(POLL) is None


async def test_a_lease_from_the_future_spoils_no_other(
    director: FakeDirector, client: DirectorClient
) -> None:
    known, unknown = lease(), lease(target={"server_type": "carrier_pigeon"})
    await director.give(unknown, known)
    work = await client.poll(POLL)
    assert work is not None
    assert [str(taken.id) for taken in work.leases] == [known["id"]]
    assert [str(lease_id) for lease_id in work.unreadable] == [unknown["id"]]


async def test_the_directors_clock_is_followed(
    director: FakeDirector, client: DirectorClient, clock: DirectorClock
) -> None:
    director.answer_next("poll", Response(status_code=204))
    await client.poll(POLL)
    assert clock.now() - DIRECTORS_TIME < timedelta(seconds=5)


@pytest.mark.parametrize(
    ("answer", "kind", "says"),
    [
        (
            problem(401, "credential_revoked", "Revoked."),
            CredentialRefused,
            "Revoked. (401 credential_revoked)",
        ),
        (problem(409, "lease_superseded", "Too late."), DirectorRefused, "Too late. (409 lease_superseded)"),
        (PlainTextResponse("<html>", 502), DirectorRefused, "The Director answered 502 Bad Gateway. (502)"),
        (JSONResponse({"detail": "red\x1b[31m\nline"}, 500), DirectorRefused, "red [31m line (500)"),
        (Response(status_code=307, headers={"Location": "http://127.0.0.1:1/"}), DirectorRefused, "307"),
        (PlainTextResponse("<html>hello"), AnswerUnreadable, "not understood: Invalid JSON"),
        (JSONResponse({"leases": [{"kind": "check"}]}), AnswerUnreadable, "a lease without an id"),
        (JSONResponse({"leases": []}, headers={"Date": "yesterday"}), AnswerUnreadable, "no Date"),
        (Response(b" " * (MAX_ANSWER_BYTES + 1)), AnswerUnreadable, "longer than"),
        (Response(b"this is not gzip", headers={"Content-Encoding": "gzip"}), AnswerUnreadable, "decoded"),
        (lost_answer(), AnswerLost, "got lost"),
    ],
)
async def test_failures_are_told_apart(
    director: FakeDirector, client: DirectorClient, answer: Response, kind: type[DirectorError], says: str
) -> None:
    director.answer_next("poll", answer)
    with pytest.raises(DirectorError) as caught:
        await client.poll(POLL)
    assert type(caught.value) is kind
    assert says in str(caught.value)
    assert director.called("poll") == 1


async def test_retry_after_is_read(director: FakeDirector, client: DirectorClient) -> None:
    director.answer_next("poll", problem(429, "too_many", "Slow down.", **{"Retry-After": "7"}))
    with pytest.raises(DirectorRefused) as caught:
        await client.poll(POLL)
    assert caught.value.retry_after == 7


async def test_nobody_listens(director: FakeDirector, client: DirectorClient) -> None:
    await director.stop()
    try:
        with pytest.raises(NotConnected, match="can't be reached"):
            await client.put_status(current_status())
    finally:
        await director.start()


async def test_no_secret_in_any_log(
    director: FakeDirector, client: DirectorClient, http: DirectorHttp, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    (credential,) = director.credentials
    await client.put_status(current_status())
    assert caplog.records, "httpcore logs at this level"
    assert credential not in caplog.text
    assert credential not in repr(http) + repr(vars(http))
