"""All named workspaces in one folder of this user; every method blocks.

The folder holds one for each workspace, under its name, and `.layers`. None of it can be written by others: what a
container sees is the folder `tree` of one workspace alone.
"""

from __future__ import annotations

import os
import re
import secrets
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from massgen_core.jail.roots import Grant
from massgen_workspace.files.atomic import is_temporary
from massgen_workspace.spaces import mounts
from massgen_workspace.spaces.copying import can_clone, copy_tree
from massgen_workspace.spaces.layers import Layered, Layers, Record, delete_tree, read_record, write_record
from massgen_workspace.spaces.peers import SHOWN, granted, take_away, told
from massgen_workspace.spaces.peers import peers as show
from massgen_workspace.spaces.shelf import Snapshot, SpaceError, chosen, locked, room
from massgen_workspace.spaces.sources import Source, fill
from massgen_workspace.spaces.tracked import Plain, Tick, no_tick, opened_layer
from massgen_workspace.spaces.views import Node

Backend = Literal["auto", "overlay", "copy"]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_UNFINISHED = ".new-"
_DOOMED = ".gone-"


@dataclass(frozen=True, slots=True, kw_only=True)
class SpaceInfo:
    """A workspace: its name, the folder that a session is given, how it is kept, when it was made and from what.

    ``mounted`` says that its folder can be seen now; one that is no overlay always can.
    """

    name: str
    folder: Path
    backend: str
    made: float
    source: str
    snapshots: int
    mounted: bool

    def data(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "name": self.name,
            "folder": str(self.folder),
            "backend": self.backend,
            "made": self.made,
            "source": self.source,
            "snapshots": self.snapshots,
            "mounted": self.mounted,
        }


