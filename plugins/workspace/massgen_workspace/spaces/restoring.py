"""A tree made again what it was at a snapshot: only what differs is written, each file at once or not at all.

A snapshot of what is there is taken first, so a restore can be taken back, also one that a crash has ended half way.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from massgen_core.jail.errors import NotThere, PathRefused, refusal
from massgen_core.jail.names import shown
from massgen_core.jail.place import Place, Spot
from massgen_core.jail.roots import Root
from massgen_workspace.files.atomic import replace
from massgen_workspace.files.full import FULL, is_full
from massgen_workspace.files.versions import version_of_file
from massgen_workspace.spaces.changes import Difference, differences
from massgen_workspace.spaces.shelf import Snapshot, SpaceError
from massgen_workspace.spaces.stack import stamp
from massgen_workspace.spaces.tracked import Tick, Tracked, no_tick
from massgen_workspace.spaces.views import Node, View, at

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_RIGHTS = 0o3777


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

    Whatever ``tick`` raises, or a signal does, is raised when all is as it was before.

    Raises:
        SpaceError: A path is neither in the snapshot nor in the tree.
        NotAllowed: Something that differs may not be changed; nothing has been then.
    """
    found = _wanted(tracked, snapshot, paths)
    if not found:
        return Restored(found=[], before=None)
    for each in found:
        _demand(root, each.path)
    counted = _Counted(tick)
    before = tracked.take(f"before restore of {snapshot.id}", tick=counted)
    ordered, done = _in_order(found), set[bytes]()
    try:
        left = _written(tracked, root, (snapshot, before), _told(ordered, done, counted), whole=True, durable=durable)
    except BaseException as error:
        stays = _take_back(tracked, root, (before, snapshot), done, durable=durable)
        if stays and isinstance(error, SpaceError):
            raise SpaceError(f"{error}; what snapshot {before.id} holds could not be put back: {stays[0]}") from error
        raise
    return Restored(found=found, before=before, left=left)


class _Counted:
    """A tick that goes on from where the last piece of work has come to."""

    def __init__(self, tick: Tick) -> None:
        self._tick = tick
        self.done = 0

    def __call__(self, done: int) -> None:
        self.done = max(self.done, done)
        self._tick(self.done)


def _told(found: Sequence[Difference], done: set[bytes], tick: _Counted) -> Iterator[Difference]:
    """Each one, after it is told and noted."""
    start = tick.done
    for number, each in enumerate(found, 1):
        tick(start + number)
        done.add(each.path)
        yield each


def _written(
    tracked: Tracked,
    root: Root,
    to_and_from: tuple[Snapshot, Snapshot],
    found: Iterable[Difference],
    *,
    whole: bool,
    durable: bool,
) -> list[str]:
    """Bring back what differs; returns what could not be. Raises `SpaceError` on a full disk, for the ``whole``."""
    with tracked.view(to_and_from[0]) as old, tracked.view(to_and_from[1]) as safe:
        writer = _Restoring(root, old, safe, durable=durable)
        for each in found:
            writer.undo(each)
            if whole and writer.full:
                raise SpaceError(FULL)
        writer.finish()
    return writer.left


def _take_back(
    tracked: Tracked, root: Root, to_and_from: tuple[Snapshot, Snapshot], done: set[bytes], *, durable: bool
) -> list[str]:
    """What a restore has written that does not come to its end; what others have changed meanwhile is theirs."""
    before = to_and_from[0]
    with tracked.view(before) as safe, tracked.now() as new:
        found = [each for each in differences(safe, new) if each.path in done]
    left = _written(tracked, root, to_and_from, _in_order(found), whole=False, durable=durable)
    if not left:
        tracked.drop([before])
    return left


def _wanted(tracked: Tracked, snapshot: Snapshot, paths: Sequence[bytes] | None) -> list[Difference]:
    with tracked.view(snapshot) as old, tracked.now() as new:
        found = list(differences(old, new))
        if paths is None:
            return found
        for path in paths:
            if path.strip(b"/.") and at(old, path.strip(b"/")) is None and at(new, path.strip(b"/")) is None:
                raise SpaceError(f"{shown(path)} is neither in snapshot {snapshot.id} nor in the workspace")
    return [each for each in found if any(_within(each.path, path) for path in paths)]


def _within(path: bytes, folder: bytes) -> bool:
    wanted = folder.strip(b"/")
    return wanted in (b"", b".") or path == wanted or path.startswith(wanted + b"/")


