"""Many files as one stream through a program that searches its stdin, and its answers taken back to the files."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import threading
from bisect import bisect_right
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import IO

from massgen_core.errors import ToolFailed
from massgen_core.jail.names import shown
from massgen_workspace.find.contents import LONGEST, TooLong, text_of
from massgen_workspace.find.question import Files, Hit, Question, Seen, Watch, hit_of
from massgen_workspace.find.sifter import FLAGS

_MOST_MEMORY = 1024 * 1024 * 1024
_NO_EXPRESSION = 2
_PATIENCE_MS = 50
_PIECE = 64 * 1024


class Stream:
    """Sends files to a program, and knows which line of all is in which one."""

    def __init__(self, files: Iterable[Files], question: Question, seen: Seen) -> None:
        self.question = question
        self.seen = seen
        self.stopped: bool = False
        """Set to send no more."""
        self._files = files
        self._starts = list[int]()
        self._paths = list[bytes]()
        self._following = 1
        self.failed: Exception | None = None
        """What kept it from sending all."""

    @property
    def last(self) -> bytes | None:
        """The file that was sent last."""
        return self._paths[-1] if self._paths else None

    def at(self, line: int) -> tuple[bytes, int]:
        """The file that a line of the stream is in, and its number there."""
        index = bisect_right(self._starts, line) - 1
        return self._paths[index], line - self._starts[index] + 1

    def send(self, stdin: IO[bytes]) -> None:
        """Send every file; a pipe that nobody reads any more is the end of it."""
        try:
            self._send_all(stdin)
        except BrokenPipeError:
            pass
        except Exception as error:  # raised where the hits are asked for: this is a thread
            self.failed = error
        finally:
            with suppress(BrokenPipeError):
                stdin.close()

    def _send_all(self, stdin: IO[bytes]) -> None:
        for group in self._files:
            if self.stopped:
                return
            for name in group.names:
                if self.stopped:
                    return
                self._send(group, name, stdin)

    def _send(self, group: Files, name: str, stdin: IO[bytes]) -> None:
        path = os.fsencode(group.prefix + name)
        try:
            file = os.open(name, FLAGS, dir_fd=group.folder)
        except OSError:
            return
        try:
            if self.question.multiline:
                self._send_whole(path, text_of(file), stdin)
            else:
                self._send_pieces(path, text_of(file), stdin)
        except TooLong:
            self.seen.unfinished.append(path)
        except BrokenPipeError:
            raise
        except OSError:
            return
        finally:
            os.close(file)

    def _send_pieces(self, path: bytes, pieces: Iterable[bytes], stdin: IO[bytes]) -> None:
        last = b""
        try:
            for piece in pieces:
                if not last:
                    self._add(path)
                stdin.write(piece)
                self._following += piece.count(b"\n")
                last = piece
        finally:
            if last and not last.endswith(b"\n"):
                stdin.write(b"\n")
                self._following += 1

    def _send_whole(self, path: bytes, pieces: Iterable[bytes], stdin: IO[bytes]) -> None:
        """All of a file behind its length: a match must not reach into the next one."""
        whole = bytearray()
        for piece in pieces:
            whole += piece
            if len(whole) > LONGEST:
                raise TooLong
        if whole:
            self._add(path)
            whole += b"" if whole.endswith(b"\n") else b"\n"
            stdin.write(b"%d\n" % len(whole))
            stdin.write(whole)
            self._following += whole.count(b"\n")

    def _add(self, path: bytes) -> None:
        self._starts.append(self._following)
        self._paths.append(path)


def find_streamed(command: Sequence[str], stream: Stream, watch: Watch) -> Generator[Hit]:
    """The lines that a program finds in a stream; the program is gone when this ends, however it does."""
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={"LC_ALL": "C.UTF-8", "PATH": os.defpath},
    )
    _limit_memory(process.pid)
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    feeder = threading.Thread(target=stream.send, args=(process.stdin,), daemon=True)
    feeder.start()
    try:
        yield from _hits(_output(process.stdout.fileno(), watch), stream)
        if stream.failed is not None:
            raise stream.failed
        error = process.stderr.read(4096).decode("utf-8", "replace")
        _demand_end(process.wait(), error, stream)
    finally:
        stream.stopped = True
        process.kill()
        process.wait()
        feeder.join()
        process.stdout.close()
        process.stderr.close()


def _demand_end(code: int, error: str, stream: Stream) -> None:
    """Raises `ToolFailed` unless all was searched."""
    if error.startswith(("rg:", "regex")) or code == _NO_EXPRESSION:
        pattern = stream.question.pattern
        raise ToolFailed("", f"{pattern!r} is no expression that can be searched for: {_reason(error)}")
    if code not in (0, 1):
        last = f" in {shown(stream.last)}" if stream.last is not None else ""
        raise ToolFailed("", f"the search came to no end{last}: a line there may be too long. Leave that file out.")


def _limit_memory(pid: int) -> None:
    """A line without an end is kept as a whole by whoever searches it."""
    if sys.platform == "linux":
        import resource

        with suppress(OSError):
            resource.prlimit(pid, resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))


def _output(stdout: int, watch: Watch) -> Iterator[bytes]:
    """What comes out, in lines, with a look at the clock now and then."""
    poll = select.poll()
    poll.register(stdout, select.POLLIN)
    carry = bytearray()
    while True:
        watch.look()
        if not poll.poll(_PATIENCE_MS):
            continue
        data = os.read(stdout, _PIECE)
        if not data:
            break
        end = data.rfind(b"\n") + 1
        if not end:
            carry += data
            continue
        yield from (bytes(carry) + data[:end]).split(b"\n")[:-1]
        carry = bytearray(data[end:])
    if carry:
        yield bytes(carry)


def _hits(output: Iterable[bytes], stream: Stream) -> Iterator[Hit]:
    """Lines that match, and those around them in the same file: in the stream another file may stand there."""
    around = stream.question.around
    before: deque[Hit] = deque(maxlen=around)
    last: Hit | None = None
    for each in _lines(output, stream):
        if each.matches:
            yield from (line for line in before if line.path == each.path and each.line - line.line <= around)
            before.clear()
            last = each
            yield each
        elif last is not None and last.path == each.path and each.line - last.line <= around:
            yield each
        else:
            before.append(each)


def _lines(output: Iterable[bytes], stream: Stream) -> Iterator[Hit]:
    """`12:text` is a line that matches, `11-text` one around it."""
    for line in output:
        digits = len(line) - len(line.lstrip(b"0123456789"))
        number, sign, text = int(line[:digits]), line[digits : digits + 1], line[digits + 1 :]
        path, own = stream.at(number)
        yield hit_of(path, own, text.removesuffix(b"\r"), matches=sign == b":")


def _reason(error: str) -> str:
    lines = [line.strip() for line in error.splitlines() if line.strip()]
    return lines[-1] if lines else "it says no more"