class Store:
    """The workspaces in a folder; ``backend`` is for new ones, and ``auto`` takes the best that works."""

    def __init__(self, folder: Path, backend: Backend = "auto") -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder: Path = folder.resolve()
        self.layers: Layers = Layers(self.folder)
        self._backend = backend
        self._works: Mapping[str, str] | None = None

    def backends(self) -> Mapping[str, str]:
        """Each way to keep workspaces, and ``works`` or why it does not; tried once, on this folder's file system."""
        if self._works is None:
            self._works = {"overlay": self._try_overlay(), "reflink": self._try_clone(), "copy": "works"}
        return self._works

    def create(self, name: str, source: Source | None = None, *, tick: Tick = no_tick) -> SpaceInfo:
        """A new workspace. Raises `SpaceError` where the name is taken or none, or the source is no good."""
        self._check_new(name)
        record = Record(name=name, backend=self._chosen(), made=time.time(), source=str(source or ""))
        with self.layers.in_use(), self._unfinished(name) as folder:
            if record.backend == "overlay":
                with self.layers.made() as (base, content):
                    fill(content, source, tick)
                record = replace(record, layers=(base,), upper=self.layers.above(base))
            else:
                (folder / "tree").mkdir()
                fill(folder / "tree", source, tick)
            write_record(folder, record)
        return self.info(name)

    def fork(self, name: str, new: str, *, snapshot: int | str | None = None, tick: Tick = no_tick) -> SpaceInfo:
        """A new workspace that begins as another one is now, or was at a snapshot."""
        self._check_new(new)
        space = self.space(name)
        taken = space.shelf.find(snapshot) if snapshot is not None else None
        source = f"{name}@{taken.id}" if taken else name
        if isinstance(space, Layered):
            with space.alone(), self._unfinished(new) as folder:
                layers = taken.layers if taken else space.frozen(tick)
                record = Record(name=new, backend="overlay", made=time.time(), source=source, layers=layers)
                write_record(folder, replace(record, upper=self.layers.above(layers[0])))
        else:
            with self.layers.in_use(), self._unfinished(new) as folder:
                self._copy(space, taken, folder / "tree", tick)
                write_record(folder, Record(name=new, backend="copy", made=time.time(), source=source))
        return self.info(new)

    def space(self, name: str) -> Plain | Layered:
        """A workspace's tree and snapshots. Raises `SpaceError` where there is none of that name."""
        folder = self._folder(name)
        record = read_record(folder)
        if record.backend == "overlay":
            return Layered(folder, self.layers)
        return Plain(folder / "tree", folder / "snapshots")

    def info(self, name: str) -> SpaceInfo:
        """What is known of one."""
        folder = self._folder(name)
        record, space = read_record(folder), self.space(name)
        return SpaceInfo(
            name=name,
            folder=folder / "tree",
            backend=record.backend,
            made=record.made,
            source=record.source,
            snapshots=len(space.shelf.all()),
            mounted=os.path.ismount(folder / "tree") if record.backend == "overlay" else True,
        )

    def list(self) -> Sequence[SpaceInfo]:
        """All of them, by name."""
        return [self.info(name) for name in self._names()]

    def remove(self, name: str) -> None:
        """A workspace and its snapshots; layers that others share stay. Raises `SpaceError` while it is used."""
        folder = self._folder(name)
        space = self.space(name)
        doomed = self.folder / f"{_DOOMED}{secrets.token_hex(8)}"
        with locked(folder / "use", wait=False) as unused:
            if not unused:
                raise SpaceError(f"the workspace {name!r} is open; end the sessions that use it first")
            if isinstance(space, Layered):
                space.release()
            folder.rename(doomed)
        self._sweep()

    def prune(
        self, name: str | None = None, *, keep: int | None = None, older: float | None = None
    ) -> Mapping[str, Sequence[Snapshot]]:
        """Forget snapshots of one, or of all: those before the last ``keep``, those ``older`` than so many seconds.

        Where both are given, only what is neither. Then remove what nobody uses any more, and unmount what programs
        that were killed have left.
        """
        gone: dict[str, Sequence[Snapshot]] = {}
        for each in [name] if name is not None else self._names():
            space = self.space(each)
            if doomed := chosen(space.shelf.all(), keep=keep, older=older):
                space.drop(doomed)
                gone[each] = doomed
            if isinstance(space, Layered):
                space.close()
        self._sweep()
        return gone

    @contextmanager
    def opened(
        self, name: str, *, peers: Mapping[str, tuple[str, int | str]] = MappingProxyType({})
    ) -> Generator[Path]:
        """The folder of a workspace for a session, mounted where it has to be, for as long as somebody uses it.

        ``peers`` are snapshots that its sessions may read, by the names that they have for them.
        """
        space = self.space(name)
        with ExitStack() as stack:
            if isinstance(space, Plain):
                stack.enter_context(locked(self._folder(name) / "use", shared=True))
            grants = stack.enter_context(show(self, peers))
            stack.enter_context(told(self._folder(name), grants))
            yield stack.enter_context(space.opened())

    def named(self, folder: Path) -> str | None:
        """The workspace whose folder that is; None where it is none of these."""
        with suppress(OSError, ValueError):
            parts = folder.resolve().relative_to(self.folder).parts
            if len(parts) == 2 and parts[1] == "tree" and _NAME.fullmatch(parts[0]):
                return parts[0]
        return None

    def seen_by(self, folder: Path) -> Sequence[Grant]:
        """What the sessions in a folder may read of other workspaces."""
        name = self.named(folder)
        return granted(self._folder(name)) if name else []

    def _copy(self, space: Plain, taken: Snapshot | None, target: Path, tick: Tick) -> None:
        target.mkdir()
        with opened_layer(target) as new:
            if taken is None:
                with space.now() as tree:
                    copy_tree(tree, new.folder, tick=tick, only=_is_of_the_tree)
            else:
                with space.view(taken) as view:
                    copy_tree(view, new.folder, tick=tick)

    def _sweep(self) -> None:
        """Remove what is in no list any more, unless something is in the making: that goes another time."""
        with self.layers.alone() as nobody:
            if nobody:
                self.layers.sweep(self._used())
                for pattern in (_DOOMED, _UNFINISHED, SHOWN):
                    for folder in self.folder.glob(f"{pattern}*"):
                        take_away(folder)

    def _used(self) -> set[str]:
        """The layers that some workspace or snapshot has."""
        used: set[str] = set()
        for name in self._names():
            record = read_record(self._folder(name))
            used |= {record.upper, *record.layers}
            used |= {layer for each in self.space(name).shelf.all() for layer in each.layers}
        return used

    def _names(self) -> Iterator[str]:
        for folder in sorted(self.folder.iterdir()):
            if _NAME.fullmatch(folder.name) and (folder / "space.json").exists():
                yield folder.name

    def _folder(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise SpaceError(f"{name!r} is no name of a workspace: letters, digits, `.`, `_` and `-`, up to 64")
        return self.folder / name

    def _check_new(self, name: str) -> None:
        if self._folder(name).exists():
            raise SpaceError(f"there is a workspace {name!r} already; take another name, or remove it first")

    @contextmanager
    def _unfinished(self, name: str) -> Generator[Path]:
        """A folder that gets its name when all is in it, and is away after a failure."""
        folder = self.folder / f"{_UNFINISHED}{secrets.token_hex(8)}"
        try:
            with room():
                folder.mkdir(mode=0o700)
                yield folder
            try:
                folder.rename(self._folder(name))
            except OSError:
                self._check_new(name)
                raise
        except BaseException:
            delete_tree(folder)
            raise

    def _chosen(self) -> str:
        if self._backend == "copy":
            return "copy"
        reason = self.backends()["overlay"]
        if reason == "works":
            return "overlay"
        if self._backend == "overlay":
            raise SpaceError(f"overlays do not work here: {reason}; use the backend `copy`")
        return "copy"

    def _try_overlay(self) -> str:
        if os.geteuid() != 0:
            return "only root may mount"
        folder = self.folder / f"{_UNFINISHED}{secrets.token_hex(8)}"
        for part in ("lower", "upper", "work", "tree"):
            (folder / part).mkdir(parents=True)
        try:
            mounts.mount(folder / "tree", "massgen-try", [folder / "lower"], folder / "upper", folder / "work")
        except OSError as error:
            return str(error)
        else:
            mounts.unmount(folder / "tree")
        finally:
            delete_tree(folder)
        return "works"

    def _try_clone(self) -> str:
        handle = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            return "works" if can_clone(handle) else "this file system cannot share blocks"
        finally:
            os.close(handle)


def _is_of_the_tree(node: Node) -> bool:
    """Not this program's own, as the trash is."""
    return not is_temporary(node.path.rpartition(b"/")[2])
