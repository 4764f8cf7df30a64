"""Tools, the context a tool is called with, and providers that bring tools.

Write a tool as a typed function under `@tool`; bring tools to a runtime with a `ToolProvider`.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager, closing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, overload

from massgen_core.marks import ALL_ACCESS as ALL_ACCESS
from massgen_core.marks import Access as Access
from massgen_core.marks import Role as Role
from massgen_core.marks import Secret as Secret
from massgen_core.result import Part, ToolResult

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator
    from pathlib import Path

ServiceT = TypeVar("ServiceT")
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a call has come: ``done`` of ``total`` (None while unknown), and a line for people."""

    done: float
    total: float | None = None
    message: str | None = None


Event = Progress | Part
"""What a running call reports before its result."""


class ToolContext(Protocol):
    """What a tool may ask of the call it serves; declare a parameter of this type to receive it.

    The parameter is not part of the tool's schema.
    """

    @property
    def tool(self) -> str:
        """The exposed name under which the tool was called."""
        ...

    @property
    def agent(self) -> str | None:
        """The agent that the session belongs to."""
        ...

    @property
    def session_id(self) -> str:
        """The session's identifier."""
        ...

    @property
    def workspace(self) -> Path | None:
        """The session's workspace folder."""
        ...

    @property
    def deadline(self) -> float | None:
        """Seconds left for this call, None when it has no limit."""
        ...

    async def report(self, event: Event) -> None:
        """Tell the caller about progress, or hand over a part of the result early."""
        ...

    def report_from_thread(self, event: Event) -> None:
        """`report`, from a sync tool function that runs in a worker thread."""
        ...

    async def resource(self, key: str, open_context: Callable[[], AbstractAsyncContextManager[T]]) -> T:
        """What belongs to the session under ``key``: opened by the first call, shared by all, closed at its end.

        What ended by itself meanwhile is opened anew. A key begins with its plugin's name.
        """
        ...


Invoke = Callable[[Mapping[str, Any], ToolContext], Awaitable[ToolResult]]
ToResult = Callable[[Any], ToolResult]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One tool: name, description, JSON schemas, what it does to the world, and how to call it.

    ``name`` is the tool's own name; the runtime puts the provider's prefix before it. ``annotations`` are the hints
    of the Model Context Protocol (``readOnlyHint`` …). ``access`` is the union of all roles; a tool that declares
    none counts as doing everything. ``secret_parameters`` are redacted in logs and audit. ``validate`` checks and
    converts arguments before ``invoke`` sees them, and raises `ArgumentsInvalid`.
    """

    name: str
    description: str
    input_schema: Mapping[str, Any]
    invoke: Invoke = field(repr=False)
    output_schema: Mapping[str, Any] | None = None
    title: str | None = None
    annotations: Mapping[str, Any] = field(default_factory=dict[str, Any])
    access: frozenset[Access] = ALL_ACCESS
    secret_parameters: frozenset[str] = frozenset()
    validate: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = field(default=None, repr=False)
    timeout: float | None = None
    concurrency: int | None = None
    meta: Mapping[str, Any] = field(default_factory=dict[str, Any])
    function: Callable[..., Any] | None = field(default=None, repr=False)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function behind the tool directly, as its author's tests do."""
        if self.function is None:
            raise TypeError(f"tool {self.name!r} has no Python function behind it")
        return self.function(*args, **kwargs)


FunctionT = TypeVar("FunctionT", bound=Callable[..., Any])


