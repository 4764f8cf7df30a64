"""Outlines of source files: each is read by a program that can be ended, and that what it reads cannot harm."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

LARGEST = 4 * 1024 * 1024
"""Bytes of a source file that is looked at."""

_SECONDS = 10.0
"""For one file."""
_PATIENCE_MS = 50
_MOST_MEMORY = 1024 * 1024 * 1024
_HAVE_METHODS = frozenset({"class", "interface", "implementation"})
_OUTLINER = Path(__file__).with_name("outliner.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class Symbol:
    """A definition: its kind and name, its lines from 1 to the last, and the line on which it begins, as text.

    ``depth`` is how many others it is in, ``within`` their names, with dots.
    """

    kind: str
    name: str
    first: int
    last: int
    depth: int
    within: str
    signature: str

    @property
    def full(self) -> str:
        """Its name with those around it."""
        return f"{self.within}.{self.name}" if self.within else self.name


class NoOutline(Exception):
    """There is none of a file, for a reason in words."""


class Outliner:
    """The program, started when it is needed, and again where a file has ended it."""

    def __init__(self, tick: Callable[[], None] = lambda: None) -> None:
        self._tick = tick
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def outline(self, language: str, data: bytes) -> list[Symbol]:
        """What is defined in a file, in order.

        Raises:
            NoOutline: It cannot be said.
        """
        process = self._process = self._process or _started()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(b"%s %d\n" % (language.encode("ascii"), len(data)))
            process.stdin.write(data)
            process.stdin.flush()
            found = json.loads(self._line(process.stdout.fileno()))
        except (BrokenPipeError, ValueError):
            self._end()
            raise NoOutline("what reads it has ended: it may be nested too deep, or too large") from None
        except BaseException:
            self._end()
            raise
        if isinstance(found, str):
            raise NoOutline(found)
        return list(_nested(found))

    def _line(self, stdout: int) -> bytes:
        poll = select.poll()
        poll.register(stdout, select.POLLIN)
        answer, end = bytearray(), time.monotonic() + _SECONDS
        while not answer.endswith(b"\n"):
            self._tick()
            if time.monotonic() > end:
                raise NoOutline(f"reading it took longer than {_SECONDS:.0f} seconds")
            if poll.poll(_PATIENCE_MS):
                data = os.read(stdout, 64 * 1024)
                if not data:
                    raise BrokenPipeError
                answer += data
        return bytes(answer)

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()


def _started() -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-I", str(_OUTLINER)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"LC_ALL": "C.UTF-8", "PATH": os.defpath},
    )
    _limit(process.pid)
    return process


def _limit(pid: int) -> None:
    """Memory, and no file to be written."""
    if sys.platform == "linux":
        import resource

        with suppress(OSError):
            resource.prlimit(pid, resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, 0))
            resource.prlimit(pid, resource.RLIMIT_CORE, (0, 0))


def _nested(found: Iterable[list[Any]]) -> Iterator[Symbol]:
    """Definitions in the order of their beginnings, each with those that it is in."""
    around: list[tuple[int, str, str]] = []
    for kind, name, first, last, start, end, signature in found:
        while around and around[-1][0] <= start:
            around.pop()
        within = ".".join(name for _, name, _ in around)
        if kind == "function" and around and around[-1][2] in _HAVE_METHODS:
            kind = "method"
        yield Symbol(
            kind=kind, name=name, first=first, last=last, depth=len(around), within=within, signature=signature
        )
        around.append((end, name, kind))
