"""Some bytes in files: only those that hold them are looked at in lines."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import count

from massgen_workspace.find.contents import TooLong, lines_of, text_of
from massgen_workspace.find.question import Files, Hit, Question, Watch, hit_of
from massgen_workspace.find.sieve import sieve
from massgen_workspace.find.sifter import FLAGS


def find_plain(files: Iterable[Files], question: Question, watch: Watch) -> Iterator[Hit]:
    """The lines that hold the text of a question, in the order of the files."""
    needle = question.pattern.encode()
    with closing(sieve(files, needle)) as groups:
        for group in groups:
            watch.look()
            for name in group.names:
                yield from _hits(group, name, needle, question, watch)


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
