"""Many sandboxes at once: who is let in when, that nobody is forgotten, and that nothing taken is lost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from contextlib import AsyncExitStack

import anyio
import anyio.lowlevel
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from massgen_core.errors import SandboxUnavailable
from massgen_core.sandbox import SandboxLimits, SandboxSpec, admission
from massgen_core.sandbox.admission import Admission, Bounds, Lines, Ticket

MIB = 1024**2

pytestmark = pytest.mark.anyio


def spec(name: str = "one", *, turn: str = "", memory: int = 100) -> SandboxSpec:
    limits = SandboxLimits.model_validate({"memory": memory * MIB})
    return SandboxSpec(name=name, image="x", turn=turn, limits=limits)


def silent(line: str) -> None:
    """Nobody listens."""


class Storm(RuleBasedStateMachine):
    """Starts, ends and gives up in any order, and keeps its own books."""

    def __init__(self) -> None:
        super().__init__()
        self.bounds = Bounds(starting=2, running=5, memory=10)
        self.lines = Lines(self.bounds)
        self.waiting: list[Ticket] = []
        self.inside: list[Ticket] = []
        self.passed_by: dict[str, set[str]] = defaultdict(set)

    @rule(turn=st.sampled_from("abc"), memory=st.integers(1, 10))
    def ask(self, turn: str, memory: int) -> None:
        mine: list[Ticket] = []
        early: list[bool] = []

        def admit() -> None:
            if mine:
                self.admitted(mine[0])
            else:
                early.append(True)

        ticket = self.lines.join(turn, memory, admit)
        mine.append(ticket)
        self.waiting.append(ticket)
        if early:
            self.admitted(ticket)

    def admitted(self, ticket: Ticket) -> None:
        """The first of its turn, and no turn that waited all the while is passed by twice."""
        assert next(each for each in self.waiting if each.turn == ticket.turn) is ticket
        self.waiting.remove(ticket)
        self.inside.append(ticket)
        others = {each.turn for each in self.waiting} - {ticket.turn}
        for turn in others:
            assert ticket.turn not in self.passed_by[turn], f"{ticket.turn} was served twice while {turn} waited"
            self.passed_by[turn].add(ticket.turn)
        self.passed_by[ticket.turn].clear()
        for turn in set(self.passed_by) - others:
            self.passed_by[turn].clear()

    @precondition(lambda self: self.inside)
    @rule(data=st.data())
    def runs(self, data: st.DataObject) -> None:
        self.lines.started(data.draw(st.sampled_from(self.inside)))

    @precondition(lambda self: self.inside)
    @rule(data=st.data(), twice=st.booleans())
    def ends(self, data: st.DataObject, twice: bool) -> None:
        ticket = data.draw(st.sampled_from(self.inside))
        self.inside.remove(ticket)
        self.lines.leave(ticket)
        if twice:
            self.lines.leave(ticket)

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def gives_up(self, data: st.DataObject) -> None:
        ticket = data.draw(st.sampled_from(self.waiting))
        self.waiting.remove(ticket)
        if ticket.turn not in {each.turn for each in self.waiting}:
            self.passed_by[ticket.turn].clear()
        self.lines.leave(ticket)

    @invariant()
    def books_agree(self) -> None:
        starting = [each for each in self.inside if each.state == "starting"]
        assert self.lines.starting == len(starting) <= self.bounds.starting
        assert self.lines.running == len(self.inside) <= (self.bounds.running or 0)
        assert self.lines.memory == sum(each.memory for each in self.inside) <= (self.bounds.memory or 0)
        assert self.lines.waiting == len(self.waiting)

    @invariant()
    def nobody_waits_for_nothing(self) -> None:
        """Whoever waits does so because as many start, or run, as may, or for somebody who does not fit."""
        full = self.lines.starting == self.bounds.starting or self.lines.running == self.bounds.running
        free = (self.bounds.memory or 0) - self.lines.memory
        assert full or not self.waiting or any(each.memory > free for each in self.waiting)

    def teardown(self) -> None:
        while self.inside:
            ticket = self.inside.pop()
            self.lines.started(ticket)
            self.lines.leave(ticket)
        assert not self.waiting
        assert (self.lines.starting, self.lines.running, self.lines.memory) == (0, 0, 0)


TestStorm = Storm.TestCase
TestStorm.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)


async def test_few_start_at_a_time() -> None:
    """So many start at once as may; one that runs makes way for the next start."""
    admit = Admission(Bounds(starting=3))
    now = most = 0

    async def start() -> None:
        nonlocal now, most
        async with admit.place(spec(), silent) as runs:
            now += 1
            most = max(most, now)
            await anyio.lowlevel.checkpoint()
            now -= 1
            runs()
            await anyio.lowlevel.checkpoint()

    async with anyio.create_task_group() as tasks:
        for _ in range(50):
            tasks.start_soon(start)
    assert most == 3
    assert str(admit) == "0 wait, 0 of 3 start, 0 run"


async def test_a_hundred_of_one_do_not_starve_another() -> None:
    """Who comes when somebody else has asked for a hundred is the next but one."""
    admit = Admission(Bounds(starting=1))
    order: list[str] = []

    async def start(turn: str) -> None:
        async with admit.place(spec(turn=turn), silent) as runs:
            order.append(turn)
            await anyio.lowlevel.checkpoint()
            runs()

    async with anyio.create_task_group() as tasks, admit.place(spec(turn="greedy"), silent):
        for _ in range(100):
            tasks.start_soon(start, "greedy")
        await anyio.wait_all_tasks_blocked()
        tasks.start_soon(start, "small")
        await anyio.wait_all_tasks_blocked()
    assert order.index("small") <= 1
    assert len(order) == 101


async def test_room_is_waited_for() -> None:
    """A sandbox waits while so many run, or have so much memory, as may; then it comes in."""
    for bounds in (Bounds(starting=9, running=2), Bounds(starting=9, memory=200 * MIB)):
        admit = Admission(bounds)
        started = anyio.Event()

        async def third(admit: Admission = admit, started: anyio.Event = started) -> None:
            async with admit.place(spec(), silent):
                started.set()

        async with anyio.create_task_group() as tasks, AsyncExitStack() as running:
            for _ in range(2):
                (await running.enter_async_context(admit.place(spec(), silent)))()
            tasks.start_soon(third)
            await anyio.wait_all_tasks_blocked()
            assert not started.is_set()
            assert "1 wait, 0 of 9 start, 2" in str(admit)
            await running.aclose()
            with anyio.fail_after(10):
                await started.wait()


async def test_who_is_first_is_waited_for() -> None:
    """A large one is not passed by small ones for ever: room for it comes about."""
    admit = Admission(Bounds(starting=9, memory=300 * MIB))
    order: list[str] = []

    async def start(name: str, memory: int) -> None:
        async with admit.place(spec(name, turn=name, memory=memory), silent):
            order.append(name)

    async with anyio.create_task_group() as tasks, admit.place(spec(memory=200), silent):
        tasks.start_soon(start, "large", 300)
        await anyio.wait_all_tasks_blocked()
        tasks.start_soon(start, "small", 10)
        await anyio.wait_all_tasks_blocked()
        assert order == []
    assert order == ["large", "small"]


async def test_what_never_fits_is_refused_at_once() -> None:
    """The error names the key that would have to change."""
    admit = Admission(Bounds(starting=1, memory=100 * MIB, key="plugins.x"))
    with pytest.raises(SandboxUnavailable, match=r"asks for 200 MiB .* 100 MiB in all\n.*`plugins.x.max_memory`"):
        async with admit.place(spec(memory=200), silent):
            pytest.fail("it came in")


async def test_too_many_that_wait() -> None:
    """Beyond a bound nobody may wait: the caller hears of it, and those who wait go on to."""
    admit = Admission(Bounds(starting=1, waiting=2))
    done: list[str] = []

    async def start() -> None:
        async with admit.place(spec(), silent):
            done.append("x")

    async with anyio.create_task_group() as tasks, admit.place(spec(), silent):
        tasks.start_soon(start)
        tasks.start_soon(start)
        await anyio.wait_all_tasks_blocked()
        with pytest.raises(SandboxUnavailable, match="2 sandboxes wait to be started already\n.*`waiting_starts`"):
            async with admit.place(spec(), silent):
                pytest.fail("it came in")
    assert done == ["x", "x"]


async def test_waiting_ends() -> None:
    """Who has waited too long gets an error that says what holds it up, and leaves its place in the line."""
    admit = Admission(Bounds(starting=1, running=1, wait=0.05))
    async with admit.place(spec(), silent) as runs:
        runs()
        with pytest.raises(SandboxUnavailable, match=r"waited 0.05 s .*: 1 wait, 0 of 1 start, 1 of 1 run\n  End some"):
            async with admit.place(spec("two"), silent):
                pytest.fail("it came in")
        assert admit.lines.waiting == 0


@pytest.mark.parametrize("last", [False, True])
async def test_one_that_is_cancelled_leaves_nothing(last: bool) -> None:
    """Neither its place in the line nor, when its turn came at the same moment, the place inside is lost."""
    admit = Admission(Bounds(starting=1))
    async with AsyncExitStack() as first:
        await first.enter_async_context(admit.place(spec(), silent))
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(wait_for_place, admit)
            await anyio.wait_all_tasks_blocked()
            if last:
                await first.aclose()  # the waiter has its turn, and does not know yet
            tasks.cancel_scope.cancel()
    assert (admit.lines.waiting, admit.lines.starting, admit.lines.running) == (0, 0, 0)


async def wait_for_place(admit: Admission) -> None:
    async with admit.place(spec(), silent):
        pytest.fail("it was cancelled before")


async def test_who_waits_long_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """One line says how many are before it."""
    monkeypatch.setattr(admission, "_PATIENCE", 0.01)
    admit = Admission(Bounds(starting=1))
    said: list[str] = []
    told = anyio.Event()

    def tell(line: str) -> None:
        said.append(line)
        told.set()

    async def second() -> None:
        async with admit.place(spec("two"), tell):
            return

    async with anyio.create_task_group() as tasks, admit.place(spec(), silent):
        tasks.start_soon(second)
        with anyio.fail_after(10):
            await told.wait()
    assert said == ["two: waiting to be started: 1 wait, 1 of 1 start, 0 run"]


async def test_a_start_that_fails_makes_way() -> None:
    """Whatever is raised while a sandbox starts or runs, its place is free afterwards."""
    admit = Admission(Bounds(starting=1, running=1))

    async def fail(runs: Callable[[], None] | None) -> None:
        if runs is not None:
            runs()
        raise RuntimeError("no")

    for early in (True, False):
        with pytest.raises(RuntimeError):
            async with admit.place(spec(), silent) as runs:
                await fail(None if early else runs)
    assert (admit.lines.waiting, admit.lines.starting, admit.lines.running) == (0, 0, 0)
