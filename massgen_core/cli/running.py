"""Running a command's async part."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Awaitable, Callable
from typing import TypeVar

ResultT = TypeVar("ResultT")


def run_async(function: Callable[[], Awaitable[ResultT]]) -> ResultT:
    """Run to the end; what plugins and tools print on the way goes to stderr, since stdout is for the answer alone."""
    import anyio

    with contextlib.redirect_stdout(sys.stderr):
        return anyio.run(function)
