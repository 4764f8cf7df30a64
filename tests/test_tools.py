"""`@tool`: functions of every kind become tools that run, report, stream and stop."""

from __future__ import annotations

import threading
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Annotated, Any, TypeVar

import anyio
import anyio.from_thread
import pytest
from anyio import CapacityLimiter

from massgen_core.result import Image, Text, ToolResult
from massgen_core.tools import ALL_ACCESS, Event, Progress, Role, Secret, Tool, ToolContext, tool

T = TypeVar("T")


class Context:
    """The call's side of a tool: keeps what is reported."""

    tool = "exposed"
    agent = None
    session_id = "s"
    workspace: Path | None = None
    deadline: float | None = None

    def __init__(self, limiter: CapacityLimiter | None = None) -> None:
        self.reported: list[Event] = []
        if limiter is not None:
            self.limiter = limiter

    async def report(self, event: Event) -> None:
        """Keep it."""
        self.reported.append(event)

    def report_from_thread(self, event: Event) -> None:
        """Keep it, in the loop."""
        anyio.from_thread.run(self.report, event)

    async def resource(self, key: str, open_context: Callable[[], AbstractAsyncContextManager[T]]) -> T:
        """There is no session."""
        raise AssertionError(key)


async def call(made: Tool, context: ToolContext | None = None, **arguments: Any) -> ToolResult:
    """Call a tool as the pipeline does: validate, then invoke."""
    assert made.validate is not None
    return await made.invoke(made.validate(arguments), context or Context())


class TestDeclaration:
    def test_bare(self) -> None:
        """``@tool`` alone takes everything from the function, and the function can still be called."""

        @tool
        def double(a: int) -> int:
            """Double it."""
            return 2 * a

        assert (double.name, double.description, double.title) == ("double", "Double it.", None)
        assert double.access == ALL_ACCESS
        assert double(4) == 8

    def test_settings(self) -> None:
        """What ``@tool(…)`` says wins over what the function says."""

        @tool(
            name="other",
            title="Other",
            description="Mine.",
            access=["read"],
            annotations={"readOnlyHint": True},
            timeout=3,
            concurrency=2,
        )
        def fn(path: Annotated[str, Role("write")], key: Annotated[str, Secret()]) -> None:
            """Theirs."""

        assert (fn.name, fn.title, fn.description) == ("other", "Other", "Mine.")
        assert fn.access == {"read"}
        assert fn.annotations == {"readOnlyHint": True}
        assert (fn.timeout, fn.concurrency) == (3, 2)
        assert fn.secret_parameters == {"key"}

    def test_roles(self) -> None:
        """The roles on the parameters are the tool's access."""

        @tool
        def copy(source: Annotated[str, Role("read")], target: Annotated[str, Role("write")]) -> None: ...

        assert copy.access == {"read", "write"}

    def test_error_names_the_tool(self) -> None:
        """Wrong arguments are reported under the tool's name."""

        @tool(name="renamed")
        def fn(a: int) -> None: ...

        assert fn.validate is not None
        with pytest.raises(Exception, match="a: is required") as caught:
            fn.validate({})
        assert getattr(caught.value, "tool", None) == "renamed"


