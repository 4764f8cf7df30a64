"""Speaking to the supervisor of one sandbox: begun, broken off for somebody else, taken up again."""

from __future__ import annotations

import anyio
import anyio.to_thread

from massgen_core.sandbox.background import Background
from massgen_sandbox_docker.container.run import DockerSandbox
from massgen_sandbox_docker.container.runtimes import family
from massgen_sandbox_docker.engine.bare import BareStream
from massgen_sandbox_docker.supervised.client import Supervisor
from massgen_sandbox_docker.supervised.line import may_take, new_word, take_line

READY_SECONDS = 15.0
_TRIES = 2


class Conversation:
    """The one client that a supervisor has; ``tasks`` keep it going."""

    def __init__(self, sandbox: DockerSandbox, tasks: Background) -> None:
        self._sandbox = sandbox
        self._tasks = tasks
        self._supervisor = Supervisor(sandbox.main)
        self._line: BareStream | None = None
        self.lined = False
        """It goes past the engine, or went until it was broken off."""

    async def begin(self) -> bool:
        """Wait until the supervisor takes commands, and let it run them; false when it does not in time."""
        self._tasks.start_soon(self._supervisor.run)
        ready = False
        with anyio.move_on_after(READY_SECONDS):
            ready = await self._supervisor.ready()
        if ready:
            await self._go(tries=1)
        return ready

    async def take_up(self, number: int, *, lined: bool) -> None:
        """Go on where somebody broke off, behind this number of a command; ``lined``: who had a line to it."""
        self._supervisor = Supervisor(self._sandbox.main, after=number)
        self._tasks.start_soon(self._supervisor.run)
        await self._go(tries=_TRIES if lined else 0)

    def break_off(self, reason: str) -> int | None:
        """Say no more; the number of the last command, or None (and nothing is changed) while one runs."""
        if not self._supervisor.quiet:
            return None
        self._supervisor.leave(reason)
        self.close()
        return self._supervisor.number

    def close(self) -> None:
        """Let go of the line, after which the supervisor uses its stdout again."""
        if self._line is not None:
            self._line.close()
            self._line = None

    async def _go(self, *, tries: int) -> None:
        """A supervisor that has not noticed yet that its last line is gone does not answer the first time."""
        answered = False
        while tries and not answered:
            tries -= 1
            answered, self._line = await _shortcut(self._supervisor, self._sandbox)
        self.lined = self._line is not None
        if self._line is not None:
            self._supervisor.switch(self._line)
        self._sandbox.runs_by(self._supervisor.spawn)


async def _shortcut(supervisor: Supervisor, sandbox: DockerSandbox) -> tuple[bool, BareStream | None]:
    """A way to the supervisor past the engine, where we may have one; what goes wrong with it costs only time.

    False when it did not answer, and may do so when it is asked again.
    """
    if not may_take():
        return True, None
    shown = await sandbox.shown()
    if family(str(shown["HostConfig"].get("Runtime") or "")) != "runc":
        return True, None
    word = new_word()
    descriptor = await supervisor.offered_line(word)
    if descriptor is None:
        return False, None
    pid = int(shown["State"].get("Pid") or 0)
    return True, await anyio.to_thread.run_sync(take_line, pid, sandbox.id, descriptor, word)
