"""What a transaction is to move, worked out on the tree as it is; each move sees those before it."""

from __future__ import annotations

import os
import stat
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from massgen_core.jail.beneath import open_beneath
from massgen_core.jail.errors import AlreadyThere, NotAllowed, NotThere, PathRefused, refusal
from massgen_core.jail.names import shown
from massgen_core.jail.place import Jail, Place, Spot
from massgen_core.jail.real import real_folder, real_place
from massgen_core.jail.roots import Root, identity
from massgen_workspace.files.measure import Amount, measure
from massgen_workspace.history.kept import Kept, new_slot
from massgen_workspace.history.moves import Move, Moves, Where

if TYPE_CHECKING:
    from massgen_workspace.history.plan import Plan

_LOOK = getattr(os, "O_PATH", os.O_RDONLY) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
_LIST = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FOLDER = _LOOK | getattr(os, "O_DIRECTORY", 0)


class Arrange:
    """Moves of whole files and folders; they are made after all that the transaction writes."""

    def __init__(self, plan: Plan, jail: Jail, root: Root, kept: Kept) -> None:
        self._plan = plan
        self._jail = jail
        self._root = root
        self._kept = kept
        self.moves: Moves = Moves()
        self._made: set[bytes] = set()

    def place(self, text: str) -> Place:
        """The place of a name itself, also where that is a link.

        Raises:
            PathRefused: It is in none of the roots, or in another one than this transaction's.
        """
        place = own_place(self._jail.place(text))
        if place.root is not self._root:
            target = self._root.grant.target
            raise PathRefused(
                text, f"it is not in {target}: move within one folder; from one to another, copy and then delete"
            )
        return place

    def move(self, source: Place, target: Place, *, replace: bool = False) -> None:
        """A file, folder or link to another name; folders on the way are made.

        With ``replace`` what is there goes into the trash.

        Raises:
            NotThere: There is nothing to move.
            AlreadyThere: Something is at the target.
            NotAllowed: Something in it, or one of both, may not be changed.
        """
        start, end = Where("root", source.path), Where("root", target.path)
        if start == end:
            raise PathRefused(target.text, "it is there already: both are the same")
        if end.inside(start) is not None:
            raise PathRefused(target.text, "a folder cannot come into itself")
        if start.inside(end) is not None:
            raise AlreadyThere(target.text, f"{source.text} is in it")
        with self._leaving(source) as (spot, found):
            self._demand_free(target, spot, found)
            self._make_room(target, replace=replace)
            self._add(start, end, found)

    def delete(self, place: Place, amount: Amount | None = None) -> bytes:
        """A file, folder or link into the trash; returns its name there. Raises as `move` does."""
        slot = new_slot()
        with self._leaving(place) as (spot, found):
            amount = amount or measure(spot)
            self._add(Where("root", place.path), Where("kept", slot), found, amount)
        return slot

    def put(self, kept: bytes, target: Place, *, replace: bool = False) -> None:
        """Something from the folder beside the workspace into it. Raises as `move` does."""
        try:
            with self._kept.spot(kept) as spot:
                found = os.stat(spot.name, dir_fd=spot.folder, follow_symlinks=False)
                self._demand_free(target, spot, found)
                self._make_room(target, replace=replace)
        except FileNotFoundError:
            raise NotThere(target.text, "it is not in the trash any more") from None
        self._add(Where("kept", kept), Where("root", target.path), found)

    def merge(self, kept: bytes, target: Place, *, replace: bool = False) -> None:
        """A folder from beside the workspace into one that may be there already, file by file where both have one.

        Raises as `move` does.
        """
        ahead = [(kept, target)]
        while ahead:
            source, place = ahead.pop()
            kind = self._kind(place) if place.path else "folder"
            names = self._names(source) if kind == "folder" else None
            if names is None:
                self.put(source, place, replace=replace)
                continue
            inside = place.path + b"/" if place.path else b""
            ahead += [
                (source + b"/" + name, Place(self._root, inside + name, shown(inside + name)))
                for name in reversed(names)
            ]

    def _names(self, kept: bytes) -> list[bytes] | None:
        """What is in a folder beside the workspace, in order; None where it is no folder."""
        try:
            with self._kept.spot(kept) as spot:
                folder = os.open(spot.name, _LIST, dir_fd=spot.folder)
        except NotADirectoryError:
            return None
        try:
            return sorted(map(os.fsencode, os.listdir(folder)))
        finally:
            os.close(folder)

    def leaves_nothing(self, place: Place, gone: set[bytes]) -> bool:
        """Whether a folder is empty after the moves, and without some paths."""
        names: list[bytes] = []
        with suppress(PathRefused), place.folder() as folder:
            names = [os.fsencode(name) for name in os.listdir(folder)]
        here = place.path + b"/" if place.path else b""
        left = (here + name for name in names if here + name not in gone)
        return all(self.moves.origin(Where("root", path)) is None for path in left)

    def incoming(self) -> Sequence[Amount]:
        """How much comes into the workspace from beside it: what was copied, unpacked, or deleted before."""
        found: list[Amount] = []
        for move in self.moves.made:
            if move.source.area == "kept" and move.target.area != "kept":
                with suppress(OSError), self._kept.spot(move.source.path) as spot:
                    found.append(measure(spot))
        return found

    def is_there(self, place: Place) -> bool:
        """Whether something will be at a place."""
        return self._kind(place) is not None

    @contextmanager
    def _leaving(self, place: Place) -> Generator[tuple[Spot, os.stat_result]]:
        """What will be at a place by then, where it is now; all of it may go."""
        origin = self.moves.origin(Where("root", place.path))
        if origin is None or origin.area == "kept":
            raise NotThere(place.text, "there is no such file or folder by then")
        now = Place(self._root, origin.path, place.text)
        with now.spot() as spot:
            found = os.stat(spot.name, dir_fd=spot.folder, follow_symlinks=False)
            now.demand_writable(spot)
            if stat.S_ISDIR(found.st_mode):
                self._demand_unprotected(place, spot)
            yield spot, found

    def _demand_unprotected(self, place: Place, spot: Spot) -> None:
        folder = os.open(spot.name, _FOLDER, dir_fd=spot.folder)
        try:
            name = self._root.protected_in(folder)
        finally:
            os.close(folder)
        if name:
            raise NotAllowed(place.text, f"{name} in it is protected: it may be read, not changed")

    def _demand_free(self, target: Place, source: Spot, found: os.stat_result) -> None:
        """Raises `NotAllowed` where something may not come: also inside a folder that comes as a whole."""
        with suppress(NotThere), target.spot() as spot:
            target.demand_writable(spot)
        if not self._root.grant.write:
            raise NotAllowed(target.text, f"{self._root.grant.target} may be read, not changed")
        if not stat.S_ISDIR(found.st_mode):
            return
        for name in self._root.grant.protected:
            rest = Where("root", os.fsencode(name)).inside(Where("root", target.path))
            if rest and _is_in(source, rest.lstrip(b"/")):
                raise NotAllowed(target.text, f"{name} would come with it, which is protected: it may not be changed")

    def _make_room(self, target: Place, *, replace: bool) -> None:
        if self._kind(target) is not None:
            if not replace:
                cure = "`overwrite` puts it into the trash, or take another name"
                raise AlreadyThere(target.text, f"it is there already; {cure}")
            self.delete(target)
        missing: list[Place] = []
        around = target.path
        while around := around.rpartition(b"/")[0]:
            place = Place(self._root, around, target.text)
            kind = self._kind(place)
            if kind is None:
                missing.append(place)
            elif kind != "folder":
                raise PathRefused(target.text, f"a part of it is a {kind}, not a folder")
            else:
                break
        for place in reversed(missing):
            if self._plan.state(place):
                raise PathRefused(target.text, "a folder on the way to it goes in the same change: make two of it")
            self._plan.make_folder(place)
            self._made.add(place.path)

    def _kind(self, place: Place) -> str | None:
        """What will be at a place after the moves so far; None for nothing."""
        origin = self.moves.origin(Where("root", place.path))
        if origin is None:
            return None
        if origin.area == "root" and origin.path in self._made:
            return "folder"
        try:
            if origin.area == "kept":
                with self._kept.spot(origin.path) as spot:
                    return _kind_of(os.stat(spot.name, dir_fd=spot.folder, follow_symlinks=False))
            with Place(self._root, origin.path, place.text).spot() as spot:
                return _kind_of(os.stat(spot.name, dir_fd=spot.folder, follow_symlinks=False))
        except FileNotFoundError:
            pass
        except PathRefused as error:
            if not isinstance(error, NotThere) and not isinstance(error.__cause__, NotADirectoryError):
                raise
        return None

    def _add(self, source: Where, target: Where, found: os.stat_result, amount: Amount | None = None) -> None:
        amount = amount or Amount()
        self.moves.add(
            Move(
                source=source,
                target=target,
                kind=_kind_of(found),
                identity=identity(found),
                entries=amount.entries,
                size=amount.disk,
            )
        )