@pytest.mark.anyio
class TestKinds:
    async def test_async(self) -> None:
        """An async function runs in the loop."""

        @tool
        async def where(a: int) -> bool:
            await anyio.lowlevel.checkpoint()
            return threading.current_thread() is threading.main_thread()

        assert (await call(where, a=1)).structured == {"result": True}

    async def test_sync(self) -> None:
        """A sync function runs in a worker thread."""

        @tool
        def where() -> bool:
            return threading.current_thread() is threading.main_thread()

        assert (await call(where)).structured == {"result": False}

    @pytest.mark.parametrize("is_async", [True, False])
    async def test_context(self, is_async: bool) -> None:
        """A parameter of the context's type gets the context, whatever it is called."""

        @tool
        async def later(a: int, me: ToolContext | None = None) -> str:
            assert me is not None
            return f"{me.tool}{a}"

        @tool
        def now(a: int, me: ToolContext) -> str:
            return f"{me.tool}{a}"

        made = later if is_async else now
        assert list(made.input_schema["properties"]) == ["a"]
        assert (await call(made, a=1)).text == "exposed1"

    @pytest.mark.parametrize("is_async", [True, False])
    async def test_stream(self, is_async: bool) -> None:
        """A generator's progress and parts are reported as they come; its parts together are the result."""
        image = Image(data=b"x", mime_type="image/png")

        @tool
        async def later(n: int) -> AsyncGenerator[object]:
            yield Progress(done=0, total=n)
            yield "a"
            yield image

        @tool
        def now(n: int) -> Generator[object]:
            yield Progress(done=0, total=n)
            yield "a"
            yield image

        context = Context()
        result = await call(later if is_async else now, context, n=2)
        assert context.reported == [Progress(done=0, total=2), Text(text="a"), image]
        assert result == ToolResult(content=(Text(text="a"), image))

    async def test_stream_with_result(self) -> None:
        """A generator can say by a whole result that it failed, and bring structured data."""

        @tool
        async def fails() -> AsyncGenerator[object]:
            yield "a"
            yield ToolResult(content=(Text(text="b"),), structured={"k": 1}, is_error=True)

        result = await call(fails)
        assert (result.text, result.structured, result.is_error) == ("a\nb", {"k": 1}, True)

    @pytest.mark.parametrize("kind", ["async", "sync", "async stream", "sync stream"])
    async def test_exception(self, kind: str) -> None:
        """What a function raises comes out as it is; turning it into a result is the pipeline's work."""

        async def later() -> None:
            raise LookupError("gone")

        def now() -> None:
            raise LookupError("gone")

        async def later_stream() -> AsyncGenerator[str]:
            yield "a"
            raise LookupError("gone")

        def now_stream() -> Generator[str]:
            yield "a"
            raise LookupError("gone")

        kinds: dict[str, Callable[[], object]] = {"async": later, "sync": now}
        kinds |= {"async stream": later_stream, "sync stream": now_stream}
        with pytest.raises(LookupError, match="gone"):
            await call(tool(kinds[kind]))

    async def test_cancelled_stream_is_closed(self) -> None:
        """A cancelled async generator runs its clean-up before the call returns."""
        closed = anyio.Event()
        started = anyio.Event()

        @tool
        async def endless() -> AsyncGenerator[str]:
            try:
                started.set()
                yield "a"
                await anyio.sleep_forever()
            finally:
                closed.set()

        async with anyio.create_task_group() as group:
            group.start_soon(call, endless)
            with anyio.fail_after(5):
                await started.wait()
            group.cancel_scope.cancel()
        assert closed.is_set()


class Blocking:
    """A sync tool that waits until it is let go, and counts how many of it run."""

    def __init__(self) -> None:
        self.started = threading.Semaphore(0)
        self.go = threading.Event()
        self.made = tool(name="block")(self._run)

    def _run(self) -> str:
        self.started.release()
        assert self.go.wait(20)
        return "done"

    async def wait_started(self) -> None:
        """Wait until one more has started."""
        assert await anyio.to_thread.run_sync(self.started.acquire, True, 10, limiter=CapacityLimiter(1))


@asynccontextmanager
async def place(limiter: CapacityLimiter) -> AsyncGenerator[None]:
    """One place of a limiter; a task may hold only one directly."""
    holder = object()
    await limiter.acquire_on_behalf_of(holder)
    try:
        yield
    finally:
        limiter.release_on_behalf_of(holder)


async def until_free(limiter: CapacityLimiter) -> None:
    """Wait until a place is free, and give it back."""
    with anyio.fail_after(10):
        async with limiter:
            pass


