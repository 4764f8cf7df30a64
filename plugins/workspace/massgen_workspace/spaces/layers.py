"""A workspace in layers: what was is read-only and shared, what is changed lies in a folder of its own above it.

A fork or snapshot of one that nobody uses makes its upper layer the uppermost of the shared ones, and gives it a new,
empty one: nothing is copied. While somebody uses it (a program that has it open, a container that sees the mount) its
upper layer goes on changing, and a copy of that layer alone is what is shared.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from collections.abc import Generator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from massgen_workspace.spaces import mounts
from massgen_workspace.spaces.copying import copy_tree
from massgen_workspace.spaces.shelf import Shelf, Snapshot, SpaceError, locked, read_json, room, write_json
from massgen_workspace.spaces.stack import Layer, Stack
from massgen_workspace.spaces.tracked import Tick, no_tick, opened_layer
from massgen_workspace.spaces.views import View

DEEPEST = mounts.DEEPEST - 4
_LAYERS = ".layers"
_NEW = ".new-"
_LOCK = ".lock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What is written of a workspace: when it was made (seconds since 1970), from what, and in which way it is kept.

    ``layers`` are the shared ones, the uppermost first, and ``upper`` is its own.
    """

    name: str
    backend: str
    made: float
    source: str = ""
    layers: tuple[str, ...] = ()
    upper: str = ""


def read_record(folder: Path) -> Record:
    """What is written of the workspace in a folder. Raises `SpaceError` where nothing is."""
    data: dict[str, Any] | None = read_json(folder / "space.json")
    if data is None:
        raise SpaceError(
            f"there is no workspace {folder.name!r}: `massgen-core workspace ls` shows those that there are"
        )
    layers: list[str] = data.pop("layers")
    return Record(**data, layers=tuple(layers))


def write_record(folder: Path, record: Record) -> None:
    """Write it down."""
    write_json(folder / "space.json", asdict(record))


class Layers:
    """All layers of a folder of workspaces; one is never changed once it has a name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / _LAYERS

    def path(self, id: str) -> Path:
        """Where a layer is."""
        return self.folder / id

    @contextmanager
    def made(self) -> Generator[tuple[str, Path]]:
        """A new layer, to be filled; it gets its name at the end, and is away after a failure."""
        id = secrets.token_hex(8)
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        unfinished = self.folder / f"{_NEW}{id}"
        unfinished.mkdir(mode=0o755)
        try:
            yield id, unfinished
        except BaseException:
            delete_tree(unfinished)
            raise
        unfinished.rename(self.path(id))

    def above(self, id: str) -> str:
        """A new, empty layer whose folder has the owner and rights of another one's."""
        with self.made() as (new, folder):
            like = self.path(id).stat()
            os.chown(folder, like.st_uid, like.st_gid)
            folder.chmod(like.st_mode & 0o3777)
        return new

    @contextmanager
    def opened(self, ids: Sequence[str], upper: str = "") -> Generator[Stack]:
        """Layers as one tree, ``upper`` being one that may still change."""
        with ExitStack() as stack:
            found: list[Layer] = []
            if upper:
                found.append(stack.enter_context(opened_layer(self.path(upper))))
            found += [stack.enter_context(opened_layer(self.path(id), id)) for id in ids]
            yield Stack(found)

    def copied(self, ids: Sequence[str], tick: Tick, *, layer: bool) -> str:
        """A new layer with what is in others: as one tree, or one of them as it is (``layer``)."""
        with self.made() as (new, folder), self.opened(ids) as tree, opened_layer(folder) as target:
            copy_tree(tree, target.folder, tick=tick, layer=layer)
        return new

    def in_use(self) -> AbstractContextManager[bool]:
        """Nothing is swept away meanwhile."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return locked(self.folder / _LOCK, shared=True)

    def alone(self) -> AbstractContextManager[bool]:
        """Nothing is in the making meanwhile; gives whether that is so."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return locked(self.folder / _LOCK, wait=False)

    def sweep(self, used: set[str]) -> None:
        """Remove the layers that nobody uses; call it `alone`."""
        for folder in self.folder.iterdir():
            if folder.name != _LOCK and folder.name not in used:
                delete_tree(folder)


