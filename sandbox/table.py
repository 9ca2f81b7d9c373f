"""The table of email profiles in a terminal: redrawn in place, or on a pipe the changed rows alone."""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TextIO

from sandbox.director import Json

COLUMNS = ("Server Address", "SMTP Server", "Account", "Type", "Account Status", "Actor Status")
_GAP = "  "
_ADDRESSES = 3  # so many columns, from the left, hold addresses
_LEGIBLE = 8

_GREEN, _RED, _YELLOW, _BOLD, _RESET = "\x1b[32m", "\x1b[31m", "\x1b[33m", "\x1b[1m", "\x1b[0m"
_COLOURS = {"Verified": _GREEN, "Unverified": _RED, "Partially verified": _YELLOW, "Verifying": _YELLOW}

Cells = tuple[str, str, str, str, str, str]


@dataclass(frozen=True)
class Row:
    """One profile. `actors` has one text for each Actor, such as "office-1: Verified"."""

    server_address: str
    smtp_server: str
    account: str
    type: str
    account_status: str
    actors: tuple[str, ...]

    @classmethod
    def of(cls, profile: Json) -> "Row":
        """Read a row from an item of `GET /email-profiles`."""
        running = profile.get("running_verification_id") is not None
        return cls(
            server_address=profile["server_address"],
            smtp_server=profile["smtp_server"] or "-",
            account=profile["account"]["username"],
            type=profile["type"],
            account_status=_label("verifying" if running else profile["account_status"]),
            actors=tuple(f"{actor['name']}: {_label(actor['status'])}" for actor in profile["actors"]),
        )

    def lines(self) -> Iterator[Cells]:
        """Yield the row's lines: one for each Actor."""
        first, *others = self.actors or ("-",)
        yield (self.server_address, self.smtp_server, self.account, self.type, self.account_status, first)
        for actor in others:
            yield ("", "", "", "", "", actor)


class Table:
    """Shows rows on `output` as they change."""

    def __init__(self, output: TextIO) -> None:
        self._output = output
        self._live = output.isatty()
        self._shown: Sequence[Row] = ()
        self._height = 0

    def show(self, rows: Sequence[Row]) -> None:
        """Bring the terminal up to date with `rows`."""
        if rows == self._shown:
            return
        if self._live:
            self._redraw(rows)
        else:
            self._print_changed(rows)
        self._shown = tuple(rows)
        self._output.flush()

    def _redraw(self, rows: Sequence[Row]) -> None:
        table = [COLUMNS, *(line for row in rows for line in row.lines())]
        widths = _widths(table, room=shutil.get_terminal_size().columns)
        if self._height:
            self._output.write(f"\x1b[{self._height}A")
        for cells in table:
            self._output.write(f"\x1b[2K{_line(cells, widths)}\n")
        self._height = len(table)

    def _print_changed(self, rows: Sequence[Row]) -> None:
        if not self._shown:
            self._output.write(" | ".join(COLUMNS) + "\n")
        for row in rows:
            if row not in self._shown:
                *cells, _ = next(row.lines())
                self._output.write(" | ".join([*cells, ", ".join(row.actors)]) + "\n")


def _label(status: str) -> str:
    return status.replace("_", " ").capitalize()


def _widths(table: Sequence[Cells], *, room: int) -> list[int]:
    # A line that the terminal wraps would put the next redraw in the wrong place.
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    excess = sum(widths) + len(_GAP) * (len(widths) - 1) - room
    while excess > 0 and max(widths) > 1:
        # The statuses are what people watch, so the widest address gives way first.
        squeezed = widths[:_ADDRESSES] if max(widths[:_ADDRESSES]) > _LEGIBLE else widths
        widths[widths.index(max(squeezed))] -= 1
        excess -= 1
    return widths


def _line(cells: Cells, widths: Sequence[int]) -> str:
    return _GAP.join(
        _painted(_clipped(text, width).ljust(width), text) for text, width in zip(cells, widths, strict=True)
    )


def _clipped(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def _painted(padded: str, text: str) -> str:
    colour = _BOLD if text in COLUMNS else _COLOURS.get(text.rpartition(": ")[2])
    return f"{colour}{padded}{_RESET}" if colour else padded
