"""What was changed, when and by whom: a database in the state folder of one workspace."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any, Literal

from massgen_workspace.history.moves import Area, Move, Where
from massgen_workspace.history.states import State

Outcome = Literal["applying", "done", "undone", "failed"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS entry (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    made REAL NOT NULL,
    what TEXT NOT NULL,
    who TEXT NOT NULL,
    outcome TEXT NOT NULL,
    process TEXT NOT NULL,
    undoes INTEGER
);
CREATE TABLE IF NOT EXISTS change (
    entry INTEGER NOT NULL REFERENCES entry(id),
    number INTEGER NOT NULL,
    path BLOB NOT NULL,
    before TEXT NOT NULL,
    after TEXT NOT NULL,
    PRIMARY KEY (entry, number)
);
CREATE TABLE IF NOT EXISTS move (
    entry INTEGER NOT NULL REFERENCES entry(id),
    number INTEGER NOT NULL,
    source_area TEXT NOT NULL,
    source BLOB NOT NULL,
    target_area TEXT NOT NULL,
    target BLOB NOT NULL,
    kind TEXT NOT NULL,
    identity TEXT NOT NULL,
    entries INTEGER NOT NULL,
    size INTEGER NOT NULL,
    PRIMARY KEY (entry, number)
);
CREATE INDEX IF NOT EXISTS entry_applying ON entry(id) WHERE outcome = 'applying';
CREATE INDEX IF NOT EXISTS move_target ON move(target_area, target);
"""

_MOVE = "source_area, source, target_area, target, kind, identity, entries, size"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What became of one path (beneath the workspace's root)."""

    path: bytes
    before: State
    after: State


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One change of any number of files: its id, what it was for, who made it, when (seconds since 1970).

    ``ahead`` is how many of the changes were made before the moves. An id of 0 stands for a change of nothing, which is
    not remembered.
    """

    id: int
    made: float
    what: str
    who: str
    outcome: Outcome
    undoes: int | None = None
    changes: Sequence[Change] = field(default=(), repr=False)
    moves: Sequence[Move] = field(default=(), repr=False)
    ahead: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """What of the stored contents an entry speaks of, by their versions, and of the trash, by the places in it."""

    entry: int
    made: float
    versions: frozenset[str]
    slots: frozenset[bytes]


class Journal:
    """All entries of one workspace, on disk before anything is changed."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._database = sqlite3.connect(folder / "journal.sqlite", isolation_level=None, check_same_thread=False)
        self._lock = Lock()
        with self._lock:
            self._database.execute("PRAGMA journal_mode = WAL")
            self._database.execute("PRAGMA synchronous = FULL")
            self._database.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    def begin(
        self,
        what: str,
        who: str,
        changes: Sequence[Change],
        *,
        moves: Sequence[Move] = (),
        ahead: int | None = None,
        undoes: int | None = None,
    ) -> int:
        """Note what is about to be done; returns the entry's id.

        ``ahead`` is how many of the changes come before the moves, all when unset.
        """
        with self._transaction() as database:
            cursor = database.execute(
                "INSERT INTO entry (made, what, who, outcome, process, undoes) VALUES (?, ?, ?, 'applying', ?, ?)",
                (time.time(), what, who, this_process(), undoes),
            )
            entry = cursor.lastrowid
            assert entry is not None
            database.executemany(
                "INSERT INTO change VALUES (?, ?, ?, ?, ?)",
                [
                    (entry, number, change.path, _written(change.before), _written(change.after))
                    for number, change in _numbered(changes, ahead, len(moves))
                ],
            )
            database.executemany(
                "INSERT INTO move VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (entry, number, *_row(move))
                    for number, move in enumerate(moves, len(changes) if ahead is None else ahead)
                ],
            )
        return entry

    def finish(self, entry: int, outcome: Outcome) -> None:
        """Note how it came out."""
        with self._transaction() as database:
            database.execute("UPDATE entry SET outcome = ? WHERE id = ?", (outcome, entry))
            if outcome == "done":
                _take_back(database, entry)

    def undone_by(self, id: int) -> int | None:
        """The last change that has taken one back, and holds; None where there is none."""
        question = "SELECT max(id) FROM entry WHERE undoes = ? AND outcome = 'done'"
        with self._lock:
            return self._database.execute(question, (id,)).fetchone()[0]

    def entry(self, id: int) -> Entry | None:
        """One entry with its changes; None where there is none."""
        found = self._select("WHERE id = ?", (id,))
        return found[0] if found else None

    def last(self, count: int) -> Sequence[Entry]:
        """The last entries, the newest first."""
        return self._select("ORDER BY id DESC LIMIT ?", (count,))

    def came_in(self, slot: bytes) -> tuple[int, float, Move] | None:
        """The last change that moved something into a place of the trash, when it was made, and the move itself."""
        question = (
            f"SELECT entry.id, made, {_MOVE} FROM move JOIN entry ON entry.id = move.entry "
            "WHERE target_area = 'kept' AND target = ? ORDER BY entry.id DESC LIMIT 1"
        )
        with self._lock:
            row = self._database.execute(question, (slot,)).fetchone()
        return None if row is None else (row[0], row[1], _move(*row[2:]))

    def unfinished(self) -> Sequence[Entry]:
        """Entries that may have been applied in part; call it while nobody makes a change: whoever did is gone then."""
        return self._select("WHERE outcome = 'applying' ORDER BY id", ())

    def mentions(self) -> Sequence[Mention]:
        """What each entry needs to be taken back, the newest first."""
        versions: dict[int, set[str]] = {}
        slots: dict[int, set[bytes]] = {}
        with self._lock:
            for entry, *states in self._database.execute("SELECT entry, before, after FROM change"):
                found = (_read(state) for state in states)
                versions.setdefault(entry, set()).update(state.content for state in found if state.kind == "file")
            for entry, slot in self._database.execute("SELECT entry, target FROM move WHERE target_area = 'kept'"):
                slots.setdefault(entry, set()).add(slot)
            rows = self._database.execute("SELECT id, made FROM entry ORDER BY id DESC").fetchall()
        return [
            Mention(entry=id, made=made, versions=frozenset(versions.get(id, ())), slots=frozenset(slots.get(id, ())))
            for id, made in rows
        ]

    def forget(self, entries: Sequence[int]) -> None:
        """Remove entries for good."""
        with self._transaction() as database:
            for table, column in (("change", "entry"), ("move", "entry"), ("entry", "id")):
                database.executemany(f"DELETE FROM {table} WHERE {column} = ?", [(id,) for id in entries])

    def _select(self, rest: str, values: tuple[Any, ...]) -> list[Entry]:
        columns = "SELECT id, made, what, who, outcome, undoes FROM entry "
        with self._lock:
            rows = self._database.execute(columns + rest, values).fetchall()
            return [self._entry(row) for row in rows]

    def _entry(self, row: tuple[Any, ...]) -> Entry:
        id, made, what, who, outcome, undoes = row
        changes = self._database.execute(
            "SELECT number, path, before, after FROM change WHERE entry = ? ORDER BY number", (id,)
        ).fetchall()
        moves = self._database.execute(
            f"SELECT number, {_MOVE} FROM move WHERE entry = ? ORDER BY number", (id,)
        ).fetchall()
        return Entry(
            id=id,
            made=made,
            what=what,
            who=who,
            outcome=outcome,
            undoes=undoes,
            changes=[Change(path=path, before=_read(before), after=_read(after)) for _, path, before, after in changes],
            moves=[_move(*row[1:]) for row in moves],
            ahead=sum(number < moves[0][0] for number, *_ in changes) if moves else len(changes),
        )

    @contextmanager
    def _transaction(self) -> Generator[sqlite3.Connection]:
        with self._lock, closing(self._database.cursor()):
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield self._database
            except BaseException:
                self._database.execute("ROLLBACK")
                raise
            self._database.execute("COMMIT")


