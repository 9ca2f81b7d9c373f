"""Files that hold secrets: for their owner alone, and never half written."""

import os
import stat
import tempfile
from pathlib import Path

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


class StateError(Exception):
    """The state is missing, unreadable, or not private; the message says what to do."""


def write_private(path: Path, text: str) -> None:
    """Put ``text`` in ``path``, mode 0600, all or nothing even when the machine stops in between.

    Raises:
        StateError: it can't be written.
    """
    try:
        _make_folder(path.parent)
        _replace(path, text)
    except OSError as error:
        raise StateError(f"{path} can't be written: {error.strerror}") from error


def read_private(path: Path) -> str | None:
    """Return the text of ``path``, or null where there is no such file.

    Raises:
        StateError: others may read it or swap it, or it can't be read.
    """
    try:
        with path.open(encoding="utf-8") as file:
            _refuse_shared(path, os.fstat(file.fileno()).st_mode)
            return file.read()
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise StateError(f"{path} is damaged: it is not text") from error
    except OSError as error:
        raise StateError(f"{path} can't be read: {error.strerror}") from error


def _make_folder(folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)


def _replace(path: Path, text: str) -> None:
    # mkstemp makes its file with mode 0600, so that there is no moment in which others can read it.
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    # The rename itself lives in the folder, which has to reach the disk too.
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _refuse_shared(path: Path, mode: int) -> None:
    if mode & _OTHERS:
        raise StateError(
            f"{path} holds this Actor's secrets and others on this machine may use it (mode "
            f"{stat.S_IMODE(mode):04o}). If nobody read it: chmod 600 {path}. Otherwise enroll again."
        )
    folder = path.parent
    if folder.stat().st_mode & _OTHERS_WRITE:
        raise StateError(
            f"{folder} may be written by others, who could swap this Actor's secrets: chmod 700 {folder}"
        )
