"""Run the measurements and print their tables: ``python -m tests.benchmarks [--write] [--json] [NAME …]``."""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import anyio

from . import calls, claims, commands, containers, crowds, cycles, egress, files, floods, imports
from .table import Comparison, Rows

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "performance.md"
_PART = re.compile(r"<!-- (\w+) -->")
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
    "files": files.measure,
}


Found = dict[str, list[Comparison | Rows]]
"""The tables of each part."""


async def collect(names: Sequence[str], cycle_count: int) -> Found:
    """The named measurements."""
    found: Found = {}
    for name in (each for each in PARTS if each in names):
        measured = cycles.measure(cycle_count) if name == "cycles" else PARTS[name]()
        found[name] = [table async for table in measured]
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
        print(json.dumps([table.json() for tables in found.values() for table in tables], indent=2))
        return
    texts = {name: "\n".join([f"Taken on {machine()}.\n", *map(markdown, found[name])]) for name in found}
    print("\n".join(texts.values()))
    if options.write:
        PAGE.write_text(updated(PAGE.read_text(), texts))


def markdown(table: Comparison | Rows) -> str:
    """A table as the page has it."""
    return table.markdown()


def updated(page: str, texts: Mapping[str, str]) -> str:
    """The page with these parts in place of their older ones; the others stay, each with the day it was taken."""
    before, rest = page.split(BEGIN)
    figures, after = rest.split(END)
    names, bodies = _PART.findall(figures), _PART.split(figures)[2::2]
    parts = {**dict(zip(names, (body.strip() for body in bodies), strict=True)), **texts}
    ordered = "\n\n".join(f"<!-- {name} -->\n\n{parts[name].strip()}" for name in PARTS if name in parts)
    return f"{before}{BEGIN}\n\n{ordered}\n\n{END}{after}"


if __name__ == "__main__":
    main()
