"""Run the measurements and print their tables: ``python -m tests.benchmarks [--write] [--json] [NAME …]``."""

from __future__ import annotations

import argparse
import json
import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import anyio

from . import calls, commands, containers, egress, floods, imports
from .table import Comparison

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "performance.md"
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"
NAMES = ("imports", "calls", "containers", "commands", "egress", "floods")


async def collect(names: Sequence[str]) -> list[Comparison]:
    """The named measurements."""
    found: list[Comparison] = []
    if "imports" in names:
        found += imports.measure()
    if "calls" in names:
        found += [comparison async for comparison in calls.measure()]
    if "containers" in names:
        found += [comparison async for comparison in containers.measure()]
    if "commands" in names:
        found += [comparison async for comparison in commands.measure()]
    if "egress" in names:
        found += [comparison async for comparison in egress.measure()]
    if "floods" in names:
        found += [comparison async for comparison in floods.measure()]
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
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}; all when none is given")
    parser.add_argument("--json", action="store_true", help="print data instead of tables")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/explanation/performance.md")
    options = parser.parse_args()
    if unknown := set(options.names) - set(NAMES):
        parser.error(f"no such measurement: {', '.join(sorted(unknown))}")
    found = anyio.run(collect, options.names or NAMES)
    if options.json:
        print(json.dumps([comparison.json() for comparison in found], indent=2))
        return
    text = "\n".join([f"Taken on {machine()}.", "", *(comparison.markdown() for comparison in found)])
    print(text)
    if options.write:
        page = PAGE.read_text()
        before, after = page.split(BEGIN)[0], page.split(END)[1]
        PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{after}")


if __name__ == "__main__":
    main()
