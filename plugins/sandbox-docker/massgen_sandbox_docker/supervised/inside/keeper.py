"""The keeper of one command, in a process of its own between the supervisor and the command."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import select
import signal
import socket

from massgen_core.sandbox.inside.keeping import SET_DUMPABLE, SET_SUBREAPER, Used, end_rest, let_go, prctl, start
from massgen_core.sandbox.inside.trees import reap
from massgen_sandbox_docker.supervised.inside.wire import NUMBER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


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
        what = f"in {request['cwd']!r}"
        try:
            if request["cwd"]:
                os.chdir(request["cwd"])
            what = repr(request["argv"][0])
            self.pid = start(request["argv"], {**os.environ, **request["env"]})
        except (OSError, ValueError) as error:
            self.say({"failed": f"{what}: {error.strerror if isinstance(error, OSError) else error}"})
            return False
        let_go()
        self.say({"pid": self.pid})
        self.attend()
        code, left, gone = end_rest(self.pid, self.code, self.used)
        self.say({**self.used.fields(), "code": code, "left": left, "gone": gone})
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

    def say(self, what: dict[str, Any]) -> None:
        with contextlib.suppress(OSError):
            self.control.sendall(json.dumps(what).encode() + b"\n")


def prefer_as_victim() -> None:
    """When memory runs out, a command goes before the supervisor does; only a process of one's own may be told so."""
    prctl(SET_DUMPABLE, 1, 0, 0, 0)
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write("1000")
    prctl(SET_DUMPABLE, 0, 0, 0, 0)
