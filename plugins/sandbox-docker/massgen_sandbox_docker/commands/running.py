"""The commands that look after what is on the engine: ps, logs, top, kill, prune, snapshots."""

from __future__ import annotations

import codecs
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from massgen_sandbox_docker.commands.frame import agree, demand, json_flag, progress_of, run, settings_of, show
from massgen_sandbox_docker.terminal import printable

if TYPE_CHECKING:
    from massgen_core.config import Settings

_PATIENCE = 3.0
_LONGEST_LINE = 64 * 1024


def _complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Names of sandboxes and ids of containers; nothing where no engine answers at once."""
    import anyio

    from massgen_core.errors import MassgenError

    try:
        known = anyio.run(_known, settings_of(ctx))
    except MassgenError:
        return []
    return [CompletionItem(name, help=what) for name, what in known if name.startswith(incomplete)]


async def _known(settings: Settings) -> Sequence[tuple[str, str]]:
    import anyio

    from massgen_sandbox_docker.commands.containers import find
    from massgen_sandbox_docker.commands.servers import docker_config
    from massgen_sandbox_docker.engine.client import connect

    with anyio.move_on_after(_PATIENCE):
        async with connect(docker_config(settings)) as engine:
            found = await find(engine)
            names = {each.sandbox: each.kind for each in found if each.kind != "gate"}
            return [*names.items(), *((each.short, f"{each.sandbox} ({each.kind})") for each in found)]
    return []


@click.command(short_help="List the containers of massgen's.")
@click.option("--all", "-a", "everything", is_flag=True, help="Ended ones too.")
@json_flag
@click.pass_context
def ps(ctx: click.Context, everything: bool, as_json: bool) -> None:
    """List the containers of massgen's on the engine: what each is, whose, and what it uses now.

    A container is a server, a server's gate to the network, a build of an image, or part of an audit. Its owner is
    alive or dead where it runs or ran on this machine; expired when the container may be removed by anybody; of another
    machine, or unknown.
    """
    from massgen_sandbox_docker.commands import ps as work

    show(ctx, run(work.ps, settings_of(ctx), everything), as_json)


@click.command(short_help="Say how a container stands; follow its stderr.")
@click.argument("name", metavar="NAME|ID", shell_complete=_complete)
@click.option("--follow", "-f", is_flag=True, help="Print what it writes to stderr from now on.")
@click.option("--seconds", type=click.FloatRange(min=0, min_open=True), help="With --follow: stop after so many.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON objects to stdout; with --follow one per line.")
@click.pass_context
def logs(ctx: click.Context, name: str, follow: bool, seconds: float | None, as_json: bool) -> None:
    """Say how a container stands, or follow its stderr.

    The engine keeps no output of massgen's containers, so there is no past to show: what was written before is with
    the program that owns the container. The server is not disturbed: its stdin stays closed to others, and what is not
    printed fast enough is dropped. Do not suspend a command that follows: then the server waits when it has written
    about a megabyte.
    """
    from massgen_sandbox_docker.commands import logs as work

    if seconds is not None and not follow:
        raise click.UsageError("--seconds goes with --follow")
    printer = _Printer(as_json)
    listen = work.Listen(seconds=seconds) if follow else None
    outcome = run(work.logs, settings_of(ctx), name, listen, printer.write, progress_of(ctx))
    printer.close()
    if not follow:
        show(ctx, outcome, as_json)
    elif as_json:
        click.echo(json.dumps(outcome.data))
    elif outcome.text:
        click.echo(printable(outcome.text), err=True)


@click.command(short_help="List the processes in a container.")
@click.argument("name", metavar="NAME|ID", shell_complete=_complete)
@json_flag
@click.pass_context
def top(ctx: click.Context, name: str, as_json: bool) -> None:
    """List the processes in a container, with their numbers on the engine's machine and their memory in KiB.

    Under gVisor or Kata the numbers are those inside, and the container itself is asked, which has to have a shell.
    """
    from massgen_sandbox_docker.commands import top as work

    show(ctx, run(work.top, settings_of(ctx), name), as_json)


@click.command(short_help="Kill and remove containers of massgen's.")
@click.argument("names", nargs=-1, metavar="[NAME|ID]...", shell_complete=_complete)
@click.option("--all", "-a", "everything", is_flag=True, help="All of massgen's, also those of programs that run.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask before --all.")
@json_flag
@click.pass_context
def kill(ctx: click.Context, names: tuple[str, ...], everything: bool, yes: bool, as_json: bool) -> None:
    """Kill and remove containers of massgen's, by name of a server or container, or by the beginning of an id.

    Containers of others are refused. A program that owns one sees that its server is gone. Exit code 1: one could not
    be removed.
    """
    from massgen_sandbox_docker.commands import kill as work

    if bool(names) == everything:
        raise click.UsageError("name the containers, or say --all")
    show(ctx, run(work.kill, settings_of(ctx), names, agree if yes else demand), as_json)


@click.command(short_help="Remove what nobody uses any more.")
@click.option("--dry-run", is_flag=True, help="Say what would be removed, and remove nothing.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask before removing.")
@json_flag
@click.pass_context
def prune(ctx: click.Context, dry_run: bool, yes: bool, as_json: bool) -> None:
    """Remove containers whose owner is dead or whose time is over, and images of massgen's that have lost their name.

    An image that a build may still need (four times `build_timeout` are given to it), or that a container uses, is
    kept. So are snapshots (see `massgen-core docker snapshots`), all else of a living owner, and everything that is not
    massgen's. Sizes are what is gained. Exit code 1: something could not be removed.
    """
    from massgen_sandbox_docker.commands import prune as work

    show(ctx, run(work.prune, settings_of(ctx), dry_run, agree if yes else demand), as_json)


@click.command(short_help="List the snapshots of sandboxes, or delete some.")
@click.argument("names", nargs=-1, metavar="[NAME|ID]...")
@click.option("--delete", "deleting", is_flag=True, help="Delete those that are named; all where none is.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask before deleting.")
@json_flag
@click.pass_context
def snapshots(ctx: click.Context, names: tuple[str, ...], deleting: bool, yes: bool, as_json: bool) -> None:
    """List the snapshots that the engine holds: of which sandbox, and what each takes beyond its sandbox's image.

    A snapshot stays until somebody deletes it: here by its sandbox's name or the beginning of its id, or in a program.
    One that a running sandbox began with stays. Exit code 1: one could not be deleted.
    """
    from massgen_sandbox_docker.commands import snapshots as work

    if names and not deleting:
        raise click.UsageError("names go with --delete")
    settings = settings_of(ctx)
    outcome = run(work.delete, settings, names, agree if yes else demand) if deleting else run(work.snapshots, settings)
    show(ctx, outcome, as_json)


class _Printer:
    """Prints what a container wrote, whose bytes are not to be trusted: as text, or in JSON line by line."""

    def __init__(self, as_json: bool) -> None:
        self._as_json = as_json
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._line = ""

    def write(self, piece: bytes) -> None:
        """Print a piece."""
        text = self._decoder.decode(piece)
        if not self._as_json:
            click.echo(printable(text), nl=False)
            return
        *lines, self._line = (self._line + text).split("\n")
        if len(self._line) > _LONGEST_LINE:
            lines, self._line = [*lines, self._line], ""
        for line in lines:
            click.echo(json.dumps({"stderr": line}))

    def close(self) -> None:
        """Print what is left of a line."""
        if self._line:
            click.echo(json.dumps({"stderr": self._line}))


COMMANDS: Sequence[click.Command] = (ps, logs, top, kill, prune, snapshots)
"""To be added to the group."""
