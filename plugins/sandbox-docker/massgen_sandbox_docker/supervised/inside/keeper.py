"""The keeper of one command, in a process of its own between the supervisor and the command.

The kernel gives it every orphan below it (``PR_SET_CHILD_SUBREAPER``, prctl(2)): whatever the command starts,
``setsid`` and double forks included, stays a descendant of its keeper, and is found and ended with it.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import select
import signal
import socket
import time

from massgen_sandbox_docker.supervised.inside.trees import PAUSE, end_tree, has_children, reap
from massgen_sandbox_docker.supervised.inside.wire import NUMBER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_GRACE = 0.3
"""Seconds that what a command leaves running has to end by itself, like the last part of a pipeline."""
SET_DUMPABLE, SET_SUBREAPER = 4, 36


def libc_prctl() -> Callable[..., int]:
    """prctl(2), where there is one; without it a command's orphans are found as the supervisor's own."""
    try:
        return ctypes.CDLL(None).prctl
    except (OSError, AttributeError):
        return lambda *words: -1


prctl = libc_prctl()


def keep(control: socket.socket) -> None:
    """The rest of a forked keeper's life; it holds nothing that the supervisor has open."""
    try:
        moved = os.dup(control.detach())
        nothing = os.open(os.devnull, os.O_RDWR)
        for target in (0, 1, 2):
            os.dup2(nothing, target)
        os.dup2(moved, 3, inheritable=False)
        os.closerange(4, min(resource.getrlimit(resource.RLIMIT_NOFILE)[0], 65536))
        Keeper(socket.socket(fileno=3)).run()
    finally:
        os._exit(0)


class Keeper:
    """Waits for a command, starts it, waits for its end, ends what it leaves, and waits for the next.

    It speaks to the supervisor over a socket pair, and is there before its command: a fork takes as long as the rest.
    """

    def __init__(self, control: socket.socket) -> None:
        self.control = control
        self.home = os.open(".", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        self.pid = 0
        self.code: int | None = None
        self.used = Used()
        self.wake, wakes = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        signal.set_wakeup_fd(wakes, warn_on_full_buffer=False)

    def run(self) -> None:
        """One command after the other; one that did not end cleanly is the last."""
        prctl(SET_SUBREAPER, 1, 0, 0, 0)
        prefer_as_victim()
        while self.serve(self.take_request()):
            os.fchdir(self.home)
            self.pid, self.code, self.used = 0, None, Used()

    def serve(self, request: dict[str, Any]) -> bool:
        """From a command's start to the end of all that it started; whether another may follow."""
        what = "its working directory"
        try:
            if request["cwd"]:
                os.chdir(request["cwd"])
            what = repr(request["argv"][0])
            self.pid = self.start(request["argv"], {**os.environ, **request["env"]})
        except (OSError, ValueError) as error:
            self.say({"failed": f"{what}: {error.strerror if isinstance(error, OSError) else error}"})
            return False
        self.let_go()
        self.say({"pid": self.pid})
        self.attend()
        left, gone = self.end_rest()
        self.say({**self.used.fields(), "code": self.code, "left": left, "gone": gone})
        return gone and not left

    def take_request(self) -> dict[str, Any]:
        """The command, with the ends of its streams."""
        data, descriptors, _, _ = socket.recv_fds(self.control, 65536, 3)
        if not data:
            raise SystemExit
        for target, descriptor in enumerate(descriptors):
            os.dup2(descriptor, target)
            os.close(descriptor)
        while len(data) < NUMBER.size or len(data) < NUMBER.size + NUMBER.unpack_from(data)[0]:
            more = self.control.recv(65536)
            if not more:
                raise SystemExit
            data += more
        return json.loads(data[NUMBER.size :])

    def start(self, argv: list[str], env: dict[str, str]) -> int:
        """In a session of its own, so that a signal for it reaches what shares its process group."""
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
            self.code = self.code if self.code is not None else reap(self.used.add).get(self.pid)
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
                reap(self.used.add)
                time.sleep(PAUSE)
        found, gone = end_tree(os.getpid(), note=self.used.add) if has_children() else (0, True)
        if self.code is None:
            self.code = reap(self.used.add).get(self.pid, 128 + signal.SIGKILL)
            return max(0, found - 1), gone
        return found, gone

    def say(self, what: dict[str, Any]) -> None:
        with contextlib.suppress(OSError):
            self.control.sendall(json.dumps(what).encode() + b"\n")


def prefer_as_victim() -> None:
    """When memory runs out, a command goes before the supervisor does; only a process of one's own may be told so."""
    prctl(SET_DUMPABLE, 1, 0, 0, 0)
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write("1000")
    prctl(SET_DUMPABLE, 0, 0, 0, 0)


class Used:
    """What a command and all that it started have used, as far as they were waited for: seconds and bytes."""

    def __init__(self) -> None:
        self.cpu = 0.0
        self.memory = self.read = self.written = 0

    def add(self, used: resource.struct_rusage) -> None:
        """One process and its own children; see getrusage(2)."""
        self.cpu += used.ru_utime + used.ru_stime
        self.memory = max(self.memory, used.ru_maxrss * 1024)
        self.read += used.ru_inblock * 512
        self.written += used.ru_oublock * 512

    def fields(self) -> dict[str, float]:
        """For the supervisor."""
        return {"cpu": self.cpu, "memory": self.memory, "read": self.read, "written": self.written}
