"""An expression, and what takes the place of all that it matches; matched in a process that can be ended.

The expressions are those of Python's `re`, groups are written ``\\1`` or ``\\g<name>`` in the replacement. A process of
its own, and not a library with a deadline, because compiling and replacing may be endless as well, and eat memory.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from bisect import bisect_left
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from massgen_core.errors import ToolFailed
from massgen_workspace.edit.document import Change, Document
from massgen_workspace.edit.endings import ending_at, plain, with_ending

MOST = 50_000
"""Matches of one call."""

_PROGRAM = Path(__file__).with_name("substituter.py")
_MOST_MEMORY = 1024 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Substitution:
    """What is looked for, and what takes its place; each line by itself, unless ``multiline``."""

    pattern: str
    replacement: str
    literal: bool = False
    ignore_case: bool = False
    multiline: bool = False
    seconds: float = 60.0
    """How long all of it may take."""


class Matcher:
    """The process; enter it before the first question, and leave it in any case."""

    def __init__(self, wanted: Substitution) -> None:
        self._wanted = wanted
        self._late = threading.Event()

    def __enter__(self) -> Self:
        command = [sys.executable, "-I", "-S", str(_PROGRAM)]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(
            command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, env={"PATH": os.defpath}
        )
        self._timer = threading.Timer(self._wanted.seconds, self._end)
        self._timer.daemon = True
        try:
            _limit_memory(self._process.pid)
            self._timer.start()
            problem = self._ask(json.dumps(self._question()).encode() + b"\n")
        except BaseException:
            self.__exit__()
            raise
        if problem is not None:
            self.__exit__()
            raise ToolFailed(
                "", f"{self._wanted.pattern!r} with {self._wanted.replacement!r} makes no sense: {problem}"
            )
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with suppress(BrokenPipeError):
                    stream.close()

    def changes(self, document: Document) -> Sequence[Change]:
        """What becomes of a text; line ends in it and in the replacement stand for those of the file.

        Raises:
            ToolFailed: It takes too long or too much memory, or there are too many matches.
        """
        text = plain(document.text)
        data = text.encode("utf-8", "surrogatepass")
        found = self._ask(len(data).to_bytes(8, "big"), data)
        if found is None:
            raise ToolFailed("", f"there are more than {MOST} matches in one file: narrow the expression down")
        return _in_file(document.text, text, found)

    def _question(self) -> dict[str, Any]:
        wanted = self._wanted
        return {
            "pattern": wanted.pattern,
            "replacement": wanted.replacement,
            "literal": wanted.literal,
            "ignore_case": wanted.ignore_case,
            "multiline": wanted.multiline,
            "most": MOST,
        }

    def _ask(self, *pieces: bytes) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with suppress(BrokenPipeError):
            for piece in pieces:
                self._process.stdin.write(piece)
            self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if answer.endswith(b"\n"):
            return json.loads(answer)
        cure = "Take a simpler expression, or fewer files."
        if self._late.is_set():
            raise ToolFailed("", f"matching took longer than {self._wanted.seconds:.0f} seconds. {cure}")
        raise ToolFailed("", f"matching came to no end: it took too much memory. {cure}")

    def _end(self) -> None:
        self._late.set()
        self._process.kill()


def _in_file(text: str, flat: str, found: Sequence[tuple[int, int, str]]) -> Sequence[Change]:
    """The same changes in a text whose lines end in its own way; ``flat`` is it with line feeds alone."""
    if len(text) == len(flat):
        return [Change(start, end, new) for start, end, new in found]
    pairs: list[int] = []  # where, in the flat text, the line feeds are that have a carriage return before them
    at = -1
    while (at := text.find("\r\n", at + 1)) >= 0:
        pairs.append(at - len(pairs))
    changes: list[Change] = []
    for start, end, new in found:
        first, last = start + bisect_left(pairs, start), end + bisect_left(pairs, end)
        changes.append(Change(first, last, with_ending(new, ending_at(text, first, last)) if "\n" in new else new))
    return changes


def _limit_memory(pid: int) -> None:
    if sys.platform == "linux":
        import resource

        with suppress(OSError):
            resource.prlimit(pid, resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
