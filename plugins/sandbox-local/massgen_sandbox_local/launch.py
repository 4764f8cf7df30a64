"""Starting one tree of processes, with a pipe over which its starter tells how it goes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import anyio

from massgen_core.errors import SandboxError
from massgen_sandbox_local.pipes import read_one

_START_SECONDS = 20.0
_LOOK_EVERY = 0.001
_OFTEN_IGNORED = (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP)
_LOOKS = 500
"""After so many a command counts as started: one whose name is bubblewrap's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Starter:
    """The program that starts the tree; ``argv`` and ``passed`` get the descriptors that it needs.

    ``held``: it waits, before it runs the command, for a byte on a second pipe; ``limits`` (names of ``prlimit``) are
    set meanwhile. ``user`` and ``group`` are what to become, where root runs this.
    """

    argv: Callable[[int, int], Sequence[str]]
    passed: Sequence[int] = ()
    env: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    held: bool
    limits: Mapping[str, int] = field(default_factory=dict[str, int])
    user: int | None = None
    group: int | None = None

    @property
    def groups(self) -> Sequence[int] | None:
        """Further groups: none, where root becomes somebody."""
        return None if self.user is None else ()


class Started:
    """A tree that runs: its starter, the descriptors of its streams, and the process from which all others come."""

    def __init__(self, starter: subprocess.Popen[bytes], status: int) -> None:
        self.starter = starter
        self.status = status
        self.said: dict[str, Any] = {}
        self.first_pid = 0
        self.first: int | None = None
        for stream in (starter.stdin, starter.stdout, starter.stderr):
            if stream is not None:
                os.set_blocking(stream.fileno(), False)

    @property
    def root(self) -> int:
        """The process below which all others are."""
        return self.first_pid if self.first is not None else self.starter.pid

    async def hear(self) -> bool:
        """Take what the starter says next; false at its end."""
        data = b""
        while not data.endswith(b"\n"):
            piece = await read_one(self.status)
            if not piece:
                return False
            data += piece
        for line in data.splitlines():
            with suppress(ValueError):
                said = cast("object", json.loads(line))
                self.said |= cast("dict[str, Any]", said) if isinstance(said, dict) else {}
        return True

    def stderr_now(self) -> str:
        """What stands in stderr."""
        with suppress(OSError):
            if self.starter.stderr is not None:
                return os.read(self.starter.stderr.fileno(), 4096).decode("utf-8", "replace").strip()
        return ""

    def end(self) -> None:
        """Kill a tree that has not begun."""
        if self.first is not None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self.first, signal.SIGKILL)
        self.starter.kill()
        self.starter.wait()

    def close(self) -> None:
        """Close every descriptor."""
        for stream in (self.starter.stdin, self.starter.stdout, self.starter.stderr):
            if stream is not None and not stream.closed:
                anyio.notify_closing(stream.fileno())
                stream.close()
        for each in (self.status, self.first):
            if each is not None:
                anyio.notify_closing(each)
                os.close(each)


async def start(starter: Starter, command: Sequence[str], *, stdin: bool) -> Started:
    """Start a command; not to be interrupted, so that nothing half begun is left behind.

    Raises:
        SandboxError: It could not be started.
    """
    status, tells = os.pipe()
    waits, go = os.pipe()
    os.set_blocking(status, False)
    try:
        started = Started(_popen(starter, command, stdin, tells, waits), status)
    except OSError as error:
        os.close(status)
        os.close(go)
        raise SandboxError(f"could not run {command[0]!r}: {error}") from error
    finally:
        os.close(tells)
        os.close(waits)
    try:
        with anyio.CancelScope(shield=True):
            await _begin(starter, started, command[0], go)
    except BaseException:
        started.end()
        started.close()
        raise
    finally:
        os.close(go)
    return started


def _popen(starter: Starter, command: Sequence[str], stdin: bool, tells: int, waits: int) -> subprocess.Popen[bytes]:
    """In the thread of the event loop: what dies with its parent dies with the thread that was it."""
    return subprocess.Popen[bytes](
        [*starter.argv(tells, waits), *command],
        stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
        env=dict(starter.env),
        cwd="/",
        pass_fds=[*starter.passed, tells, waits],
        start_new_session=True,
        user=starter.user,
        group=starter.group,
        extra_groups=starter.groups,
        preexec_fn=_heed_signals if any(map(_is_ignored, _OFTEN_IGNORED)) else None,
    )


def _is_ignored(number: signal.Signals) -> bool:
    return signal.getsignal(number) == signal.SIG_IGN


def _heed_signals() -> None:
    """What a shell or `nohup` has had us ignore is not for commands to ignore: they could not even be told to end."""
    for number in _OFTEN_IGNORED:
        signal.signal(number, signal.SIG_DFL)


async def _begin(starter: Starter, started: Started, name: str, go: int) -> None:
    with anyio.move_on_after(_START_SECONDS):
        while "child-pid" not in started.said and await started.hear():
            pass
    if "child-pid" not in started.said:
        problem = started.said.get("failed") or started.stderr_now() or "it did not start in time"
        raise SandboxError(f"could not run {name!r}: {problem}")
    started.first_pid = int(started.said["child-pid"])
    if starter.held:
        started.first = os.pidfd_open(started.first_pid)
        await _set_limits(starter, started.first_pid)
        os.write(go, b"\n")
        await _runs(started, name)


async def _runs(started: Started, name: str) -> None:
    """Wait until the command is there: bubblewrap tells of its end, and not of its beginning."""
    ahead, heard = _LOOKS, True
    while ahead and heard and "exit-code" not in started.said and not _is_there(started.first_pid):
        with anyio.move_on_after(_LOOK_EVERY):
            heard = await started.hear()
        ahead -= 1
    if not heard and "exit-code" not in started.said:
        problem = started.stderr_now().removeprefix("bwrap: ") or "it did not start"
        raise SandboxError(f"could not run {name!r}: {problem}")


def _is_there(first: int) -> bool:
    """A child of the first process has become another program; true as well where the kernel does not tell."""
    try:
        children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        names = [Path(f"/proc/{pid}/comm").read_text() for pid in (first, *children)]
    except OSError:
        return not Path("/proc/self/task").exists()
    return any(each != names[0] for each in names[1:])


async def _set_limits(starter: Starter, pid: int) -> None:
    """By a process of the same user: root may lack the right to do it for another."""
    words = [f"--{name}={value}" for name, value in starter.limits.items()]
    done = await anyio.run_process(
        ["prlimit", "--pid", str(pid), *words],
        check=False,
        user=starter.user,
        group=starter.group,
        extra_groups=starter.groups,
    )
    if done.returncode:
        raise SandboxError(f"could not set limits: {done.stderr.decode('utf-8', 'replace').strip()}")
