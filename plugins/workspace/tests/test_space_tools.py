"""Snapshots, peers, quotas and changes as an agent has them: through a session."""

from __future__ import annotations

import os
import re
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

import anyio
import massgen_workspace.plugin
import pytest
from file_sessions import Opened
from massgen_workspace import Spaces

from massgen_core.errors import ToolFailed
from massgen_core.result import ToolResult
from massgen_core.testing import open_test_runtime

pytestmark = pytest.mark.anyio


async def refused(calling: Awaitable[ToolResult], words: str) -> None:
    """The call fails, and says so in these words (a regular expression)."""
    result = await calling
    assert result.is_error
    assert re.search(words, result.text), result.text


def contents(folder: Path) -> list[bytes]:
    """Of all files in a folder."""
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]


def data(result: ToolResult) -> dict[str, Any]:
    assert result.structured is not None
    return dict(result.structured)


async def test_an_agent_remembers_compares_and_goes_back(opened: Opened, work: Path) -> None:
    (work / "a").write_text("one\n")
    async with opened(work) as call:
        assert (await call("list_snapshots")).text == "There is no snapshot; `snapshot_workspace` takes one."
        taken = data(await call("snapshot_workspace", label="before"))
        assert taken["id"] == 1
        assert (await call("diff_snapshot", snapshot="before")).text == "Nothing differs."
        await call("write_file", path="a", content="two\n")
        (work / "b").write_text("by a program")
        told = await call("diff_snapshot", snapshot="1")
        assert told.text.splitlines()[:2] == ["changed\ta", "added\tb"]
        assert "-one\n+two" in told.text
        assert data(told)["changes"][1] == {"path": "b", "what": "added", "kind": "file"}
        assert (await call("diff_snapshot", snapshot="1", paths=["b"], lines=0)).text == "added\tb"
        done = await call("restore_snapshot", snapshot="before")
        assert 'To take this back: restore_snapshot(snapshot="2")' in done.text
        assert ((work / "a").read_text(), (work / "b").exists()) == ("one\n", False)
        assert data(await call("restore_snapshot", snapshot="2", paths=["/workspace/b"]))["changes"] == 1
        assert (work / "b").read_text() == "by a program"
        assert data(await call("list_snapshots"))["snapshots"][0]["label"] == "before"
        await refused(call("diff_snapshot", snapshot="9"), r"there is no snapshot '9': there are 1 \(before\), 2")


async def test_snapshots_need_no_right_to_write_and_a_restore_does(tmp_path: Path) -> None:
    async with open_test_runtime(("workspace", massgen_workspace.plugin)) as runtime:
        access = {each.name: each.tool.access for each in runtime.tools}
    assert access["snapshot_workspace"] == access["diff_snapshot"] == access["wait_for_changes"] == {"read"}
    assert access["restore_snapshot"] == {"read", "write", "delete"}


async def test_a_named_workspace_has_its_own_snapshots(opened: Opened, tmp_path: Path) -> None:
    spaces = Spaces(tmp_path / "spaces")
    await spaces.create("mine")
    async with spaces.open("mine") as folder, opened(folder) as call:
        await call("write_file", path="a", content="one\n")
        await call("snapshot_workspace", label="by the agent")
        await call("write_file", path="a", content="two\n")
    assert [each.label for each in await spaces.snapshots("mine")] == ["by the agent"]
    found = await spaces.diff("mine", "by the agent")
    assert [(each.what, each.path) for each in found.changes] == [("changed", b"a")]
    assert not (tmp_path / "state" / "tree").exists()


