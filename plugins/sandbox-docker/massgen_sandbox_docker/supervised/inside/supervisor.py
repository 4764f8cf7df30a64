"""The supervisor: runs commands inside a container and carries their streams over its own stdin and stdout.

Run as a script by ``python3 -I -S``, as the container's main process, so it imports nothing but the standard library.
Each command has a keeper of its own, a process between the supervisor and itself.

Whoever has the right to take a descriptor out of this process can have a socket instead of stdin and stdout, which the
engine passes on through two more processes. It is used from its first frame on; stdin's end remains the end.

A frame is a type (1 byte), a command's number (4) and the length of what follows (4, big-endian):

==  ======  ==================================================================================================
R   from    ready
O   to us   run a command, JSON: argv, env, cwd, whether it has a stdin
P   from    it runs; its process id (4 bytes)
F   from    it could not be started; why, as text
D   to us   bytes for its stdin; no more than were credited
E   to us   the end of its stdin
1   from    bytes of its stdout; stdout and stderr together no more than were credited
2   from    bytes of its stderr
K   to us   a signal for its process group (1 byte); 0 ends everything that it started
C   both    credit: so many bytes more may be sent (4 bytes); a command begins with `WINDOW` each way
L   both    make a socket whose other end can be taken, and write these bytes to it; the descriptor of that end (4)
S   to us   the first frame on such a socket: use it from now on
Z   from    it ended, JSON: exit code, usage, what was still running, whether all of it is gone
==  ======  ==================================================================================================
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import selectors
import signal
import socket
import time

from massgen_core.sandbox.inside.keeping import SET_DUMPABLE, SET_SUBREAPER, prctl
from massgen_core.sandbox.inside.trees import end_tree, send_all
from massgen_sandbox_docker.supervised.inside.keeper import keep
from massgen_sandbox_docker.supervised.inside.ways import Ways
from massgen_sandbox_docker.supervised.inside.wire import MOST_COMMANDS, NUMBER, PIECE, WINDOW

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_PATIENCE = 2.0
"""Seconds until a keeper that does not end its command is ended itself."""
_LINGER = 0.002
"""Seconds that the news of a start may wait for what comes next: a short command is then one piece for everybody."""
_REFILL = 0.02
"""Seconds without any news until a keeper is made for the next command."""
_SPARES = 2


class Command:
    """One command as the supervisor sees it: its keeper, its streams, and how much of them may move."""

    def __init__(self, number: int, keeper: int, control: socket.socket, stdin: int, outputs: dict[int, bytes]) -> None:
        self.number = number
        self.keeper = keeper
        self.control = control
        self.stdin = stdin
        self.outputs = outputs
        self.credit = WINDOW
        self.reading = True
        self.waiting = bytearray()
        self.ends = False
        self.heard = b""
        self.end: dict[str, Any] | None = None
        self.doomed = 0.0
        self.told = False


class Supervisor:
    """The loop over stdin, stdout, and the commands' keepers and streams."""

    def __init__(self) -> None:
        self.selector = selectors.DefaultSelector()
        self.commands: dict[int, Command] = {}
        self.spares: list[tuple[int, socket.socket]] = []
        self.keepers: set[int] = set()
        self.nothing = os.open(os.devnull, os.O_RDONLY)
        self.ways = Ways(self.selector, self.take)

    def run(self) -> None:
        """Go on until stdin ends."""
        while True:
            impatient = any(command.doomed for command in self.commands.values())
            events = self.selector.select(self.longest_wait(impatient))
            for key, _ in events:
                if self.selector.get_map().get(key.fd) is key:  # an event before this one may have closed it
                    key.data()
            if impatient:
                self.insist()
            if not self.ways.lingering or not events:
                self.ways.flush()
                self.ways.lingering = False
            if not events and not self.spares:
                with contextlib.suppress(OSError):  # no process is left; the next command may find one
                    self.spares.append(self.new_keeper())

    def longest_wait(self, impatient: bool) -> float | None:
        """Seconds until there is something to do without news; a new keeper is made when there is time for it."""
        if self.ways.lingering:
            return _LINGER
        return 0.1 if impatient else None if self.spares else _REFILL

    def watch(self, descriptor: int, events: int, act: Callable[[], None]) -> None:
        self.selector.register(descriptor, events, act)

    def take(self, kind: bytes, number: int, body: bytes) -> None:
        if kind == b"O":
            self.open(number, body)
            return
        command = self.commands.get(number)
        if command is None:
            return  # it ended while this was on its way
        if kind == b"C":
            command.credit += NUMBER.unpack(body)[0]
            self.read_again(command)
        elif kind == b"K":
            self.tell(command, body)
        elif command.stdin >= 0:
            command.waiting += body
            command.ends = command.ends or kind == b"E"
            self.write_stdin(command)

    # Commands

    def open(self, number: int, body: bytes) -> None:
        if len(self.commands) >= MOST_COMMANDS:
            self.ways.send(b"F", number, b"too many commands run already")
            return
        opened: list[int] = []
        try:
            keeper, control = taken = self.take_keeper()
            self.spares.append(taken)
            stdin, feeds = pipe(opened) if json.loads(body)["stdin"] else (self.nothing, -1)
            (from_out, stdout), (from_err, stderr) = pipe(opened), pipe(opened)
        except OSError as error:
            for descriptor in opened:
                os.close(descriptor)
            self.ways.send(b"F", number, (error.strerror or "no room").encode())
            return
        self.spares.remove(taken)
        with contextlib.suppress(OSError):  # a keeper that is gone is noticed where it is heard
            socket.send_fds(control, [NUMBER.pack(len(body))], [stdin, stdout, stderr])
            control.sendall(body)
        for descriptor in {stdin, stdout, stderr} - {self.nothing}:
            os.close(descriptor)
        command = Command(number, keeper, control, feeds, {from_out: b"1", from_err: b"2"})
        self.commands[number] = command
        if feeds >= 0:
            os.set_blocking(feeds, False)
        for descriptor in command.outputs:
            os.set_blocking(descriptor, False)
            self.watch(descriptor, selectors.EVENT_READ, lambda each=descriptor: self.read_output(command, each))
        self.watch(control.fileno(), selectors.EVENT_READ, lambda: self.hear(command))

    def read_output(self, command: Command, descriptor: int) -> None:
        while command.credit:
            try:
                piece = os.read(descriptor, min(PIECE, command.credit))
            except BlockingIOError:
                piece = None
            if piece:
                command.credit -= len(piece)
                self.ways.send(command.outputs[descriptor], command.number, piece)
                if len(self.ways.unsent) >= WINDOW:
                    self.ways.flush()
                    return  # the others have their turn
            elif piece is None and command.end is None:
                return
            else:
                self.close_output(command, descriptor)
                return
        if command.reading:
            command.reading = False
            for each in command.outputs:
                self.selector.unregister(each)

    def read_again(self, command: Command) -> None:
        if command.credit and not command.reading:
            command.reading = True
            for each in command.outputs:
                self.watch(each, selectors.EVENT_READ, lambda each=each: self.read_output(command, each))
            if command.end is not None:
                self.drain(command)

    def drain(self, command: Command) -> None:
        """Take what is left after the end, as far as there is room for it."""
        for descriptor in list(command.outputs):
            if descriptor in command.outputs:
                self.read_output(command, descriptor)

    def close_output(self, command: Command, descriptor: int) -> None:
        if command.reading:
            self.selector.unregister(descriptor)
        del command.outputs[descriptor]
        os.close(descriptor)
        self.finish(command)

    def write_stdin(self, command: Command) -> None:
        if command.stdin < 0:
            return
        written = 0
        try:
            while command.waiting:
                count = os.write(command.stdin, command.waiting)
                written += count
                del command.waiting[:count]
        except BlockingIOError:
            if command.stdin not in self.selector.get_map():
                self.watch(command.stdin, selectors.EVENT_WRITE, lambda: self.write_stdin(command))
            if written:
                self.ways.send(b"C", command.number, NUMBER.pack(written))
            return
        except OSError:
            command.ends = True
        if written:
            self.ways.send(b"C", command.number, NUMBER.pack(written))
        if command.stdin in self.selector.get_map():
            self.selector.unregister(command.stdin)
        if command.ends:
            self.close_stdin(command)

    def close_stdin(self, command: Command) -> None:
        if command.stdin >= 0:
            if command.stdin in self.selector.get_map():
                self.selector.unregister(command.stdin)
            os.close(command.stdin)
            command.stdin = -1

    # Keepers

    def take_keeper(self) -> tuple[int, socket.socket]:
        """One that waits, unless a command has stopped or ended it."""
        while self.spares:
            spare = self.spares.pop()
            pid, control = spare
            with contextlib.suppress(ChildProcessError):
                if os.waitid(os.P_PID, pid, os.WEXITED | os.WSTOPPED | os.WNOHANG | os.WNOWAIT) is None:
                    return spare
                send_all([pid], signal.SIGKILL)
                os.waitpid(pid, 0)
            self.keepers.discard(pid)
            control.close()
        return self.new_keeper()

    def dismiss(self, command: Command) -> None:
        """Let a keeper wait for the next command, if that is sure to be all that it knows of."""
        end = command.end or {}
        if end.get("gone") and not end.get("left") and not command.told and len(self.spares) < _SPARES:
            self.selector.unregister(command.control)
            self.spares.append((command.keeper, command.control))
        else:
            with contextlib.suppress(OSError):
                command.control.shutdown(socket.SHUT_WR)

    def new_keeper(self) -> tuple[int, socket.socket]:
        """Fork one that waits for its command."""
        ours, theirs = socket.socketpair()
        pid = os.fork()
        if not pid:
            keep(theirs)
        theirs.close()
        self.keepers.add(pid)
        return pid, ours

    def tell(self, command: Command, words: bytes) -> None:
        if command.end is not None:
            return  # its keeper may serve another one by now
        command.told = True
        if b"\0" in words and not command.doomed:
            command.doomed = time.monotonic() + _PATIENCE
        with contextlib.suppress(OSError):
            command.control.send(words, socket.MSG_DONTWAIT)

    def hear(self, command: Command) -> None:
        try:
            said = command.control.recv(4096, socket.MSG_DONTWAIT)
        except OSError:
            said = b""
        command.heard += said
        while b"\n" in command.heard:
            line, _, command.heard = command.heard.partition(b"\n")
            self.note(command, json.loads(line))
        if not said:
            self.lose_keeper(command)

    def note(self, command: Command, what: dict[str, Any]) -> None:
        if "failed" in what:
            self.ways.send(b"F", command.number, what["failed"].encode())
            self.forget(command)
        elif "code" in what:
            command.end = what
            command.doomed = 0.0
            self.dismiss(command)
            self.drain(command)
            self.finish(command)
        else:
            self.ways.send(b"P", command.number, NUMBER.pack(what["pid"]), lingers=True)

    def lose_keeper(self, command: Command) -> None:
        """The keeper is gone: after its last words, or because somebody ended it; then what it kept is ours now."""
        self.selector.unregister(command.control)
        command.control.close()
        with contextlib.suppress(OSError):
            os.waitpid(command.keeper, 0)
        self.keepers.discard(command.keeper)
        command.doomed = 0.0
        if command.end is None and command.number in self.commands:
            found, gone = end_tree(os.getpid(), self.keepers)
            command.end = {"code": 128 + signal.SIGKILL, "left": found, "gone": gone}
        self.drain(command)
        self.finish(command)

    def insist(self) -> None:
        """End keepers that do not end their commands."""
        for command in list(self.commands.values()):
            if command.doomed and time.monotonic() > command.doomed:
                command.doomed = 0.0
                send_all([command.keeper], signal.SIGKILL)

    def finish(self, command: Command) -> None:
        if command.end is not None and not command.outputs and command.number in self.commands:
            self.ways.send(b"Z", command.number, json.dumps(command.end).encode())
            self.forget(command)

    def forget(self, command: Command) -> None:
        self.close_stdin(command)
        for descriptor in list(command.outputs):
            if command.reading:
                self.selector.unregister(descriptor)
            os.close(descriptor)
        command.outputs = {}
        self.commands.pop(command.number, None)


def pipe(opened: list[int]) -> tuple[int, int]:
    """A pipe whose ends are noted; of the usual size, since all pipes of one user share what they may hold."""
    ends = os.pipe()
    opened.extend(ends)
    return ends


def main() -> None:
    """Become the supervisor; nobody else may look into it, for its streams are its own."""
    gc.disable()
    prctl(SET_SUBREAPER, 1, 0, 0, 0)
    prctl(SET_DUMPABLE, 0, 0, 0, 0)
    Supervisor().run()


if __name__ == "__main__":
    main()
