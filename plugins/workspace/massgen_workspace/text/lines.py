"""Where lines begin in a file of any size: a sparse index, made once and extended, in constant memory."""

from __future__ import annotations

import errno
import os
import time
from array import array
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from threading import Lock

STEP = 1024 * 1024
"""Bytes between two places that the index knows, holes left out."""

_KEPT = 64
SECONDS = 10.0
"""How long one call looks for lines; a file that has more of them is gone on with by the next call."""
_SAMPLE = 4096
_SAMPLES = 8
_SEEK_DATA: int | None = getattr(os, "SEEK_DATA", None)

Tick = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class LineIndex:
    """How many line feeds stand before some places of a file, and before ``known``, up to which it was read."""

    size: int
    places: array[int] = field(default_factory=lambda: array("q"))
    before: array[int] = field(default_factory=lambda: array("q"))
    total: int = 0
    known: int = 0
    ends_with_newline: bool = False

    @property
    def complete(self) -> bool:
        """Whether all of the file was read."""
        return self.known >= self.size

    @property
    def lines(self) -> int:
        """How many lines there are; what follows the last line feed is one too, if it is not empty."""
        return self.total + (0 if self.ends_with_newline or not self.size or not self.complete else 1)

    def step_before(self, line: int) -> tuple[int, int]:
        """A place at most a step before the beginning of a line (the first is 0), and the line feeds before it."""
        if not line or not self.places:
            return 0, 0
        step = max(0, bisect_left(self.before, line) - 1)
        return self.places[step], self.before[step]


def index_of(file: int, start: LineIndex | None = None, *, tick: Tick = lambda _: None) -> LineIndex:
    """Read a file from where an earlier index ended, until its end or the end of `SECONDS`.

    ``tick`` is called with the place that was reached; what it raises ends the reading.
    """
    size, end = os.fstat(file).st_size, time.monotonic() + SECONDS
    places, before = (array("q"), array("q")) if start is None else (start.places[:], start.before[:])
    total, at = (0, 0) if start is None else (start.total, start.known)
    buffer = bytearray(STEP)
    view = memoryview(buffer)
    begun = at
    while at < size and (at == begun or time.monotonic() < end):
        at = _next_data(file, at, size)
        count = _fill(file, view[: size - at], at)
        if not count:
            break
        places.append(at)
        before.append(total)
        total += buffer.count(b"\n", 0, count)
        at += count
        tick(at)
    complete = at >= size
    return LineIndex(
        size=size if complete else max(size, at + 1),
        places=places,
        before=before,
        total=total,
        known=at,
        ends_with_newline=complete and size > 0 and os.pread(file, 1, size - 1) == b"\n",
    )


def _next_data(file: int, at: int, size: int) -> int:
    """Where there is something to be read: a hole (lseek(2)) has no lines, however large it is."""
    if _SEEK_DATA is None:
        return at
    here = os.lseek(file, 0, os.SEEK_CUR)
    try:
        return os.lseek(file, at, _SEEK_DATA)
    except OSError as error:
        return size if error.errno == errno.ENXIO else at
    finally:
        os.lseek(file, here, os.SEEK_SET)


def _fill(file: int, view: memoryview, offset: int) -> int:
    """As much as there is, up to a step: a short read is no end."""
    have = 0
    while have < len(view):
        count = os.preadv(file, [view[have:]], offset + have)
        if not count:
            break
        have += count
    return have


@dataclass(frozen=True, slots=True)
class _Known:
    index: LineIndex
    stamp: tuple[int, ...]
    sample: bytes


class Indexes:
    """The last indexes that were made; one is extended where its file has only grown since."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[int, int], _Known] = OrderedDict()
        self._lock = Lock()

    def of(self, file: int, tick: Tick = lambda _: None) -> LineIndex:
        """The index of an open file as it is now, or as far as one call reaches.

        A file that is larger than before counts as grown where samples of what was there are the same.
        """
        found = os.fstat(file)
        key, stamp = (found.st_dev, found.st_ino), (found.st_size, found.st_mtime_ns, found.st_ctime_ns)
        with self._lock:
            known = self._known.get(key)
        if known is None or known.stamp != stamp or not known.index.complete:
            index = index_of(file, _still_true(file, known, stamp), tick=tick)
            known = _Known(index, stamp, _sample(file, index.known))
        self._keep(key, known)
        return known.index

    def _keep(self, key: tuple[int, int], known: _Known) -> None:
        with self._lock:
            self._known[key] = known
            self._known.move_to_end(key)
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)


def _still_true(file: int, known: _Known | None, stamp: tuple[int, ...]) -> LineIndex | None:
    """An index that holds for the beginning of what is there now."""
    if known is None or stamp[0] < known.index.known or _sample(file, known.index.known) != known.sample:
        return None
    return known.index


def _sample(file: int, end: int) -> bytes:
    """What tells the first ``end`` bytes of a file from others: a few pieces of them, the first and the last."""
    digest = blake2b(digest_size=16)
    last = max(0, end - _SAMPLE)
    for at in sorted({last * number // (_SAMPLES - 1) for number in range(_SAMPLES)}):
        digest.update(os.pread(file, min(_SAMPLE, end - at), at))
    return digest.digest()


def start_of(file: int, index: LineIndex, line: int) -> int:
    """Where a line begins (the first is 0); where the index ends for one behind the last."""
    if line > index.total:
        return index.size if index.complete else index.known
    offset, found = index.step_before(line)
    while found < line:
        data = os.pread(file, STEP, offset)
        if not data:
            return offset
        here = data.count(b"\n")
        if found + here < line:
            found += here
            offset += len(data)
            continue
        return offset + _after(data, line - found)
    return offset


def _after(data: bytes, number: int) -> int:
    """The place behind the so-manieth line feed, which is there: halving is faster than looking for each."""
    low, high = 0, len(data)
    while high - low > 256:
        middle = (low + high) // 2
        here = data.count(b"\n", low, middle)
        if here >= number:
            high = middle
        else:
            number -= here
            low = middle
    for _ in range(number):
        low = data.index(b"\n", low) + 1
    return low


def pieces(file: int, start: int, end: int, step: int = 64 * 1024) -> Iterator[bytes]:
    """The bytes between two places, a piece at a time; fewer where the file has become shorter."""
    while start < end and (data := os.pread(file, min(step, end - start), start)):
        start += len(data)
        yield data
