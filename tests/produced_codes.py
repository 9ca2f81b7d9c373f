"""Which failure codes a run really produced: one that no test brings about would be a promise untested.

A pytest plugin. It listens where codes are made (the mail side's failures and warnings, the Actor's
runner, the Director's life cycle), not where tests write them down: what a scripted Actor claims counts
for nothing, unless only the Director can come to it. A run that is divided among processes collects
through files, one of each process. One without servers is not judged: what it skips produces codes too.
"""

import os
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from actor_agent import runner
from director_api.outbox.failures import SendFailed
from director_api.verifications.lifecycle import Lifecycle
from mail_transport.failures import MailFailure
from mail_transport.journal import Journal, OpenStep
from tests.servers.debian import WITHOUT_SERVERS
from wire_contract.failure_codes import FailureCode

_FOLDER = "produced_codes"
DIRECTORS_OWN = frozenset(
    {
        FailureCode.AUTH_NOT_ATTEMPTED,
        FailureCode.AUTH_BUDGET_EXHAUSTED,
        FailureCode.CODE_MISMATCH,
        FailureCode.GMAIL_CONSENT_MISSING,
        FailureCode.ACTOR_OFFLINE,
        FailureCode.ACTOR_LACKS_CAPABILITY,
        FailureCode.LEASE_LOST,
        FailureCode.PROFILE_CHANGED,
        *(code for code in FailureCode if code.startswith("send_")),
    }
)
"""What no Actor is believed to have come to."""


class ProducedCodes:
    """Listens in this process; in the one that the user started it also compares."""

    def __init__(self, folder: Path, *, whole: bool, is_worker: bool) -> None:
        self.folder = folder
        self._whole = whole
        self._is_worker = is_worker
        self.produced: set[str] = set()
        self._missing: list[str] = []

    def add(self, code: FailureCode) -> None:
        """Note that ``code`` was produced."""
        self.produced.add(str(code))

    def add_directors(self, code: FailureCode | None) -> None:
        """Note a code that ended a check at the Director, where it is the Director's own."""
        if code in DIRECTORS_OWN:
            self.add(code)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell a worker where to leave what it heard."""
        node.workerinput[_FOLDER] = str(self.folder)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Leave what was heard, or fail a whole run that left a code out."""
        if self._is_worker:
            own = self.folder / session.config.workerinput["workerid"]  # type: ignore[attr-defined]  # pytest-xdist's
            own.write_text("\n".join(sorted(self.produced)))
        elif self._whole and session.exitstatus == pytest.ExitCode.OK:
            self._missing = left_out(self.produced, self.folder)
            if self._missing:
                session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Name the codes that a whole run left out."""
        if self._missing:
            terminalreporter.section("failure codes that no test produces", red=True)
            terminalreporter.write_line("\n".join(self._missing))


@pytest.fixture
def produced_codes(request: pytest.FixtureRequest) -> ProducedCodes:
    """The listener of this process: a test that saw a code in a process that it started notes it here."""
    plugins = request.config.pluginmanager.get_plugins()
    return next(plugin for plugin in plugins if isinstance(plugin, ProducedCodes))


def pytest_configure(config: pytest.Config) -> None:
    """Listen from the beginning of a run on."""
    worker: dict[str, Any] | None = getattr(config, "workerinput", None)
    folder = Path(worker[_FOLDER]) if worker else _own_folder(config)
    plugin = ProducedCodes(folder, whole=_is_whole(config), is_worker=worker is not None)
    config.pluginmanager.register(plugin)
    _listen(plugin)


def left_out(produced: set[str], folder: Path) -> list[str]:
    """Return the codes that neither this process nor one that left a file in ``folder`` produced."""
    heard = produced.union(*(file.read_text().split() for file in folder.iterdir()))
    return [str(code) for code in FailureCode if code not in heard]


def _own_folder(config: pytest.Config) -> Path:
    folder = TemporaryDirectory(prefix="produced-codes-")
    config.add_cleanup(folder.cleanup)
    return Path(folder.name)


def _is_whole(config: pytest.Config) -> bool:
    """Tell whether nothing was chosen or left out on the command line, nor for want of servers."""
    if os.environ.get(WITHOUT_SERVERS):
        return False
    choosing = ("keyword", "markexpr", "lf", "deselect", "ignore", "ignore_glob", "collectonly")
    every_test = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    return every_test and not any(config.getoption(name, None) for name in choosing)


def _listen(plugin: ProducedCodes) -> None:
    _before(MailFailure, "__init__", lambda _self, code, *_: plugin.add(code))
    _before(SendFailed, "__init__", lambda _self, code, *_: plugin.add(code))
    _before(Journal, "warn", lambda _self, code, *_: plugin.add(code))
    _before(OpenStep, "warn", lambda _self, code: plugin.add(code))
    _before(runner, "_failed", lambda code, *_: plugin.add(code))
    _before(
        Lifecycle, "apply", lambda _self, _session, _check, status: plugin.add_directors(status.failure_code)
    )


def _before(owner: Any, name: str, listen: Callable[..., object]) -> None:
    original = getattr(owner, name)

    def listening(*arguments: Any, **named: Any) -> Any:
        listen(*arguments)
        return original(*arguments, **named)

    setattr(owner, name, listening)
