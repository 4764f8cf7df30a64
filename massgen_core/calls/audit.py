"""The audit log: one JSON line per call, safe against concurrent writers and a full disk."""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
from collections import deque
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread

from massgen_core.calls.redaction import redact, shortened
from massgen_core.config import AuditSettings
from massgen_core.errors import PermissionDenied
from massgen_core.result import ToolResult, part_to_json
from massgen_core.tools import Call, Middleware, Next

LONGEST_ARGUMENTS = 65_536
"""Bytes of one call's arguments that are kept, as JSON."""

LOCK_PATIENCE = 5.0
"""Seconds to wait for another process that is writing to the same log."""

_MAX_PENDING = 1000
_FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0)
_REFUSALS = ("denied", "invalid_arguments", "not_found")


def audit_middleware(settings: AuditSettings, *, folder: Path) -> Middleware:
    """The middleware that records every attempt, refused ones included, outside all others.

    A line that cannot be written is kept and written before the next one; while any is waiting, calls are refused
    when the log is ``required``.
    """
    log = AuditLog(folder / settings.path)

    async def around(call: Call, following: Next) -> ToolResult:
        if settings.required and not await log.ready():
            raise PermissionDenied(call.name, f"{call.name} is refused: {log.path} cannot be written ({log.trouble})")
        started = time.monotonic()
        result: ToolResult | None = None
        try:
            result = await following(call)
            return result
        finally:
            with anyio.CancelScope(shield=True):
                await log.append(_record(call, result, time.monotonic() - started))

    return Middleware(name="audit", around=around, outer=True, order=-1000)


class AuditLog:
    """A file that lines are appended to, whole or not at all."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.trouble: str | None = None
        self._pending: deque[bytes] = deque()
        self._lost = 0
        self._writing = threading.Lock()

    async def ready(self) -> bool:
        """Whether everything so far is on the disk and the file can be written."""
        return await anyio.to_thread.run_sync(self._is_ready)

    async def append(self, record: Mapping[str, Any]) -> None:
        """Add one record, or keep it until the file can be written again."""
        self._pending.append(_line(record))
        if len(self._pending) > _MAX_PENDING:
            self._pending.popleft()
            self._lost += 1
        await anyio.to_thread.run_sync(self._flush)

    def _is_ready(self) -> bool:
        is_fine = not self._pending and self.trouble is None and self.path.is_file()
        return is_fine or self._flush()

    def _flush(self) -> bool:
        with self._writing:
            try:
                self._write_pending()
            except OSError as error:
                self.trouble = str(error)
                return False
            self.trouble = None
            return True

    def _write_pending(self) -> None:
        descriptor = os.open(self.path, _FLAGS, 0o600)
        try:
            with _locked(descriptor):
                if self._lost:
                    _write_whole(descriptor, _line({"time": _now(), "lost_records": self._lost}))
                    self._lost = 0
                while self._pending:
                    _write_whole(descriptor, self._pending[0])
                    self._pending.popleft()
        finally:
            os.close(descriptor)


@contextmanager
def _locked(descriptor: int) -> Generator[None]:
    """An exclusive lock on an open file, between processes; nothing where the system has no `flock`.

    It goes with the descriptor, which is closed next.
    """
    try:
        import fcntl
    except ImportError:
        yield
        return
    deadline = time.monotonic() + LOCK_PATIENCE
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise OSError(f"another process has locked it for more than {LOCK_PATIENCE:g} s") from None
            time.sleep(0.002)
    yield


def _line(record: Mapping[str, Any]) -> bytes:
    text = json.dumps(record, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return f"{text}\n".encode("utf-8", "backslashreplace")


def _write_whole(descriptor: int, line: bytes) -> None:
    """Write a line, or leave the file as it was: a full disk may take half of it."""
    before = os.lseek(descriptor, 0, os.SEEK_END)
    try:
        written = os.write(descriptor, line)
        if written != len(line):
            raise OSError(f"only {written} of {len(line)} bytes could be written: the disk may be full")
    except OSError:
        os.ftruncate(descriptor, before)
        raise


def _record(call: Call, result: ToolResult | None, seconds: float) -> dict[str, Any]:
    refused = result is not None and result.error is not None and result.error.kind in _REFUSALS
    return {
        "time": _now(),
        "call": call.id,
        "session": call.session_id,
        "agent": call.agent,
        "tool": call.name,
        "plugin": call.plugin,
        "version": call.version,
        "arguments": _arguments(call),
        "decision": "refused" if refused else "allowed",
        "outcome": _outcome(result),
        "duration_ms": round(1000 * seconds, 3),
        **_fingerprint(result),
    }


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _arguments(call: Call) -> dict[str, Any] | str:
    arguments = redact(call.tool, call.arguments)
    text = json.dumps(arguments, ensure_ascii=False)
    return arguments if len(text) <= LONGEST_ARGUMENTS else shortened(text)


def _outcome(result: ToolResult | None) -> str:
    if result is None:
        return "cancelled"
    if result.error is not None:
        return result.error.kind
    return "reported_error" if result.is_error else "ok"


def _fingerprint(result: ToolResult | None) -> dict[str, Any]:
    """Size and SHA-256 of a result's content as JSON; the content itself is not recorded."""
    if result is None:
        return {"result_bytes": 0, "result_sha256": None}
    try:
        content = [part_to_json(part) for part in result.content]
        text = json.dumps([content, result.structured], ensure_ascii=False, default=str)
    except (TypeError, ValueError, RecursionError):  # no JSON at all: a tool may return what it likes
        return {"result_bytes": None, "result_sha256": None}
    data = text.encode("utf-8", "surrogatepass")
    return {"result_bytes": len(data), "result_sha256": hashlib.sha256(data).hexdigest()}
