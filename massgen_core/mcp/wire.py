"""MCP over the stdin and stdout of a process: bytes to messages and back.

Reading parses in the task that asks, so that an answer costs no extra switch between tasks; writing goes through one
task of its own, so that a cancelled caller never leaves half a message behind.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, Protocol, Self, cast

import anyio
from anyio.abc import AsyncResource
from mcp.shared.message import SessionMessage
from mcp.types import (
    PARSE_ERROR,
    ErrorData,
    JSONRPCError,
    JSONRPCMessage,
    JSONRPCNotification,
    JSONRPCRequest,
    JSONRPCResponse,
)
from pydantic import ValidationError
from pydantic_core import from_json

from massgen_core.errors import SandboxExited
from massgen_core.mcp.erasing import Eraser
from massgen_core.mcp.lines import LineSplitter, LineTooLong
from massgen_core.mcp.tasks import bare_errors
from massgen_core.mcp.values import holds_more_than
from massgen_core.sandbox import Process

MAX_UNANSWERED = 1000
"""Requests of the server's that may wait for our answers: one that asks on without reading them is cut off."""

_WAITING_WRITES = 16
_SHOWN_LINES = 5
_SHOWN_BYTES = 200
_SEARCHED_BYTES = 64 * 1024
_ENDING = 2.0

_PAYLOADS = ("params", "result", "error")

_ANSWERED_ID = re.compile(rb'"id"\s*:\s*(\d{1,15})\s*[,}]')  # JSON in the large is not at hand where it is broken


class Bounds(Protocol):
    """How much one message may be; `ServerSettings` holds them."""

    @property
    def max_message(self) -> int:
        """Bytes."""
        ...

    @property
    def max_values(self) -> int:
        """Values in its JSON."""
        ...


class ProcessLink:
    """The link to a server that is a process."""

    def __init__(self, process: Process, *, bounds: Bounds, eraser: Eraser) -> None:
        self.process = process
        self.eraser = eraser
        self.ended: anyio.Event = anyio.Event()
        self.fault: str | None = None
        self.unanswered: int = 0
        self.incoming: MessageReader = MessageReader(self, bounds)
        self.outgoing: MessageWriter = MessageWriter(self)

    async def reason(self) -> str:
        """Why the link ended: our own verdict, or how the process ended."""
        if self.fault is not None:
            return self.fault
        with anyio.move_on_after(_ENDING):
            return f"the server ended: {(await self.process.wait()).reason}"
        return "the server closed its output"

    def evidence(self) -> str:
        """The last of stderr, and lines of stdout that are no messages; secrets are struck out."""
        return self.eraser.text(self.process.stderr_tail()) + self.incoming.skipped_text()


class MessageReader(AsyncResource):
    """The messages in a process's stdout; lines that are none are counted and kept as evidence."""

    def __init__(self, link: ProcessLink, bounds: Bounds) -> None:
        self._link = link
        self._most_values = bounds.max_values
        self._splitter = LineSplitter(bounds.max_message)
        self._lines: deque[bytes] = deque()
        self._shown: deque[str] = deque(maxlen=_SHOWN_LINES)
        self.skipped: int = 0

    async def receive(self) -> SessionMessage:
        """The next message; `anyio.EndOfStream` at the end or when the server breaks a bound."""
        while True:
            while not self._lines:
                self._lines.extend(await self._more())
            message = self._parse(self._lines.popleft())
            if message is not None:
                return SessionMessage(message)

    def skipped_text(self) -> str:
        """The skipped lines, in words; empty when there were none."""
        if not self.skipped:
            return ""
        shown = "\n".join(f"  {line}" for line in self._shown)
        return f"\n{self.skipped} line(s) on stdout were no MCP messages; the last ones:\n{shown}"

    async def _more(self) -> list[bytes]:
        try:
            return self._splitter.feed(await self._link.process.receive())
        except LineTooLong as error:
            self._link.fault = f"the server sent a message longer than {error.limit} bytes (`max_message`)"
        except (anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError, SandboxExited):
            self._skip(self._splitter.rest)
        self._link.ended.set()
        raise anyio.EndOfStream

    def _parse(self, line: bytes) -> JSONRPCMessage | None:
        if not line or line.isspace():
            return None
        try:
            if holds_more_than(self._most_values, line):
                raise ValueError(f"it holds more than {self._most_values} values (`max_values`)")
            message = parse_message(line, self._link.eraser)
        except ValueError as error:
            self._skip(line)
            return _broken_answer(line, error)
        if isinstance(message, JSONRPCRequest):
            self._count_request()
        return message

    def _skip(self, line: bytes) -> None:
        if line:
            self.skipped += 1
            text = line[:_SEARCHED_BYTES].decode("utf-8", "replace")
            self._shown.append(self._link.eraser.text(text)[:_SHOWN_BYTES])  # half a secret would not be found later

    def _count_request(self) -> None:
        self._link.unanswered += 1
        if self._link.unanswered > MAX_UNANSWERED:
            self._link.fault = f"the server sent {MAX_UNANSWERED} requests without reading the answers"
            self._link.ended.set()
            raise anyio.EndOfStream

    async def aclose(self) -> None:
        """Nothing to close: the process belongs to whoever started it."""

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> SessionMessage:
        try:
            return await self.receive()
        except anyio.EndOfStream:
            raise StopAsyncIteration from None


