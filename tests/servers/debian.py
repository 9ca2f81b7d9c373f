"""What the tests need from the operating system: `python -m tests.servers.debian` installs what is missing."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

# Each Debian package with a program that only it brings.
PROGRAMS = {
    "chromium": "/usr/bin/chromium",
    "dnsmasq-base": "/usr/sbin/dnsmasq",
    "dovecot-imapd": "/usr/lib/dovecot/imap",
    "dovecot-lmtpd": "/usr/lib/dovecot/lmtp",
    "dovecot-pop3d": "/usr/lib/dovecot/pop3",
    "faketime": "/usr/bin/faketime",
    "iproute2": "/usr/sbin/ip",
    "pgbouncer": "/usr/sbin/pgbouncer",
    "postfix": "/usr/lib/postfix/sbin/master",
    "winbind": "/usr/bin/ntlm_auth",
}
_NODE_PROGRAMS = ("node", "npm")
# Set by `make test-without-servers`.
WITHOUT_SERVERS = "TEST_WITHOUT_SERVERS"
_INSTALL = ["apt-get", "install", "--yes", "--quiet", "--no-install-recommends"]


class NotInstalledError(RuntimeError):
    """A server that the tests talk to is not on this machine."""


def require(*packages: str) -> None:
    """Raise NotInstalledError, with what to install, unless all of `packages` are there.

    A test that skipped its server instead would count as passed; it is skipped where that was asked for.
    """
    _skip_if_asked(_install_by_hand(packages))
    if missing := _missing(packages):
        raise NotInstalledError(_what_to_do(missing))


def require_node() -> None:
    """Raise NotInstalledError, as :func:`require` does, unless Node.js is there with the tests' packages."""
    what_to_do = f"{_install_by_hand(('nodejs', 'npm'))}, then run make servers"
    _skip_if_asked(what_to_do)
    if not all(map(shutil.which, _NODE_PROGRAMS)):
        raise NotInstalledError(what_to_do)


def _skip_if_asked(what_to_do: str) -> None:
    if os.environ.get(WITHOUT_SERVERS):
        pytest.skip(f"needs a server from outside of Python. {what_to_do}, and run make test")


def main() -> int:
    """Install what is missing, silently when nothing is; without apt-get or root say what to do."""
    missing = _missing(PROGRAMS)
    if not missing:
        return 0
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        print(_what_to_do(missing), file=sys.stderr)  # noqa: T201  # because a command speaks to a terminal
        return 1
    print(f"Installing {' '.join(missing)}", flush=True)  # noqa: T201  # because a command speaks to a terminal
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "--quiet"], check=True, env=quiet, stdout=subprocess.DEVNULL)
    subprocess.run([*_INSTALL, *missing], check=True, env=quiet, stdout=subprocess.DEVNULL)
    return 0


def _missing(packages: Iterable[str]) -> list[str]:
    return [package for package in packages if not Path(PROGRAMS[package]).exists()]


def _what_to_do(missing: list[str]) -> str:
    return (
        f"The tests talk to real mail servers, and these Debian packages are missing: {' '.join(missing)}. "
        f"{_install_by_hand(missing)}. All that needs none of them: make test-without-servers"
    )


def _install_by_hand(packages: Iterable[str]) -> str:
    return f"Install as root: apt-get install --no-install-recommends {' '.join(packages)}"


if __name__ == "__main__":
    sys.exit(main())
