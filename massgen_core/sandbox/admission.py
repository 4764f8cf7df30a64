"""Many sandboxes at once: few start at a time, everybody has their turn, and what there is no room for waits.

A storm of starts takes an engine longer than the same starts one after the other, and holds up everything else that
is asked of it. So they stand in line, one line for each turn (`SandboxSpec.turn`); the lines are served one after the
other, the first of each. Nobody is passed over because they ask for much: whoever is first and does not fit yet is
waited for, so room for them comes about.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal

import anyio

from massgen_core.errors import SandboxUnavailable
from massgen_core.sandbox.spec import SandboxSpec

_PATIENCE = 3.0
"""Seconds after which somebody who waits is told so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How many sandboxes may start and wait, how many may run, with how much memory in all (bytes), how long one waits.

    ``key`` is the section of the config that holds the keys ``concurrent_starts``, ``waiting_starts``,
    ``max_sandboxes``, ``max_memory`` and ``start_wait``, which the errors name.
    """

    starting: int
    waiting: int = 1000
    running: int | None = None
    memory: int | None = None
    wait: float = 600.0
    key: str = ""

    def setting(self, name: str) -> str:
        """The name of a key, as an error writes it."""
        return f"`{self.key}.{name}`" if self.key else f"`{name}`"


class Ticket:
    """One sandbox from the moment that it is asked for until it is gone."""

    def __init__(self, turn: str, memory: int, admit: Callable[[], None]) -> None:
        self.turn = turn
        self.memory = memory
        self.state: Literal["waiting", "starting", "running", "over"] = "waiting"
        self.admit = admit


class Lines:
    """Who waits, and what is taken; without any waiting of its own."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._waiting: OrderedDict[str, deque[Ticket]] = OrderedDict()
        self.starting: int = 0
        self.running: int = 0
        self.memory: int = 0

    @property
    def waiting(self) -> int:
        """How many wait."""
        return sum(map(len, self._waiting.values()))

    def join(self, turn: str, memory: int, admit: Callable[[], None]) -> Ticket:
        """Stand in line; ``admit`` is called once when it is this one's turn, at once where there is room."""
        ticket = Ticket(turn, memory, admit)
        self._waiting.setdefault(turn, deque()).append(ticket)
        self._serve()
        return ticket

    def started(self, ticket: Ticket) -> None:
        """It runs, so the next one may start."""
        if ticket.state == "starting":
            ticket.state = "running"
            self.starting -= 1
            self._serve()

    def leave(self, ticket: Ticket) -> None:
        """It is gone, or does not wait any more; a second time nothing happens."""
        state, ticket.state = ticket.state, "over"
        if state == "waiting":
            self._waiting[ticket.turn].remove(ticket)
            if not self._waiting[ticket.turn]:
                del self._waiting[ticket.turn]
        elif state != "over":
            self.starting -= state == "starting"
            self.running -= 1
            self.memory -= ticket.memory
        self._serve()

    def _serve(self) -> None:
        while self._waiting and self._fits(next(iter(self._waiting.values()))[0]):
            turn, line = self._waiting.popitem(last=False)
            ticket = line.popleft()
            if line:
                self._waiting[turn] = line  # behind all other turns
            ticket.state = "starting"
            self.starting += 1
            self.running += 1
            self.memory += ticket.memory
            ticket.admit()

    def _fits(self, ticket: Ticket) -> bool:
        most = self._bounds
        return (
            self.starting < most.starting
            and (most.running is None or self.running < most.running)
            and (most.memory is None or self.memory + ticket.memory <= most.memory)
        )


class Admission:
    """Lets the sandboxes of one backend in."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self.lines: Lines = Lines(bounds)

    @asynccontextmanager
    async def place(self, spec: SandboxSpec, tell: Callable[[str], None]) -> AsyncGenerator[Callable[[], None]]:
        """Wait for the turn of a sandbox, and keep its place until the body ends; call what is yielded once it runs.

        ``tell`` gets a line when that takes long.

        Raises:
            SandboxUnavailable: It could never fit, too many wait already, or it has waited too long.
        """
        self._check(spec)
        admitted = anyio.Event()
        ticket = self.lines.join(spec.turn, int(spec.limits.memory), admitted.set)
        try:
            await self._wait(spec, admitted, tell)
            yield lambda: self.lines.started(ticket)
        finally:
            self.lines.leave(ticket)

    def _check(self, spec: SandboxSpec) -> None:
        most, asked = self._bounds, int(spec.limits.memory)
        if most.memory is not None and asked > most.memory:
            raise SandboxUnavailable(
                f"{spec.name}: asks for {_mib(asked)} of memory, and all sandboxes of this program may have "
                f"{_mib(most.memory)} in all\n  Lower its `memory`, or raise {most.setting('max_memory')}."
            )
        if self.lines.waiting >= most.waiting:
            raise SandboxUnavailable(
                f"{spec.name}: {self.lines.waiting} sandboxes wait to be started already\n  "
                f"Start fewer at once, or raise {most.setting('waiting_starts')}."
            )

    async def _wait(self, spec: SandboxSpec, admitted: anyio.Event, tell: Callable[[str], None]) -> None:
        if admitted.is_set():
            return
        with anyio.move_on_after(self._bounds.wait):
            with anyio.move_on_after(_PATIENCE):
                await admitted.wait()
            if not admitted.is_set():
                tell(f"{spec.name}: waiting to be started: {self}")
            await admitted.wait()
        if not admitted.is_set():
            most = self._bounds
            raise SandboxUnavailable(
                f"{spec.name}: waited {most.wait:g} s to be started: {self}\n  End some, or raise "
                f"{most.setting('max_sandboxes')}, {most.setting('max_memory')} or {most.setting('start_wait')}."
            )

    def __str__(self) -> str:
        lines, most = self.lines, self._bounds
        running = "" if most.running is None else f" of {most.running}"
        memory = "" if most.memory is None else f" with {_mib(lines.memory)} of {_mib(most.memory)}"
        return (
            f"{lines.waiting} wait, {lines.starting} of {most.starting} start, "
            f"{lines.running - lines.starting}{running} run{memory}"
        )


def _mib(size: int) -> str:
    return f"{size / 1024**2:g} MiB"