def _take_back(database: sqlite3.Connection, entry: int) -> None:
    """What an entry takes back is undone now; if that was an undo, what it took back is done again, and so on."""
    outcome: Outcome = "undone"
    while (entry := database.execute("SELECT undoes FROM entry WHERE id = ?", (entry,)).fetchone()[0]) is not None:
        found = database.execute("UPDATE entry SET outcome = ? WHERE id = ?", (outcome, entry))
        if not found.rowcount:
            return  # it is forgotten
        outcome = "done" if outcome == "undone" else "undone"


def this_process() -> str:
    """This process, told apart from a later one with the same number."""
    return f"{os.getpid()}/{_started(os.getpid())}"


def is_running(process: str) -> bool:
    """Whether a process still runs."""
    pid, _, started = process.partition("/")
    return _started(int(pid)) == started


def _started(pid: int) -> str:
    """Field 22 of ``/proc/PID/stat`` (proc(5)); empty for a process that is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in ("Z", "X") else fields[19]


def _numbered(changes: Sequence[Change], ahead: int | None, moves: int) -> Iterator[tuple[int, Change]]:
    """Changes with their numbers, among which those of the moves are left out."""
    for number, change in enumerate(changes):
        yield number if ahead is None or number < ahead else number + moves, change


def _row(move: Move) -> tuple[Any, ...]:
    source, target = move.source, move.target
    device, number = move.identity
    places = source.area, source.path, target.area, target.path
    return *places, move.kind, f"{device}:{number}", move.entries, move.size


def _move(
    source_area: Area,
    source: bytes,
    target_area: Area,
    target: bytes,
    kind: str,
    identity: str,
    entries: int,
    size: int,
) -> Move:
    device, _, number = identity.partition(":")
    return Move(
        source=Where(source_area, source),
        target=Where(target_area, target),
        kind=kind,
        identity=(int(device), int(number)),
        entries=entries,
        size=size,
    )


def _written(state: State) -> str:
    return json.dumps([state.kind, state.content, state.mode])


def _read(text: str) -> State:
    return State(*json.loads(text))
