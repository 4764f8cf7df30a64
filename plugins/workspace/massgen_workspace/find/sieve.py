"""Of many files those that may hold some bytes, in order: looked through here while they are few, then by programs."""

from __future__ import annotations

import os
import select
import socket
import subprocess
import sys
from array import array
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from massgen_workspace.find.question import Files
from massgen_workspace.find.sifter import LARGEST_MESSAGE, Sifter

_FEW = 500
"""Files for which no program is started."""
_AT_ONCE = 256
_AHEAD = 4
"""Messages that a program has before it, at most."""
_MOST_PROGRAMS = 4
_PATIENCE_MS = 50
_PROGRAM = Path(__file__).with_name("sifter.py")


def sieve(files: Iterable[Files], needle: bytes) -> Generator[Files]:
    """The files that are left, some of them at a time, and often none, so that whoever waits can look at the clock."""
    sifter = Sifter(needle)
    looked_at = 0
    with _Programs(needle, sifter) as programs:
        for group in _small(files):
            looked_at += len(group.names)
            if looked_at > _FEW and programs.ready():
                yield from programs.take(group)
            else:
                yield Files(group.folder, group.prefix, _chosen(group, sifter.sift(group.folder, _names(group))))
        yield from programs.rest()


def _small(files: Iterable[Files]) -> Iterator[Files]:
    """As many names as fit into a message."""
    for group in files:
        some, size = list[str](), 0
        for name in group.names:
            some.append(name)
            size += 4 * len(name) + 1  # no letter has more bytes
            if len(some) == _AT_ONCE or size > LARGEST_MESSAGE - 2048:
                yield Files(group.folder, group.prefix, some)
                some, size = [], 0
        if some:
            yield Files(group.folder, group.prefix, some)


def _names(group: Files) -> list[bytes]:
    return os.fsencode("\0".join(group.names)).split(b"\0")


def _chosen(group: Files, numbers: Iterable[int]) -> list[str]:
    return [group.names[number] for number in numbers]


@cache
def _programs() -> int:
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else 1
    return min(_MOST_PROGRAMS, cores)


@dataclass(slots=True)
class _Program:
    process: subprocess.Popen[bytes]
    line: socket.socket
    ready: bool = False
    ahead: int = 0


@dataclass(slots=True)
class _Programs:
    """Programs that work side by side; what they are asked is answered in the same order."""

    needle: bytes
    sifter: Sifter
    _every: list[_Program] = field(default_factory=list[_Program])
    _asked: deque[tuple[_Program, Files]] = field(default_factory=deque[tuple[_Program, Files]])

    def __enter__(self) -> _Programs:
        return self

    def __exit__(self, *_: object) -> None:
        for program in self._every:
            program.process.kill()
            program.line.close()
            program.process.wait()
        for asked in self._asked:
            os.close(asked[1].folder)

    def ready(self) -> bool:
        """Whether they have begun; the first call starts them. Never where one core is all there is."""
        if _programs() < 2:
            return False
        if not self._every:
            self._every = [self._started() for _ in range(_programs())]
        for program in self._every:
            program.ready = program.ready or self._answer(program, 0) is not None
        return all(program.ready for program in self._every)

    def take(self, group: Files) -> Iterator[Files]:
        """Ask about some files, and answer what is answered by then."""
        program = min(self._every, key=lambda each: each.ahead)
        while program.ahead >= _AHEAD:
            yield from self._next()
        own = Files(os.dup(group.folder), group.prefix, group.names)
        self._asked.append((program, own))
        program.ahead += 1
        try:
            socket.send_fds(program.line, [b"\0".join(_names(own))], [own.folder])
        except OSError:
            program.line.close()

    def rest(self) -> Iterator[Files]:
        """All that was not answered yet."""
        while self._asked:
            yield from self._next()

    def _next(self) -> Iterator[Files]:
        """The answer that is next; no files while it takes its time."""
        program, group = self._asked[0]
        answer = self._answer(program, _PATIENCE_MS)
        if answer is None:
            yield Files(group.folder, group.prefix, [])
            return
        self._asked.popleft()
        program.ahead -= 1
        try:
            numbers = self.sifter.sift(group.folder, _names(group)) if not answer else _numbers(answer)
            yield Files(group.folder, group.prefix, _chosen(group, numbers))
        finally:
            os.close(group.folder)

    def _answer(self, program: _Program, patience: int) -> bytes | None:
        """What a program says; None while it says nothing, no bytes where it has ended."""
        try:
            poll = select.poll()
            poll.register(program.line, select.POLLIN)
            return program.line.recv(2 * _AT_ONCE + 2) if poll.poll(patience) else None
        except (OSError, ValueError):
            return b""

    def _started(self) -> _Program:
        ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with its:
            command = [sys.executable, "-I", "-S", str(_PROGRAM), str(its.fileno()), self.needle.hex()]
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, pass_fds=[its.fileno()], env={"PATH": os.defpath}
            )
        return _Program(process, ours)


def _numbers(answer: bytes) -> Iterable[int]:
    return array("H", answer) if len(answer) > 1 else ()
