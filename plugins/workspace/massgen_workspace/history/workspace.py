"""One folder that is changed by transactions: all or nothing, one at a time, remembered, undone."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

from massgen_core.errors import ToolFailed
from massgen_core.jail.errors import PathRefused, refusal
from massgen_core.jail.names import shown
from massgen_core.jail.place import Jail, Place
from massgen_core.jail.roots import Root
from massgen_workspace.edit.merge import merge
from massgen_workspace.files.atomic import is_half_written
from massgen_workspace.history import pruning
from massgen_workspace.history.journal import Change, Entry, Journal
from massgen_workspace.history.kept import Kept
from massgen_workspace.history.moves import Move, Where
from massgen_workspace.history.moving import Changed, Mover
from massgen_workspace.history.plan import Plan, Step
from massgen_workspace.history.stage import Stage
from massgen_workspace.history.states import State, bring_about, is_half_way, observe, onto
from massgen_workspace.history.store import Store
from massgen_workspace.history.trash import Trash

_TRIES = 3


class Meanwhile(ToolFailed):
    """Somebody else has changed a file between the look and the change, again and again."""


class Workspace:
    """A root of a jail, and the history of its changes in a folder of ours; every method blocks.

    Files of more than ``largest`` bytes are not written, and not read for that; they are moved, copied and deleted.
    """

    def __init__(
        self, jail: Jail, root: Root, state: Path, *, durable: bool = True, largest: int | None = None
    ) -> None:
        self._jail = jail
        self._largest = largest
        self._root = root
        self._durable = durable
        state.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._state = state
        self._lock_file = state / "lock"
        self._store = Store(state / "contents", durable=durable)
        self._kept = Kept(root, state)
        self._mover = Mover(root, self._kept, durable=durable)
        self.journal = Journal(state)
        self.trash: Trash = Trash(self._kept, self.journal, self._alone)

    def close(self) -> None:
        """Close the history."""
        self.journal.close()
        self._kept.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def change(self, what: str, decide: Callable[[Plan], None], *, who: str = "") -> Entry:
        """Make one change of any number of files: all of what ``decide`` plans, or nothing.

        ``decide`` reads and plans; it is called again where somebody else changes a file meanwhile. Where nothing has
        to be changed nothing is remembered, and the entry's id is 0.

        Raises:
            ToolFailed: What ``decide`` raised, or a file that cannot be changed.
            Meanwhile: Others change the same files all the time.
        """
        with self._alone():
            self._recover()
            for _ in range(_TRIES):
                plan = self._plan()
                decide(plan)
                if not plan.steps and not plan.arrange.moves.made:
                    return Entry(id=0, made=time.time(), what=what, who=who, outcome="done")
                with suppress(Changed):
                    return self._commit(what, who, plan)
        raise Meanwhile("", "somebody else changes the same files all the time; read them again")

    @contextmanager
    def stage(self) -> Generator[Stage]:
        """Where something can be made ready, on the workspace's disk, before one change puts it into place."""
        with Stage(self._kept, durable=self._durable) as stage:
            yield stage

    def undo(self, id: int, *, who: str = "", admit: Callable[[Plan], None] = lambda plan: None) -> Entry:
        """Take an entry back, as an entry of its own, which can be undone in turn.

        A file that was changed since is merged, where the changes are in different places. ``admit`` may refuse what is
        planned, by what it raises.

        Raises:
            ToolFailed: There is no such entry, it is undone already, or a file was changed in the same place.
        """
        with self._alone():
            self._recover()
            entry = self._done(id)
            for _ in range(_TRIES):
                plan = self._plan()
                self._plan_back_all(plan, entry)
                admit(plan)
                with suppress(Changed):
                    return self._commit(f"undo {id}: {entry.what}", who, plan, undoes=id)
        raise Meanwhile("", "somebody else changes the same files all the time; read them again")

    def _done(self, id: int) -> Entry:
        """A change that can be taken back. Raises `ToolFailed`, with what became of it."""
        entry = self.journal.entry(id)
        if entry is None:
            raise ToolFailed("", f"there is no change {id}: `list_changes` shows those that there are")
        if entry.outcome == "undone":
            by = self.journal.undone_by(id)
            again = f", by change {by}; undo that one to make it again" if by else ""
            raise ToolFailed("", f"change {id} is undone already{again}")
        if entry.outcome != "done":
            raise ToolFailed("", f"change {id} is one that failed, so there is nothing to take back")
        return entry

    def recover(self) -> Sequence[Entry]:
        """Take back what processes that were killed have done in part; returns those entries.

        Each change and each undo does that first, so none builds on a half of another one.
        """
        with self._alone():
            return self._recover()

    def _recover(self) -> Sequence[Entry]:
        unfinished = self.journal.unfinished()
        for entry in unfinished:
            steps = [Step(place=self._place(c), before=c.before, data=None, after=c.after) for c in entry.changes]
            for step in steps:
                self._tidy(step.place)  # first: a folder that goes has to be empty
            self._back_out(steps, entry.moves, entry.ahead)
            self.journal.finish(entry.id, "failed")
        if unfinished:
            self._kept.sweep()
        return unfinished

    def prune(self, *, age: float, size: int) -> int:
        """Forget entries of more than ``age`` seconds, and the oldest beyond ``size`` bytes of contents; once a day.

        Returns how many are forgotten.
        """
        if not pruning.is_due(self._state):
            return 0
        with self._alone():
            needed = self._kept.slots()
            count = pruning.forget(self.journal, self._store, age=age, size=size, needed=needed)
            pruning.note_pruned(self._state)
        return count

    def _tidy(self, place: Place) -> None:
        """Remove what was being written beside a file: nobody else writes now."""
        with suppress(OSError, ToolFailed), place.spot() as spot:
            folder = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=spot.folder)
            try:
                for name in filter(is_half_written, map(os.fsencode, os.listdir(folder))):
                    os.unlink(name, dir_fd=folder)
            finally:
                os.close(folder)

    def content(self, state: State) -> bytes | None:
        """A file's content in one of its states; None for what is no file."""
        return self._store.get(state.content) if state.kind == "file" else None

    def _plan(self) -> Plan:
        return Plan(self._jail, self._root, self._store, self._kept, largest=self._largest)

    def _plan_back_all(self, plan: Plan, entry: Entry) -> None:
        for move in reversed(entry.moves):
            self._plan_move_back(plan, move)
        for change in reversed(entry.changes):
            self._plan_back(plan, change)

    def _plan_move_back(self, plan: Plan, move: Move) -> None:
        source, target = (Place(self._root, where.path, shown(where.path)) for where in (move.source, move.target))
        if move.source.area == "kept":
            if not plan.arrange.is_there(target):
                raise ToolFailed("", f"{target.text} is not there any more; undo the later change first")
            plan.arrange.delete(target)
        elif plan.arrange.is_there(source):
            raise ToolFailed("", f"{source.text} is there again; move that away first")
        elif move.target.area == "kept":
            plan.arrange.put(move.target.path, source)
        elif not plan.arrange.is_there(target):
            raise ToolFailed("", f"{target.text} is not there any more; undo the later change first")
        else:
            plan.arrange.move(target, source)

    def _plan_back(self, plan: Plan, change: Change) -> None:
        place = self._place(change)
        now = plan.state(place)
        back = onto(now, change.after, change.before)
        if now.same(change.after):
            if back or now.kind != "folder" or plan.leaves_nothing(place):
                plan.set(place, back)
            return
        if now.same(change.before):
            if now.kind == "file":
                plan.set(place, back)
            return
        plan.write(place, self._merged_back(place, now, change), mode=back.mode)

    def _merged_back(self, place: Place, now: State, change: Change) -> bytes:
        """A file as it is now, without a change that was made before later ones."""
        contents = [self.content(state) for state in (change.after, now, change.before)]
        if None in contents:
            what = f"and is a {now.kind} now" if now else "and is not there any more"
            raise ToolFailed("", f"{place.text} was changed since, {what}; undo the later change first")
        base, current, back = (content or b"" for content in contents)
        merged = merge(base, current, back)
        if merged.data is None:
            raise ToolFailed("", f"{place.text} was changed since, in the same lines; undo the later change first")
        return merged.data

    def _commit(self, what: str, who: str, plan: Plan, *, undoes: int | None = None) -> Entry:
        """All steps and moves of a plan: what is made, what is moved, and what goes."""
        steps, moves, ahead = plan.steps, plan.arrange.moves.made, plan.ahead
        changes = [Change(path=step.place.path, before=step.before, after=step.after) for step in steps]
        self._store.settle()
        id = self.journal.begin(what, who, changes, moves=moves, ahead=ahead, undoes=undoes)
        done: list[Step] = []
        moved: list[Move] = []
        try:
            self._apply_all(steps[:ahead], done)
            for move in moves:
                moved.append(move)
                self._mover.make(move)
            self._apply_all(steps[ahead:], done)
            written = (Where("root", step.place.path) for step in steps)
            self._mover.sync([*written, *(where for move in moves for where in (move.source, move.target))])
            self.journal.finish(id, "done")
        except BaseException:
            self._back_out(done, moved, ahead)
            with suppress(
                sqlite3.Error
            ):  # where the disk is full: the next change takes it for unfinished, and is right
                self.journal.finish(id, "failed")
            raise
        entry = self.journal.entry(id)
        assert entry is not None
        return entry

    def _apply_all(self, steps: Sequence[Step], done: list[Step]) -> None:
        for step in steps:
            done.append(step)  # also one that fails half-way
            try:
                self._apply(step)
            except Changed:
                done.pop()
                raise

    def _apply(self, step: Step) -> None:
        """Make one path what it is to be, if it still is what it was when the plan was made."""
        try:
            with step.place.spot() as spot:
                step.place.demand_writable(spot)
                now, _ = observe(step.place, spot, self._store, largest=self._largest)
                if not now.same(step.before):
                    raise Changed
                wanted = onto(now, step.before, step.after)
                bring_about(spot, now, wanted, self._store, durable=self._durable)
        except PathRefused:
            raise
        except OSError as error:
            raise refusal(step.place.text, error) from error

    def _back_out(self, steps: Sequence[Step], moves: Sequence[Move], ahead: int) -> None:
        """Bring back what was; what somebody else has changed meanwhile is theirs."""
        self._steps_back(steps[ahead:])
        self._mover.back(moves)
        self._steps_back(steps[:ahead])

    def _steps_back(self, steps: Sequence[Step]) -> None:
        for step in reversed(steps):
            with suppress(OSError, ToolFailed), step.place.spot() as spot:
                now, _ = observe(step.place, spot, self._store, largest=None)
                if now.same(step.after) or is_half_way(now, step.before, step.after):
                    wanted = onto(now, step.after, step.before)
                    bring_about(spot, now, wanted, self._store, durable=self._durable)

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
