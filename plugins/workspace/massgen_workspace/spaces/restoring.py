"""A tree made again what it was at a snapshot: only what differs is written, each file at once or not at all.

A snapshot of what is there is taken first, so a restore can be taken back, also one that a crash has ended half way.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from massgen_core.jail.errors import NotThere, PathRefused, refusal
from massgen_core.jail.names import shown
from massgen_core.jail.place import Place, Spot
from massgen_core.jail.roots import Root
from massgen_workspace.files.atomic import replace
from massgen_workspace.spaces.changes import Difference, differences
from massgen_workspace.spaces.shelf import Snapshot, SpaceError
from massgen_workspace.spaces.tracked import Tick, Tracked, no_tick
from massgen_workspace.spaces.views import Node, View


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What a restore has done: what differed (as changes from the snapshot to then), what could not be made again.

    ``before`` is the snapshot of what was there; None where nothing differed.
    """

    found: Sequence[Difference]
    before: Snapshot | None
    left: Sequence[str] = ()


def restore(
    tracked: Tracked,
    root: Root,
    snapshot: Snapshot,
    *,
    paths: Sequence[bytes] | None = None,
    durable: bool = True,
    tick: Tick = no_tick,
) -> Restored:
    """Make a tree, or some paths in it, what it was at a snapshot; what its project ignores stays as it is.

    Raises:
        SpaceError: A path is neither in the snapshot nor in the tree.
        NotAllowed: Something that differs may not be changed; nothing has been then.
    """
    found = _wanted(tracked, snapshot, paths)
    if not found:
        return Restored(found=[], before=None)
    for each in found:
        _demand(root, each.path)
    before = tracked.take(f"before restore of {snapshot.id}", tick=tick)
    with tracked.view(snapshot) as old, tracked.now() as tree, tracked.view(before) as safe:
        writer = _Restoring(root, old, tree, safe, durable=durable)
        for number, each in enumerate(_in_order(found)):
            tick(number)
            writer.undo(each)
    return Restored(found=found, before=before, left=writer.left)


def _wanted(tracked: Tracked, snapshot: Snapshot, paths: Sequence[bytes] | None) -> list[Difference]:
    with tracked.view(snapshot) as old, tracked.now() as new:
        found = list(differences(old, new))
        if paths is None:
            return found
        for path in paths:
            if path.strip(b"/.") and _at(old, path.strip(b"/")) is None and _at(new, path.strip(b"/")) is None:
                raise SpaceError(f"{shown(path)} is neither in snapshot {snapshot.id} nor in the workspace")
    return [each for each in found if any(_within(each.path, path) for path in paths)]


def _within(path: bytes, folder: bytes) -> bool:
    wanted = folder.strip(b"/")
    return wanted in (b"", b".") or path == wanted or path.startswith(wanted + b"/")


def _in_order(found: Sequence[Difference]) -> list[Difference]:
    """First what has to go, from the inside out; then what has to come, from the outside in."""
    gone = sorted((each for each in found if each.what == "added"), key=lambda each: -each.path.count(b"/"))
    come = sorted((each for each in found if each.what != "added"), key=lambda each: each.path.count(b"/"))
    return [*gone, *come]


def _demand(root: Root, path: bytes) -> None:
    place = Place(root, path, shown(path))
    try:
        with place.spot() as spot:
            place.demand_writable(spot)
    except PathRefused as error:  # where its folder is none now, that is a difference of its own
        if not isinstance(error, NotThere) and not isinstance(error.__cause__, NotADirectoryError):
            raise


class _Restoring:
    def __init__(self, root: Root, old: View, tree: View, safe: View, *, durable: bool) -> None:
        self._root = root
        self._old = old
        self._tree = tree
        self._safe = safe
        self._durable = durable
        self.left: list[str] = []

    def undo(self, each: Difference) -> None:
        """Bring one path back; what cannot be is named, and the rest goes on."""
        try:
            if each.what == "added":
                self._remove(each.node)
            elif each.before is not None:
                self._bring(each.before)
        except (OSError, PathRefused) as error:
            self.left.append(f"{shown(each.path)} ({_reason(error)})")

    def _remove(self, node: Node) -> None:
        """Only what the snapshot of before holds goes; a folder that is not empty (ignored files) stays."""
        if node.kind != "folder" and not self._is_safe(node):
            self.left.append(f"{shown(node.path)} (no snapshot holds it)")
            return
        with Place(self._root, node.path, shown(node.path)).spot() as spot:
            if node.kind != "folder":
                os.unlink(spot.name, dir_fd=spot.folder)
                return
            try:
                os.rmdir(spot.name, dir_fd=spot.folder)
            except OSError as error:
                if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                    raise

    def _is_safe(self, node: Node) -> bool:
        kept = _at(self._safe, node.path)
        return kept is not None and kept.kind == node.kind != "other"

    def _bring(self, node: Node) -> None:
        place = Place(self._root, node.path, shown(node.path))
        with place.spot() as spot:
            now = _kind(spot.folder, spot.name)
            if node.kind == "folder":
                if now == "absent":
                    os.mkdir(spot.name, node.mode, dir_fd=spot.folder)
                    _give(spot.folder, spot.name)
                return
            if now == "folder":
                os.rmdir(spot.name, dir_fd=spot.folder)
            elif now not in ("absent", "file") or node.kind == "link":
                with suppress(FileNotFoundError):
                    os.unlink(spot.name, dir_fd=spot.folder)
            if node.kind == "link":
                os.symlink(b"".join(self._old.pieces(node)), spot.name, dir_fd=spot.folder)
                _give(spot.folder, spot.name)
            elif node.kind == "file":
                replace(spot, self._old.pieces(node), mode=node.mode, durable=self._durable)
                _set_rights(spot, node.mode)


def _at(view: View, path: bytes) -> Node | None:
    node: Node | None = view.top()
    for name in path.split(b"/"):
        if node is None or node.kind != "folder":
            return None
        node = view.children(node).get(name)
    return node


def _kind(folder: int, name: bytes) -> str:
    try:
        mode = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
    except FileNotFoundError:
        return "absent"
    return "file" if stat.S_ISREG(mode) else "folder" if stat.S_ISDIR(mode) else "other"


def _set_rights(spot: Spot, mode: int) -> None:
    """Of the file that is there, and of nothing that a link in its place leads to."""
    file = os.open(spot.name, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=spot.folder)
    try:
        found = os.fstat(file)
        if stat.S_ISREG(found.st_mode) and stat.S_IMODE(found.st_mode) != mode:
            os.fchmod(file, mode)
    finally:
        os.close(file)


def _give(folder: int, name: bytes) -> None:
    """What is new belongs to whoever the folder around it belongs to."""
    if os.geteuid() == 0:
        around = os.fstat(folder)
        os.chown(name, around.st_uid, around.st_gid, dir_fd=folder, follow_symlinks=False)


def _reason(error: OSError | PathRefused) -> str:
    return error.reason if isinstance(error, PathRefused) else refusal("", error).reason
