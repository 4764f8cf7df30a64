"""Run the measurements and print their tables: ``python -m tests.benchmarks [--write] [--json] [NAME …]``."""

from __future__ import annotations

import argparse
import json
import os
import platform
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import anyio

from . import calls, claims, commands, containers, crowds, cycles, egress, floods, imports
from .table import Comparison, Rows

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "performance.md"
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"
PARTS: Mapping[str, Callable[[], AsyncIterator[Comparison | Rows]]] = {
    "imports": imports.measure,
    "calls": calls.measure,
    "containers": containers.measure,
    "claims": claims.measure,
    "commands": commands.measure,
    "crowds": crowds.measure,
    "cycles": cycles.measure,
    "egress": egress.measure,
    "floods": floods.measure,
}


async def collect(names: Sequence[str], cycle_count: int) -> list[Comparison | Rows]:
    """The named measurements."""
    found: list[Comparison | Rows] = []
    for name in (each for each in PARTS if each in names):
        measured = cycles.measure(cycle_count) if name == "cycles" else PARTS[name]()
        found += [table async for table in measured]
    return found


def machine() -> str:
    """One line on where the figures were taken."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("mcp", "aiodocker", "anyio", "pydantic", "fastmcp"))
    day = datetime.now(UTC).date().isoformat()
    system = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    return f"{day}, {os.cpu_count()} cores, {system}, {packages}"


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(PARTS)}; all when none is given")
    parser.add_argument("--cycles", type=int, default=cycles.COUNT, metavar="N", help="sandboxes of `cycles`")
    parser.add_argument("--json", action="store_true", help="print data instead of tables")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/explanation/performance.md")
    options = parser.parse_args()
    if unknown := set(options.names) - set(PARTS):
        parser.error(f"no such measurement: {', '.join(sorted(unknown))}")
    found = anyio.run(collect, options.names or list(PARTS), options.cycles)
    if options.json:
        print(json.dumps([table.json() for table in found], indent=2))
        return
    text = "\n".join([f"Taken on {machine()}.", "", *(table.markdown() for table in found)])
    print(text)
    if options.write:
        page = PAGE.read_text()
        before, after = page.split(BEGIN)[0], page.split(END)[1]
        PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{after}")


if __name__ == "__main__":
    main()
