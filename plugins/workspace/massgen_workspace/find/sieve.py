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
from contextlib import suppress
from functools import cache
from itertools import chain, islice
from pathlib import Path

from massgen_workspace.find.question import Files
from massgen_workspace.find.sifter import LARGEST_MESSAGE, MOST_FOLDERS, Sifter

FEW = 500
LONG = 64 * 1024 * 1024
"""Files, and bytes of one of them, for which no program is started."""
_AT_ONCE = 512
_AHEAD = 3
"""Messages that a program has before it, at most."""
_MOST_OPEN = 128
"""Folders of messages that were not told yet, at most."""
_MOST_PROGRAMS = 4
_PATIENCE_MS = 50
_PROGRAM = Path(__file__).with_name("sifter.py")


def sieve(files: Iterable[Files], needle: bytes) -> Generator[Files]:
    """The files that are left, some of them at a time, and often none, so that whoever waits can look at the clock."""
    sifter, looked_at = Sifter(needle), 0
    with _Programs(needle, sifter) as programs:
        for group in chain.from_iterable(map(_small, files)):
            looked_at += len(group.names)
            if programs.wanted(group, looked_at):
                yield from programs.take(group)
            else:
                yield _sifted(group, sifter)
        yield from programs.rest()


def _small(group: Files) -> Iterator[Files]:
    """As many names at a time as fit into a message."""
    names, half = group.names, len(group.names) // 2
    if len(names) <= _AT_ONCE and 4 * sum(map(len, names)) + len(names) <= LARGEST_MESSAGE:  # no letter has more bytes
        yield group
    else:
        yield from _small(Files(group.folder, group.prefix, names[:half]))
        yield from _small(Files(group.folder, group.prefix, names[half:]))


def _sifted(group: Files, sifter: Sifter) -> Files:
    names = os.fsencode("\0".join(group.names)).split(b"\0") if group.names else ()
    return Files(group.folder, group.prefix, [group.names[number] for number in sifter.sift(group.folder, names)])


def _takes_long(group: Files) -> bool:
    """Whether there is a file in it that others should not wait for."""
    for name in group.names:
        with suppress(OSError):
            if os.stat(name, dir_fd=group.folder, follow_symlinks=False).st_size > LONG:
                return True
    return False


@cache
def _programs() -> int:
    """How many programs work side by side; none where one core is all there is."""
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else 1
    return min(_MOST_PROGRAMS, cores) if cores > 1 else 0


class _Message:
    """Files in some folders, which it keeps open, that a program is asked about at once."""

    def __init__(self) -> None:
        self.groups = list[Files]()
        self.answered: bool = False
        self._texts = list[bytes]()
        self._room = LARGEST_MESSAGE
        self._left = _AT_ONCE

    def add(self, group: Files) -> bool:
        """False where there is no room for it."""
        text = os.fsencode("\0".join(group.names))
        self._room -= len(text) + 1
        self._left -= len(group.names)
        if self.groups and (len(self.groups) == MOST_FOLDERS or self._room < 0 or self._left < 0):
            return False
        self.groups.append(Files(os.dup(group.folder), group.prefix, group.names))
        self._texts.append(text)
        return True

    def send(self, line: socket.socket) -> None:
        socket.send_fds(line, [b"/".join(self._texts)], [group.folder for group in self.groups])

    def take(self, answer: bytes, sifter: Sifter) -> None:
        """Keep what an answer leaves of it; one that is none is found here."""
        self._texts.clear()
        numbers = array("H", answer) if len(answer) > 1 else ()
        every, self.groups, self.answered, before = self.groups, list[Files](), True, 0
        for group in every:
            end = before + len(group.names)
            own = [group.names[number - before] for number in numbers if before <= number < end]
            left = Files(group.folder, group.prefix, own) if answer else _sifted(group, sifter)
            before = end
            if left.names:
                self.groups.append(left)
            else:
                os.close(group.folder)

    def close(self) -> None:
        for group in self.groups:
            os.close(group.folder)


class _Program:
    """One of them, and what it was asked, which it answers in the same order."""

    def __init__(self, needle: bytes) -> None:
        self.asked = deque[_Message]()
        self.gone: bool = False
        self.line, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with its:
            command = [sys.executable, "-I", "-S", str(_PROGRAM), str(its.fileno()), needle.hex()]
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, pass_fds=[its.fileno()], env={"PATH": os.defpath}
            )

    def ask(self, message: _Message) -> None:
        """Its answer comes later; where it is gone, all that is heard is that."""
        self.asked.append(message)
        with suppress(OSError):
            message.send(self.line)

    def listen(self, sifter: Sifter) -> None:
        """Take what it says; what one was asked that is gone is found here."""
        try:
            answer = self.line.recv(2 * _AT_ONCE + 2)
        except OSError:
            answer = b""
        self.gone = not answer
        for _ in range(1 if answer else len(self.asked)):
            self.asked.popleft().take(answer, sifter)

    def end(self) -> None:
        self._process.kill()
        self.line.close()
        self._process.wait()


class _Programs:
    """Programs that work side by side; what they find is told in the order in which they were asked."""

    def __init__(self, needle: bytes, sifter: Sifter) -> None:
        self._needle = needle
        self._sifter = sifter
        self._every = dict[int, _Program]()
        """By the descriptors of their lines."""
        self._poll = select.poll()
        self._following = _Message()
        self._asked = deque[_Message]()

    def __enter__(self) -> _Programs:
        return self

    def __exit__(self, *_: object) -> None:
        for program in self._every.values():
            program.end()
        for message in (self._following, *self._asked):
            message.close()

    def wanted(self, group: Files, looked_at: int) -> bool:
        """Whether they are to look at some files, and so at all that follow."""
        return bool(self._every) or (_programs() > 1 and (looked_at > FEW or _takes_long(group)))

    def take(self, group: Files) -> Iterator[Files]:
        """Ask about some files, sooner or later, and answer what is answered by then."""
        self._start()
        if group.names and not self._following.add(group):
            yield from self._ask()
            self._following.add(group)
        yield Files(group.folder, group.prefix, [])

    def rest(self) -> Iterator[Files]:
        """All that was not answered yet."""
        if self._following.groups:
            yield from self._ask()
        while self._asked:
            yield from self._answered()

    def _start(self) -> None:
        while len(self._every) < _programs():
            program = _Program(self._needle)
            self._every[program.line.fileno()] = program
            self._poll.register(program.line, select.POLLIN)

    def _ask(self) -> Iterator[Files]:
        while (program := self._free()) is None:
            yield from self._answered()
        program.ask(self._following)
        if program.gone:
            program.listen(self._sifter)
        self._asked.append(self._following)
        self._following = _Message()

    def _free(self) -> _Program | None:
        """Whoever has least before it, unless that is enough, or too much waits to be told."""
        program = min(self._every.values(), key=lambda each: (each.gone, len(each.asked)))
        waiting = sum(len(message.groups) for message in self._asked)
        return program if len(program.asked) < _AHEAD and waiting < _MOST_OPEN else None

    def _answered(self) -> Iterator[Files]:
        """Wait a while for answers, and tell those that are next; often none."""
        for line, _ in self._poll.poll(0 if self._asked[0].answered else _PATIENCE_MS):
            self._listen(self._every[line])
        while self._asked and self._asked[0].answered:
            message = self._asked.popleft()
            try:
                yield from message.groups
            finally:
                message.close()
        for message in islice(self._asked, 1):
            yield Files(message.groups[0].folder, message.groups[0].prefix, [])

    def _listen(self, program: _Program) -> None:
        program.listen(self._sifter)
        if program.gone:
            self._poll.unregister(program.line)
