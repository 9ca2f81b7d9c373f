"""Which failure codes the run really produced: one that no test brings about would be a promise untested.

A pytest plugin. It listens where codes are made (the mail side's failures and warnings, the Actor's
runner, the Director's life cycle), not where tests write them down: what a scripted Actor claims counts
for nothing, unless only the Director can come to it.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from actor_agent import runner
from director_api.verifications.lifecycle import Lifecycle
from mail_transport.failures import MailFailure
from mail_transport.journal import Journal, OpenStep
from wire_contract.failure_codes import FailureCode
from wire_contract.failure_texts import FAILURE_TEXTS, Phase

_DIRECTORS_OWN = {
    FailureCode.AUTH_NOT_ATTEMPTED,
    FailureCode.AUTH_BUDGET_EXHAUSTED,
    FailureCode.CODE_MISMATCH,
    FailureCode.GMAIL_CONSENT_MISSING,
}
_KEY = "produced_codes"
_produced: set[str] = set()


def pytest_configure() -> None:
    """Listen."""
    _listen()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand over what was produced, or fail a whole run that left a code out."""
    output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if output is not None:
        output[_KEY] = sorted(_produced)
    elif _is_whole(session) and session.exitstatus == pytest.ExitCode.OK and _left_out():
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Name the codes that a whole run left out."""
    if _args_are_whole(config) and (left_out := _left_out()):
        terminalreporter.section("failure codes that no test produces", red=True)
        terminalreporter.write_line("\n".join(left_out))


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Collect what a worker of a divided run heard."""
    _produced.update(getattr(node, "workeroutput", {}).get(_KEY, ()))


def _is_whole(session: pytest.Session) -> bool:
    return _args_are_whole(session.config) and session.testsfailed == 0


def _args_are_whole(config: pytest.Config) -> bool:
    """Tell whether nothing was chosen or left out on the command line."""
    chosen = config.option.keyword or config.option.markexpr or config.option.lf or config.option.collectonly
    return not chosen and not hasattr(config, "workerinput") and _all_tests(config)


def _all_tests(config: pytest.Config) -> bool:
    return [Path(arg).resolve() for arg in config.args] == [config.rootpath / "tests"]


def _left_out() -> list[str]:
    return [code for code in FailureCode if code not in _produced]


def _listen() -> None:
    _before(MailFailure, "__init__", lambda _self, code, *_: _produced.add(code))
    _before(Journal, "warn", lambda _self, code, *_: _produced.add(code))
    _before(OpenStep, "warn", lambda _self, code: _produced.add(code))
    _before(runner, "_failed", lambda code, *_: _produced.add(code))
    _before(Lifecycle, "apply", lambda _self, _session, _check, status: _directors(status.failure_code))


def _directors(code: FailureCode | None) -> None:
    if code is not None and (
        code in _DIRECTORS_OWN or FAILURE_TEXTS[code].phase in {Phase.DIRECTOR, Phase.ACTOR}
    ):
        _produced.add(code)


def _before(owner: Any, name: str, listen: Callable[..., object]) -> None:
    original = getattr(owner, name)

    def listening(*arguments: Any, **named: Any) -> Any:
        listen(*arguments)
        return original(*arguments, **named)

    setattr(owner, name, listening)
