"""Folders that the servers' own system users may enter."""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def server_folder() -> Iterator[Path]:
    """A temporary folder, removed afterwards.

    pytest's own are closed to other users; and sockets in it must stay below the
    108 bytes of a Unix socket's path.
    """
    folder = Path(tempfile.mkdtemp(prefix="mail-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        # Not by Python, which takes a quarter of a minute for the half million files of a run's databases.
        subprocess.run(["rm", "-rf", "--", str(folder)], check=True)