@overload
def tool(function: Callable[..., Any], /) -> Tool: ...
@overload
def tool(
    *,
    name: str | None = None,
    title: str | None = None,
    description: str | None = None,
    access: Iterable[Access] | None = None,
    annotations: Mapping[str, Any] | None = None,
    timeout: float | None = None,
    concurrency: int | None = None,
) -> Callable[[Callable[..., Any]], Tool]: ...
def tool(
    function: Callable[..., Any] | None = None,
    /,
    *,
    name: str | None = None,
    title: str | None = None,
    description: str | None = None,
    access: Iterable[Access] | None = None,
    annotations: Mapping[str, Any] | None = None,
    timeout: float | None = None,
    concurrency: int | None = None,
) -> Tool | Callable[[Callable[..., Any]], Tool]:
    """Make a `Tool` from a typed function: sync, async, or a generator (sync or async) that streams parts.

    The docstring's first paragraph describes the tool, its ``Args:`` the parameters; type hints become the schemas.
    The return type becomes the output schema (see `massgen_core.schema`). A generator's `Progress` and parts are
    reported as they come, and all parts together are the result. ``timeout`` is in seconds; ``concurrency`` is how
    many calls may run at once. ``access`` says what the tool does to the world, in place of its parameters' roles; an
    empty one says that it does nothing of the kind.

    A sync function runs in a worker thread. A thread cannot be killed: when its call is cancelled or runs out of time
    the caller gets the answer at once, and the place in the limiter stays taken until the thread has ended. A long
    sync function should call `anyio.from_thread.check_cancelled` now and then, or be async.

    Raises:
        TypeError: A parameter has no type hint, is positional-only, ``*args`` or ``**kwargs``, or a type has no JSON
            schema.
    """

    def make(fn: Callable[..., Any]) -> Tool:
        from massgen_core.schema import signature_of

        signature = signature_of(fn, name=name, context=ToolContext)
        declared = frozenset(access) if access is not None else signature.access or ALL_ACCESS
        return Tool(
            name=name or fn.__name__,
            title=title,
            description=description or signature.description,
            input_schema=signature.input_schema,
            output_schema=signature.output_schema,
            invoke=_invoker(fn, signature.context_parameter, signature.to_result),
            validate=signature.validate,
            annotations=dict(annotations or {}),
            access=declared,
            secret_parameters=signature.secret_parameters,
            timeout=timeout,
            concurrency=concurrency,
            function=fn,
        )

    return make(function) if function is not None else make


def _invoker(fn: Callable[..., Any], context_parameter: str | None, to_result: ToResult) -> Invoke:
    def call(arguments: Mapping[str, Any], context: ToolContext) -> Any:
        return fn(**arguments, **({context_parameter: context} if context_parameter else {}))

    async def call_async(arguments: Mapping[str, Any], context: ToolContext) -> ToolResult:
        return to_result(await call(arguments, context))

    async def call_stream(arguments: Mapping[str, Any], context: ToolContext) -> ToolResult:
        streamed = _Streamed(to_result)
        async with aclosing(call(arguments, context)) as events:
            async for event in events:
                for reported in streamed.add(event):
                    await context.report(reported)
        return streamed.result()

    async def call_sync(arguments: Mapping[str, Any], context: ToolContext) -> ToolResult:
        return await _in_thread(lambda: to_result(call(arguments, context)), context)

    async def call_sync_stream(arguments: Mapping[str, Any], context: ToolContext) -> ToolResult:
        return await _in_thread(lambda: _drain(call(arguments, context), to_result, context), context)

    if inspect.isasyncgenfunction(fn):
        return call_stream
    if inspect.isgeneratorfunction(fn):
        return call_sync_stream
    return call_async if inspect.iscoroutinefunction(fn) else call_sync


async def _in_thread(function: Callable[[], ToolResult], context: ToolContext) -> ToolResult:
    """Run under the limiter that the runtime put into the context; under anyio's own where there is none."""
    from massgen_core._threads import run_in_thread

    return await run_in_thread(function, getattr(context, "limiter", None))


def _drain(events: Generator[object], to_result: ToResult, context: ToolContext) -> ToolResult:
    """Run a sync generator to its end, in a worker thread; it ends at its next ``yield`` once the call is over."""
    from anyio.from_thread import check_cancelled

    streamed = _Streamed(to_result)
    with closing(events):
        for event in events:
            check_cancelled()
            for reported in streamed.add(event):
                context.report_from_thread(reported)
    return streamed.result()


