"""MassGen 0.1.4: what `copy_files_batch` does, and the copy of a workspace that `save_snapshot` makes.

Its module is loaded from its file: the package's own ``__init__`` imports every model's client.
"""

from __future__ import annotations

import importlib.util
import itertools
import shutil
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import talk

MODULE = "massgen/filesystem_manager/_workspace_tools_server.py"


def workspace_tools() -> Any:
    """Its module."""
    path = str(distribution("massgen").locate_file(MODULE))
    spec = importlib.util.spec_from_file_location("workspace_tools", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@asynccontextmanager
async def opened(tree: str) -> AsyncGenerator[talk.Run]:
    """Its functions on a tree."""
    tools = workspace_tools()
    numbers = itertools.count()
    root = Path(tree)

    async def run(command: Sequence[str]) -> int:
        number = next(numbers)
        match command:
            case ["many", folder, count]:
                source, target = root / "thousand", root / folder / f"massgen{number}"
                pairs = tools.get_copy_file_pairs([root], str(source), str(target), ["*"], [])
                for one, other in pairs[: int(count)]:
                    tools._perform_copy(one, other, overwrite=False)
                return len(pairs)
            case ["fork", *_]:
                target = root.parent / f"massgen-copy{number}"
                shutil.copytree(root, target)
                return 1
            case _:
                raise RuntimeError(f"it has no {command[0]}")

    yield run


if __name__ == "__main__":
    talk.main(opened)
