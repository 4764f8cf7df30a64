"""`massgen-core new`: a plugin package of one's own, from the tested example."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import click

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_LONGEST = 32
_TAKEN = frozenset(("core", "mcp"))
_LEFT_OUT = frozenset(("__pycache__", "dist", "build", ".venv", ".pytest_cache"))
_EXAMPLE = Path("docs", "examples", "massgen-hello")


@click.command()
@click.argument("name")
@click.option("--path", type=click.Path(path_type=Path), help="The new folder. Default: massgen-NAME.")
def new(name: str, path: Path | None) -> None:
    """Write a working plugin package: NAME in small letters, digits and dashes."""
    name = _checked(name.removeprefix("massgen-"))
    target = path or Path(f"massgen-{name}")
    try:
        target.mkdir(parents=True)
    except FileExistsError:
        raise click.UsageError(f"{target} is there already; choose another --path") from None
    for parts, text in _template():
        file = target.joinpath(*(renamed(part, name) for part in parts))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(renamed(text, name), encoding="utf-8")
    click.echo(_next_steps(name, target))


def renamed(text: str, name: str) -> str:
    """The example's text with the plugin's name in the place of ``hello``, in every spelling.

    ``Hello`` is a part of a class's name, ``hello`` beside an underscore one of a Python name or a tool's; any other
    is the plugin's name.
    """
    underscored = name.replace("-", "_")
    text = text.replace("Hello", "".join(word.capitalize() for word in name.split("-")))
    text = re.sub(r"(?<=_)hello|hello(?=_)", underscored, text)
    return text.replace("hello", name)


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name) or len(name) > _LONGEST:
        raise click.BadParameter(f"{name!r} must be small letters, digits and dashes, at most {_LONGEST}, letter first")
    if name in _TAKEN:
        raise click.BadParameter(f"{name!r} is a name of massgen-core's own; choose another")
    return name


def _template() -> Iterator[tuple[tuple[str, ...], str]]:
    """The example's files: where each is, and its text."""
    shipped = files("massgen_core.cli").joinpath("_template")
    checkout = Path(__file__).parents[2] / _EXAMPLE
    return _walk(shipped if shipped.is_dir() else checkout)


def _walk(folder: Traversable, above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    for item in folder.iterdir():
        if item.name in _LEFT_OUT or item.name.endswith(".egg-info"):
            continue
        if item.is_dir():
            yield from _walk(item, (*above, item.name))
        else:
            yield (*above, item.name), item.read_text(encoding="utf-8")


def _next_steps(name: str, target: Path) -> str:
    tool = f"{name.replace('-', '_')}_greet"
    return f"""Wrote {target}, a plugin named {name}. Next:

  python -m pip install --editable {target}
  massgen-core plugins
  massgen-core call {tool} --arg name=world
  python -m pip install pytest && python -m pytest {target}

Its tools are in massgen_{name.replace("-", "_")}/plugin.py."""