@pytest.mark.anyio
class TestThreads:
    async def test_limiter_of_the_runtime(self) -> None:
        """A sync tool takes its place in the limiter that the context brings, and none of the shared ones."""
        limiter = CapacityLimiter(1)
        blocking = Blocking()
        async with anyio.create_task_group() as group:
            group.start_soon(call, blocking.made, Context(limiter))
            await blocking.wait_started()
            assert limiter.borrowed_tokens == 1
            assert anyio.to_thread.current_default_thread_limiter().borrowed_tokens == 0
            blocking.go.set()
        assert limiter.borrowed_tokens == 0

    async def test_default_limiter(self) -> None:
        """Without a limiter in the context anyio's own is used."""
        blocking = Blocking()
        async with anyio.create_task_group() as group:
            group.start_soon(call, blocking.made)
            await blocking.wait_started()
            assert anyio.to_thread.current_default_thread_limiter().borrowed_tokens == 1
            blocking.go.set()
        assert anyio.to_thread.current_default_thread_limiter().borrowed_tokens == 0

    async def test_timeout_returns_and_keeps_the_place(self) -> None:
        """A call that runs out of time returns at once; its place stays taken until the thread has ended."""
        limiter = CapacityLimiter(1)
        blocking = Blocking()
        with anyio.fail_after(10):
            with anyio.move_on_after(0.1) as scope:
                await call(blocking.made, Context(limiter))
            assert scope.cancelled_caught
            assert limiter.borrowed_tokens == 1
            with anyio.move_on_after(0.05) as waiting:
                await call(blocking.made, Context(limiter))
            assert waiting.cancelled_caught
            blocking.go.set()
            await until_free(limiter)
        assert limiter.borrowed_tokens == 0

    async def test_cancelled_while_waiting_for_a_place(self) -> None:
        """A call that is cancelled before it has a place never runs, and leaves the limiter as it was."""
        limiter = CapacityLimiter(1)
        ran: list[int] = []
        made = tool(name="mark")(lambda: ran.append(1))
        async with limiter:
            with anyio.move_on_after(0.05):
                await call(made, Context(limiter))
        await until_free(limiter)
        assert ran == []

    async def test_cancelled_before_the_start(self) -> None:
        """A call in a scope that is cancelled already gives its place back."""
        limiter = CapacityLimiter(1)
        with anyio.CancelScope() as scope:
            scope.cancel()
            await call(tool(name="nothing")(lambda: None), Context(limiter))
        await until_free(limiter)

    async def test_many_cancelled_calls(self) -> None:
        """However calls are cancelled, no place is lost and none is given back twice."""
        limiter = CapacityLimiter(3)
        made = tool(name="quick")(lambda: None)
        for delay in range(40):
            with anyio.move_on_after(delay / 20_000):
                await call(made, Context(limiter))
        with anyio.fail_after(10):
            async with place(limiter), place(limiter), place(limiter):
                assert limiter.available_tokens == 0
        assert limiter.available_tokens == 3

    async def test_check_cancelled(self) -> None:
        """A long sync tool can notice that its call is over."""
        ended = threading.Event()
        started = threading.Event()

        @tool
        def patient() -> None:
            started.set()
            try:
                while not ended.wait(0.01):
                    anyio.from_thread.check_cancelled()
            finally:
                ended.set()

        with anyio.move_on_after(0.2):
            await call(patient)
        assert await anyio.to_thread.run_sync(ended.wait, 10)

    async def test_sync_stream_ends_with_its_call(self) -> None:
        """A sync generator whose call is over ends at its next ``yield``."""
        closed = threading.Event()

        @tool
        def endless() -> Generator[str]:
            try:
                while True:
                    yield "a"
            finally:
                closed.set()

        with anyio.move_on_after(0.1):
            await call(endless)
        assert await anyio.to_thread.run_sync(closed.wait, 10)
