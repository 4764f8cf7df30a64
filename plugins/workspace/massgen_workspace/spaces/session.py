"""What a session's workspace folder is: one of the named workspaces, or any folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from massgen_core.jail.roots import Grant
from massgen_workspace.spaces.store import Store
from massgen_workspace.spaces.tracked import Plain, Tracked


def tracked_of(workspace: Path, state: Path, spaces: Path) -> Tracked:
    """The snapshots of a folder: with the workspace where it is a named one, else below ``state``."""
    store = _store(spaces)
    name = store.named(workspace) if store else None
    return store.space(name) if store and name else Plain(workspace, state / "snapshots")


def history_of(workspace: Path, spaces: Path) -> Path | None:
    """Where the history of a named workspace is: with it, so that a later one of that name does not find it.

    None for any other folder.
    """
    store = _store(spaces)
    name = store.named(workspace) if store else None
    return store.folder / name / "history" if store and name else None


def peers_of(workspace: Path, spaces: Path) -> Sequence[Grant]:
    """The snapshots of others that the sessions of a workspace may read."""
    store = _store(spaces)
    return store.seen_by(workspace) if store else []


def _store(spaces: Path) -> Store | None:
    return Store(spaces) if spaces.is_dir() else None


def spaces_path(configured: Path | None, folder: Path) -> Path:
    """Where the workspaces are; a relative path belongs to the folder of the config.

    Not below `~/.local` when nothing is configured: no sandbox may change what lies there.
    """
    return folder / configured.expanduser() if configured is not None else Path.home() / ".massgen" / "spaces"
