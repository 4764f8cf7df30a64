"""One session's files: its roots, the history of its workspace, and what it has read."""

from __future__ import annotations

import hashlib
import os
import re
import sqlite3
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import ExitStack, asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TypeVar

import anyio.to_thread

from massgen_core.errors import ToolFailed
from massgen_core.jail.errors import PathRefused
from massgen_core.jail.place import Jail, Place
from massgen_core.jail.roots import Grant, Root
from massgen_core.tools import ToolContext
from massgen_workspace.config import WorkspaceConfig
from massgen_workspace.edit.seen import LARGEST_KEPT, Key, Previews, Seen
from massgen_workspace.files.atomic import version_of
from massgen_workspace.files.full import FULL, is_full
from massgen_workspace.files.versions import Versions
from massgen_workspace.history.journal import Entry
from massgen_workspace.history.plan import Plan, real_place
from massgen_workspace.history.states import State
from massgen_workspace.history.workspace import Workspace
from massgen_workspace.spaces.quota import Quota
from massgen_workspace.spaces.session import history_of, peers_of, spaces_path, tracked_of
from massgen_workspace.spaces.tracked import Tracked
from massgen_workspace.text.lines import Indexes

T = TypeVar("T")

WORKSPACE = "/workspace"
"""The session's own folder, under the name that sandboxes see it by."""

_VERSION = re.compile(r"[0-9a-f]{24}")


class Desk:
    """What the tools of one session work on; its methods block, and `run` is how they are called from the loop."""

    def __init__(
        self, config: WorkspaceConfig, jail: Jail, histories: dict[Root, Workspace], who: str, tracked: Tracked
    ) -> None:
        self.config = config
        self.jail = jail
        self.indexes: Indexes = Indexes()
        self.seen: Seen = Seen()
        self.previews: Previews = Previews()
        self._versions = Versions()
        self._histories = histories
        self._who = who
        self.tracked: Tracked = tracked
        self.quota: Quota = Quota(jail.roots[0], config.quota, config.quota_files)

    def place(self, path: str) -> Place:
        """The place that a path of a session means."""
        return self.jail.place(path)

    def change(self, what: str, first: str, decide: Callable[[Plan], None]) -> Entry:
        """Change files of one root, that of the path named ``first``: all that ``decide`` plans, or nothing."""
        root = self.jail.place(first)
        entry = self.history(root).change(what, self.quota.guarded(root.root, decide), who=self._who)
        self.moved(root, entry)
        return entry

    def undo(self, folder: str, id: int) -> Entry:
        """Take a change back in the root of a path; what comes back counts for the quota as what is written does."""
        root = self.jail.place(folder)
        admit = self.quota.guarded(root.root, lambda plan: None)
        entry = self.history(root).undo(id, who=self._who, admit=admit)
        self.moved(root, entry)
        return entry

    def moved(self, place: Place, entry: Entry) -> None:
        """This session has made a change in the root of a place: of what it knew it knows the new version."""
        for change in entry.changes:
            key = (place.root.grant.target, change.path)
            if change.before.kind == change.after.kind == "file":
                self.seen.moved(key, change.before.content, change.after.content)

    def key(self, place: Place) -> Key:
        """What a file is called that is behind all links."""
        return place.root.grant.target, place.path

    def shown(self, place: Place, file: int) -> str:
        """The version of an open file that the session is shown; a small content is kept, for later merges."""
        kept, size = None, os.fstat(file).st_size
        if size <= LARGEST_KEPT:
            kept = os.pread(file, size, 0)
            version = version_of(kept)
        else:
            version = self._versions.of(file)
        with suppress(PathRefused):
            self.seen.saw(self.key(real_place(place)), version, kept)
        return version

    def content(self, place: Place, version: str) -> bytes | None:
        """What a file held in a version that was read, or was written through the workspace; None where it is lost."""
        found = self.seen.content(version)
        if found is None and _VERSION.fullmatch(version):
            with suppress(FileNotFoundError):
                found = self.history(place).content(State("file", version))
        return found

    def history(self, place: Place) -> Workspace:
        """The history of the root that a place is in. Raises `ToolFailed` where nothing may be changed."""
        found = self._histories.get(place.root)
        if found is None:
            raise ToolFailed("", f"{place.text}: {place.root.grant.target} may be read, not changed")
        return found

    @property
    def workspace(self) -> Workspace:
        """The history of the session's own workspace."""
        return self._histories[self.jail.roots[0]]


async def run(function: Callable[[], T]) -> T:
    """Call something that blocks, in a worker thread that is waited for. Raises `ToolFailed` where the disk is full."""
    try:
        return await anyio.to_thread.run_sync(function)
    except (OSError, sqlite3.Error) as error:
        if is_full(error):
            raise ToolFailed("", FULL) from error
        raise


@asynccontextmanager
async def open_desk(config: WorkspaceConfig, folder: Path, context: ToolContext) -> AsyncGenerator[Desk]:
    """The desk of the session that calls; ``folder`` is what relative paths of the config belong to.

    Raises:
        ToolFailed: The session has no workspace, a folder is not there, or the history cannot be opened.
    """
    workspace = context.workspace
    if workspace is None:
        raise ToolFailed("", "this session has no workspace: open it with `runtime.session(workspace=FOLDER)`")
    who = f"{context.agent or ''}/{context.session_id}"
    with ExitStack() as stack:
        yield await run(partial(_opened, config, folder, workspace, who, stack))


def _opened(config: WorkspaceConfig, folder: Path, workspace: Path, who: str, stack: ExitStack) -> Desk:
    own = Grant(target=WORKSPACE, source=workspace, write=True, protected=config.protected)
    others = [
        Grant(
            target=target,
            source=folder / granted.source.expanduser(),
            write=granted.write,
            protected=granted.protected,
        )
        for target, granted in config.context.items()
    ]
    spaces = spaces_path(config.spaces, folder)
    others += peers_of(workspace, spaces)
    jail = stack.enter_context(Jail([own, *others], kept=[config.state or state_folder()]))
    histories: dict[Root, Workspace] = {}
    for root in jail.roots:
        if root.grant.write:
            state = history_folder(config, root.grant.source, spaces)
            histories[root] = stack.enter_context(_history(config, jail, root, state))
    own_state = history_folder(config, workspace, spaces)
    return Desk(config, jail, histories, who, tracked_of(workspace, own_state, spaces))


def _history(config: WorkspaceConfig, jail: Jail, root: Root, state: Path) -> Workspace:
    try:
        history = Workspace(jail, root, state, durable=config.durable, largest=int(config.largest_edit))
        history.recover()
        history.trash.prune(age=config.trash_age, size=int(config.trash_size))
        history.prune(age=config.history_age, size=int(config.history_size))
    except (OSError, sqlite3.Error) as error:
        raise ToolFailed(
            "", f"the history of changes cannot be opened: {error}; set `state` to another folder"
        ) from error
    return history


def history_folder(config: WorkspaceConfig, folder: Path, spaces: Path) -> Path:
    """Where the history of a folder is: with a named workspace, else among this user's histories."""
    return history_of(folder, spaces) or (config.state or state_folder()) / _state_name(folder)


def state_folder() -> Path:
    """Where this user's histories are (XDG Base Directory Specification)."""
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "massgen" / "workspaces"
    base = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(base) / "massgen" / "workspaces"


def _state_name(folder: Path) -> str:
    """One history for one folder, whatever a session calls it."""
    path = os.fsencode(folder.resolve())
    return f"{folder.name or 'root'}-{hashlib.blake2b(path, digest_size=8).hexdigest()}"
