"""The commands: named workspaces made, listed, forked, remembered, compared, brought back; and a folder's changes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from massgen_workspace.cli.frame import Given, demand, given, json_errors, json_flag, progress, show, table, when

if TYPE_CHECKING:
    from massgen_workspace.spaces.shelf import Snapshot
    from massgen_workspace.spaces.sources import Source
    from massgen_workspace.spaces.tracked import Tracked

_AGES = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def _complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Names of workspaces."""
    from massgen_core.errors import MassgenError

    try:
        known = given(ctx).store().list()
    except (MassgenError, OSError):
        return []
    return [CompletionItem(each.name, help=each.source) for each in known if each.name.startswith(incomplete)]


name_argument = click.argument("name", shell_complete=_complete)
target_argument = click.argument("target", metavar="NAME|FOLDER", shell_complete=_complete)
quick = click.option("--ignored", is_flag=True, help="With what .gitignore leaves out, and .git.")


@click.group()
def workspace() -> None:
    """Workspaces: make, fork, snapshot, compare and restore them; see and undo what an agent has changed."""


@workspace.command(short_help="List the workspaces.")
@json_flag
@click.pass_context
def ls(ctx: click.Context, as_json: bool) -> None:
    """List the workspaces, and in which ways they can be kept here.

    The JSON has the ways under `backends`: `works`, or why it does not.
    """
    json_errors(ctx, as_json)
    store = given(ctx).store()
    found = store.list()
    data = {
        "folder": str(store.folder),
        "backends": dict(store.backends()),
        "workspaces": [each.data() for each in found],
    }
    rows = [
        (each.name, each.backend, str(each.snapshots), when(each.made), each.source, str(each.folder)) for each in found
    ]
    headers = ("name", "backend", "snapshots", "made", "from", "folder")
    show(data, table(headers, rows) if rows else "There is no workspace; `create` makes one.", as_json)


@workspace.command(short_help="Make a workspace.")
@name_argument
@click.argument("source", required=False, metavar="[FOLDER]", type=click.Path(path_type=Path))
@click.option("--git", "repository", metavar="REPOSITORY", help="From a git repository: a folder, or https://….")
@click.option("--ref", metavar="REF", help="With --git: a branch, tag or commit.")
@click.option("--depth", type=click.IntRange(min=1), help="With --git: so many commits of its history.")
@click.option("--archive", type=click.Path(path_type=Path), metavar="FILE", help="From a tar or zip file.")
@json_flag
@click.pass_context
def create(
    ctx: click.Context,
    name: str,
    source: Path | None,
    repository: str | None,
    ref: str | None,
    depth: int | None,
    archive: Path | None,
    as_json: bool,
) -> None:
    """Make a workspace NAME: empty, as a copy of a FOLDER, from a git repository or an archive.

    A template is a workspace that is forked. Exit code 1: the name is taken, or the source is no good.
    """
    json_errors(ctx, as_json)
    begin = _source(source, repository, ref, depth, archive)
    made = given(ctx).store().create(name, begin, tick=progress(ctx, "copied"))
    show(made.data(), f"{made.name} ({made.backend}): {made.folder}", as_json)


def _source(
    folder: Path | None, repository: str | None, ref: str | None, depth: int | None, archive: Path | None
) -> Source | None:
    from massgen_workspace.spaces.sources import Archive, Folder, Git

    if sum(each is not None for each in (folder, repository, archive)) > 1:
        raise click.UsageError("a workspace has one source: a FOLDER, --git or --archive")
    if repository is not None:
        return Git(repository=repository, ref=ref, depth=depth)
    if ref is not None or depth is not None:
        raise click.UsageError("--ref and --depth go with --git")
    if archive is not None:
        return Archive(path=archive)
    return Folder(path=folder) if folder is not None else None


@workspace.command(short_help="Make a workspace that begins as another one is.")
@name_argument
@click.argument("new")
@click.option("--snapshot", metavar="ID|LABEL", help="As it was at a snapshot.")
@json_flag
@click.pass_context
def fork(ctx: click.Context, name: str, new: str, snapshot: str | None, as_json: bool) -> None:
    """Make a workspace NEW that begins as the workspace NAME is now, or was. Neither sees the other's changes."""
    json_errors(ctx, as_json)
    made = given(ctx).store().fork(name, new, snapshot=snapshot, tick=progress(ctx, "copied"))
    show(made.data(), f"{made.name} ({made.backend}): {made.folder}", as_json)


