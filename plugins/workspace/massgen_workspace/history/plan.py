"""What one transaction is to do, worked out on the files as they are while nobody else of ours changes them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from massgen_core.jail.errors import AlreadyThere, NotThere, PathRefused, refusal
from massgen_core.jail.place import Jail, Place
from massgen_core.jail.real import real_folder as real_folder
from massgen_core.jail.real import real_place as real_place
from massgen_core.jail.roots import Root
from massgen_workspace.history.arrange import Arrange
from massgen_workspace.history.kept import Kept
from massgen_workspace.history.states import ABSENT, State, observe
from massgen_workspace.history.store import Store


@dataclass(slots=True, kw_only=True)
class Step:
    """One path on its way from what it was to what it is to be."""

    place: Place
    before: State
    data: bytes | None
    after: State


class Plan:
    """The files of one root as a transaction sees them: as they are, with what it has decided so far."""

    def __init__(self, jail: Jail, root: Root, store: Store, kept: Kept, *, largest: int | None = None) -> None:
        self._jail = jail
        self._largest = largest
        self._root = root
        self._store = store
        self._steps: dict[bytes, Step] = {}
        self.arrange: Arrange = Arrange(self, jail, root, kept)
        """Moves of whole files and folders, whatever their size; what is moved is not written in the same change."""

    @property
    def steps(self) -> Sequence[Step]:
        """What is to be done, in an order in which it can be: folders before what comes into them, and the reverse."""
        made, gone = self._made(), self._gone()
        return [*gone, *made] if _makes_room(gone, made) else [*made, *gone]

    @property
    def ahead(self) -> int:
        """How many of the steps come before the moves: a folder that goes may have to be emptied by them first."""
        made, gone = self._made(), self._gone()
        return len(made) + len(gone) if _makes_room(gone, made) else len(made)

    def _made(self) -> Sequence[Step]:
        return sorted((step for step in self._changed() if step.after), key=lambda step: step.place.path.count(b"/"))

    def _gone(self) -> Sequence[Step]:
        return sorted(
            (step for step in self._changed() if not step.after), key=lambda step: -step.place.path.count(b"/")
        )

    def _changed(self) -> Iterator[Step]:
        return (step for step in self._steps.values() if step.before.becomes(step.after))

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
        """A file with this content, in place of one or new; folders on the way to it are made.

        ``mode`` are the rights that it gets; without, those that it has, or those of any new file.
        """
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

    def leaves_nothing(self, place: Place) -> bool:
        """Whether a folder is empty by then, for an undo that takes it away."""
        gone = {step.place.path for step in self._changed() if not step.after}
        return self.arrange.leaves_nothing(place, gone)

    def set(self, place: Place, state: State) -> None:
        """Whatever it was before, as an undo does; ``state`` is one that was observed."""
        step = self._step(place)
        if state:
            self._make_way(step.place)
        step.after, step.data = state, None

    def _make_way(self, place: Place) -> None:
        """The folders on the way to a place; there may be thousands."""
        missing: list[Step] = []
        for around in _around(place.path):
            step = self._step(Place(self._root, around, place.text))
            if step.after and step.after.kind != "folder":
                raise PathRefused(place.text, "a part of it is no folder")
            if step.after:
                break
            missing.append(step)
        for step in missing:
            step.after, step.data = State("folder"), None

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


def _around(path: bytes) -> Iterator[bytes]:
    """The folders around a path, the innermost first."""
    while path := path.rpartition(b"/")[0]:
        yield path


def _makes_room(gone: Sequence[Step], made: Sequence[Step]) -> bool:
    """Whether something has to go before what is to be in its place, or around or below it, can come."""
    names = {step.place.path for step in gone}
    below = bool(names) and any(not names.isdisjoint(_around(step.place.path)) for step in made)
    return below or any(step.before and step.before.kind != step.after.kind for step in made)
