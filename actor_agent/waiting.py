"""What an Actor says while it waits for work, as plain data.

Most Actors wait most of the time. The contract's own models come with pydantic, which would be the
greater part of what a waiting Actor costs in memory and at its start, so they are loaded with the
first answer that has a body. A test holds each of these against its model, field by field.

These, and whatever else is made before the first poll, are named tuples: a dataclass compiles its methods
when it is imported, which takes ten times as long.
"""

from typing import NamedTuple


class Interface(NamedTuple):
    """One network interface of this machine: ``wire_contract.enrollment.Interface``."""

    name: str
    addresses: tuple[str, ...] = ()
    dhcp: bool | None = None
    default_route: bool = False


class Status(NamedTuple):
    """What this Actor is: ``wire_contract.enrollment.ActorStatus``. ``poll_seconds`` null: not said."""

    version: str
    capabilities: tuple[str, ...] = ()
    interfaces: tuple[Interface, ...] = ()
    addresses: tuple[str, ...] = ()
    draining: bool = False
    stopped: bool = False
    paused: bool = False
    poll_seconds: float | None = None

    def as_json(self) -> dict[str, object]:
        """Return what JSON makes the contract's message of."""
        return self._asdict() | {"interfaces": [interface._asdict() for interface in self.interfaces]}


class Poll(NamedTuple):
    """A poll for ``capacity`` jobs at most, held for ``wait_seconds``: ``wire_contract.jobs.LeaseRequest``."""

    capacity: int
    wait_seconds: float
