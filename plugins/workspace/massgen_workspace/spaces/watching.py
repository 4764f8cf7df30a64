"""What changes in a folder, as it changes: by the kernel's own notices, through `watchfiles`.

A burst may be more than the kernel keeps (inotify(7): ``max_queued_events``), and then some of it is lost. A batch that
could be from such a burst says ``rescan``: whoever keeps an own picture of the tree looks at all of it again.
"""

from __future__ import annotations

import os
import time
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

import anyio
import anyio.to_thread

from massgen_core.jail.beneath import open_beneath
from massgen_core.jail.names import shown
from massgen_core.jail.roots import Grant, Root
from massgen_workspace.files.atomic import is_temporary
from massgen_workspace.find.ignore import ALWAYS, FILES, Rules, rules_of
from massgen_workspace.find.walk import walk
from massgen_workspace.spaces.shelf import SpaceError

if TYPE_CHECKING:
    from watchfiles import Change

MOST = 10_000
"""Notices in one batch; where there are more it says `rescan`."""

_PAUSE = 200
"""Milliseconds without a change after which a batch is told."""

_LONGEST = 1600
_BETWEEN = 0.3
_FRESH = 5.0
"""Seconds for which a new folder is looked at again: the kernel does not tell what was in it before it was asked to."""

_HOW: Mapping[str, Any] = MappingProxyType(
    {"rust_timeout": 1000, "yield_on_timeout": True, "ignore_permission_denied": True}
)
_QUEUE = Path("/proc/sys/fs/inotify/max_queued_events")
_LIST = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Paths from the watched folder on that were added, changed or deleted since the batch before, each in one list.

    ``rescan`` says that there may have been more: look at the whole folder.
    """

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    rescan: bool = False

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.deleted or self.rescan)


async def watch(folder: Path, *, ignored: bool = False, ready: anyio.Event | None = None) -> AsyncGenerator[Changes]:
    """What changes in a folder from now on, until the caller stops; a batch comes at each pause.

    What the project ignores, and its `.git`, is left out unless ``ignored``. ``ready`` is set as soon as changes
    are seen: what comes before may be missed. A file that is put in place of another one counts as added. Whoever
    leaves the loop early closes the generator (`contextlib.aclosing`).

    Raises:
        SpaceError: The folder is not there, or the extra `massgen-workspace[watch]` is not installed.
    """
    try:
        from watchfiles import awatch
    except ImportError:
        raise SpaceError("watching needs an extra: pip install 'massgen-workspace[watch]'") from None
    real = await anyio.to_thread.run_sync(folder.resolve)
    if not await anyio.Path(real).is_dir():
        raise SpaceError(f"{folder} is no folder that is there")
    most, fresh = min(_most_queued(), MOST), _Fresh()
    with Root(Grant(target=str(real), source=real)) as root, _Probe() as probe:
        found = awatch(real, probe.folder, watch_filter=None, debounce=_LONGEST, step=_PAUSE, **_HOW)
        async with aclosing(found) as batches:
            try:
                async for batch in batches:
                    if batch and ready is not None and probe.seen():
                        ready.set()
                    told = await anyio.to_thread.run_sync(partial(_sorted, root, real, batch, ignored, fresh))
                    if told or len(batch) >= most:
                        yield told if len(batch) < most else _with_rescan(told)
            except OSError as error:
                raise SpaceError(f"{folder} cannot be watched: {error}; see fs.inotify in sysctl(8)") from error


class _Probe:
    """A folder of ours, watched with the other one, in which a file is changed until that is told: then both are."""

    def __init__(self) -> None:
        self._folder = TemporaryDirectory(prefix="massgen-watch-")
        self._seen = Event()
        self._thread = Thread(target=self._touch, name="massgen-watch", daemon=True)

    @property
    def folder(self) -> str:
        """Where it is."""
        return self._folder.name

    def seen(self) -> bool:
        """A first batch has come, so the kernel tells what happens; it is left alone from now on."""
        self._seen.set()
        return True

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._seen.set()
        self._thread.join()
        self._folder.cleanup()

    def _touch(self) -> None:
        while not self._seen.wait(_BETWEEN):
            Path(self.folder, "file").write_bytes(b"")


def _with_rescan(told: Changes) -> Changes:
    return Changes(added=told.added, changed=told.changed, deleted=told.deleted, rescan=True)


def _most_queued() -> int:
    """Half of what the kernel keeps: many notices may be of one path."""
    with suppress(OSError, ValueError):
        return int(_QUEUE.read_text()) // 2
    return MOST


class _Fresh:
    """The folders that were added last, and what of them has been told."""

    def __init__(self) -> None:
        self._folders: dict[bytes, float] = {}
        self._told: set[bytes] = set()

    def untold(self, root: Root, *, ignored: bool) -> list[bytes]:
        """What is in them beyond that."""
        now = time.monotonic()
        self._folders = {path: until for path, until in self._folders.items() if until > now}
        if not self._folders:
            self._told.clear()
        inside = (each.path for path in self._folders for each in walk(root, path, ignored=ignored))
        return sorted(set(inside) - self._told)

    def tell(self, root: Root, paths: Iterable[bytes]) -> None:
        """Remember what is told as added."""
        for path in paths:
            self._told.add(path)
            if _is_folder(root, path):
                self._folders[path] = time.monotonic() + _FRESH


def _sorted(root: Root, folder: Path, batch: Iterable[tuple[Change, str]], ignored: bool, fresh: _Fresh) -> Changes:
    """A batch by what it is now: what was told of a path first and last need not be all that has become of it."""
    before: dict[bytes, bool] = {}
    for change, text in sorted(batch, key=lambda each: int(each[0])):
        with suppress(ValueError):
            path = os.fsencode(Path(text).relative_to(folder))
            before.setdefault(path, change.name != "added")
    fresh.tell(root, [path for path, known in before.items() if not known])
    for path in fresh.untold(root, ignored=ignored):
        before.setdefault(path, False)
    fresh.tell(root, [path for path, known in before.items() if not known])
    rules = None if ignored else _Ignoring(root)
    lists: dict[str, list[str]] = {"added": [], "changed": [], "deleted": []}
    for path, known in sorted(before.items()):
        if path in (b"", b".") or (rules is not None and rules.leaves_out(path)):
            continue
        there = _is_there(root, path)
        if there or known:
            lists["deleted" if not there else "changed" if known else "added"].append(shown(path))
    return Changes(added=tuple(lists["added"]), changed=tuple(lists["changed"]), deleted=tuple(lists["deleted"]))


def _is_there(root: Root, path: bytes) -> bool:
    try:
        os.close(open_beneath(root.folder, path, getattr(os, "O_PATH", os.O_RDONLY) | os.O_NOFOLLOW, follow=False))
    except OSError:
        return False
    return True


def _is_folder(root: Root, path: bytes) -> bool:
    try:
        os.close(open_beneath(root.folder, path, _LIST, follow=False))
    except OSError:
        return False
    return True


class _Ignoring:
    """What the project ignores, asked path by path; each folder's rules are read once."""

    def __init__(self, root: Root) -> None:
        self._root = root
        self._known: dict[str, Rules | None] = {}

    def leaves_out(self, path: bytes) -> bool:
        names = os.fsdecode(path).split("/")
        prefix = ""
        for number, name in enumerate(names):
            if name == ALWAYS or is_temporary(os.fsencode(name)):
                return True
            rules = self._rules(prefix)
            folder = number < len(names) - 1 or _is_folder(self._root, path)
            if rules is not None and rules.left_out(prefix, [name], {name} if folder else ()):
                return True
            prefix += f"{name}/"
        return False

    def _rules(self, prefix: str) -> Rules | None:
        if prefix not in self._known:
            around = self._rules(prefix[: prefix[:-1].rfind("/") + 1]) if prefix else None
            self._known[prefix] = self._read(prefix, around)
        return self._known[prefix]

    def _read(self, prefix: str, around: Rules | None) -> Rules | None:
        try:
            handle = open_beneath(self._root.folder, os.fsencode(prefix).rstrip(b"/") or b".", _LIST, follow=False)
        except OSError:
            return around
        try:
            return rules_of(handle, prefix, FILES, around)
        finally:
            os.close(handle)


def merged(batches: Iterable[Changes]) -> Changes:
    """Several batches as one; what was added and deleted again is not told."""
    known: dict[str, str] = {}
    rescan = False
    for batch in batches:
        rescan = rescan or batch.rescan
        for what, paths in (("deleted", batch.deleted), ("added", batch.added), ("changed", batch.changed)):
            for path in paths:
                known[path] = _became(known.get(path), what)
    added, changed, deleted = (
        tuple(sorted(path for path, is_now in known.items() if is_now == what))
        for what in ("added", "changed", "deleted")
    )
    return Changes(added=added, changed=changed, deleted=deleted, rescan=rescan)


_BECAME: Mapping[tuple[str, str], str] = {
    ("added", "changed"): "added",
    ("added", "deleted"): "nothing",
    ("deleted", "added"): "changed",
    ("nothing", "changed"): "added",
    ("nothing", "deleted"): "nothing",
}


def _became(was: str | None, what: str) -> str:
    return _BECAME.get((was, what), what) if was is not None else what