@workspace.command(short_help="Remember a workspace as it is.")
@target_argument
@click.argument("label", default="")
@quick
@json_flag
@click.pass_context
def snapshot(ctx: click.Context, target: str, label: str, ignored: bool, as_json: bool) -> None:
    """Remember a workspace, or a session's folder, as it is now.

    What .gitignore leaves out, and .git, is not in it without --ignored (in an overlay it is).
    """
    json_errors(ctx, as_json)
    taken = _tracked(given(ctx), target).take(label, ignored=ignored, tick=progress(ctx, "looked at"))
    left = f"; not in it: {', '.join(taken.left_out)}" if taken.left_out else ""
    show(taken.data(), f"snapshot {taken.id}{left}", as_json)


@workspace.command(short_help="List the snapshots of a workspace.")
@target_argument
@json_flag
@click.pass_context
def snapshots(ctx: click.Context, target: str, as_json: bool) -> None:
    """List the snapshots of a workspace, or of a session's folder, the oldest first."""
    json_errors(ctx, as_json)
    known = _tracked(given(ctx), target).shelf.all()
    rows = [(str(each.id), when(each.made), each.label) for each in known]
    text = table(("id", "taken", "label"), rows) if rows else "There is no snapshot; `snapshot` takes one."
    show({"snapshots": [each.data() for each in known]}, text, as_json)


@workspace.command(short_help="Show what has changed.")
@target_argument
@click.argument("a", required=False, metavar="[SNAPSHOT]")
@click.argument("b", required=False, metavar="[SNAPSHOT]")
@click.option("--change", type=click.IntRange(min=1), help="What this change of the file tools has done instead.")
@click.option("--names", is_flag=True, help="Names alone, no patch.")
@click.option("--lines", default=10_000, show_default=True, type=click.IntRange(min=1), help="Lines of the patch.")
@quick
@json_flag
@click.pass_context
def diff(
    ctx: click.Context,
    target: str,
    a: str | None,
    b: str | None,
    change: int | None,
    names: bool,
    lines: int,
    ignored: bool,
    as_json: bool,
) -> None:
    """Show in what a workspace, or a session's folder, differs from a snapshot (the last one), or two snapshots do.

    With --change it is one change that an agent has made with the file tools; `log` lists those.
    """
    json_errors(ctx, as_json)
    settings = given(ctx)
    if change is not None:
        from massgen_workspace.cli.changes import one_change

        show(*one_change(settings, target, change), as_json)
        return
    from massgen_workspace.spaces.looking import compare

    tracked = _tracked(settings, target)
    begin = tracked.shelf.find(a) if a is not None else _last(tracked, target)
    end = tracked.shelf.find(b) if b is not None else None
    found = compare(tracked, begin, end, ignored=ignored, lines=0 if names else lines)
    text = found.summary() if names or not found.patch else "\n".join(found.patch)
    cut = "\n… there is more; ask for more --lines" if found.more else ""
    data = {"snapshot": begin.id, "other": end.id if end else None, **found.data()}
    show(data, f"{text}{cut}" if found.changes else "Nothing differs.", as_json)


@workspace.command(short_help="Make a workspace what it was.")
@target_argument
@click.argument("snapshot", metavar="SNAPSHOT")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@json_flag
@click.pass_context
def restore(ctx: click.Context, target: str, snapshot: str, paths: Sequence[str], as_json: bool) -> None:
    """Make a workspace, or PATHs in it, what it was at a SNAPSHOT; what is there now is kept as another one first."""
    json_errors(ctx, as_json)
    from massgen_core.jail.names import meant
    from massgen_core.jail.roots import Grant, Root
    from massgen_workspace.spaces.restoring import restore as work

    settings = given(ctx)
    tracked = _tracked(settings, target)
    taken = tracked.shelf.find(snapshot)
    wanted = [meant(path) for path in paths] or None
    protected = settings.config.protected
    with tracked.opened() as folder, Root(Grant(target="/w", source=folder, write=True, protected=protected)) as root:
        done = work(tracked, root, taken, paths=wanted, tick=progress(ctx, "restored"))
    before = done.before.id if done.before else None
    left = "".join(f"\nnot restored: {each}" for each in done.left)
    back = f"restored {len(done.found)} paths; to take this back: restore {target} {before}"
    data = {"before": before, "changes": len(done.found), "left": list(done.left)}
    show(data, f"{back}{left}" if done.before else "Nothing differs.", as_json)
    ctx.exit(1 if done.left else 0)


