"""Templates: config files for common servers, each tested as it stands."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

import click
from click.shell_completion import CompletionItem

_EXAMPLES = Path("docs", "examples", "servers")


def templates() -> Mapping[str, str]:
    """The text of every template, by name."""
    shipped = files("massgen_core.cli").joinpath("_servers")
    checkout = Path(__file__).parents[2] / _EXAMPLES
    found = (shipped if shipped.is_dir() else checkout).iterdir()
    texts = {each.name: each.read_text(encoding="utf-8") for each in found if each.name.endswith(".toml")}
    return {name.removesuffix(".toml"): texts[name] for name in sorted(texts)}


def summary(text: str) -> str:
    """What a template is for: its first line."""
    return text.partition("\n")[0].removeprefix("# ")


def check_names(ctx: click.Context, param: click.Parameter, names: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse a name that no template has."""
    known = templates()
    for name in names:
        if name not in known:
            raise click.BadParameter(f"{name!r} is no template; there are {', '.join(known)}")
    return names


def complete_names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The names that begin so, each with what it is for."""
    found = templates().items()
    return [CompletionItem(name, help=summary(text)) for name, text in found if name.startswith(incomplete)]
