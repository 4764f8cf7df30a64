"""What an import and a start of the command line cost, in CPU time of a fresh process."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable

from .table import Comparison, in_turn

ROUNDS = 15


async def measure() -> AsyncIterator[Comparison]:
    """Imports against bare pydantic, and the command line against the same."""
    yield in_turn(
        "Import, CPU time of a fresh interpreter",
        {
            "`import massgen_core`": _python("import massgen_core"),
            "`import pydantic.main`": _python("import pydantic.main"),
            "what a plugin imports": _python("from massgen_core import ToolProvider, hookimpl, tool"),
            "`import fastmcp`": _python("import fastmcp"),
        },
        rounds=ROUNDS,
        unit="ms",
    )
    yield in_turn(
        "Start of the command line, CPU time",
        {
            "`massgen-core plugins --json`": _command([sys.executable, "-m", "massgen_core", "plugins", "--json"]),
            "`import pydantic.main`": _python("import pydantic.main"),
            "`massgen-core --version`": _command([sys.executable, "-m", "massgen_core", "--version"]),
        },
        rounds=ROUNDS,
        unit="ms",
    )


def _python(code: str) -> Callable[[], float]:
    return _command([sys.executable, "-c", code])


def _command(command: list[str]) -> Callable[[], float]:
    def run() -> float:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=os.environ)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise RuntimeError(f"{command} ended with {process.returncode}")
        return 1000 * (usage.ru_utime + usage.ru_stime)

    return run
