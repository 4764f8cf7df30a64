"""OpenHands' file editor (openhands-aci): `OHEditor` called as its agents' tool is."""

from __future__ import annotations

import itertools
import os
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import talk
from openhands_aci.editor.editor import OHEditor  # pyright: ignore[reportMissingImports]


@asynccontextmanager
async def opened(tree: str) -> AsyncGenerator[talk.Run]:
    """One editor; what it blocks, nobody waits for."""
    editor: Any = OHEditor(workspace_root=tree)
    numbers = itertools.count()
    edited: list[str] = []
    now = [0]

    async def run(command: Sequence[str]) -> int:
        number = next(numbers)
        match command:
            case ["window", path]:
                return len(editor(command="view", path=f"{tree}/{path}", view_range=[-200, -1]).output)
            case ["edits", *paths]:
                edited[:] = [f"{tree}/{path}" for path in paths]
                for path in edited:
                    editor(command="str_replace", path=path, old_str=f"mark{now[0]}", new_str=f"mark{1 - now[0]}")
                now[0] = 1 - now[0]
                return len(paths)
            case ["undo"]:
                for path in edited:
                    editor(command="undo_edit", path=path)
                now[0] = 1 - now[0]
                return len(edited)
            case ["many", folder, count]:
                os.makedirs(f"{tree}/{folder}/openhands{number}")
                for each in range(int(count)):
                    place = f"{tree}/{folder}/openhands{number}/{each}"
                    editor(command="create", path=place, file_text="x" * 100)
                return int(count)
            case _:
                raise RuntimeError(f"it has no {command[0]}")

    yield run


if __name__ == "__main__":
    talk.main(opened)
