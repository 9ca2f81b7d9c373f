"""The Director's Actor protocol, one method for each route. It never retries: see ``retry_policy``.

What an answer means is in ``director_answers``, which brings pydantic: it is imported with the first
answer that has a body, since a waiting Actor gets none (see ``waiting``).
"""

from typing import TYPE_CHECKING

from actor_agent.director_clock import DirectorClock
from actor_agent.director_errors import AnswerUnreadable
from actor_agent.director_http import Answer, DirectorHttp
from actor_agent.secret import Secret
from actor_agent.waiting import Poll, Status

if TYPE_CHECKING:
    from uuid import UUID

    from pydantic import BaseModel

    from actor_agent.director_answers import Work
    from wire_contract.control import SelfDiagnosis
    from wire_contract.enrollment import Enrolled, EnrollRequest, Rotated, RotateRequest
    from wire_contract.results import LeaseRenewed, LeaseUpdate, Result, ResultRecorded

ANSWER_SECONDS = 15.0
"""A poll adds the time that it asks to be held, so that 15 s are always left for the answer itself."""


class DirectorClient:
    """Speaks for one Actor. Every method raises a ``DirectorError`` (401: ``CredentialRefused``)."""

    def __init__(self, http: DirectorHttp, clock: DirectorClock) -> None:
        self._http = http
        self._clock = clock

    async def enroll(self, request: "EnrollRequest") -> "Enrolled":
        """Trade a one-time token for a credential; repeatable with the same key until the first poll."""
        from actor_agent.director_answers import read_enrolled

        body = request.model_dump(mode="json") | {"token": request.token.get_secret_value()}
        return read_enrolled(await self._send("POST", "/actor/enroll", body))

    async def poll(self, request: Poll) -> "Work | None":
        """Ask for work and wait for it; null when the time passed without any."""
        seconds = ANSWER_SECONDS + request.wait_seconds
        body = await self._send("POST", "/actor/leases", request._asdict(), seconds)
        if not body:
            return None
        from actor_agent.director_answers import read_work

        return read_work(body)

    async def renew(self, lease_id: "UUID", update: "LeaseUpdate") -> "LeaseRenewed":
        """Keep a lease and say how far its job is."""
        from actor_agent.director_answers import read_renewed

        return read_renewed(await self._send("PATCH", f"/actor/leases/{lease_id}", _json(update)))

    async def hand_back(self, lease_id: "UUID", update: "LeaseUpdate") -> None:
        """Give a lease up until ``update.look_again_at``."""
        await self._send("PATCH", f"/actor/leases/{lease_id}", _json(update))

    async def report(self, lease_id: "UUID", result: "Result") -> "ResultRecorded":
        """End a job; repeatable, the Director answers a repetition with its record."""
        from actor_agent.director_answers import read_recorded

        path = f"/actor/leases/{lease_id}/result"
        return read_recorded(await self._send("POST", path, _json(result)))

    async def put_status(self, status: Status) -> None:
        """Say what this Actor is."""
        await self._send("PUT", "/actor/status", status.as_json())

    async def put_diagnostics(self, diagnosis: "SelfDiagnosis") -> None:
        """Say what this Actor found out about itself."""
        await self._send("PUT", "/actor/diagnostics", _json(diagnosis))

    async def rotate_credential(self, request: "RotateRequest") -> "Rotated":
        """Get a credential for a new key; repeatable until the new one is first used."""
        from actor_agent.director_answers import read_rotated

        return read_rotated(await self._send("POST", "/actor/credential/rotate", _json(request)))

    def use_credential(self, credential: Secret) -> None:
        """Prove this Actor by ``credential`` from the next call on."""
        self._http.use_credential(credential)

    async def health(self) -> None:
        """Ask whether a Director answers there at all; needs no credential."""
        await self._send("GET", "/health/live", None)

    async def _send(self, method: str, path: str, body: object, seconds: float = ANSWER_SECONDS) -> bytes:
        answer = await self._http.ask(method, path, body, seconds)
        if not 200 <= answer.status < 300:
            from actor_agent.director_answers import refusal

            raise refusal(answer)
        self._follow_clock(answer)
        return answer.body

    def _follow_clock(self, answer: Answer) -> None:
        try:
            self._clock.observe(answer.headers.get("date", ""))
        except ValueError:
            raise AnswerUnreadable("The Director's answer has no Date, which leases are timed by.") from None


def _json(message: "BaseModel") -> object:
    return message.model_dump(mode="json", by_alias=True)