class _Streamed:
    """What a generator has yielded so far: its parts in order, and the last whole `ToolResult` among them."""

    def __init__(self, to_result: ToResult) -> None:
        self._to_result = to_result
        self._parts: list[Part] = []
        self._final = ToolResult()

    def add(self, event: object) -> Sequence[Event]:
        """Keep what belongs to the result; returns what is to be reported."""
        if isinstance(event, Progress):
            return (event,)
        result = self._to_result(event)
        self._parts.extend(result.content)
        if isinstance(event, ToolResult):
            self._final = event
        return result.content

    def result(self) -> ToolResult:
        """All parts together, with the error flag and structured data of the last `ToolResult`, if there was one."""
        return replace(self._final, content=tuple(self._parts))


class ProviderContext(Protocol):
    """What an opening provider may ask of its runtime."""

    @property
    def name(self) -> str:
        """The provider's name."""
        ...

    @property
    def state_dir(self) -> Path:
        """A folder for this project's own files (the lock file, caches)."""
        ...

    def service(self, kind: type[ServiceT], name: str | None = None) -> ServiceT:
        """A service that another provider brings; it must be listed in ``requires``."""
        ...

    def services(self, kind: type[ServiceT]) -> Mapping[str, ServiceT]:
        """The services of a kind listed in ``uses``, by name, as many as are open when it is looked at."""
        ...

    async def publish(self, tools: Sequence[Tool]) -> None:
        """Replace this provider's tools while it is open."""
        ...

    def log(self, message: str) -> None:
        """Report one line of progress to whoever opens the runtime."""
        ...


@dataclass(frozen=True, slots=True)
class Service:
    """A need or an offer between providers: a protocol, and a name where there can be several."""

    kind: type
    name: str | None = None

    def __str__(self) -> str:
        return f"{self.kind.__name__}({self.name!r})" if self.name else self.kind.__name__


OpenProvider = Callable[[ProviderContext], AbstractAsyncContextManager[Sequence[Tool]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolProvider:
    """A description of something that brings tools: its name and how to open it.

    ``open`` gives an async context manager that yields the tools; it is entered and left by one task of its own, so
    it may hold a task group. ``prefix`` goes before its tools' names; its ``name`` when None. ``requires`` are services
    without which it cannot start, ``uses`` kinds of which it takes what there is. ``required`` None leaves it to the
    runtime: a provider of a plugin that the config names must start, any other may fail. ``start_timeout`` is in
    seconds.
    """

    name: str
    open: OpenProvider = field(repr=False)
    prefix: str | None = None
    requires: Sequence[Service] = ()
    uses: Sequence[type] = ()
    required: bool | None = None
    start_timeout: float | None = None
    concurrency: int | None = None
    call_timeout: float | None = None

    @classmethod
    def of(cls, name: str, tools: Iterable[Tool], **settings: Any) -> ToolProvider:
        """A provider of tools that need nothing to be opened."""
        fixed = tuple(tools)

        @asynccontextmanager
        async def open_fixed(context: ProviderContext) -> AsyncGenerator[Sequence[Tool]]:
            yield fixed

        return cls(name=name, open=open_fixed, **settings)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceProvider:
    """A description of something that brings a service to other providers (a sandbox backend, a media engine).

    It is opened only when somebody requires or uses it, and closed after everyone who requires it. It may itself
    require and use others.
    """

    service: Service
    open: Callable[[ProviderContext], AbstractAsyncContextManager[Any]] = field(repr=False)
    requires: Sequence[Service] = ()
    uses: Sequence[type] = ()
    start_timeout: float | None = None

    @property
    def name(self) -> str:
        """The service's name, or its kind's where it has none."""
        return self.service.name or self.service.kind.__name__


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call on its way through the middlewares."""

    id: str
    tool: Tool
    name: str
    arguments: Mapping[str, Any] = field(repr=False)
    plugin: str
    distribution: str | None
    version: str | None
    agent: str | None
    session_id: str


Next = Callable[[Call], Awaitable[ToolResult]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Middleware:
    """Code around every call: ``async def around(call, next) -> ToolResult``.

    ``outer`` middlewares see every attempt, refused ones included; the others see calls whose arguments are valid and
    that the session may make. Lower ``order`` is further out; equal ones are sorted by name.
    """

    name: str
    around: Callable[[Call, Next], Awaitable[ToolResult]] = field(repr=False)
    outer: bool = False
    order: int = 0
