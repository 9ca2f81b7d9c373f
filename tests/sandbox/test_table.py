"""The demo's table, on a pipe and in a terminal."""

import io

import pytest

from sandbox.table import Row, Table


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def _profile(status: str, running: str | None = None) -> dict[str, object]:
    return {
        "server_address": "127.0.0.1:143",
        "smtp_server": None,
        "account": {"username": "anna@example.test"},
        "type": "imap",
        "account_status": status,
        "running_verification_id": running,
        "actors": [{"name": "office-1", "status": "verifying" if running else status, "summary": None}],
    }


_BEFORE = Row.of(_profile("unverified", running="0199"))
_AFTER = Row.of(_profile("verified"))
_OTHER = Row("127.0.0.1:143", "-", "ben@example.test", "imap", "Unverified", ("dmz-1: Unverified",))


def test_a_pipe_gets_each_change_once() -> None:
    output = io.StringIO()
    table = Table(output)
    for rows in ([_BEFORE, _OTHER], [_BEFORE, _OTHER], [_AFTER, _OTHER]):
        table.show(rows)
    assert output.getvalue().splitlines() == [
        "Server Address | SMTP Server | Account | Type | Account Status | Actor Status",
        "127.0.0.1:143 | - | anna@example.test | imap | Verifying | office-1: Verifying",
        "127.0.0.1:143 | - | ben@example.test | imap | Unverified | dmz-1: Unverified",
        "127.0.0.1:143 | - | anna@example.test | imap | Verified | office-1: Verified",
    ]


def test_a_terminal_is_redrawn_in_place() -> None:
    output = _Terminal()
    table = Table(output)
    table.show([_BEFORE, _OTHER])
    assert "\x1b[3A" not in output.getvalue()
    table.show([_AFTER, _OTHER])
    assert output.getvalue().count("\x1b[3A") == 1  # up over the heading and two rows


def test_no_line_is_wider_than_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    output = _Terminal()
    Table(output).show([_OTHER])
    plain = output.getvalue()
    for sequence in ("\x1b[2K", "\x1b[31m", "\x1b[1m", "\x1b[0m"):
        plain = plain.replace(sequence, "")
    assert max(map(len, plain.splitlines())) <= 60