class MessageWriter(AsyncResource):
    """Messages to a process's stdin, one line each."""

    def __init__(self, link: ProcessLink) -> None:
        self._link = link
        self._send, self._receive = anyio.create_memory_object_stream[bytes](_WAITING_WRITES)

    async def send(self, item: SessionMessage) -> None:
        """Queue a message, waiting while the process does not read.

        Raises:
            ValueError: The message cannot be written as JSON.
            anyio.BrokenResourceError: The process is gone.
        """
        message = item.message
        data = message.model_dump_json(by_alias=True, exclude_unset=True).encode() + b"\n"
        if isinstance(message, JSONRPCResponse | JSONRPCError):
            self._link.unanswered -= 1
        await self._send.send(data)

    async def run(self) -> None:
        """Write what is queued until the link closes; a process that stops reading has ended, or is ended."""
        with self._receive:
            try:
                async for data in self._receive:
                    await self._link.process.send(data)
            except (SandboxExited, anyio.BrokenResourceError, anyio.ClosedResourceError):
                self._receive.close()
                with anyio.move_on_after(_ENDING):
                    await self._link.ended.wait()
                await self._link.process.kill()

    async def aclose(self) -> None:
        """Accept no more messages."""
        self._send.close()


@asynccontextmanager
async def process_link(process: Process, *, bounds: Bounds, eraser: Eraser) -> AsyncGenerator[ProcessLink]:
    """Speak MCP with a running process, within ``bounds``; ``eraser`` goes over all that the process says."""
    link = ProcessLink(process, bounds=bounds, eraser=eraser)
    with bare_errors():
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(link.outgoing.run)
            try:
                yield link
            finally:
                await link.outgoing.aclose()
                tasks.cancel_scope.cancel()


def parse_message(line: bytes, eraser: Eraser) -> JSONRPCMessage:
    """One line as a JSON-RPC message, its payload untouched but for secrets.

    The JSON is parsed once and its shape says which message it is: a union of models would try each in turn, which
    is several times slower on large results. Nesting is bounded by the parser (about 200 levels).

    Raises:
        ValueError: The line is no JSON-RPC message.
    """
    value = from_json(line)
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")
    data = cast("dict[str, Any]", value)
    data |= {key: eraser.message(line, data[key]) for key in _PAYLOADS if key in data}
    if "method" in data:
        return (JSONRPCRequest if "id" in data else JSONRPCNotification).model_validate(data)
    return (JSONRPCResponse if "result" in data else JSONRPCError).model_validate(data)


def _broken_answer(line: bytes, error: ValueError) -> JSONRPCMessage | None:
    """An error in place of an answer that cannot be read, so that its caller need not wait for the time-out."""
    ends = line[:_SHOWN_BYTES] + line[-_SHOWN_BYTES:]
    found = _ANSWERED_ID.search(ends)
    if found is None or b'"jsonrpc"' not in ends or b'"method"' in ends:
        return None
    words = "it is no JSON-RPC answer" if isinstance(error, ValidationError) else str(error)
    text = f"the server's answer cannot be read: {words}"
    return JSONRPCError(jsonrpc="2.0", id=int(found[1]), error=ErrorData(code=PARSE_ERROR, message=text))
