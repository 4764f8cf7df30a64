"""cli.md: every command, from the command line's own declarations."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import click
from prose import page

from massgen_core.cli.app import app
from massgen_core.cli.exits import MEANINGS

PROGRAM = "massgen-core"


def commands_page() -> str:
    """The whole page."""
    return page("Command line", *(_section(context) for context in _contexts(app, None)), _exit_codes())


def _exit_codes() -> str:
    rows = [f"| {code.value} | {words} |" for code, words in MEANINGS.items()]
    return "\n".join(["## Exit codes", "", "| code | meaning |", "|---|---|", *rows])


def _contexts(command: click.Command, parent: click.Context | None) -> Iterator[click.Context]:
    """Every command that can be typed, in the order that help shows them."""
    context = click.Context(command, info_name=command.name if parent else PROGRAM, parent=parent)
    yield context
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            if inner is not None and not inner.hidden:
                yield from _contexts(inner, context)


def _section(context: click.Context) -> str:
    command = context.command
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    words = [_paragraph(text) for text in inspect.cleandoc(command.help or "").split("\n\n")]
    parts = [f"## {context.command_path}", f"`{usage}`", *words, _options(command, context), _inner(context)]
    return "\n\n".join(part for part in parts if part)


def _paragraph(text: str) -> str:
    """A paragraph of help; the lines of one that click must not fold (marked by a backspace) become a list."""
    if not text.startswith("\b\n"):
        return text.replace("``", "`")
    return "\n".join(f"- `{' '.join(line.split())}`" for line in text.splitlines()[1:])


def _options(command: click.Command, context: click.Context) -> str:
    records = [parameter.get_help_record(context) for parameter in command.params]
    rows = [f"| `{_cell(found[0])}` | {_cell(found[1])} |" for found in records if found and found[1]]
    return "\n".join(["| option | meaning |", "|---|---|", *rows]) if rows else ""


def _inner(context: click.Context) -> str:
    command = context.command
    if not isinstance(command, click.Group):
        return ""
    names = [name for name in command.list_commands(context)]
    return "Commands: " + ", ".join(f"[`{name}`](#{_anchor(context, name)})" for name in names)


def _anchor(context: click.Context, name: str) -> str:
    return f"{context.command_path} {name}".replace(" ", "-")


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
