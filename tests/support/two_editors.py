"""One of several editors of a tree: ``two_editors.py WORK STATE WHO SEED COUNT [DIES_AT]``; tells each edit as JSON.

It waits for a line on its standard input, then replaces single lines by marks of its own, through the tools of a
session, and takes some of that back. What is to become of a line is told before, and how it came out after that. With
DIES_AT it kills itself at a step in the middle of the last of its edits: a call into C that touches a file or the
journal.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import threading
from pathlib import Path
from typing import Any

import anyio
import massgen_workspace.plugin
from crash_commits import STEPS

from massgen_core import Session
from massgen_core.result import ToolResult
from massgen_core.testing import open_test_runtime

FILES = ("f", "g", "h")
LINES = 12


def begin(work: Path) -> dict[str, set[str]]:
    """What is there first; returns the lines of each file, no two of which are alike."""
    lines = {name: [f"{name} line {number:02}" for number in range(LINES)] for name in FILES}
    for name, texts in lines.items():
        (work / name).write_text("".join(f"{text}\n" for text in texts))
    return {name: set(texts) for name, texts in lines.items()}


class Death:
    """Counts the steps of all threads, once it is told to."""

    def __init__(self) -> None:
        self.left: int | None = None
        threading.setprofile(self.count)
        sys.setprofile(self.count)

    def count(self, _: object, event: str, what: Any) -> None:
        """Is called by the interpreter."""
        if self.left is not None and event == "c_call" and what.__name__ in STEPS:
            self.left -= 1
            if self.left < 0:
                os.kill(os.getpid(), signal.SIGKILL)


class Editor:
    """What one knows of the files, and does to them."""

    def __init__(self, session: Session, who: str, seed: int) -> None:
        self.session = session
        self.who = who
        self.random = random.Random(seed)
        self.known: dict[str, list[str]] = {}
        self.version: dict[str, str] = {}
        self.done: list[tuple[int, list[list[str]]]] = []
        self.count = 0

    async def read(self, name: str) -> None:
        """A file as it is now."""
        found = await self.session.call("read_file", {"path": name})
        self.known[name] = [line.partition("\t")[2] for line in found.raise_for_error().text.splitlines()]
        self.version[name] = found.structured["version"]

    async def edit(self, kinds: str = "lvwpu") -> None:
        """One edit of some kind: of a line, of a line as it was read, of the whole, of a pair of files, or an undo."""
        self.count += 1
        kind = self.random.choice(kinds)
        if kind == "u" and self.done:
            await self.undo()
            return
        names = self.random.sample(FILES, 2 if kind == "p" else 1)
        for name in names:
            if name not in self.known or self.random.random() < 0.3:
                await self.read(name)
        swaps = [self.swap(name) for name in names]
        call = {"p": self.pair, "w": self.whole, "v": self.line_as_read}.get(kind, self.line)
        await self.tell(swaps, *call(swaps))

    def swap(self, name: str) -> list[str]:
        """A file, a line of it, and what is to come in its place."""
        return [name, self.random.choice(self.known[name]), f"{name} mark {self.who} {self.count}"]

    def line(self, swaps: list[list[str]]) -> tuple[str, dict[str, Any]]:
        name, old, new = swaps[0]
        return "edit_file", {"path": name, "edits": [{"old": f"{old}\n", "new": f"{new}\n"}]}

    def line_as_read(self, swaps: list[list[str]]) -> tuple[str, dict[str, Any]]:
        tool, arguments = self.line(swaps)
        return tool, {**arguments, "version": self.version[swaps[0][0]]}

    def whole(self, swaps: list[list[str]]) -> tuple[str, dict[str, Any]]:
        name, old, new = swaps[0]
        lines = [new if line == old else line for line in self.known[name]]
        return "write_file", {"path": name, "content": "".join(f"{line}\n" for line in lines)}

    def pair(self, swaps: list[list[str]]) -> tuple[str, dict[str, Any]]:
        parts = [f"*** Update File: {name}\n@@\n-{old}\n+{new}\n" for name, old, new in swaps]
        return "apply_patch", {"patch": f"*** Begin Patch\n{''.join(parts)}*** End Patch\n"}

    async def undo(self) -> None:
        """The last that is not taken back yet."""
        id, swaps = self.done.pop()
        back = [[name, new, old] for name, old, new in swaps]
        await self.tell(back, "undo_change", {"id": id}, undoes=id)

    async def tell(
        self, swaps: list[list[str]], tool: str, arguments: dict[str, Any], undoes: int | None = None
    ) -> None:
        told = {"tool": tool, "swaps": swaps, "undoes": undoes}
        print(json.dumps(told), flush=True)
        result = await self.session.call(tool, arguments)
        id = None if result.is_error else result.structured["id"]
        print(json.dumps({"id": id, "text": result.text}), flush=True)
        await self.note(result, id, swaps, undoes)

    async def note(self, result: ToolResult, id: int | None, swaps: list[list[str]], undoes: int | None) -> None:
        """Of what went well the new line is known, of what did not the file is read again."""
        for name, old, new in swaps:
            if id is None or undoes or name not in self.known:
                await self.read(name)
            else:
                self.known[name] = [new if line == old else line for line in self.known[name]]
                self.version[name] = next(
                    each["version"] for each in result.structured["changes"] if each["path"] == name
                )
                if "both changes" in result.text:
                    await self.read(name)
        if id is not None and not undoes:
            self.done.append((id, swaps))


async def main(work: Path, state: str, who: str, seed: int, count: int, death: Death | None) -> None:
    """All edits of one editor."""
    config = {"plugins": {"workspace": {"state": state, "durable": False}}}
    async with (
        open_test_runtime(("workspace", massgen_workspace.plugin), config=config) as runtime,
        runtime.session(workspace=work) as session,
    ):
        editor = Editor(session, who, seed)
        for name in FILES:
            await editor.read(name)
        print("ready", flush=True)
        await anyio.to_thread.run_sync(sys.stdin.readline)
        for _ in range(count):
            await editor.edit()
        if death is not None:
            for name in FILES:
                await editor.read(name)
            death.left = int(sys.argv[6])
            while True:
                await editor.edit("p")


if __name__ == "__main__":
    death = Death() if len(sys.argv) > 6 else None
    anyio.run(main, Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]), death)
