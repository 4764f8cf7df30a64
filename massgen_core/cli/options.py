"""The options that stand before a command, and what the commands share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import click

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")
Command = TypeVar("Command", bound=Callable[..., Any] | click.Command)


@dataclass(slots=True, kw_only=True)
class Options:
    """One invocation's options; a command sets ``json_errors`` when its own output is JSON."""

    config: Path | None = None
    files: tuple[Path, ...] = ()
    verbose: bool = False
    quiet: bool = False
    json_errors: bool = False


def pass_options(command: Callable[Concatenate[Options, Arguments], Result]) -> Callable[Arguments, Result]:
    """Hand the `Options` to a command as its first argument."""
    return click.make_pass_decorator(Options)(command)


def json_option(help: str) -> Callable[[Command], Command]:
    """The flag `--json` of a command."""
    return click.option("--json", "as_json", is_flag=True, help=help)
