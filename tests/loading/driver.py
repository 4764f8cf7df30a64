"""Run in an environment of third-party plugins: open a runtime, call some tools, write down what happened.

Usage: python driver.py OUT CONFIG BACKEND TOOL...
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import anyio

import massgen_core


async def main(config: dict[str, Any], calls: list[str]) -> dict[str, Any]:
    seen: dict[str, Any] = {"error": None}
    try:
        died = anyio.Event()

        def report(line: str) -> None:
            if "failed to keep running" in line:
                died.set()

        async with massgen_core.open_runtime(config, report=report) as runtime, runtime.session() as session:
            seen["results"] = {name: (await session.call(name)).text for name in calls}
            if "dies_later_die" in calls:
                with anyio.fail_after(10):
                    await died.wait()
            seen["tools"] = [entry.name for entry in session.tools if _is_mine(entry.owner.distribution)]
    except massgen_core.MassgenError as error:
        seen["error"] = f"{type(error).__name__}: {error}"
    else:
        seen["plugins"] = {info.name: [info.state, info.stage, info.reason] for info in runtime.plugins}
        mine = {info.name for info in runtime.plugins if _is_mine(info.distribution)}
        seen["failures"] = [[e.subject, e.stage, e.reason] for e in runtime.failures if e.plugin in mine]
    return seen


def _is_mine(distribution: str | None) -> bool:
    """Whether it was installed by the test, and is not just around where the tests run."""
    return (distribution or "").startswith("acme-")


if __name__ == "__main__":
    seen = anyio.run(main, json.loads(sys.argv[2]), sys.argv[4:], backend=sys.argv[3])
    Path(sys.argv[1]).write_text(json.dumps(seen))
