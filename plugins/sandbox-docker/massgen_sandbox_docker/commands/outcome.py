"""What a command found, and how it is shown: tables for people, one JSON object for programs."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import click

from massgen_sandbox_docker.terminal import printable

_PIPE_WIDTH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One table."""

    title: str
    headers: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A command's result: whether all is well, the data, and the same for people."""

    ok: bool
    data: Mapping[str, Any]
    sheets: Sequence[Sheet] = field(default=())
    text: str = ""


def draw(outcome: Outcome) -> None:
    """Print the tables and the text to stdout."""
    if outcome.sheets:
        _draw_sheets(outcome.sheets)
    if outcome.text:
        click.echo(printable(outcome.text))


def _draw_sheets(sheets: Sequence[Sheet]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else _PIPE_WIDTH)
    for sheet in sheets:
        table = Table(box=SIMPLE_HEAD, pad_edge=False, title=sheet.title, title_justify="left")
        for header in sheet.headers:
            table.add_column(header, overflow="fold")
        for row in sheet.rows:
            table.add_row(*(Text(printable(cell)) for cell in row))
        console.print(table)
