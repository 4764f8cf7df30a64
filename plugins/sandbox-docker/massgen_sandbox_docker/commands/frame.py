"""What the commands share: the root's options, questions, progress on stderr and results on stdout."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

import click

from massgen_sandbox_docker.commands.outcome import Outcome, draw
from massgen_sandbox_docker.terminal import printable

if TYPE_CHECKING:
    from massgen_core.config import Settings
    from massgen_core.sandbox import Progress

json_flag = click.option("--json", "as_json", is_flag=True, help="Print one JSON object to stdout.")


def run(command: Callable[..., Coroutine[Any, Any, Outcome]], *args: Any) -> Outcome:
    """Do a command's work."""
    import anyio

    return anyio.run(command, *args)


def settings_of(ctx: click.Context) -> Settings:
    """The config file that the root command was given, or the default one."""
    from massgen_core.config import load_settings

    return load_settings(ctx.find_root().params.get("config"))


def progress_of(ctx: click.Context) -> Progress:
    """Lines on stderr, or silence where the root command was told to be quiet."""
    if ctx.find_root().params.get("quiet"):
        return lambda line: None
    return lambda line: click.echo(f"  {printable(line)}", err=True)


def agree(question: str) -> bool:
    """Yes."""
    return True


def ask(question: str) -> bool:
    """Ask a person; where nobody can answer, the command itself was the answer."""
    return not sys.stdin.isatty() or click.confirm(question, default=True, err=True)


def demand(question: str) -> bool:
    """Ask a person before something is removed; where nobody can answer, it is refused."""
    if not sys.stdin.isatty():
        raise click.UsageError("this removes things, and nobody can be asked here: say --yes, or look with ps first")
    return click.confirm(printable(question), default=False, err=True)


def show(ctx: click.Context, outcome: Outcome, as_json: bool, failure: int = 1) -> None:
    """Print the result, and leave with its exit code."""
    if as_json:
        click.echo(json.dumps(outcome.data, indent=2))
    else:
        draw(outcome)
    ctx.exit(0 if outcome.ok else failure)