async def test_a_new_workspace_does_not_find_what_one_of_its_name_had(opened: Opened, tmp_path: Path) -> None:
    """No change, nothing deleted, no snapshot: these went with it."""
    spaces = Spaces(tmp_path / "spaces")
    for number in range(2):
        await spaces.create("one")
        async with spaces.open("one") as folder, opened(folder) as call:
            assert data(await call("list_changes"))["changes"] == []
            assert data(await call("list_trash"))["total"] == 0
            assert data(await call("list_snapshots"))["snapshots"] == []
            await refused(call("undo_change", id=1), "there is no change 1")
            await call("write_file", path="f", content=f"secret of {number}\n")
            await call("snapshot_workspace", label="mine")
            await call("delete_files", paths=["f"])
            assert data(await call("list_trash"))["total"] == 1
        await spaces.remove("one")
    assert not any(b"secret" in content for content in contents(tmp_path))


async def test_what_others_have_made_can_be_read_and_not_changed(opened: Opened, tmp_path: Path) -> None:
    spaces = Spaces(tmp_path / "spaces")
    for name in ("first", "second", "viewer"):
        await spaces.create(name)
    for name in ("first", "second"):
        async with spaces.open(name) as folder:
            (folder / "answer").write_text(f"{name}\n")
            await spaces.snapshot(name, "done")
            (folder / "answer").write_text("later")
    shown = {"agent1": ("second", "done"), "agent2": ("first", 1)}
    async with spaces.open("viewer", peers=shown) as folder, opened(folder) as call:
        assert "second" in (await call("read_file", path="/peers/agent1/answer")).text
        assert "first" in (await call("read_file", path="/peers/agent2/answer")).text
        await refused(
            call("write_file", path="/peers/agent1/answer", content="x"), "/peers/agent1 may be read, not changed"
        )
    async with spaces.open("viewer") as folder, opened(folder) as call:
        await refused(call("read_file", path="/peers/agent1/answer"), "it is in none of the folders that are open here")
    assert not [path for path in (tmp_path / "spaces").iterdir() if path.name.startswith(".shown")]
    with pytest.raises(ToolFailed, match=r"'a/b' cannot be the name of a peer"):
        async with spaces.peers({"a/b": ("first", 1)}):
            pass


async def test_a_write_that_would_be_too_much_is_refused_with_what_is_large(opened: Opened, work: Path) -> None:
    (work / "big").mkdir()
    (work / "big/file").write_bytes(bytes(3000))
    (work / "small").write_bytes(bytes(500))
    async with opened(work, quota="4000B") as call:
        await refused(
            call("write_file", path="new", content="x" * 600), r"would hold .* The largest in it: big .*, \. "
        )
        assert not (work / "new").exists()
        await call("write_file", path="new", content="x" * 400)
        await refused(call("write_file", path="other", content="x" * 200), "would hold")
        await call("write_file", path="new", content="x" * 100)  # smaller than it was
        await call("write_file", path="other", content="x" * 200)
    async with opened(work, quota_files=5) as call:
        await call("write_file", path="fifth", content="x")
        await refused(call("write_file", path="sixth", content="x"), "would hold 6 of 5 files")
        await call("write_file", path="fifth", content="y")


async def test_changes_are_waited_for_and_none_is_missed(opened: Opened, work: Path) -> None:
    pytest.importorskip("watchfiles")
    (work / ".gitignore").write_text("*.log\n")
    async with opened(work) as call:
        cursor = data(await call("wait_for_changes", seconds=0))["cursor"]
        (work / "new").mkdir()
        (work / "new/file").write_text("x")
        (work / "x.log").write_text("ignored")
        (work / ".gitignore").write_text("*.log\n\n")
        found: dict[str, Any] = {"added": []}
        with anyio.fail_after(30):
            seen: set[str] = set()
            while not {"new", "new/file", ".gitignore"} <= seen:
                found = data(await call("wait_for_changes", since=cursor, seconds=10))
                cursor = found["cursor"]
                seen |= {*found["added"], *found["changed"]}
        assert "x.log" not in seen
        os.unlink(work / "new/file")
        with anyio.fail_after(30):
            told = await call("wait_for_changes", since=cursor, seconds=10)
        assert "deleted\tnew/file" in told.text
        assert data(await call("wait_for_changes", since=99, seconds=0))["rescan"]