class Layered:
    """One workspace in layers."""

    def __init__(self, folder: Path, layers: Layers) -> None:
        self.folder = folder
        self.layers = layers
        self.shelf: Shelf = Shelf(folder / "snapshots")

    @property
    def record(self) -> Record:
        """What is written of it now."""
        return read_record(self.folder)

    @property
    def tree(self) -> Path:
        """Where it is seen while it is open."""
        return self.folder / "tree"

    @contextmanager
    def now(self) -> Generator[Stack]:
        """The tree as it is."""
        record = self.record
        with self.layers.opened(record.layers, record.upper) as tree:
            yield tree

    @contextmanager
    def view(self, snapshot: Snapshot) -> Generator[View]:
        """The tree as it was."""
        with self.layers.opened(snapshot.layers) as tree:
            yield tree

    def take(self, label: str, *, ignored: bool = False, tick: Tick = no_tick) -> Snapshot:
        """A snapshot of now; it holds everything, what the project ignores included."""
        with room(), self.alone():
            layers = self.frozen(tick)
            return self.shelf.put(Snapshot(id=self.shelf.number(), label=label, made=0, ignored=True, layers=layers))

    def drop(self, gone: Sequence[Snapshot]) -> None:
        """Forget snapshots; their layers go when the store is swept."""
        with self.alone():
            self.shelf.drop(gone)

    def frozen(self, tick: Tick) -> tuple[str, ...]:
        """The layers of the tree as it is, none of which will change; call it `alone`."""
        record = self.record
        if not any(self.layers.path(record.upper).iterdir()):
            return record.layers
        if len(record.layers) >= DEEPEST:
            return (self.layers.copied((record.upper, *record.layers), tick, layer=False),)
        with locked(self.folder / "use", wait=False) as unused:
            if unused and self._detached(record):
                frozen = replace(record, layers=(record.upper, *record.layers), upper=self.layers.above(record.upper))
                write_record(self.folder, frozen)
                return frozen.layers
        return (self.layers.copied((record.upper,), tick, layer=True), *record.layers)

    @contextmanager
    def alone(self) -> Generator[None]:
        """One snapshot, fork or removal at a time; no layer is swept away meanwhile."""
        with locked(self.folder / "lock"), self.layers.in_use():
            yield

    @contextmanager
    def opened(self) -> Generator[Path]:
        """The folder, mounted for as long as somebody uses it.

        Raises:
            SpaceError: It cannot be mounted.
        """
        try:
            with locked(self.folder / "use", shared=True):
                with locked(self.folder / "mounting"):
                    self._attach(self.record)
                yield self.tree
        finally:
            self.close()

    def close(self) -> None:
        """Unmount it, unless somebody uses it."""
        with locked(self.folder / "mounting"), locked(self.folder / "use", wait=False) as unused:
            if unused and self._detached(self.record):  # else rmdir would take it away from those who still see it
                with suppress(OSError):
                    self.tree.rmdir()

    def release(self) -> None:
        """Take it away from where it is seen, before it is removed. Raises `SpaceError` where a container has it."""
        if not self._detached(self.record):
            raise SpaceError(f"a container still sees the workspace {self.folder.name!r}; end it first")

    def _attach(self, record: Record) -> None:
        name = mount_name(record.upper)
        present = [each.source for each in mounts.mounts() if each.point == str(self.tree.absolute())]
        if name in present:
            return  # a program that was killed has left it
        if present:
            mounts.unmount(self.tree)
        work = self.folder / "work"
        work.mkdir(exist_ok=True, mode=0o700)
        self.tree.mkdir(exist_ok=True)
        lowers = [self.layers.path(id) for id in record.layers]
        try:
            mounts.mount(self.tree, name, lowers, self.layers.path(record.upper), work)
        except OSError as error:
            with suppress(OSError):
                self.tree.rmdir()
            raise SpaceError(
                f"the workspace {record.name!r} cannot be mounted: {error}; root may, others not"
            ) from error

    def _detached(self, record: Record) -> bool:
        """Whether no program can change the upper layer any more; a mount that was left is taken away."""
        mounts.unmount(self.tree)
        return not mounts.used_somewhere(mount_name(record.upper))


def mount_name(upper: str) -> str:
    """How a mount is called, to be known again."""
    return f"massgen-{upper}"


def delete_tree(folder: Path) -> None:
    """Remove a tree of ours that nobody else can reach any more, however deep it is."""
    if shutil.which("rm"):
        subprocess.run(["rm", "-rf", "--one-file-system", "--", str(folder)], check=False, stdin=subprocess.DEVNULL)
    else:
        shutil.rmtree(folder, ignore_errors=True)
