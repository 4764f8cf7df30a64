"""Other plugins' work on a session's files: under its permissions and quota, with a way back."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import massgen_workspace.plugin
import pytest
import sketching

from massgen_core.result import ToolResult
from massgen_core.testing import open_test_runtime

pytestmark = pytest.mark.anyio

Call = Callable[..., Awaitable[ToolResult]]


@asynccontextmanager
async def opened(folder: Path, **settings: Any) -> AsyncGenerator[Call]:
    section = {"state": str(folder / "state"), "durable": False, **settings}
    plugins = (("workspace", massgen_workspace.plugin), ("sketch", sketching))
    (folder / "work").mkdir(exist_ok=True)
    async with (
        open_test_runtime(*plugins, config={"plugins": {"workspace": section}}) as runtime,
        runtime.session(workspace=folder / "work") as session,
    ):

        async def call(name: str, /, **arguments: Any) -> ToolResult:
            return await session.call(name, arguments)

        yield call


def everything(folder: Path) -> list[str]:
    return sorted(str(each.relative_to(folder)) for each in folder.rglob("*") if each.name != ".massgen-trash")


async def test_what_was_made_is_a_change_that_is_undone(tmp_path: Path) -> None:
    work = tmp_path / "work"
    async with opened(tmp_path) as call:
        made = (await call("sketch_draw", prompt="cat", count=2)).raise_for_error()
        assert [each["path"] for each in made.structured["artefacts"]] == ["pictures/cat.png", "pictures/cat-2.png"]
        again = (await call("sketch_draw", prompt="cat")).raise_for_error()
        assert again.structured["artefacts"][0]["path"] == "pictures/cat-3.png"
        assert (work / "pictures/cat-2.png").read_text() == "second: cat 1"
        assert "image.generate" in (await call("list_changes")).raise_for_error().text
        (await call("undo_change", id=again.structured["change"])).raise_for_error()
        assert everything(work) == ["pictures", "pictures/cat-2.png", "pictures/cat.png"]
        over = await call("sketch_draw", prompt="dog", path="pictures/cat.png", overwrite=True)
        assert over.raise_for_error().structured["artefacts"][0]["path"] == "pictures/cat.png"
        assert (work / "pictures/cat.png").read_text() == "second: dog 0"
        (await call("undo_change", id=over.structured["change"])).raise_for_error()
        assert (work / "pictures/cat.png").read_text() == "second: cat 0"


async def test_folders_of_the_config_are_read_and_not_written(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes/a").write_text("hello")
    async with opened(tmp_path, context={"/notes": {"source": str(tmp_path / "notes")}}) as call:
        (await call("sketch_loudly", files=["/notes/a"])).raise_for_error()
        assert (tmp_path / "work/loud.txt").read_text() == "HELLO"
        refused = await call("sketch_draw", prompt="cat", path="/notes/cat.png")
        assert "may be read, not changed" in refused.text
        protected = await call("sketch_draw", prompt="cat", path=".git/cat.png")
        assert protected.is_error
    assert everything(tmp_path / "notes") == ["a"]


async def test_the_quota_holds(tmp_path: Path) -> None:
    async with opened(tmp_path, quota="1KiB") as call:
        refused = await call("sketch_draw", prompt="x" * 2000, path="long.png")
        assert refused.is_error
        assert "1" in refused.text
        assert everything(tmp_path / "work") == []
