"""What the tests need from the operating system, and the sentence that says so when it is missing."""

from pathlib import Path


class NotInstalledError(RuntimeError):
    """A server that the tests talk to is not on this machine."""


def require(program: str, *, package: str) -> str:
    """Return `program` when it can be run.

    Raises NotInstalledError with what to install otherwise: a test that silently
    skips its server would count as passed.
    """
    if not Path(program).exists():
        raise NotInstalledError(
            f"{program} is missing. Install it as root with: "
            f"apt-get install --no-install-recommends {package} (or `make servers`)"
        )
    return program
