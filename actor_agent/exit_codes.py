"""How the ``actor`` command ends. A service manager may rely on these numbers."""

from enum import IntEnum


class ExitCode(IntEnum):
    """Two is left to argparse, which ends so when the command line is wrong."""

    OK = 0
    DEFECT = 1
    SETTINGS = 3
    STATE = 4
    CREDENTIAL_REFUSED = 5
    DIRECTOR_AWAY = 6
    DIRECTOR_REFUSED = 7


MEANINGS = """\
exit codes:
  0  done; for run: stopped by a signal or by the Director
  1  a defect of the Actor
  2  the command line is wrong
  3  a setting is wrong
  4  the state is missing, unreadable, in use or readable by others
  5  the Director no longer accepts this Actor's credential: enroll again
  6  the Director could not be reached: the same command may be repeated
  7  the Director refused the request
"""
