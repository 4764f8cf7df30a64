"""What a command means by a workspace: one by its name, or any folder; and the changes of its history."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from massgen_core.result import ToolResult
from massgen_workspace.cli.frame import Given, table, when
from massgen_workspace.spaces.shelf import SpaceError
from massgen_workspace.spaces.tracked import Plain

if TYPE_CHECKING:
    from massgen_workspace.history.workspace import Workspace
    from massgen_workspace.spaces.tracked import Tracked

Shown = tuple[Mapping[str, Any], str]


def tracked(given: Given, target: str) -> Tracked:
    """The snapshots of a workspace, by its name or its folder, or of a session's folder.

    Raises:
        SpaceError: It is neither.
    """
    store = given.store()
    if name := _name(given, target):
        return store.space(name)
    folder = _folder(target)
    return Plain(folder, _state(given, folder) / "snapshots")


def last_changes(given: Given, target: str, count: int) -> Shown:
    """The last changes of the file tools."""
    with _history(given, target) as history:
        entries = history.journal.last(count)
    rows = [(str(e.id), when(e.made), e.outcome, e.who.strip("/"), e.what) for e in entries]
    data = {
        "changes": [{"id": e.id, "made": e.made, "outcome": e.outcome, "who": e.who, "what": e.what} for e in entries]
    }
    return data, table(("id", "when", "outcome", "who", "what"), rows) if rows else "Nothing was changed."


def one_change(given: Given, target: str, id: int) -> Shown:
    """What one change has done."""
    from massgen_workspace.tools.common import told

    with _history(given, target) as history:
        entry = history.journal.entry(id)
        if entry is None:
            raise SpaceError(f"there is no change {id} of {target}: `massgen-core workspace log` lists them")
        return _shown(told(history, entry))


def undo_change(given: Given, target: str, id: int | None) -> Shown:
    """Take a change back: the last one that was made and is no undo, where none is named."""
    from massgen_workspace.tools.common import told

    with _history(given, target) as history:
        if id is None:
            done = (each for each in history.journal.last(1000) if each.outcome == "done" and each.undoes is None)
            last = next(done, None)
            if last is None:
                raise SpaceError(f"there is nothing to undo in {target}")
            id = last.id
        return _shown(told(history, history.undo(id, who="workspace undo")))


@contextmanager
def _history(given: Given, target: str) -> Generator[Workspace]:
    """The history of a folder, with the folder open."""
    from massgen_core.jail.place import Jail
    from massgen_core.jail.roots import Grant
    from massgen_workspace.history.workspace import Workspace

    name = _name(given, target)
    with given.store().opened(name) if name else _as_is(_folder(target)) as folder:
        state = _state(given, folder)
        if not state.is_dir():
            raise SpaceError(f"no agent has changed {folder} with the file tools of this user")
        grant = Grant(target="/workspace", source=folder, write=True, protected=given.config.protected)
        with Jail([grant]) as jail, Workspace(jail, jail.roots[0], state) as history:
            history.recover()
            yield history


@contextmanager
def _as_is(folder: Path) -> Generator[Path]:
    yield folder


def _name(given: Given, target: str) -> str | None:
    store = given.store()
    if any(each.name == target for each in store.list()):
        return target
    return store.named(Path(target))


def _folder(target: str) -> Path:
    folder = Path(target).expanduser()
    if not folder.is_dir():
        raise SpaceError(
            f"{target!r} is neither a workspace nor a folder: `massgen-core workspace ls` shows workspaces"
        )
    return folder.resolve()


def _state(given: Given, folder: Path) -> Path:
    from massgen_workspace.desk import history_folder

    return history_folder(given.config, folder, given.store().folder)


def _shown(result: ToolResult) -> Shown:
    return result.structured or {}, result.text
