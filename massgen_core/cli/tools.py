"""`massgen-core tools`: every tool that an agent would see, or all about one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import click

from massgen_core.cli.options import Options, json_option, pass_options
from massgen_core.cli.output import ProgressLines, print_json, print_table, print_text
from massgen_core.cli.running import run_async
from massgen_core.cli.schema import SchemaTypes, mapping
from massgen_core.errors import ToolNotFound

if TYPE_CHECKING:
    from massgen_core.calls.registry import Entry
    from massgen_core.formats import Format
    from massgen_core.session import Session

ValueT = TypeVar("ValueT")

_FORMATS = ("openai-responses", "openai-chat", "anthropic", "gemini", "mcp")


@click.group(invoke_without_command=True)
@json_option("Print a JSON list: name, plugin, provider, distribution, version, title, description, access.")
@click.option("--format", "schemas", type=click.Choice(_FORMATS), help="Print the tools' schemas instead, as JSON.")
@click.option("--agent", help="Only what this agent of the config may see.")
@click.pass_context
def tools(ctx: click.Context, as_json: bool, schemas: Format | None, agent: str | None) -> None:
    """List the tools; `tools show NAME` tells all about one.

    Servers are started for this, and stopped again. A plugin that fails but need not work is a warning on stderr.
    """
    if ctx.invoked_subcommand is not None:
        return
    options = ctx.ensure_object(Options)
    options.json_errors = as_json or schemas is not None
    if schemas is not None:
        print_json(_ask(options, lambda session: session.tool_schemas(schemas), agent=agent))
        return
    entries = _ask(options, lambda session: session.tools, agent=agent)
    if as_json:
        print_json([_summary(entry) for entry in entries])
    else:
        rows = [(entry.name, _provider(entry), entry.tool.description.strip().partition("\n")[0]) for entry in entries]
        print_table(("name", "from", "description"), rows)


@tools.command()
@click.argument("name")
@json_option("Print one JSON object, schemas included.")
@pass_options
def show(options: Options, name: str, as_json: bool) -> None:
    """Tell all about one tool: parameters, schemas, access, hints, and who brings it."""
    options.json_errors = as_json
    entry = _ask(options, lambda session: _find(session, name), tool=name)
    if as_json:
        print_json(_everything(entry))
    else:
        print_text("\n".join(_page(entry)))


def _ask(
    options: Options, question: Callable[[Session], ValueT], *, agent: str | None = None, tool: str | None = None
) -> ValueT:
    """Open a runtime and a session, ask it one thing, and close both."""
    from massgen_core.cli.opening import opened, settings_for

    settings = settings_for(options, tool=tool)
    progress = ProgressLines(quiet=options.quiet)

    async def ask() -> ValueT:
        async with opened(settings, options, progress) as runtime, runtime.session(agent=agent) as session:
            return question(session)

    return run_async(ask)


def _find(session: Session, name: str) -> Entry:
    for entry in session.tools:
        if entry.name == name:
            return entry
    raise ToolNotFound(name, f"no tool {name!r}; `massgen-core tools` lists what there is")


def _provider(entry: Entry) -> str:
    owner = entry.owner
    return owner.plugin if owner.plugin == owner.provider else f"{owner.plugin}/{owner.provider}"


def _summary(entry: Entry) -> dict[str, Any]:
    return {
        "name": entry.name,
        "plugin": entry.owner.plugin,
        "provider": entry.owner.provider,
        "distribution": entry.owner.distribution,
        "version": entry.owner.version,
        "title": entry.tool.title,
        "description": entry.tool.description,
        "access": sorted(entry.tool.access),
    }


def _everything(entry: Entry) -> dict[str, Any]:
    return _summary(entry) | {
        "annotations": entry.tool.annotations,
        "timeout": entry.timeout,
        "input_schema": entry.tool.input_schema,
        "output_schema": entry.tool.output_schema,
    }


def _page(entry: Entry) -> Iterator[str]:
    tool, owner = entry.tool, entry.owner
    yield entry.name
    yield f"  from         {_provider(entry)}, {owner.distribution or 'no distribution'} {owner.version or ''}".rstrip()
    yield f"  access       {', '.join(sorted(tool.access)) or 'none'}"
    yield f"  annotations  {', '.join(f'{k}={json.dumps(v)}' for k, v in tool.annotations.items()) or 'none'}"
    yield f"  time-out     {entry.timeout:g} s"
    yield f"\n{tool.description.strip()}\n"
    yield "Parameters:"
    yield from _parameters(tool.input_schema)
    yield "\nInput schema:"
    yield json.dumps(tool.input_schema, indent=2, ensure_ascii=False)
    if tool.output_schema is not None:
        yield "\nOutput schema:"
        yield json.dumps(tool.output_schema, indent=2, ensure_ascii=False)


def _parameters(schema: Mapping[str, Any]) -> Iterator[str]:
    properties = mapping(schema.get("properties"))
    types = SchemaTypes(schema)
    for name, part in properties.items():
        known = mapping(part)
        facts = [types.words(part), *_need(name, known, schema.get("required"))]
        yield f"  {name}  ({', '.join(facts)})"
        if isinstance(text := known.get("description"), str):
            yield f"      {' '.join(text.split())}"
    if not properties:
        yield "  none"


def _need(name: str, part: Mapping[str, Any], required: object) -> list[str]:
    if isinstance(required, list) and name in required:
        return ["required"]
    return [f"default {json.dumps(part['default'], ensure_ascii=False)}"] if "default" in part else []
