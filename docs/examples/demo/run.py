"""The main job, end to end: three strangers' MCP servers in containers and one plugin, called as one set of tools."""

from __future__ import annotations

import argparse
import re
import sys
import textwrap
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import anyio
from rich.console import Console
from rich.table import Table

import massgen_core

CONFIG = Path(__file__).with_name("massgen.toml")
WIDTH = 156
SHOWN_RESULT = 44

CALLS: tuple[tuple[str, Mapping[str, Any]], ...] = (
    ("time_get_current_time", {"timezone": "UTC"}),
    ("time_convert_time", {"source_timezone": "Asia/Tokyo", "time": "09:30", "target_timezone": "Europe/Berlin"}),
    ("files_write_file", {"path": "/workspace/note.txt", "content": "written inside a container\n"}),
    ("files_read_text_file", {"path": "/workspace/note.txt"}),
    ("files_read_text_file", {"path": "/etc/shadow"}),
    ("everything_echo", {"message": "hello from the host"}),
    ("everything_get-sum", {"a": 19, "b": 23}),
    ("hello_greet", {"name": "world"}),
)


async def main(picture: Path | None) -> int:
    """Open the runtime, make every call, print the table; 1 when a call that should work did not.

    ``picture`` is an SVG file that gets what was printed.
    """
    out, err = Console(record=picture is not None), Console(stderr=True)
    out.width = max(out.width, WIDTH)
    started = time.monotonic()
    async with massgen_core.open_runtime(CONFIG, report=lambda line: err.out(f"  {line}")) as runtime:
        out.print(f"{len(runtime.tools)} tools from {len(runtime.plugins)} plugins", end=" ")
        out.print(f"in {time.monotonic() - started:.1f} s")
        limits = await _limits(runtime)
        async with runtime.session(agent="demo") as session:
            rows = [(name, *await _call(session, name, arguments)) for name, arguments in CALLS]
    out.print(_table(rows, limits))
    if picture is not None:
        await anyio.Path(picture).write_text(_without_fonts(out.export_svg(title="nox -s demo")), encoding="utf-8")
    return _verdict(rows)


async def _limits(runtime: massgen_core.Runtime) -> dict[str, str]:
    """What each server's container is held to, read back from the engine."""
    backend = runtime.service(massgen_core.SandboxBackend, "docker")
    found = {sandbox.name: await sandbox.inspect() for sandbox in backend.sandboxes}
    return {name: f"{_words(isolation.limits)}, score {isolation.score}" for name, isolation in found.items()}


def _words(limits: Mapping[str, str]) -> str:
    user, network = limits["user"].partition(":")[0], limits["network"]
    return f"{limits['memory']}, {limits['cpus']} cpu, {limits['pids']} pids, uid {user}, net {network}"


async def _call(
    session: massgen_core.Session, name: str, arguments: Mapping[str, Any]
) -> tuple[float, massgen_core.ToolResult]:
    started = time.perf_counter()
    result = await session.call(name, arguments)
    return 1000 * (time.perf_counter() - started), result


def _table(rows: list[tuple[str, float, massgen_core.ToolResult]], limits: Mapping[str, str]) -> Table:
    table = Table(title="One set of tools: three MCP servers in containers, one plugin")
    for heading in ("tool", "server", "container limits, as inspected"):
        table.add_column(heading)
    table.add_column("ms", justify="right")
    table.add_column("result")
    for name, milliseconds, result in rows:
        server = name.partition("_")[0]
        words = " ".join(result.text.split())
        shown = f"refused: {words}" if result.is_error else words
        held = limits.get(server, "none: a plugin, in this process")
        brief = textwrap.shorten(shown, SHOWN_RESULT, placeholder=" …")
        table.add_row(name, server, held, f"{milliseconds:.1f}", brief)
    return table


def _without_fonts(svg: str) -> str:
    """A picture that fetches nothing from anywhere."""
    return re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)


def _verdict(rows: list[tuple[str, float, massgen_core.ToolResult]]) -> int:
    """Every call works but the one for a file outside the server's folder, which must be refused."""
    expected = [_refused(arguments) for _, arguments in CALLS]
    return 0 if [result.is_error for _, _, result in rows] == expected else 1


def _refused(arguments: Mapping[str, Any]) -> bool:
    return arguments.get("path") == "/etc/shadow"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--picture", type=Path, metavar="FILE", help="also draw what is printed, as SVG")
    picture = parser.parse_args().picture
    try:
        sys.exit(anyio.run(main, picture))
    except massgen_core.MassgenError as error:
        sys.exit(f"error: {error}")