def _in_order(found: Sequence[Difference]) -> list[Difference]:
    """First what has to go, from the inside out; then what has to come, from the outside in."""
    replaced = {each.path for each in found if each.what == "deleted"}
    added = (
        each for each in found if each.what == "added" and (each.node.kind != "other" or each.path not in replaced)
    )
    gone = sorted(added, key=lambda each: -each.path.count(b"/"))
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
    """Writes what differs; nothing goes that the snapshot of before does not hold as it is."""

    def __init__(self, root: Root, old: View, safe: View, *, durable: bool) -> None:
        self._root = root
        self._old = old
        self._safe = safe
        self._durable = durable
        self._folders: list[Node] = []
        self.left: list[str] = []
        self.full = False

    def undo(self, each: Difference) -> None:
        """Bring one path back; what cannot be is named, and the rest goes on."""
        self._at(each.path, lambda spot: self._undo(spot, each))

    def _undo(self, spot: Spot, each: Difference) -> None:
        if not self._is_safe(spot, each):
            self._leave(each.path, "no snapshot holds it")
        elif each.what == "added":
            _remove(spot, each.node)
        elif each.before is not None:
            self._bring(spot, each.before)

    def finish(self) -> None:
        """Rights of folders come last: in some even we could not have written."""
        for node in reversed(self._folders):
            self._at(node.path, partial(_set_rights, mode=node.mode))

    def _at(self, path: bytes, do: Callable[[Spot], None]) -> None:
        """Do something at a path; where it can't be, the path is named."""
        try:
            with Place(self._root, path, shown(path)).spot() as spot:
                do(spot)
        except (OSError, PathRefused) as error:
            cause = error if isinstance(error, OSError) else error.__cause__
            self.full = self.full or (isinstance(cause, OSError) and is_full(cause))
            self._leave(path, _reason(error))

    def _leave(self, path: bytes, reason: str) -> None:
        """One that has become something else is come to twice."""
        if (said := f"{shown(path)} ({reason})") not in self.left:
            self.left.append(said)

    def _is_safe(self, spot: Spot, each: Difference) -> bool:
        """Whether what is there can be had back; a folder goes only empty, a pipe only for what was there before."""
        try:
            found = os.stat(spot.name, dir_fd=spot.folder, follow_symlinks=False)
        except FileNotFoundError:
            return True
        if stat.S_ISDIR(found.st_mode):
            return True
        kept = at(self._safe, each.path)
        if stat.S_ISREG(found.st_mode):
            return kept is not None and kept.kind == "file" and self._is_as_kept(spot, kept, found)
        if stat.S_ISLNK(found.st_mode):
            target = os.readlink(spot.name, dir_fd=spot.folder)
            return kept is not None and kept.kind == "link" and b"".join(self._safe.pieces(kept)) == target
        return each.before is not None

    def _is_as_kept(self, spot: Spot, kept: Node, found: os.stat_result) -> bool:
        return kept.key == stamp(found) or self._safe.version(kept) == version_of_file(spot)

    def _bring(self, spot: Spot, node: Node) -> None:
        now = _kind(spot.folder, spot.name)
        if node.kind == "folder":
            self._folder(spot, node, now)
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

    def _folder(self, spot: Spot, node: Node, now: str) -> None:
        """Open for us until the end."""
        if now == "absent":
            os.mkdir(spot.name, 0o700, dir_fd=spot.folder)
            _give(spot.folder, spot.name)
        else:
            _set_rights(spot, node.mode | 0o700)
        self._folders.append(node)


def _remove(spot: Spot, node: Node) -> None:
    """A folder that is not empty (ignored files are in it) stays."""
    if node.kind != "folder":
        os.unlink(spot.name, dir_fd=spot.folder)
        return
    try:
        os.rmdir(spot.name, dir_fd=spot.folder)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise


def _kind(folder: int, name: bytes) -> str:
    try:
        mode = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
    except FileNotFoundError:
        return "absent"
    return "file" if stat.S_ISREG(mode) else "folder" if stat.S_ISDIR(mode) else "other"


def _set_rights(spot: Spot, mode: int) -> None:
    """Of the folder that is there, and of nothing that a link in its place leads to."""
    folder = os.open(spot.name, _FOLDER, dir_fd=spot.folder)
    try:
        os.fchmod(folder, mode & _RIGHTS)
    finally:
        os.close(folder)


def _give(folder: int, name: bytes) -> None:
    """What is new belongs to whoever the folder around it belongs to."""
    if os.geteuid() == 0:
        around = os.fstat(folder)
        os.chown(name, around.st_uid, around.st_gid, dir_fd=folder, follow_symlinks=False)


def _reason(error: OSError | PathRefused) -> str:
    return error.reason if isinstance(error, PathRefused) else refusal("", error).reason
