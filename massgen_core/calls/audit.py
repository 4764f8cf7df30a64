"""The audit log: one JSON line per call, safe against concurrent writers and a full disk."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import anyio
import anyio.to_thread

from massgen_core.config import AuditSettings
from massgen_core.errors import PermissionDenied
from massgen_core.result import ToolResult, part_to_json
from massgen_core.tools import Call, Middleware, Next, Tool

REDACTED = "[redacted]"
LONGEST_TEXT = 256
"""Characters of one argument that are kept; a longer text is named by its length and hash."""

_MAX_DEPTH = 8
_MAX_PENDING = 1000


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
        self._pending: deque[bytes] = deque(maxlen=_MAX_PENDING)

    async def ready(self) -> bool:
        """Whether everything so far is on the disk and the file can be written."""
        if not self._pending and self.trouble is None and self.path.exists():
            return True
        return await anyio.to_thread.run_sync(self._flush)

    async def append(self, record: Mapping[str, Any]) -> None:
        """Add one record, or keep it until the file can be written again."""
        line = json.dumps(record, ensure_ascii=False, separators=(",", ":"), default=str) + "\n"
        self._pending.append(line.encode("utf-8", "surrogatepass"))
        await anyio.to_thread.run_sync(self._flush)

    def _flush(self) -> bool:
        try:
            self._write_pending()
        except OSError as error:
            self.trouble = str(error)
            return False
        self.trouble = None
        return True

    def _write_pending(self) -> None:
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
        try:
            with _locked(descriptor):
                while self._pending:
                    line = self._pending.popleft()
                    try:
                        _write_whole(descriptor, line)
                    except OSError:
                        self._pending.appendleft(line)
                        raise
        finally:
            os.close(descriptor)


class _locked:
    """An exclusive lock on an open file, between processes; nothing where the system has no `flock`."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def __enter__(self) -> None:
        with suppress(ImportError):
            import fcntl

            fcntl.flock(self._descriptor, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        """The lock goes with the descriptor, which is closed next."""


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
    return {
        "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "call": call.id,
        "session": call.session_id,
        "agent": call.agent,
        "tool": call.name,
        "plugin": call.plugin,
        "version": call.version,
        "arguments": redact(call.tool, call.arguments),
        "decision": "refused" if result and result.error and result.error.kind in _REFUSALS else "allowed",
        "outcome": _outcome(result),
        "duration_ms": round(1000 * seconds, 3),
        **_fingerprint(result),
    }


_REFUSALS = ("denied", "invalid_arguments")


def _outcome(result: ToolResult | None) -> str:
    if result is None:
        return "cancelled"
    if result.error is not None:
        return result.error.kind
    return "reported_error" if result.is_error else "ok"


def _fingerprint(result: ToolResult | None) -> dict[str, Any]:
    """Size and SHA-256 of a result's content as canonical JSON; the content itself is not recorded."""
    if result is None:
        return {"result_bytes": 0, "result_sha256": None}
    content = [part_to_json(part) for part in result.content]
    text = json.dumps([content, result.structured], sort_keys=True, ensure_ascii=False, default=str)
    data = text.encode("utf-8", "surrogatepass")
    return {"result_bytes": len(data), "result_sha256": hashlib.sha256(data).hexdigest()}


def redact(tool: Tool, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments as they may be recorded: secret ones hidden, long ones shortened to length and hash.

    Secret is what the tool says is, and what its schema marks ``writeOnly`` or ``format: password``. An argument that
    the schema does not name is hidden too: nobody said that it is harmless.
    """
    properties = _properties(tool.input_schema)
    return {
        str(name): REDACTED
        if name in tool.secret_parameters or name not in properties
        else _shown(value, properties[name], _MAX_DEPTH)
        for name, value in arguments.items()
    }


def _shown(value: Any, schema: Any, depth: int) -> Any:
    if depth == 0 or _is_secret(schema):
        return REDACTED
    match value:
        case str() if len(value) > LONGEST_TEXT:
            digest = hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()
            return f"[{len(value)} characters, sha256 {digest}]"
        case Mapping():
            named = _properties(schema)
            items = cast("Mapping[str, Any]", value).items()
            return {str(key): _shown(item, named.get(key), depth - 1) for key, item in items}
        case list() | tuple():
            inner = cast("Mapping[str, Any]", schema).get("items") if isinstance(schema, Mapping) else None
            return [_shown(item, inner, depth - 1) for item in cast("list[Any]", value)]
        case _:
            return value


def _is_secret(schema: Any) -> bool:
    if not isinstance(schema, Mapping):
        return False
    known = cast("Mapping[str, Any]", schema)
    return known.get("writeOnly") is True or known.get("format") == "password"


def _properties(schema: Any) -> Mapping[str, Any]:
    known = cast("Mapping[str, Any]", schema) if isinstance(schema, Mapping) else {}
    properties = known.get("properties")
    return cast("Mapping[str, Any]", properties) if isinstance(properties, Mapping) else {}
