"""The Actor's log: one line per event on standard error, times in UTC, and nothing secret.

Only this project's own packages are heard. A library logs what passes through it (httpcore: headers,
IMAP clients: whole lines), and what it may log tomorrow can't be reviewed today.
"""

import logging
import sys
import time

OWN_PACKAGES = ("actor_agent", "mail_transport")


class _OneLine(logging.Formatter):
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        return "".join(char if char.isprintable() else " " for char in text)


def configure_log(level: str) -> None:
    """Send the project's events of ``level`` and above to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    formatter = _OneLine("%(asctime)s %(levelname)s %(message)s")
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    for name in OWN_PACKAGES:
        logger = logging.getLogger(name)
        logger.setLevel(level.upper())
        logger.handlers = [handler]
        logger.propagate = False
    # Without any handler at the root, Python itself would print the libraries' warnings.
    logging.getLogger().handlers = [logging.NullHandler()]


def outline(error: BaseException) -> str:
    """Return where ``error`` and its causes came from: types, files, lines, functions.

    Messages are left out, since an encoding or a parsing error quotes what it failed on.
    """
    parts = []
    seen: BaseException | None = error
    while seen is not None:
        parts.append(f"{type(seen).__name__} at {_frames(seen)}")
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    return "; caused by ".join(parts)


def _frames(error: BaseException) -> str:
    names = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        module = trace.tb_frame.f_globals.get("__name__", "?")
        names.append(f"{module}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return " > ".join(names[-12:]) or "an unknown place"
