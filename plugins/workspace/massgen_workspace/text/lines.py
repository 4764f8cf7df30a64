"""Where lines begin in a file of any size: a sparse index, made once, in constant memory."""

from __future__ import annotations

import os
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Lock

STEP = 1024 * 1024
"""Bytes between two places that the index knows."""

_KEPT = 64
_MOST_MARKS = 1_000_000


@dataclass(frozen=True, slots=True)
class LineIndex:
    """How many line feeds stand before each step of a file, and in all of it."""

    size: int
    before: tuple[int, ...]
    total: int
    ends_with_newline: bool

    @property
    def lines(self) -> int:
        """How many lines there are; what follows the last line feed is one too, if it is not empty."""
        return self.total + (0 if self.ends_with_newline or not self.size else 1)

    def step_before(self, line: int) -> tuple[int, int]:
        """A place in the file at or before the beginning of a line (the first is 0), and the line feeds before it."""
        step = max(0, bisect_right(self.before, line - 1) - 1) if line else 0
        while step and self.before[step] >= line:
            step -= 1
        return step * STEP, self.before[step] if self.before else 0


def index_of(file: int) -> LineIndex:
    """Read a file once from end to end."""
    before: list[int] = []
    total = size = 0
    last = b""
    buffer = bytearray(STEP)
    view = memoryview(buffer)
    while count := _fill(file, view, size):
        before.append(total)
        total += buffer.count(b"\n", 0, count)
        size += count
        last = bytes(view[count - 1 : count])
    return LineIndex(size, tuple(before), total, last == b"\n")


def _fill(file: int, view: memoryview, offset: int) -> int:
    """As much as there is, up to a step: a short read is no end."""
    have = 0
    while have < len(view):
        count = os.preadv(file, [view[have:]], offset + have)
        if not count:
            break
        have += count
    return have


class Indexes:
    """The last indexes that were made, by what the files were then."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[int, ...], LineIndex] = OrderedDict()
        self._lock = Lock()

    def of(self, file: int) -> LineIndex:
        """The index of an open file, made where its time, size or identity is another than before."""
        found = os.fstat(file)
        key = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
        with self._lock:
            known = self._known.get(key)
            if known is not None:
                self._known.move_to_end(key)
                return known
        made = index_of(file)
        with self._lock:
            self._known[key] = made
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return made


def start_of(file: int, index: LineIndex, line: int) -> int:
    """Where a line begins (the first is 0); the file's end for one behind the last."""
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