def own_place(place: Place) -> Place:
    """The place of a name itself, also where that is a link; the folders on the way are real ones.

    Raises:
        PathRefused: A link leads out of the root, or it names the root.
    """
    parent, _, name = place.path.rstrip(b"/").rpartition(b"/")
    if name in (b"", b".", b".."):
        raise PathRefused(place.text, "it names no file or folder in a folder: write its name")
    if not parent.strip(b"/"):
        return Place(place.root, name, place.text)
    around = Place(place.root, parent, place.text)
    try:
        inside = real_folder(around).path
    except NotThere:
        inside = real_place(around).path
    return Place(place.root, inside + b"/" + name if inside else name, place.text)


@contextmanager
def own_spot(place: Place) -> Generator[Spot]:
    """Where the name itself stands, or the root itself, for looking at it and for copying it. Raises as `own_place`."""
    if not place.path.strip(b"./"):
        yield Spot(place.root.folder, b".")
        return
    with own_place(place).spot() as spot:
        yield spot


def _kind_of(found: os.stat_result) -> str:
    kinds = {stat.S_IFREG: "file", stat.S_IFDIR: "folder", stat.S_IFLNK: "link"}
    return kinds.get(stat.S_IFMT(found.st_mode), "other")


def _is_in(source: Spot, path: bytes) -> bool:
    try:
        folder = os.open(source.name, _FOLDER, dir_fd=source.folder)
    except OSError as error:
        raise refusal(shown(source.name), error) from error
    try:
        os.close(open_beneath(folder, path, _LOOK, follow=False))
    except OSError:
        return False
    finally:
        os.close(folder)
    return True
