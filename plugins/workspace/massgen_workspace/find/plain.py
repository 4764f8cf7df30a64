"""Some bytes in files: each is read whole into one buffer, and only those that hold them are looked at in lines."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import count

from massgen_workspace.find.contents import FLAGS, TooLong, lines_of, text_of
from massgen_workspace.find.question import Files, Hit, Question, Watch, hit_of

_BUFFER = 1024 * 1024
_PAGE = 4096
_OFTEN = 256
"""Files between two looks at the clock."""
_WIDE = 0xFE
"""The first byte of a text in UTF-16 or UTF-32 is it or more, or it is a NUL: such a text is read by letters."""


def find_plain(files: Iterable[Files], question: Question, watch: Watch) -> Iterator[Hit]:
    """The lines that hold the text of a question, in the order of the files."""
    needle = question.pattern.encode("utf-8", "surrogateescape")
    finder = _Finder(needle)
    seen = watch.seen
    for group in files:
        watch.look()
        for name in group.names:
            seen.files += 1
            if not seen.files % _OFTEN:
                watch.look()
            if finder.may_hold(group.folder, name):
                yield from _hits(group, name, needle, question, watch)


class _Finder:
    """Looks into one file after the other, with the same memory for each."""

    def __init__(self, needle: bytes) -> None:
        self._needle = needle
        self._buffer = bytearray(_BUFFER)
        self._view = memoryview(self._buffer)
        self._overlap = len(needle) - 1

    def may_hold(self, folder: int, name: str) -> bool:
        """Whether a file has the bytes somewhere, or is one in which that can't be said."""
        try:
            file = os.open(name, FLAGS, dir_fd=folder)
        except OSError:
            return False
        try:
            length = os.readv(file, (self._view,))
            if self._buffer.find(self._needle, 0, length) >= 0:
                return True
            if length and (self._buffer[0] >= _WIDE or not self._buffer[0]):
                return True
            return length > 0 and length % _PAGE == 0 and self._goes_on(file, length)
        except OSError:
            return False
        finally:
            os.close(file)

    def _goes_on(self, file: int, length: int) -> bool:
        """The same for what follows: what may be the beginning of the text is kept in front of it."""
        kept = self._overlap
        while True:
            kept = min(kept, length)
            self._view[:kept] = bytes(self._view[length - kept : length])
            more = os.readv(file, (self._view[kept:],))
            length = kept + more
            if not more:
                return False
            if self._buffer.find(self._needle, 0, length) >= 0:
                return True
            if not self._buffer[kept] and not bytes(self._view[kept:length]).strip(b"\0"):
                return True  # a hole: whoever reads it in lines will say so


def _hits(group: Files, name: str, needle: bytes, question: Question, watch: Watch) -> Iterator[Hit]:
    path = os.fsencode(group.prefix + name)
    try:
        file = os.open(name, FLAGS, dir_fd=group.folder)
    except OSError:
        return
    try:
        lines = lines_of(text_of(file))
        for hit in _with_around(path, lines, needle, question.around):
            yield hit
            if question.once:
                return
            watch.look()
    except TooLong:
        watch.seen.unfinished.append(path)
    except OSError:
        return
    finally:
        os.close(file)


def _with_around(path: bytes, lines: Iterable[bytes], needle: bytes, around: int) -> Iterator[Hit]:
    before: deque[Hit] = deque(maxlen=around)
    after = 0
    for number, line in zip(count(1), lines, strict=False):
        if needle in line:
            yield from before
            before.clear()
            yield hit_of(path, number, line, matches=True)
            after = around
        elif after:
            after -= 1
            yield hit_of(path, number, line, matches=False)
        elif around:
            before.append(hit_of(path, number, line, matches=False))
