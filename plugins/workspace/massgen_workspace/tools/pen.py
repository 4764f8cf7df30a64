"""What a call does to files: reads and writes in one plan, changes of others merged, and what there is to tell."""

from __future__ import annotations

import stat
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from massgen_core.errors import ToolFailed
from massgen_core.jail.errors import PathRefused
from massgen_core.jail.names import meant
from massgen_core.jail.place import Place
from massgen_core.result import ToolResult
from massgen_core.tools import ToolContext
from massgen_workspace.desk import Desk, run
from massgen_workspace.edit.conflicts import meanwhile, told_conflicts
from massgen_workspace.edit.merge import merge
from massgen_workspace.files.atomic import version_of
from massgen_workspace.history.plan import Plan
from massgen_workspace.tools.common import Desks, told

Make = Callable[[bytes], bytes]


class Pen:
    """The files that one call changes, and what its answer says about them; `settle` when the change is made."""

    def __init__(self, desk: Desk, plan: Plan) -> None:
        self.desk = desk
        self.plan = plan
        self.notes: list[str] = []
        self._settling: list[Callable[[], None]] = []

    def place(self, path: str) -> Place:
        """The place of a file, behind all links.

        Raises:
            PathRefused: The path names a folder, or leads out of its root.
        """
        with suppress(ValueError):
            if meant(path).endswith(b"/"):
                raise PathRefused(path, "it ends in a slash, so it names a folder: give the file's own name too")
        return self.plan.place(path)

    def known(self, place: Place) -> str | None:
        """The version that this session has read or written last; None for a file that it has not seen."""
        return self.desk.seen.last(self.desk.key(place))

    def current(self, place: Place) -> str:
        """The version of a file as it is now, with what this call has done to it; empty where there is none."""
        state = self.plan.state(place)
        return state.content if state.kind == "file" else ""

    def revise(self, place: Place, version: str | None, make: Make) -> None:
        """Write what is made of a file's content; of that of the version that was read, where one is given.

        Raises:
            ToolFailed: It cannot be made, or the file has changed since in the same place.
        """
        now, current = self.plan.read(place), self.current(place)
        if version is None or version == current:
            try:
                made = make(now)
            except ToolFailed as error:
                raise ToolFailed("", f"{error}{self._stale(place, current)}") from error
            self.put(place, made)
            return
        base = self.base(place, version)
        try:
            ours = make(base)
        except ToolFailed as error:
            then = f"[this is version {version}, which was read; it was changed since, and is {current} now]"
            raise ToolFailed("", f"{error}\n{then}") from error
        self.put(place, self.merged(place, version, base=base, ours=ours))

    def base(self, place: Place, version: str) -> bytes:
        """The content of a version that was read.

        Raises:
            ToolFailed: It is not known any more.
        """
        base = self.desk.content(place, version)
        if base is not None:
            return base
        raise ToolFailed(
            "",
            f"{place.text}: it was changed since it was read as version {version}, and what it was then is not known "
            f"any more; read it again. As it is now it is version {self.current(place)}.",
        )

    def merged(self, place: Place, version: str, *, base: bytes, ours: bytes) -> bytes:
        """What was made of a version that was read, and what others have made of it since, in one.

        Raises:
            ToolFailed: Both have changed the same lines, or neighbouring ones; the message shows them.
        """
        now, current = self.plan.read(place), self.current(place)
        merged = merge(base, ours, now)
        if merged.data is None:
            both = told_conflicts(merged.conflicts, ours=ours, theirs=now)
            raise ToolFailed(
                "",
                f"{place.text}: it was changed since it was read as version {version}, in the same or in neighbouring "
                f"lines. Nothing was done.\n{both}\n"
                f"Decide what it is to be, and change it as it is now, which is version {current}.",
            )
        diff = meanwhile(base, now)
        others = f". What others have changed:\n{diff}" if diff else ""
        self.notes.append(
            f"[{place.text} was changed since it was read as version {version}: both changes are in it now{others}]"
        )
        self._settling.append(partial(self._knows, place, version, ours))
        return merged.data

    def put(self, place: Place, data: bytes, *, mode: int = 0) -> None:
        """Write a file; its other hard links keep the old content, and that is said. ``mode`` are other rights."""
        if mode or self.current(place) != version_of(data):
            self._note_links(place)
        self.plan.write(place, data, mode=mode)

    def put_all(self, place: Place, data: bytes) -> None:
        """Write a file of which the session knows all, then."""
        self.put(place, data)
        self._settling.append(partial(self.desk.seen.saw, self.desk.key(place), version_of(data), data))

    def settle(self) -> None:
        """The change is made: the session knows what it has written."""
        for each in self._settling:
            each()

    def _stale(self, place: Place, current: str) -> str:
        known = self.known(place)
        if known is None or known == current:
            return ""
        return f"\n[it was changed since it was read as version {known}: read it again; it is {current} now]"

    def _knows(self, place: Place, version: str, ours: bytes) -> None:
        self.desk.seen.keep(version_of(ours), ours)
        self.desk.seen.moved(self.desk.key(place), version, version_of(ours))

    def _note_links(self, place: Place) -> None:
        with suppress(ToolFailed):
            found = place.stat(follow=False)
            if stat.S_ISREG(found.st_mode) and found.st_nlink > 1:
                many = f"{found.st_nlink - 1} other hard link{'s' if found.st_nlink > 2 else ''}"
                self.notes.append(f"[{place.text} had {many}: what is there keeps the old content]")


async def changed(desks: Desks, context: ToolContext, what: str, first: str, act: Callable[[Pen], None]) -> ToolResult:
    """Make one change of the files that ``act`` writes, in the root of the path named ``first``, and tell about it."""
    desk = await desks.of(context)
    return await run(partial(change, desk, what, first, act))


def change(desk: Desk, what: str, first: str, act: Callable[[Pen], None]) -> ToolResult:
    """The same, blocking."""
    pens: list[Pen] = []

    def decide(plan: Plan) -> None:
        pens[:] = [Pen(desk, plan)]
        act(pens[0])

    entry = desk.change(what, first, decide)
    pens[0].settle()
    return told(desk.history(desk.place(first)), entry, pens[0].notes)
