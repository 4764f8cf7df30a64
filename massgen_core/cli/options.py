"""The options that stand before a command, and what the commands share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click


@dataclass(slots=True, kw_only=True)
class Options:
    """One invocation's options; a command sets ``json_errors`` when its own output is JSON."""

    config: Path | None = None
    files: tuple[Path, ...] = ()
    verbose: bool = False
    quiet: bool = False
    json_errors: bool = False


pass_options = click.make_pass_decorator(Options)
"""Hands the `Options` to a command as its first argument."""


def json_option(help: str):  # noqa: ANN201  (click's decorators are generic over what they decorate)
    """The flag `--json` of a command."""
    return click.option("--json", "as_json", is_flag=True, help=help)
