"""One structured log event per call, with plugin, version, tool, session and duration."""

from __future__ import annotations

import logging
import time
from functools import cache
from typing import Any

from massgen_core.result import ToolResult
from massgen_core.tools import Call, Middleware, Next

LOGGER = "massgen_core"


def get_logger() -> Any:
    """The logger of this library: structlog's, or the standard library's where structlog is not configured.

    The second keeps a program quiet that never asked for logs, instead of printing to its stdout.
    """
    import structlog

    return structlog.get_logger(LOGGER) if structlog.is_configured() else _standard_logger()


@cache
def _standard_logger() -> Any:
    import structlog

    logging.getLogger(LOGGER).addHandler(logging.NullHandler())  # else Python prints warnings that nobody asked for
    return structlog.wrap_logger(
        logging.getLogger(LOGGER),
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(key_order=["event"]),
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
    )


def log_middleware() -> Middleware:
    """The middleware that logs each call: ``info`` when it went well, ``warning`` when not."""
    logger = get_logger()

    async def around(call: Call, following: Next) -> ToolResult:
        started = time.monotonic()
        try:
            result = await following(call)
        except BaseException:
            logger.warning("tool_call", outcome="cancelled", **_facts(call, started))
            raise
        if result.is_error:
            kind = result.error.kind if result.error else "reported"
            logger.warning("tool_call", outcome=kind, **_facts(call, started))
        else:
            logger.info("tool_call", outcome="ok", **_facts(call, started))
        return result

    return Middleware(name="log", around=around, outer=True, order=-100)


def _facts(call: Call, started: float) -> dict[str, Any]:
    return {
        "call": call.id,
        "tool": call.name,
        "plugin": call.plugin,
        "distribution": call.distribution,
        "version": call.version,
        "session": call.session_id,
        "agent": call.agent,
        "duration_ms": round(1000 * (time.monotonic() - started), 3),
    }
