"""Doing what the Director asks of the Actor itself by the answer to a poll."""

import logging
from collections.abc import Awaitable, Callable

from actor_agent.director_client import DirectorClient
from actor_agent.director_errors import CredentialRefused, DirectorError
from actor_agent.intervals import Intervals
from actor_agent.private_files import StateError
from actor_agent.retry_policy import RetryPolicy
from wire_contract.control import ControlAction
from wire_contract.jobs import Control

logger = logging.getLogger(__name__)


class Obeying:
    """Obeys between two polls. ``rotate`` and ``tell_status`` talk to the Director; ``stop`` ends the Actor."""

    def __init__(
        self,
        client: DirectorClient,
        policy: RetryPolicy,
        intervals: Intervals,
        stop: Callable[[], None],
        rotate: Callable[[], Awaitable[None]],
        tell_status: Callable[[], Awaitable[None]],
    ) -> None:
        self._client = client
        self._policy = policy
        self._intervals = intervals
        self._stop = stop
        self._rotate = rotate
        self._tell_status = tell_status

    async def obey(self, control: Control) -> None:
        """Do what ``control`` says, and let the Director see that it is done.

        What fails for good is logged and left: a proxy's 403 or a full disk must not end the jobs that run,
        and the Director asks again as long as it does not see that it is done.

        Raises:
            CredentialRefused: the Director does not know this Actor any more.
        """
        try:
            await self._do(control)
        except CredentialRefused:
            raise
        except (DirectorError, StateError) as error:
            logger.error("The Director asked for %s, which failed: %s", control.action, error)  # noqa: TRY400  # says all

    async def _do(self, control: Control) -> None:
        match control.action:
            case ControlAction.STOP:
                logger.info("The Director asks this Actor to stop")
                self._stop()
            case ControlAction.PAUSE | ControlAction.RESUME:
                self._intervals.paused = control.action == ControlAction.PAUSE
                logger.info("The Director asks this Actor to %s", control.action)
                await self._tell_status()
            case ControlAction.SET_INTERVALS:
                self._intervals.set(control)
                await self._tell_status()
            case ControlAction.ROTATE_CREDENTIAL:
                await self._rotate()
                await self._tell_status()  # the first use, with which the old credential ends
            case ControlAction.RUN_DIAGNOSTICS:
                await self._diagnose()
            case unknown:
                logger.warning("The Director asks for %r, which this version does not know", unknown)

    async def _diagnose(self) -> None:
        from actor_agent.self_diagnosis import diagnose  # noqa: PLC0415  # brings cryptography and ssl

        diagnosis = await diagnose(self._client)
        logger.info("The Director asked for diagnostics: %d findings", len(diagnosis.findings))
        await self._policy.persist(lambda: self._client.put_diagnostics(diagnosis))
