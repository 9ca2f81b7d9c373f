"""How many jobs an Actor holds, and whether it has room for more."""

import asyncio


class Slots:
    """``capacity`` places; a place is taken by a lease and free again when its job's end is delivered."""

    def __init__(self, capacity: int) -> None:
        self._free = capacity
        self._some_free = asyncio.Event()
        self._some_free.set()

    async def wait_for_free(self) -> int:
        """Wait until a place is free and return how many are."""
        await self._some_free.wait()
        return self._free

    def take(self) -> bool:
        """Take a place; false when none is free."""
        if self._free == 0:
            return False
        self._free -= 1
        if self._free == 0:
            self._some_free.clear()
        return True

    def give_back(self) -> None:
        """Free a place."""
        self._free += 1
        self._some_free.set()
