"""`massgen-core call`: one tool call, its result on stdout, its exit code for scripts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from massgen_core.cli.exits import EPILOG
from massgen_core.cli.options import Options, pass_options
from massgen_core.cli.output import ProgressLines
from massgen_core.cli.running import run_async
from massgen_core.errors import ToolFailed

if TYPE_CHECKING:
    from massgen_core.result import ToolResult
    from massgen_core.runtime import Runtime

_IN_SANDBOXES = frozenset({"mcp", "shell"})
"""Plugins whose tools would hand the folder on to somebody else's program: that has to be asked for."""


@click.command(epilog=EPILOG)
@click.argument("name")
@click.option("--arg", "-a", "pairs", multiple=True, metavar="KEY=VALUE", help="One argument; KEY:=VALUE is JSON.")
@click.option("--json", "text", metavar="JSON", help="All arguments as a JSON object; @FILE reads a file, - stdin.")
@click.option("--output", "-o", type=click.Choice(("text", "json")), default="text", help="How to print the result.")
@click.option("--timeout", type=click.FloatRange(min=0, min_open=True), metavar="SECONDS", help="A shorter time limit.")
@click.option(
    "--save", type=click.Path(file_okay=False, path_type=Path), metavar="DIR", help="Write images and the like."
)
@click.option("--agent", help="Call as this agent of the config.")
@click.option(
    "--workspace",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The agent's folder; without it the current one, but for tools that run in sandboxes.",
)
@pass_options
def call(
    options: Options,
    name: str,
    pairs: tuple[str, ...],
    text: str | None,
    output: Literal["text", "json"],
    timeout: float | None,
    save: Path | None,
    agent: str | None,
    workspace: Path | None,
) -> None:
    """Call the tool NAME and print its result.

    Words after --arg are read by the tool's schema: strings as they stand, all else as JSON (--arg n=3, --arg
    tags='["a", "b"]'). The result goes to stdout: as text, or as the object of an MCP tools/call answer. Images, audio
    and video are left out of the text; --save writes them to new files in DIR and prints their paths.
    """
    from massgen_core.cli.arguments import given_arguments
    from massgen_core.cli.opening import opened, settings_for
    from massgen_core.cli.results import print_result

    options.json_errors = output == "json"
    given = given_arguments(pairs, text)
    settings = settings_for(options, tool=name)
    progress = ProgressLines(quiet=options.quiet)

    async def make() -> ToolResult:
        async with (
            opened(settings, options, progress) as runtime,
            runtime.session(agent=agent, workspace=workspace or folder_for(name, runtime)) as session,
        ):
            schemas = {entry.name: entry.tool.input_schema for entry in session.tools}
            arguments = given.read(name, schemas.get(name, {}))
            return await session.call(name, arguments, timeout=timeout, on_event=progress.event)

    try:
        result = run_async(make)
    finally:
        progress.finish()
    if result.error is None:
        print_result(name, result, output=output, save=save)
    if result.is_error:
        raise result.error or ToolFailed(name, f"{name} reported an error")


def folder_for(tool: str, runtime: Runtime) -> Path | None:
    """The current folder, for a tool that works in this program; None for any other."""
    owners = (entry.owner.plugin for entry in runtime.tools if entry.name == tool)
    return Path() if not _IN_SANDBOXES.intersection(owners) else None
