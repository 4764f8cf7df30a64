"""Files by what is in them: all are read here, by descriptor, and searched in a process that can be ended.

Their contents go one after the other into the stdin of `ripgrep`, or of a small Python program where there is none;
what that finds is told by its place in the whole stream. So no searcher ever opens a path that may be swapped, and an
expression that never comes to an end costs a process, not this program.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from bisect import bisect_right
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from shutil import which
from typing import IO, Literal

from massgen_core.errors import ToolFailed
from massgen_workspace.jail.beneath import open_beneath
from massgen_workspace.jail.names import shown
from massgen_workspace.jail.roots import Root
from massgen_workspace.text.encoding import HEAD

Engine = Literal["ripgrep", "python"]

LONGEST_LINE = 500
"""Bytes of a line that are shown."""

_READ = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
_PIECE = 256 * 1024
_MOST_MEMORY = 1024 * 1024 * 1024
_NO_EXPRESSION = 2
_SEARCHER = Path(__file__).with_name("searcher.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is looked for: an expression, or a text where ``literal``; with ``around`` lines before and after each."""

    pattern: str
    literal: bool = False
    ignore_case: bool = False
    around: int = 0
    seconds: float = 60.0
    """How long it may take."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A line of a file (its number from 1) that matches, or that stands around one that does."""

    path: bytes
    line: int
    text: str
    matches: bool


@dataclass(slots=True)
class _Streamed:
    """Which part of the stream is which file: for each its first line there, from 1."""

    starts: list[int] = field(default_factory=list[int])
    paths: list[bytes] = field(default_factory=list[bytes])
    following: int = 1

    def add(self, path: bytes) -> None:
        self.starts.append(self.following)
        self.paths.append(path)

    def at(self, line: int) -> tuple[bytes, int]:
        index = bisect_right(self.starts, line) - 1
        return self.paths[index], line - self.starts[index] + 1


def search(root: Root, paths: Iterable[bytes], question: Question, *, engine: Engine | None = None) -> Generator[Hit]:
    """The lines that match, in the order of the files; leaving early ends the search.

    Binary files are left out, and such as cannot be opened.

    Raises:
        ToolFailed: The expression makes no sense, or the search takes too long or too much memory.
    """
    if "\0" in question.pattern:
        raise ToolFailed("", "an expression cannot hold a NUL; write \\x00")
    process = subprocess.Popen(
        _command(question, engine or best_engine()),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={"LC_ALL": "C.UTF-8", "PATH": os.defpath},
    )
    _limit_memory(process.pid)
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    streamed = _Streamed()
    feeder = threading.Thread(target=_feed, args=(root, paths, process.stdin, streamed), daemon=True)
    late = threading.Event()
    timer = threading.Timer(question.seconds, lambda: (late.set(), process.kill()))
    timer.daemon = True
    timer.start()
    feeder.start()
    try:
        yield from _hits(process.stdout, streamed, question.around)
        error = process.stderr.read(4096).decode("utf-8", "replace")
        _demand_end(process.wait(), error, question, streamed, late=late.is_set())
    finally:
        timer.cancel()
        process.kill()
        process.wait()
        feeder.join()
        process.stdout.close()
        process.stderr.close()


def _demand_end(code: int, error: str, question: Question, streamed: _Streamed, *, late: bool) -> None:
    """Raises `ToolFailed` unless all was searched."""
    if late:
        cure = "Take a simpler expression, or search fewer files."
        raise ToolFailed("", f"the search took longer than {question.seconds:.0f} seconds. {cure}")
    if error.startswith(("rg:", "regex")) or code == _NO_EXPRESSION:
        raise ToolFailed("", f"{question.pattern!r} is no expression that can be searched for: {_reason(error)}")
    if code not in (0, 1):
        last = f" in {shown(streamed.paths[-1])}" if streamed.paths else ""
        raise ToolFailed("", f"the search came to no end{last}: a line there may be too long. Leave that file out.")


def _limit_memory(pid: int) -> None:
    """A line without an end is kept as a whole by whoever searches it."""
    if sys.platform == "linux":
        import resource

        with suppress(OSError):
            resource.prlimit(pid, resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))


@cache
def best_engine() -> Engine:
    """What there is."""
    return "ripgrep" if which("rg") else "python"


def _command(question: Question, engine: Engine) -> Sequence[str]:
    flags = [
        *(["--fixed-strings"] if question.literal else []),
        *(["--ignore-case"] if question.ignore_case else []),
        *([f"--context={question.around}"] if question.around else []),
    ]
    if engine == "python":
        return [sys.executable, "-I", "-S", str(_SEARCHER), *flags, "--", question.pattern]
    fixed = ["--no-config", "--crlf", "--line-number", "--no-heading", "--no-filename", "--color=never", "--text"]
    program = which("rg") or "rg"
    return [program, *fixed, "--no-context-separator", *flags, "--regexp", question.pattern, "-"]


def _feed(root: Root, paths: Iterable[bytes], stdin: IO[bytes], streamed: _Streamed) -> None:
    """Send every file; a pipe that nobody reads any more is the end of it."""
    with suppress(BrokenPipeError):
        for path in paths:
            _send(root, path, stdin, streamed)
    with suppress(BrokenPipeError):
        stdin.close()


def _send(root: Root, path: bytes, stdin: IO[bytes], streamed: _Streamed) -> None:
    try:
        file = open_beneath(root.folder, path, _READ, follow=False)
    except OSError:
        return
    try:
        piece = os.read(file, _PIECE)
        if not piece or b"\0" in piece[:HEAD]:
            return
        streamed.add(path)
        last = b""
        while piece:
            streamed.following += piece.count(b"\n")
            stdin.write(piece)
            last = piece
            piece = os.read(file, _PIECE)
        if not last.endswith(b"\n"):
            streamed.following += 1
            stdin.write(b"\n")
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
    finally:
        os.close(file)


def _hits(stdout: IO[bytes], streamed: _Streamed, around: int) -> Iterator[Hit]:
    """Lines that match, and those around them in the same file: in the stream another file may stand there."""
    before: deque[Hit] = deque(maxlen=around)
    last: Hit | None = None
    for each in _lines(stdout, streamed):
        if each.matches:
            yield from (line for line in before if line.path == each.path and each.line - line.line <= around)
            before.clear()
            last = each
            yield each
        elif last is not None and last.path == each.path and each.line - last.line <= around:
            yield each
        else:
            before.append(each)


def _lines(stdout: IO[bytes], streamed: _Streamed) -> Iterator[Hit]:
    """`12:text` is a line that matches, `11-text` one around it."""
    for line in stdout:
        digits = len(line) - len(line.lstrip(b"0123456789"))
        number, sign, text = int(line[:digits]), line[digits : digits + 1], line[digits + 1 :]
        path, own = streamed.at(number)
        whole = text.rstrip(b"\r\n")
        cut = f"… [{len(whole) - LONGEST_LINE} bytes more]" if len(whole) > LONGEST_LINE else ""
        yield Hit(path, own, whole[:LONGEST_LINE].decode("utf-8", "replace") + cut, sign == b":")


def _reason(error: str) -> str:
    lines = [line.strip() for line in error.splitlines() if line.strip()]
    return lines[-1] if lines else "it says no more"
