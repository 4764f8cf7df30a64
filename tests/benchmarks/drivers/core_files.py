"""massgen-core: the file tools of a session on a tree, in a process of its own like its rivals."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import massgen_workspace.plugin
import talk
from massgen_workspace.spaces.sources import Folder
from massgen_workspace.spaces.store import Store

from massgen_core.testing import open_test_runtime

Answer = dict[str, Any]


class Files:
    """What can be asked of it, by name."""

    def __init__(self, runtime: Any, session: Any, tree: Path) -> None:
        self._runtime = runtime
        self._session = session
        self._tree = tree
        self._made: list[int] = []
        self._now = 0
        self._numbers = itertools.count()
        self._stores: dict[str, Store] = {}

    async def _call(self, name: str, **arguments: Any) -> Answer:
        result = await self._session.call(name, arguments)
        if result.is_error:
            raise RuntimeError(result.text[:200])
        return result.structured

    async def glob(self, name: str) -> int:
        found = await self._call("find_files", names=[name], limit=10_000)
        if found["more"] is not None:
            raise RuntimeError("there are more than are asked for, so it did not look at all files")
        return len(found["paths"])

    async def search(self, text: str) -> int:
        return len((await self._call("search_files", pattern=text, literal=True, limit=10_000))["hits"])

    async def window(self, path: str) -> int:
        return (await self._call("read_file", path=path, first=-200, lines=200))["lines"]

    async def index(self, path: str) -> int:
        """What a session indexes is its own."""
        async with self._runtime.session(workspace=self._tree) as fresh:
            return (await fresh.call("read_file", {"path": path, "first": -200, "lines": 200})).structured["lines"]

    async def edits(self, *paths: str) -> int:
        """The same word in each file, there and back in turn."""
        edits = [{"old": f"mark{self._now}", "new": f"mark{1 - self._now}"}]
        self._now = 1 - self._now
        self._made = [(await self._call("edit_file", path=path, edits=edits))["id"] for path in paths]
        return len(self._made)

    async def undo(self) -> int:
        for id in reversed(self._made):
            await self._call("undo_change", id=id)
        self._now = 1 - self._now
        return len(self._made)

    async def many(self, folder: str, count: str) -> int:
        """So many new files in one change."""
        place = f"{folder}/{next(self._numbers)}"
        added = "".join(f"*** Add File: {place}/{number}\n+{'x' * 100}\n" for number in range(int(count)))
        return len((await self._call("apply_patch", patch=f"*** Begin Patch\n{added}*** End Patch\n"))["changes"])

    async def fork(self, backend: str) -> int:
        """A copy of a named workspace that holds the tree; made the first time."""
        if backend not in self._stores:
            made = self._stores[backend] = Store(self._tree.parent / f"spaces-{backend}", backend)  # pyright: ignore[reportArgumentType]
            made.create("first", Folder(path=self._tree))
        return len(self._stores[backend].fork("first", f"fork{next(self._numbers)}").name)

    def close(self) -> None:
        for backend, store in self._stores.items():
            for each in store.list():
                store.remove(each.name)
            shutil.rmtree(self._tree.parent / f"spaces-{backend}", ignore_errors=True)


@asynccontextmanager
async def opened(tree: str) -> AsyncGenerator[talk.Run]:
    """One session; its state is beside the tree."""
    section = {"state": f"{tree}-state"}
    async with (
        open_test_runtime(
            ("workspace", massgen_workspace.plugin), config={"plugins": {"workspace": section}}
        ) as runtime,
        runtime.session(workspace=Path(tree)) as session,
    ):
        files = Files(runtime, session, Path(tree))

        async def run(command: Sequence[str]) -> int:
            return await getattr(files, command[0])(*command[1:])

        try:
            yield run
        finally:
            files.close()


if __name__ == "__main__":
    talk.main(opened)
