"""The list of snapshots of one tree, and the locks and small files that all of this is kept with."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import sqlite3
import time
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from massgen_core.errors import ToolFailed
from massgen_workspace.files.full import FULL, is_full


class SpaceError(ToolFailed):
    """A workspace, or a snapshot of one, is not what was asked for; the message says what to do."""

    def __init__(self, message: str) -> None:
        super().__init__("", message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A tree as it was at one time: its number (from 1 on), when (seconds since 1970), and what it was taken for.

    ``left_out`` are files that it does not hold, too large or not to be read; ``ignored`` says that what the project
    ignores is in it. ``layers`` are for the backend.
    """

    id: int
    label: str
    made: float
    ignored: bool = False
    left_out: tuple[str, ...] = ()
    layers: tuple[str, ...] = ()

    def data(self) -> dict[str, Any]:
        """For JSON."""
        return {"id": self.id, "label": self.label, "made": self.made, "left_out": list(self.left_out)}


class Shelf:
    """The snapshots in a folder of ours, the oldest first."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder = folder
        self._file = folder / "snapshots.json"

    def all(self) -> list[Snapshot]:
        """Those that there are."""
        return [_snapshot(each) for each in self._read()["snapshots"]]

    def find(self, wanted: int | str) -> Snapshot:
        """The one with a number or label; of several with one label the last.

        Raises:
            SpaceError: There is none; the message names those that there are.
        """
        known = self.all()
        for each in reversed(known):
            if wanted == each.id or str(wanted) in (str(each.id), each.label):
                return each
        have = ", ".join(f"{each.id} ({each.label})" if each.label else str(each.id) for each in known[-10:])
        hint = f"there are {have}" if known else "there are none; take one first"
        raise SpaceError(f"there is no snapshot {wanted!r}: {hint}")

    def last(self) -> Snapshot | None:
        """The newest one."""
        return next(reversed(self.all()), None)

    def number(self) -> int:
        """The number of the next one; none is used twice."""
        return int(self._read()["next"])

    def put(self, snapshot: Snapshot) -> Snapshot:
        """Add one; returns it with the time of now."""
        made = replace(snapshot, made=time.time())
        kept = self._read()
        kept["snapshots"].append(asdict(made))
        kept["next"] = made.id + 1
        write_json(self._file, kept)
        return made

    def drop(self, gone: Iterable[Snapshot]) -> None:
        """Forget some."""
        ids = {each.id for each in gone}
        kept = self._read()
        kept["snapshots"] = [each for each in kept["snapshots"] if each["id"] not in ids]
        write_json(self._file, kept)

    def _read(self) -> dict[str, Any]:
        return read_json(self._file) or {"next": 1, "snapshots": []}


def _snapshot(data: dict[str, Any]) -> Snapshot:
    left_out: list[str] = data.pop("left_out")
    layers: list[str] = data.pop("layers")
    return Snapshot(**data, left_out=tuple(left_out), layers=tuple(layers))


def chosen(known: list[Snapshot], *, keep: int | None, older: float | None, now: float | None = None) -> list[Snapshot]:
    """What a pruning takes away: all but the last ``keep``, and of those what is ``older`` (seconds) where both count.

    With ``older`` alone all that is older goes.
    """
    gone = known if keep is None else known[: max(0, len(known) - keep)]
    if older is None:
        return gone if keep is not None else []
    oldest = (time.time() if now is None else now) - older
    return [each for each in gone if each.made < oldest]


def read_json(file: Path) -> Any:
    """What is in a file of ours; None where there is none.

    Raises:
        SpaceError: It is damaged.
    """
    try:
        return json.loads(file.read_bytes())
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise SpaceError(f"{file} is damaged ({error}); restore it from a backup, or remove its folder") from None


def write_json(file: Path, value: Any) -> None:
    """Put a value in place of a file's: the old or the new one is there, never a part."""
    temporary = file.with_name(f".{file.name}-{secrets.token_hex(4)}")
    with temporary.open("w") as out:
        json.dump(value, out)
        out.flush()
        os.fsync(out.fileno())
    temporary.replace(file)


@contextmanager
def room() -> Generator[None]:
    """Says that the disk is full, where that is why something cannot be kept."""
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        if is_full(error):
            raise SpaceError(FULL) from error
        raise


@contextmanager
def locked(file: Path, *, shared: bool = False, wait: bool = True) -> Generator[bool]:
    """Hold a lock among all processes (flock(2)); gives whether it is held, which without ``wait`` it need not be.

    The kernel gives it back when a process ends, however it does.
    """
    handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(handle)
