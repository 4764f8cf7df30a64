"""The supervisor: runs commands inside a container and carries their streams over its own stdin and stdout.

Run as a script by ``python3 -I -S``, as the container's main process, so it imports nothing but the standard library.
Each command has a process between the supervisor and itself, its keeper, to which the kernel gives every orphan below
it (``PR_SET_CHILD_SUBREAPER``, prctl(2)): whatever a command starts, ``setsid`` and double forks included, stays a
descendant of its keeper, and is found and ended with it.

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
Z   from    it ended, JSON: exit code, usage, what was still running, whether all of it is gone
==  ======  ==================================================================================================
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import json
import os
import resource
import select
import selectors
import signal
import socket
import struct
import time

TYPE_CHECKING = False  # typing itself would cost a good part of the start-up time
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from typing import Any

HEAD = struct.Struct(">cII")
NUMBER = struct.Struct(">I")
WINDOW = 256 * 1024
PIECE = 64 * 1024
MOST_COMMANDS = 64

_GRACE = 0.3
"""Seconds that what a command leaves running has to end by itself, like the last part of a pipeline."""
_ROUNDS = 400
_LOOKS = 3
_PAUSE = 0.005
_PATIENCE = 2.0
"""Seconds until a keeper that does not end its command is ended itself."""
_SET_DUMPABLE, _SET_SUBREAPER = 4, 36


def libc_prctl() -> Callable[..., int]:
    """prctl(2), where there is one; without it a command's orphans are found as the supervisor's own."""
    try:
        return ctypes.CDLL(None).prctl
    except (OSError, AttributeError):
        return lambda *words: -1


prctl = libc_prctl()


# Trees of processes


def descendants(root: int, spare: Collection[int] = ()) -> set[int]:
    """All living processes below one; nothing at or below those to be spared."""
    children: dict[int, list[int]] = {}
    living: set[int] = set()
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", "rb") as file:
                    state, parent = file.read().rpartition(b")")[2].split()[:2]
            except OSError:
                continue
            children.setdefault(int(parent), []).append(int(name))
            if state not in (b"Z", b"X"):
                living.add(int(name))
    found: set[int] = set()
    ahead = [root]
    while ahead:
        fresh = [pid for pid in children.get(ahead.pop(), ()) if pid not in found and pid not in spare]
        found.update(fresh)
        ahead += fresh
    return found & living


def end_tree(root: int, spare: Collection[int] = ()) -> tuple[int, bool]:
    """Stop, then kill all below a process; how many were found, and whether none is left.

    Whoever is stopped forks no more, so a fork bomb comes to an end here. One look may miss a process whose parent
    ends meanwhile, so several must find nothing.
    """
    seen: set[int] = set()
    for _ in range(_ROUNDS):
        fresh = descendants(root, spare) - seen
        if not fresh:
            break
        send_all(fresh, signal.SIGSTOP)
        seen |= fresh
    nothing = 0
    for _ in range(_ROUNDS):
        left = descendants(root, spare)
        send_all(left, signal.SIGKILL)
        seen |= left
        reap()
        nothing = 0 if left else nothing + 1
        if nothing == _LOOKS or not has_children():
            return len(seen), True
        time.sleep(_PAUSE)
    return len(seen), False


def send_all(pids: Iterable[int], number: int) -> None:
    """A signal to each of them that is still there."""
    for pid in pids:
        with contextlib.suppress(OSError):
            os.kill(pid, number)


def reap() -> dict[int, int]:
    """The exit codes of the children that have ended since."""
    codes: dict[int, int] = {}
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                break
            code = os.waitstatus_to_exitcode(status)
            codes[pid] = code if code >= 0 else 128 - code
    return codes


def has_children() -> bool:
    """Whether any child is left, ended or not."""
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


# The keeper of one command, in a process of its own


class Keeper:
    """Starts the command, waits for it, and ends what it leaves; speaks to the supervisor over a socket pair."""

    def __init__(self, control: socket.socket, request: dict[str, Any]) -> None:
        self.control = control
        self.request = request
        self.pid = 0
        self.code: int | None = None
        self.wake, wakes = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        signal.set_wakeup_fd(wakes, warn_on_full_buffer=False)

    def run(self) -> None:
        prctl(_SET_SUBREAPER, 1, 0, 0, 0)
        prefer_as_victim()
        what = "its working directory"
        try:
            if self.request["cwd"]:
                os.chdir(self.request["cwd"])
            what = repr(self.request["argv"][0])
            self.pid = self.start()
        except (OSError, ValueError) as error:
            self.say({"failed": f"{what}: {error.strerror if isinstance(error, OSError) else error}"})
            return
        self.let_go()
        self.say({"pid": self.pid})
        self.attend()
        left, gone = self.end_rest()
        self.say({**usage(), "code": self.code, "left": left, "gone": gone})

    def start(self) -> int:
        """In a session of its own, so that a signal for it reaches what shares its process group."""
        argv, env = self.request["argv"], {**os.environ, **self.request["env"]}
        plain = (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGCHLD)
        return os.posix_spawnp(argv[0], argv, env, setsid=True, setsigdef=plain, setsigmask=())

    def let_go(self) -> None:
        """Keep no end of the command's streams, or they would never end."""
        nowhere = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(nowhere, descriptor)
        os.close(nowhere)

    def attend(self) -> None:
        """Until the command has ended, pass signals on."""
        poll = select.poll()
        poll.register(self.control, select.POLLIN)
        poll.register(self.wake, select.POLLIN)
        while True:
            self.code = self.code if self.code is not None else reap().get(self.pid)
            if self.code is not None:
                return
            for descriptor, _ in poll.poll():
                if descriptor == self.wake:
                    os.read(self.wake, 4096)
                elif not self.obey():
                    return

    def obey(self) -> bool:
        """Take the supervisor's words; false when everything is to end."""
        words = self.control.recv(64)
        if not words or 0 in words:
            return False
        for number in words:
            with contextlib.suppress(OSError, ValueError):
                os.killpg(self.pid, number)
        return True

    def end_rest(self) -> tuple[int, bool]:
        if self.code is not None:
            until = time.monotonic() + _GRACE
            while has_children() and time.monotonic() < until:
                reap()
                time.sleep(_PAUSE)
        found, gone = end_tree(os.getpid()) if has_children() else (0, True)
        if self.code is None:
            self.code = reap().get(self.pid, 128 + signal.SIGKILL)
            return max(0, found - 1), gone
        return found, gone

    def say(self, what: dict[str, Any]) -> None:
        with contextlib.suppress(OSError):
            self.control.sendall(json.dumps(what).encode() + b"\n")


