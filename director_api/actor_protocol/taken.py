"""What an Actor is given at once, and the times that hold for every kind of job."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from wire_contract import jobs

LEASE = timedelta(seconds=jobs.LEASE_SECONDS)
LOCKED = timedelta(milliseconds=50)
"""A row that another transaction holds is skipped, not waited for; it is free again soon."""
FULL = timedelta(seconds=2)
"""How long until an Actor looks again for a place at a full mail server, or for a login of an account that has
none left while others log in; one that ends a check looks at once."""
SEAL_SLACK = timedelta(hours=1)
"""The seal outlives the lease, which is renewed while the credentials stay with the Actor."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What an Actor was given, when to look for what it could not be given yet, what it is asked itself."""

    leases: tuple[jobs.Lease, ...]
    look_again_at: datetime | None
    control: jobs.Control | None = None

    def and_then(self, other: "Taken") -> "Taken":
        """Return both together."""
        looks = [at for at in (self.look_again_at, other.look_again_at) if at is not None]
        return Taken((*self.leases, *other.leases), min(looks, default=None))
