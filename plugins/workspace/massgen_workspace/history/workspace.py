"""One folder that is changed by transactions: all or nothing, one at a time, remembered, undone."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

from massgen_core.errors import ToolFailed
from massgen_workspace.edit.merge import merge
from massgen_workspace.files.atomic import is_temporary
from massgen_workspace.history.journal import Change, Entry, Journal
from massgen_workspace.history.plan import Plan, Step
from massgen_workspace.history.states import State, bring_about, observe
from massgen_workspace.history.store import Store
from massgen_workspace.jail.errors import PathRefused, refusal
from massgen_workspace.jail.names import shown
from massgen_workspace.jail.place import Jail, Place
from massgen_workspace.jail.roots import Root

_TRIES = 3


class Meanwhile(ToolFailed):
    """Somebody else has changed a file between the look and the change, again and again."""


class Workspace:
    """A root of a jail, and the history of its changes in a folder of ours; every method blocks.

    Files of more than ``largest`` bytes are not changed, and not read for that.
    """

    def __init__(
        self, jail: Jail, root: Root, state: Path, *, durable: bool = True, largest: int | None = None
    ) -> None:
        self._jail = jail
        self._largest = largest
        self._root = root
        self._durable = durable
        state.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock_file = state / "lock"
        self._store = Store(state / "contents", durable=durable)
        self.journal = Journal(state)

    def close(self) -> None:
        """Close the history."""
        self.journal.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def change(self, what: str, decide: Callable[[Plan], None], *, who: str = "") -> Entry:
        """Make one change of any number of files: all of what ``decide`` plans, or nothing.

        ``decide`` reads and plans; it is called again where somebody else changes a file meanwhile.

        Raises:
            ToolFailed: What ``decide`` raised, or a file that cannot be changed.
            Meanwhile: Others change the same files all the time.
        """
        with self._alone():
            for _ in range(_TRIES):
                plan = Plan(self._jail, self._root, self._store, largest=self._largest)
                decide(plan)
                with suppress(_Changed):
                    return self._commit(what, who, plan.steps)
        raise Meanwhile("", "somebody else changes the same files all the time; read them again")

    def undo(self, id: int, *, who: str = "") -> Entry:
        """Take an entry back, as an entry of its own, which can be undone in turn.

        A file that was changed since is merged, where the changes are in different places.

        Raises:
            ToolFailed: There is no such entry, it is undone already, or a file was changed in the same place.
        """
        with self._alone():
            entry = self.journal.entry(id)
            if entry is None:
                raise ToolFailed("", f"there is no change {id}")
            if entry.outcome != "done":
                raise ToolFailed("", f"change {id} was {entry.outcome}, and cannot be taken back")
            for _ in range(_TRIES):
                plan = Plan(self._jail, self._root, self._store, largest=self._largest)
                for change in reversed(entry.changes):
                    self._plan_back(plan, change)
                with suppress(_Changed):
                    return self._commit(f"undo {id}: {entry.what}", who, plan.steps, undoes=id)
        raise Meanwhile("", "somebody else changes the same files all the time; read them again")

    def recover(self) -> Sequence[Entry]:
        """Take back what processes that were killed have done in part; returns those entries."""
        with self._alone():
            unfinished = self.journal.unfinished()
            for entry in unfinished:
                self._back_out(
                    [Step(place=self._place(c), before=c.before, data=None, after=c.after) for c in entry.changes]
                )
                for change in entry.changes:
                    self._tidy(self._place(change))
                self.journal.finish(entry.id, "failed")
        return unfinished

    def _tidy(self, place: Place) -> None:
        """Remove what was being written beside a file: nobody else writes now."""
        with suppress(OSError, ToolFailed), place.spot() as spot:
            folder = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=spot.folder)
            try:
                for name in filter(is_temporary, map(os.fsencode, os.listdir(folder))):
                    os.unlink(name, dir_fd=folder)
            finally:
                os.close(folder)

    def content(self, state: State) -> bytes | None:
        """A file's content in one of its states; None for what is no file."""
        return self._store.get(state.content) if state.kind == "file" else None

    def _plan_back(self, plan: Plan, change: Change) -> None:
        place = self._place(change)
        now = plan.state(place)
        if now.same(change.after):
            plan.set(place, change.before)
            return
        if now.same(change.before):
            return
        contents = [self.content(state) for state in (change.after, now, change.before)]
        if None in contents:
            what = f"and is a {now.kind} now" if now else "and is not there any more"
            raise ToolFailed("", f"{place.text} was changed since, {what}; undo the later change first")
        base, current, back = (content or b"" for content in contents)
        merged = merge(base, current, back)
        if merged.data is None:
            raise ToolFailed("", f"{place.text} was changed since, in the same lines; undo the later change first")
        plan.write(place, merged.data)

    def _commit(self, what: str, who: str, steps: Sequence[Step], *, undoes: int | None = None) -> Entry:
        changes = [Change(path=step.place.path, before=step.before, after=step.after) for step in steps]
        id = self.journal.begin(what, who, changes, undoes=undoes)
        done: list[Step] = []
        try:
            for step in steps:
                self._apply(step)
                done.append(step)
        except BaseException:
            self._back_out(done)
            self.journal.finish(id, "failed")
            raise
        self.journal.finish(id, "done")
        entry = self.journal.entry(id)
        assert entry is not None
        return entry

    def _apply(self, step: Step) -> None:
        """Make one path what it is to be, if it still is what it was when the plan was made."""
        try:
            with step.place.spot() as spot:
                step.place.demand_writable(spot)
                now, _ = observe(step.place, spot, self._store, largest=self._largest)
                if not now.same(step.before):
                    raise _Changed
                bring_about(spot, now, step.after, self._store, durable=self._durable)
        except PathRefused:
            raise
        except OSError as error:
            raise refusal(step.place.text, error) from error

    def _back_out(self, steps: Sequence[Step]) -> None:
        """Bring back what was; what somebody else has changed meanwhile is theirs."""
        for step in reversed(steps):
            with suppress(OSError, ToolFailed), step.place.spot() as spot:
                now, _ = observe(step.place, spot, self._store, largest=None)
                if now.same(step.after):
                    bring_about(spot, now, step.before, self._store, durable=self._durable)

    def _place(self, change: Change) -> Place:
        return Place(self._root, change.path, shown(change.path))

    @contextmanager
    def _alone(self) -> Generator[None]:
        """One change at a time, among all processes that use this history."""
        file = os.open(self._lock_file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
        finally:
            os.close(file)


class _Changed(Exception):
    """A path is not what the plan took it for."""