def prefer_as_victim() -> None:
    """When memory runs out, a command goes before the supervisor does; only a process of one's own may be told so."""
    prctl(_SET_DUMPABLE, 1, 0, 0, 0)
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write("1000")
    prctl(_SET_DUMPABLE, 0, 0, 0, 0)


def usage() -> dict[str, float]:
    """Of everything that was waited for: seconds of processor time, bytes; see getrusage(2)."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "cpu": used.ru_utime + used.ru_stime,
        "memory": used.ru_maxrss * 1024,
        "read": used.ru_inblock * 512,
        "written": used.ru_oublock * 512,
    }


# The supervisor


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


class Supervisor:
    """The loop over stdin, stdout, and the commands' keepers and streams."""

    def __init__(self) -> None:
        self.selector = selectors.DefaultSelector()
        self.commands: dict[int, Command] = {}
        self.incoming = bytearray()
        self.unsent = bytearray()
        self.writing = False
        for descriptor in (0, 1):
            os.set_blocking(descriptor, False)
        self.watch(0, selectors.EVENT_READ, self.read_frames)
        self.send(b"R", 0)
        self.flush()

    def run(self) -> None:
        """Go on until stdin ends."""
        while True:
            impatient = any(command.doomed for command in self.commands.values())
            for key, _ in self.selector.select(0.1 if impatient else None):
                if self.selector.get_map().get(key.fd) is key:  # an event before this one may have closed it
                    key.data()
            if impatient:
                self.insist()
            self.flush()

    def watch(self, descriptor: int, events: int, act: Callable[[], None]) -> None:
        self.selector.register(descriptor, events, act)

    # Frames

    def read_frames(self) -> None:
        try:
            data = os.read(0, 256 * 1024)
        except BlockingIOError:
            return
        if not data:
            raise SystemExit
        self.incoming += data
        while len(self.incoming) >= HEAD.size:
            kind, number, length = HEAD.unpack_from(self.incoming)
            if len(self.incoming) < HEAD.size + length:
                return
            body = bytes(self.incoming[HEAD.size : HEAD.size + length])
            del self.incoming[: HEAD.size + length]
            self.take(kind, number, body)

    def take(self, kind: bytes, number: int, body: bytes) -> None:
        if kind == b"O":
            self.open(number, json.loads(body))
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

    def send(self, kind: bytes, number: int, body: bytes = b"") -> None:
        self.unsent += HEAD.pack(kind, number, len(body))
        self.unsent += body

    def flush(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while self.unsent:
                del self.unsent[: os.write(1, self.unsent)]
        if bool(self.unsent) != self.writing:
            self.writing = not self.writing
            if self.writing:
                self.watch(1, selectors.EVENT_WRITE, self.flush)
            else:
                self.selector.unregister(1)

    # Commands

    def open(self, number: int, request: dict[str, Any]) -> None:
        if len(self.commands) >= MOST_COMMANDS:
            self.send(b"F", number, b"too many commands run already")
            return
        opened: list[int] = []

        def pipe() -> tuple[int, int]:
            ends = os.pipe()
            opened.extend(ends)
            return ends

        try:
            stdin, feeds = pipe() if request["stdin"] else (os.open(os.devnull, os.O_RDONLY), -1)
            (from_out, stdout), (from_err, stderr) = pipe(), pipe()
            ours, theirs = socket.socketpair()
            keeper = os.fork()
        except OSError as error:
            for descriptor in opened:
                os.close(descriptor)
            self.send(b"F", number, (error.strerror or "no room").encode())
            return
        if not keeper:
            keep(request, stdin, stdout, stderr, theirs)
        for descriptor in (stdin, stdout, stderr):
            os.close(descriptor)
        theirs.close()
        command = Command(number, keeper, ours, feeds, {from_out: b"1", from_err: b"2"})
        self.commands[number] = command
        if feeds >= 0:
            os.set_blocking(feeds, False)
        for descriptor in command.outputs:
            os.set_blocking(descriptor, False)
            self.watch(descriptor, selectors.EVENT_READ, lambda each=descriptor: self.read_output(command, each))
        self.watch(ours.fileno(), selectors.EVENT_READ, lambda: self.hear(command))

    def read_output(self, command: Command, descriptor: int) -> None:
        while command.credit:
            try:
                piece = os.read(descriptor, min(PIECE, command.credit))
            except BlockingIOError:
                piece = None
            if piece:
                command.credit -= len(piece)
                self.send(command.outputs[descriptor], command.number, piece)
                if len(self.unsent) >= WINDOW:
                    self.flush()
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
            for each in list(command.outputs):
                self.watch(each, selectors.EVENT_READ, lambda each=each: self.read_output(command, each))
                if command.end is not None:
                    self.read_output(command, each)

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
                self.send(b"C", command.number, NUMBER.pack(written))
            return
        except OSError:
            command.ends = True
        if written:
            self.send(b"C", command.number, NUMBER.pack(written))
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

    def tell(self, command: Command, words: bytes) -> None:
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
            self.send(b"F", command.number, what["failed"].encode())
            self.forget(command)
        elif "code" in what:
            command.end = what
        else:
            self.send(b"P", command.number, NUMBER.pack(what["pid"]))

    def lose_keeper(self, command: Command) -> None:
        """The keeper is gone: after its last words, or because somebody ended it; then what it kept is ours now."""
        self.selector.unregister(command.control)
        command.control.close()
        with contextlib.suppress(OSError):
            os.waitpid(command.keeper, 0)
        command.doomed = 0.0
        command.keeper = 0
        if command.end is None and command.number in self.commands:
            keepers = [other.keeper for other in self.commands.values()]
            found, gone = end_tree(os.getpid(), keepers)
            command.end = {"code": 128 + signal.SIGKILL, "left": found, "gone": gone}
        for descriptor in list(command.outputs):
            self.read_output(command, descriptor)
        self.finish(command)

    def insist(self) -> None:
        """End keepers that do not end their commands."""
        for command in list(self.commands.values()):
            if command.doomed and time.monotonic() > command.doomed:
                command.doomed = 0.0
                send_all([command.keeper], signal.SIGKILL)

    def finish(self, command: Command) -> None:
        if command.end is not None and not command.keeper and not command.outputs and command.number in self.commands:
            self.send(b"Z", command.number, json.dumps(command.end).encode())
            self.forget(command)

    def forget(self, command: Command) -> None:
        self.close_stdin(command)
        for descriptor in list(command.outputs):
            if command.reading:
                self.selector.unregister(descriptor)
            os.close(descriptor)
        command.outputs = {}
        self.commands.pop(command.number, None)


def keep(request: dict[str, Any], stdin: int, stdout: int, stderr: int, control: socket.socket) -> None:
    """The rest of a forked keeper's life."""
    try:
        moved = [os.dup(each) for each in (stdin, stdout, stderr, control.detach())]
        for target, descriptor in enumerate(moved):
            os.dup2(descriptor, target, inheritable=target < 3)
        os.closerange(4, min(resource.getrlimit(resource.RLIMIT_NOFILE)[0], 65536))
        Keeper(socket.socket(fileno=3), request).run()
    finally:
        os._exit(0)


def main() -> None:
    """Become the supervisor; nobody else may look into it, for its streams are its own."""
    gc.disable()
    prctl(_SET_SUBREAPER, 1, 0, 0, 0)
    prctl(_SET_DUMPABLE, 0, 0, 0, 0)
    Supervisor().run()


if __name__ == "__main__":
    main()
