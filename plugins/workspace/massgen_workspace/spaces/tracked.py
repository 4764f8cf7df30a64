"""A tree with snapshots, whatever keeps them; and the plain one: a folder, with packs in a folder of ours."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Protocol

from massgen_core.jail.names import shown
from massgen_workspace.spaces.packs import PackView, take
from massgen_workspace.spaces.shelf import Shelf, Snapshot, locked, room
from massgen_workspace.spaces.stack import Layer, Stack
from massgen_workspace.spaces.views import View

Tick = Callable[[int], None]
"""Called now and then with how many files are done; what it raises ends the work."""

_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0)


def no_tick(done: int) -> None:
    """Nothing."""


class Tracked(Protocol):
    """A tree with snapshots; all of it blocks."""

    @property
    def shelf(self) -> Shelf:
        """Its snapshots."""
        ...

    def now(self) -> AbstractContextManager[Stack]:
        """The tree as it is."""
        ...

    def view(self, snapshot: Snapshot) -> AbstractContextManager[View]:
        """The tree as it was."""
        ...

    def take(self, label: str, *, ignored: bool = False, tick: Tick = no_tick) -> Snapshot:
        """A snapshot of now."""
        ...

    def drop(self, gone: Sequence[Snapshot]) -> None:
        """Forget snapshots, and give back what they alone have used."""
        ...

    def opened(self) -> AbstractContextManager[Path]:
        """The folder, for as long as it is used."""
        ...


class Plain:
    """A folder, with its snapshots in a folder of ours."""

    def __init__(self, folder: Path, state: Path) -> None:
        self._folder = folder
        self.shelf: Shelf = Shelf(state)

    @contextmanager
    def now(self) -> Generator[Stack]:
        """The tree as it is."""
        with opened_layer(self._folder) as layer:
            yield Stack([layer])

    @contextmanager
    def view(self, snapshot: Snapshot) -> Generator[View]:
        """The tree as it was."""
        with closing(PackView(self.shelf.folder, str(snapshot.id))) as view:
            yield view

    def take(self, label: str, *, ignored: bool = False, tick: Tick = no_tick) -> Snapshot:
        """A snapshot of now: files that are known by size and times are not read again."""
        with room(), self._alone(), self.now() as tree:
            number, last = self.shelf.number(), self.shelf.last()
            previous = PackView(self.shelf.folder, str(last.id)) if last else None
            try:
                left_out = take(self.shelf.folder, str(number), tree, previous, ignored=ignored, tick=tick)
            finally:
                if previous is not None:
                    previous.close()
            names = tuple(shown(path) for path in left_out)
            return self.shelf.put(Snapshot(id=number, label=label, made=0, ignored=ignored, left_out=names))

    def drop(self, gone: Sequence[Snapshot]) -> None:
        """Forget snapshots; a pack goes when none that is left refers to it."""
        with self._alone():
            self.shelf.drop(gone)
            used: set[str] = set()
            left = self.shelf.all()
            for each in left:
                with closing(PackView(self.shelf.folder, str(each.id))) as view:
                    used |= view.packs()
            listed = {str(each.id) for each in left}
            for file in self.shelf.folder.iterdir():
                if (file.suffix == ".pack" and file.stem not in used | listed) or (
                    file.suffix == ".sqlite" and file.stem not in listed
                ):
                    file.unlink()

    @contextmanager
    def opened(self) -> Generator[Path]:
        """The folder."""
        yield self._folder

    def _alone(self) -> AbstractContextManager[bool]:
        return locked(self.shelf.folder / "snapshots.lock")


@contextmanager
def opened_layer(folder: Path, id: str = "") -> Generator[Layer]:
    """A folder, open for reading."""
    handle = os.open(folder, _FOLDER)
    try:
        yield Layer(id, handle)
    finally:
        os.close(handle)
