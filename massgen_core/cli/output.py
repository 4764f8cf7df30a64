"""What is printed: JSON and tables to stdout, progress and warnings to stderr.

Texts come from plugins and from strangers' servers. Whatever goes to a terminal is cleaned of control characters
first, so that no tool can move the cursor, set the title or hide a line; a pipe gets the bytes as they are.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from massgen_core.tools import Event, Progress

# C0 without tab and newline, DEL, C1, and the marks that turn the direction of writing.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


_PIECE = 1 << 16
_LONGEST_MESSAGE = 500


class ReaderGone(Exception):
    """Whoever read stdout has gone, as `head` does."""


def clean(text: str) -> str:
    """The text with control characters written out, ``\\u001b`` for one; this keeps JSON valid too."""
    return _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text.replace("\r\n", "\n"))


def one_line(text: str) -> str:
    """The text on one line, cleaned."""
    return clean(" ".join(text.split()))


def print_text(text: str) -> None:
    """Print to stdout; cleaned where that is a terminal, unchanged where not (`click.echo` would drop colours)."""
    whole = f"{clean(text) if sys.stdout.isatty() else text}\n"
    # In pieces: within one large write Python does not notice that the reader has gone.
    pieces = [whole[start : start + _PIECE] for start in range(0, len(whole), _PIECE)]
    try:
        sys.stdout.writelines(pieces)
        sys.stdout.flush()
    except BrokenPipeError:
        raise ReaderGone from None


def print_json(value: Any) -> None:
    """Print a value as indented JSON to stdout."""
    print_text(json.dumps(value, indent=2, ensure_ascii=False))


def print_table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table to stdout: folded into the width of a terminal, in plain columns otherwise."""
    cells = [[one_line(cell) for cell in row] for row in rows]
    if sys.stdout.isatty():
        _print_folded(headers, cells)
    else:
        _print_columns([list(headers), *cells])


def _print_folded(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for header in headers:
        table.add_column(header, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    Console().print(table)


def _print_columns(rows: list[list[str]]) -> None:
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    print_text("\n".join(line.rstrip() for line in lines))


def warn(text: str) -> None:
    """Print a warning to stderr."""
    click.echo(clean(f"warning: {text}"), err=True)


class ProgressLines:
    """Progress on stderr: one line for each step of opening, and one that changes while a call runs."""

    def __init__(self, *, quiet: bool) -> None:
        self.said: set[str] = set()
        self._quiet = quiet
        self._live = sys.stderr.isatty()
        self._interval = 0.1 if self._live else 1.0
        self._last = float("-inf")
        self._pending: str | None = None
        self._shown = False

    def line(self, text: str) -> None:
        """Report one step."""
        if self._quiet:
            return
        self.said.add(text)
        click.echo(f"{self._erase()}{clean(text)}", err=True)

    async def event(self, event: Event) -> None:
        """Show how far a call is; a tool that reports without pause is shown now and then."""
        from massgen_core.tools import Progress

        if self._quiet or not isinstance(event, Progress):
            return
        self._pending = _progress_words(event)
        if time.monotonic() - self._last >= self._interval:
            self._show()

    def finish(self) -> None:
        """Show what was held back, and leave the terminal's line free."""
        if self._shown:
            click.echo(self._erase(), nl=False, err=True)
        elif self._pending is not None and not self._live:
            self._show()

    def _show(self) -> None:
        self._last = time.monotonic()
        width = shutil.get_terminal_size().columns - 1
        text = self._pending or ""
        click.echo(f"{self._erase()}{text[:width] if self._live else text}", nl=not self._live, err=True)
        self._pending, self._shown = None, self._live

    def _erase(self) -> str:
        """What clears the changing line, where there is one."""
        erase, self._shown = "\r\x1b[K" if self._shown else "", False
        return erase


def _progress_words(progress: Progress) -> str:
    share = f"{progress.done:g}/{progress.total:g}" if progress.total is not None else f"{progress.done:g}"
    return one_line(f"{share} {(progress.message or '')[:_LONGEST_MESSAGE]}")
