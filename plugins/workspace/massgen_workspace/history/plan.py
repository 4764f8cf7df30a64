"""What one transaction is to do, worked out on the files as they are while nobody else of ours changes them."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from massgen_workspace.history.states import ABSENT, State, observe
from massgen_workspace.history.store import Store
from massgen_workspace.jail.errors import AlreadyThere, NotThere, PathRefused, refusal
from massgen_workspace.jail.place import Jail, Place
from massgen_workspace.jail.roots import Root


@dataclass(slots=True, kw_only=True)
class Step:
    """One path on its way from what it was to what it is to be."""

    place: Place
    before: State
    data: bytes | None
    after: State


class Plan:
    """The files of one root as a transaction sees them: as they are, with what it has decided so far."""

    def __init__(self, jail: Jail, root: Root, store: Store, *, largest: int | None = None) -> None:
        self._jail = jail
        self._largest = largest
        self._root = root
        self._store = store
        self._steps: dict[bytes, Step] = {}

    @property
    def steps(self) -> Sequence[Step]:
        """What is to be done, in an order in which it can be: folders before what comes into them, and the reverse."""
        changed = [step for step in self._steps.values() if not step.before.same(step.after)]
        made = sorted((step for step in changed if step.after), key=lambda step: step.place.path.count(b"/"))
        gone = sorted((step for step in changed if not step.after), key=lambda step: -step.place.path.count(b"/"))
        return [*made, *gone] if not _makes_room(gone, made) else [*gone, *made]

    def place(self, text: str) -> Place:
        """The place that a text means, behind all links.

        Raises:
            PathRefused: It is in none of the roots, or in another one than this transaction's.
        """
        place = real_place(self._jail.place(text))
        if place.root is not self._root:
            raise PathRefused(text, f"one change cannot be made in {self._root.grant.target} and elsewhere")
        return place

    def state(self, place: Place) -> State:
        """What is there, as far as this transaction knows."""
        return self._step(place).after

    def read(self, place: Place) -> bytes:
        """A file's content. Raises `NotThere` or `PathRefused` where there is none."""
        step = self._step(place)
        if not step.after:
            raise NotThere(place.text, "there is no such file")
        if step.after.kind != "file":
            raise PathRefused(place.text, f"it is a {step.after.kind}, not a file")
        return step.data if step.data is not None else self._store.get(step.after.content)

    def write(self, place: Place, data: bytes, *, mode: int = 0) -> None:
        """A file with this content, in place of one or new; folders on the way to it are made."""
        step = self._step(place)
        if step.after.kind not in ("absent", "file"):
            raise PathRefused(place.text, f"it is a {step.after.kind}, not a file")
        if not step.after:
            self._make_way(step.place)
        step.after = State("file", self._store.put(data), mode or step.after.mode)
        step.data = data

    def make_folder(self, place: Place) -> None:
        """A folder, and those on the way to it. Raises `AlreadyThere` where something else is."""
        step = self._step(place)
        if step.after.kind == "folder":
            return
        if step.after:
            raise AlreadyThere(place.text, f"it is there already, and is a {step.after.kind}")
        self._make_way(step.place)
        step.after, step.data = State("folder"), None

    def delete(self, place: Place) -> None:
        """Nothing there any more; a folder has to be empty by then. Raises `NotThere`."""
        step = self._step(place)
        if not step.after:
            raise NotThere(place.text, "there is no such file or folder")
        step.after, step.data = ABSENT, None

    def set(self, place: Place, state: State) -> None:
        """Whatever it was before, as an undo does; ``state`` is one that was observed."""
        step = self._step(place)
        if state:
            self._make_way(step.place)
        step.after, step.data = state, None

    def _make_way(self, place: Place) -> None:
        parent = place.path.rpartition(b"/")[0]
        if not parent:
            return
        around = Place(self._root, parent, place.text)
        if not self._step(around).after:
            self.make_folder(around)
        elif self._step(around).after.kind != "folder":
            raise PathRefused(place.text, "a part of it is no folder")

    def _step(self, place: Place) -> Step:
        if place.path not in self._steps:
            self._steps[place.path] = self._observed(place)
        return self._steps[place.path]

    def _observed(self, place: Place) -> Step:
        try:
            with place.spot() as spot:
                place.demand_writable(spot)
                before, data = observe(place, spot, self._store, largest=self._largest)
        except PathRefused as error:  # its folder is not there either, or is a file
            if not isinstance(error, NotThere) and not isinstance(error.__cause__, NotADirectoryError):
                raise
            before, data = ABSENT, None
        except OSError as error:
            raise refusal(place.text, error) from error
        return Step(place=place, before=before, data=data, after=before)


def _makes_room(gone: Sequence[Step], made: Sequence[Step]) -> bool:
    """Whether something has to go before what is to be in its place, or around or below it, can come."""
    names = {step.place.path for step in gone}
    below = any(any(step.place.path.startswith(name + b"/") for name in names) for step in made)
    return below or any(step.before and step.before.kind != step.after.kind for step in made)


def real_place(place: Place) -> Place:
    """The place behind all links of a path, named from the root on by real folders; those need not be there yet.

    Raises:
        PathRefused: A link leads out of the root.
    """
    try:
        with place.behind_links().spot() as spot:
            return Place(place.root, _inside(place.root, spot.folder, spot.name), place.text)
    except NotThere:
        parent, _, name = place.path.rstrip(b"/").rpartition(b"/")
        if not parent or name in (b"", b".", b".."):
            raise
        around = real_place(Place(place.root, parent, place.text))
        return Place(place.root, around.path + b"/" + name, place.text)


def real_folder(place: Place) -> Place:
    """The place of a folder that is there, behind all links.

    Raises:
        PathRefused: It is not there, or a link leads out of the root.
    """
    with place.folder() as folder:
        inside = os.path.relpath(_path_of(folder), _path_of(place.root.folder))
    if inside.startswith(b".."):
        raise PathRefused(place.text, "it was moved out of its root meanwhile")
    return Place(place.root, b"" if inside == b"." else inside, place.text)


def _inside(root: Root, folder: int, name: bytes) -> bytes:
    """A path from the root on, by what the kernel calls the folder now."""
    inside = os.path.relpath(_path_of(folder), _path_of(root.folder))
    return name if inside == b"." else inside + b"/" + name


def _path_of(folder: int) -> bytes:
    if sys.platform == "darwin":
        import fcntl

        return fcntl.fcntl(folder, fcntl.F_GETPATH, bytes(1024)).rstrip(b"\0")
    return os.readlink(f"/proc/self/fd/{folder}".encode())
