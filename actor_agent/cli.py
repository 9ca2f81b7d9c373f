"""The ``actor`` command, as it is installed. What it says and does is in ``command_line``."""

import gc
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code.

    What a command loads stays until its end. Looking for garbage in it, again and again as it grows, is a
    tenth of the start, so there is none meanwhile, and it is not looked through later either.
    """
    gc.disable()
    try:
        from actor_agent.command_line import prepared  # noqa: PLC0415  # loaded without that, too

        command = prepared(argv)
    finally:
        gc.freeze()
        gc.enable()
    return command()
