"""The root command: the options before a command, and the commands, each imported when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import MappingProxyType

import click

from massgen_core.cli.exits import EPILOG
from massgen_core.cli.options import Options
from massgen_core.errors import SURVIVABLE, MassgenError, PluginError

GROUP = "massgen_core.commands"
"""Entry points of this group are further commands: `click.Command` objects, under the entry point's name.

The root's options are in ``click.get_current_context().find_root().params``: `config`, `plugin`, `verbose`, `quiet`.
"""

BUILT_IN: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "plugins": ("massgen_core.cli.plugins:plugins", "List the installed plugins, their state, and why."),
        "tools": ("massgen_core.cli.tools:tools", "List the tools, or show one."),
        "call": ("massgen_core.cli.call:call", "Call a tool."),
        "init": ("massgen_core.cli.init:init", "Write a commented massgen.toml."),
        "new": ("massgen_core.cli.new:new", "Write a new plugin package."),
        "completion": ("massgen_core.cli.completion:completion", "Print the completion script of a shell."),
    }
)
"""Name, where it is, and one line about it."""

COMES_WITH: Mapping[str, str] = MappingProxyType({"docker": "massgen-sandbox-docker", "workspace": "massgen-workspace"})
"""Commands that people ask for, and the distributions that bring them."""


class Commands(click.Group):
    """A group whose commands are not imported before one is run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The built-in commands, then those of installed distributions."""
        return [*BUILT_IN, *(name for name in sorted(_installed()) if name not in BUILT_IN)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported now."""
        if cmd_name in BUILT_IN:
            module, _, attribute = BUILT_IN[cmd_name][0].partition(":")
            return getattr(import_module(module), attribute)
        points = _installed().get(cmd_name)
        return _load(cmd_name, points) if points else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the arguments ask for; an absent one is named with what brings it."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError:
            if distribution := COMES_WITH.get(args[0]):
                text = f"`{args[0]}` comes with {distribution}: pip install {distribution}"
                raise click.UsageError(text, ctx) from None
            raise

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        rows = [(name, BUILT_IN[name][1] if name in BUILT_IN else _origin(name)) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


def _installed() -> Mapping[str, tuple[EntryPoint, ...]]:
    """The commands of installed distributions, by name."""
    found: dict[str, tuple[EntryPoint, ...]] = {}
    for point in entry_points(group=GROUP):
        found[point.name] = (*found.get(point.name, ()), point)
    return found


def _origin(name: str) -> str:
    return "From " + ", ".join(sorted(_owner(point) for point in _installed()[name])) + "."


def _owner(point: EntryPoint) -> str:
    return point.dist.name if point.dist else point.value


def _load(name: str, points: tuple[EntryPoint, ...]) -> click.Command:
    """The command behind an entry point; one that cannot be had becomes a command that says why."""
    owners = sorted({_owner(point) for point in points})
    if len(owners) > 1:
        return _broken(name, MassgenError(f"the command `{name}` is brought by {' and '.join(owners)}; uninstall one"))
    try:
        command = points[0].load()
    except SURVIVABLE as error:
        return _broken(name, PluginError(owners[0], "load", error))
    if not isinstance(command, click.Command):
        return _broken(name, PluginError(owners[0], "load", f"{points[0].value} is not a click command"))
    return command


def _broken(name: str, error: MassgenError) -> click.Command:
    def refuse(words: tuple[str, ...]) -> None:
        raise error

    anything = click.Argument(["words"], nargs=-1, type=click.UNPROCESSED)
    settings = {"ignore_unknown_options": True}
    return click.Command(name, callback=refuse, params=[anything], add_help_option=False, context_settings=settings)


@click.command(cls=Commands, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config",
    "-c",
    type=click.Path(path_type=Path),
    envvar="MASSGEN_CONFIG",
    show_envvar=True,
    help="Config file (TOML, YAML or JSON). Default: massgen.toml, .yaml or .json in the current folder.",
)
@click.option(
    "--plugin",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    help="A Python file to use as a plugin; can be given more than once.",
)
@click.option("--verbose", "-v", is_flag=True, help="Log to stderr; show tracebacks.")
@click.option("--quiet", "-q", is_flag=True, help="No progress on stderr.")
@click.version_option(package_name="massgen-core", message="%(package)s %(version)s")
@click.pass_obj
def app(options: Options, config: Path | None, plugin: tuple[Path, ...], verbose: bool, quiet: bool) -> None:
    """Plugins and sandboxed MCP servers, as one set of tools for AI agents.

    Results go to stdout; progress, warnings and errors go to stderr. A command whose output is JSON writes errors as
    JSON too, one object {"error": {…}} on a line.
    """
    options.config, options.files, options.verbose, options.quiet = config, plugin, verbose, quiet
    if verbose:
        from massgen_core.cli.logs import log_to_stderr

        log_to_stderr()
