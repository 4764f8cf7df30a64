"""The warm process that work is forked from: a program of its own.

    python -P forking.py SOCKET PATH PRELOAD

``PATH`` and ``PRELOAD`` are JSON lists: where modules are, and which are imported at once. Over the socket come
``{"work": NUMBER}`` with a socket for it, or ``{"end": NUMBER}``; it answers ``{"ready": true}`` and then
``{"ended": NUMBER, "status": …}`` for each process that has ended. Every process of work leads a group of its own and
ends with this one.
"""

from __future__ import annotations

import importlib
import json
import os
import select
import signal
import socket
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def main(line: socket.socket, preload: Sequence[str]) -> None:
    """Fork for each message until the other side is gone, then end all that still works."""
    from massgen_core.workers.confining import leave_networks
    from massgen_core.workers.framing import send

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever asked decides
    alone = leave_networks()
    for module in preload:
        importlib.import_module(module)
    send(line, {"ready": True, "network": not alone})
    _Children(line).serve()


class _Children:
    """The processes that were forked, by the numbers that the other side gave them."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._numbers: dict[int, int] = {}
        self._ended, told = os.pipe()
        for end in (self._ended, told):
            os.set_blocking(end, False)
        signal.signal(signal.SIGCHLD, _noted)
        signal.set_wakeup_fd(told, warn_on_full_buffer=False)

    def serve(self) -> None:
        while True:
            ready, _, _ = select.select([self._line, self._ended], [], [])
            if self._ended in ready:
                os.read(self._ended, 4096)
                self._reap()
            if self._line in ready and not self._take():
                for pid in self._numbers:
                    _kill(pid)
                return

    def _take(self) -> bool:
        from massgen_core.workers.framing import receive

        message = receive(self._line)
        if message is None:
            return False
        asked, sockets = message
        if "end" in asked:
            for pid in [pid for pid, number in self._numbers.items() if number == asked["end"]]:
                _kill(pid)
        elif sockets:
            self._fork(asked["work"], sockets[0])
        return True

    def _fork(self, number: int, work: int) -> None:
        pid = os.fork()
        if pid:
            os.close(work)
            self._numbers[pid] = number
            return
        status = 70
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.setpgid(0, 0)
            self._line.close()
            os.close(self._ended)
            from massgen_core.workers.working import serve

            serve(socket.socket(fileno=work))
            status = 0
        finally:
            os._exit(status)

    def _reap(self) -> None:
        from massgen_core.workers.framing import send

        while self._numbers:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            _kill_group(pid)  # what it has started stays in its group
            number = self._numbers.pop(pid, None)
            if number is not None:
                send(self._line, {"ended": number, "status": os.waitstatus_to_exitcode(status)})


def _noted(number: int, frame: object) -> None:
    """A signal with a handler wakes `select` up."""


def _kill(pid: int) -> None:
    """End a process that was not waited for yet, and what it has started."""
    _kill_group(pid)
    os.kill(pid, signal.SIGKILL)  # it may not lead its group yet


def _kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


if __name__ == "__main__":
    sys.path[:] = json.loads(sys.argv[2])
    main(socket.socket(fileno=int(sys.argv[1])), json.loads(sys.argv[3]))
