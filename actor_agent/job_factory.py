"""Making a job out of a lease. With this module come cryptography and the mail protocols.

So it is imported when the first lease arrives: an Actor that waits costs little more than its HTTP
client, and most Actors wait most of the time.
"""

from actor_agent.director_client import DirectorClient
from actor_agent.director_clock import DirectorClock
from actor_agent.held_job import HeldJob
from actor_agent.intervals import Intervals
from actor_agent.mail import Reach, look
from actor_agent.renewal import Renewal
from actor_agent.retry_policy import RetryPolicy
from actor_agent.runner import Runner
from actor_agent.state import Enrollment
from actor_agent.unsealing import Unsealer
from wire_contract.jobs import Lease


class JobFactory:
    """Makes the jobs of one Actor."""

    def __init__(
        self,
        enrollment: Enrollment,
        intervals: Intervals,
        reach: Reach,
        client: DirectorClient,
        policy: RetryPolicy,
        clock: DirectorClock,
    ) -> None:
        self._runner = Runner(Unsealer(enrollment.private_key, enrollment.actor_id, clock.now), look, reach)
        self._intervals = intervals
        self._client = client
        self._policy = policy
        self._clock = clock

    def job(self, lease: Lease) -> HeldJob:
        """Make the job of ``lease``; nothing happens before its ``keep``."""
        renewal = Renewal(self._client, self._policy, lease.id, self._intervals.renew_seconds)
        return HeldJob(lease, self._runner, renewal, self._client, self._policy, self._clock)
