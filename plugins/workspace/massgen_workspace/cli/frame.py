"""What the commands share: the config, the store, progress on stderr, results on stdout."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from massgen_workspace.config import WorkspaceConfig
    from massgen_workspace.spaces.store import Store

NAME = "workspace"
"""The plugin's name in configs."""

_EVERY = 1.0
"""Seconds between two lines of progress."""

json_flag = click.option("--json", "as_json", is_flag=True, help="Print one JSON object to stdout.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """The settings of one invocation; ``folder`` is what relative paths of the config belong to."""

    config: WorkspaceConfig
    folder: Path

    def spaces(self) -> Path:
        """The folder of workspaces."""
        from massgen_workspace.spaces.session import spaces_path

        return spaces_path(self.config.spaces, self.folder)

    def store(self) -> Store:
        """The workspaces."""
        from massgen_workspace.spaces.store import Store

        return Store(self.spaces(), self.config.backend)


def given(ctx: click.Context) -> Given:
    """The plugin's own section of the config file that the root command was given, or of the default one.

    Raises:
        ConfigError: A key in it is wrong.
    """
    from pydantic import ValidationError

    from massgen_core.config import PluginOptions, config_error, load_settings
    from massgen_workspace.config import WorkspaceConfig

    settings = load_settings(ctx.find_root().params.get("config"))
    own = {k: v for k, v in settings.plugins.get(NAME, {}).items() if k not in PluginOptions.model_fields}
    file = settings.source
    try:
        config = WorkspaceConfig.model_validate(own)
    except ValidationError as error:
        raise config_error(
            error,
            file=str(file) if file else None,
            prefix=f"plugins.{NAME}",
            model=WorkspaceConfig,
            also=PluginOptions.model_fields,
        ) from None
    return Given(config=config, folder=Path(file).absolute().parent if file else Path.cwd())


def json_errors(ctx: click.Context, as_json: bool) -> None:
    """Let the program write errors as JSON too."""
    options = ctx.find_root().obj
    if as_json and hasattr(options, "json_errors"):
        options.json_errors = True


def progress(ctx: click.Context, what: str) -> Callable[[int], None]:
    """A line on stderr now and then, or silence where the root command was told to be quiet."""
    if ctx.find_root().params.get("quiet"):
        return lambda done: None
    last = time.monotonic()

    def tick(done: int) -> None:
        nonlocal last
        if time.monotonic() - last >= _EVERY:
            last = time.monotonic()
            click.echo(f"  {what}: {done} files", err=True)

    return tick


def show(data: Mapping[str, Any], text: str, as_json: bool) -> None:
    """Print a result: for a program or for people."""
    click.echo(json.dumps(data, indent=2) if as_json else printable(text))


def table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns, as wide as they have to be."""
    cells = [list(headers), *([printable(cell) for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(headers))]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in cells)
    return "\n".join(line.rstrip() for line in lines)


def printable(text: str) -> str:
    """Text without control characters, whoever wrote it."""
    return "".join(char if char.isprintable() or char in "\n\t" else "�" for char in text)


def when(seconds: float) -> str:
    """A time for people."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))


def demand(ctx: click.Context, yes: bool, question: str) -> None:
    """Ask before something is removed; where nobody can answer, it takes `--yes`."""
    import sys

    if yes:
        return
    if not sys.stdin.isatty():
        raise click.UsageError("this removes things, and nobody can be asked here: say --yes")
    if not click.confirm(printable(question), default=False, err=True):
        ctx.exit(1)