@workspace.command(short_help="Forget snapshots; clear away what nobody uses.")
@click.argument("name", required=False, shell_complete=_complete)
@click.option("--keep", type=click.IntRange(min=0), help="Keep the last so many of each workspace.")
@click.option("--older", metavar="AGE", help="Forget only what is older than this: 12h, 7d.")
@json_flag
@click.pass_context
def prune(ctx: click.Context, name: str | None, keep: int | None, older: str | None, as_json: bool) -> None:
    """Forget snapshots of a workspace, or of all; without an option nothing is forgotten.

    Then remove what nobody uses any more from the disk, and unmount what programs that were killed have left.
    """
    json_errors(ctx, as_json)
    gone = given(ctx).store().prune(name, keep=keep, older=_age(older) if older else None)
    count = sum(map(len, gone.values()))
    data = {"forgotten": {space: [each.id for each in taken] for space, taken in gone.items()}}
    show(data, f"forgot {count} snapshots", as_json)


def _last(tracked: Tracked, target: str) -> Snapshot:
    from massgen_workspace.spaces.shelf import SpaceError

    last = tracked.shelf.last()
    if last is None:
        cure = f"`massgen-core workspace snapshot {target}` takes one, for what changes from then on"
        raise SpaceError(f"{target} has no snapshot that it could be compared with; {cure}")
    return last


def _age(text: str) -> float:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smhdw])", text.strip())
    if found is None:
        raise click.BadParameter("an age is a number and one of s, m, h, d, w: 12h", param_hint="--older")
    return float(found[1]) * _AGES[found[2]]


@workspace.command(short_help="Remove workspaces.")
@click.argument("names", nargs=-1, required=True, metavar="NAME...", shell_complete=_complete)
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@json_flag
@click.pass_context
def rm(ctx: click.Context, names: Sequence[str], yes: bool, as_json: bool) -> None:
    """Remove workspaces with their snapshots. Exit code 1: one is in use, or there is none of that name."""
    json_errors(ctx, as_json)
    store = given(ctx).store()
    for each in names:
        store.info(each)
    demand(ctx, yes, f"Remove {', '.join(names)} with all that is in there?")
    for each in names:
        store.remove(each)
    show({"removed": list(names)}, f"removed {', '.join(names)}", as_json)


@workspace.command(short_help="Run a command in a workspace.", context_settings={"ignore_unknown_options": True})
@name_argument
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
@click.pass_context
def enter(ctx: click.Context, name: str, command: Sequence[str]) -> None:
    """Run a COMMAND of this machine in the folder of a workspace, which is mounted as long as it runs.

    Its exit code is the command's. This is for people: an agent's commands belong into a sandbox.
    """
    import subprocess

    with given(ctx).store().opened(name) as folder:
        try:
            code = subprocess.run(list(command), cwd=folder, check=False).returncode
        except FileNotFoundError:
            raise click.UsageError(f"there is no program {command[0]!r}") from None
    ctx.exit(code if code >= 0 else 128 - code)


@workspace.command(short_help="List what the file tools have changed.")
@click.argument("folder", default=".", metavar="[NAME|FOLDER]", shell_complete=_complete)
@click.option("--count", "-n", default=20, show_default=True, type=click.IntRange(min=1), help="The last so many.")
@json_flag
@click.pass_context
def log(ctx: click.Context, folder: str, count: int, as_json: bool) -> None:
    """List the last changes that agents have made in a folder with the file tools, the newest first."""
    json_errors(ctx, as_json)
    from massgen_workspace.cli.changes import last_changes

    show(*last_changes(given(ctx), folder, count), as_json)


@workspace.command(short_help="Take a change back.")
@click.argument("folder", default=".", metavar="[NAME|FOLDER]", shell_complete=_complete)
@click.argument("id", required=False, type=click.IntRange(min=1))
@json_flag
@click.pass_context
def undo(ctx: click.Context, folder: str, id: int | None, as_json: bool) -> None:
    """Take back a change that an agent has made in a folder with the file tools: the last one, or the one with an ID.

    An undo can be undone. Exit code 1: there is none, or the same lines were changed since.
    """
    json_errors(ctx, as_json)
    from massgen_workspace.cli.changes import undo_change

    show(*undo_change(given(ctx), folder, id), as_json)


def _tracked(settings: Given, target: str) -> Tracked:
    from massgen_workspace.cli.changes import tracked

    return tracked(settings, target)
