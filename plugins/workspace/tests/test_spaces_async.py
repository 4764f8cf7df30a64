"""Named workspaces for a program: awaited, with progress, and ended early."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import anyio
import pytest
from massgen_workspace import Folder, SpaceError, Spaces, watch
from massgen_workspace.spaces.watching import Changes, merged

pytestmark = pytest.mark.anyio


@pytest.fixture
def spaces(tmp_path: Path) -> Spaces:
    return Spaces(tmp_path / "spaces")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    for number in range(300):
        folder = tmp_path / f"source/d{number}"
        folder.mkdir(parents=True)
        (folder / "file").write_text(str(number))
    return tmp_path / "source"


async def test_all_of_it(spaces: Spaces, source: Path) -> None:
    told: list[int] = []
    made = await spaces.create("one", Folder(path=source), report=told.append)
    assert told
    assert told == sorted(told)
    assert made.name == "one"
    taken = await spaces.snapshot("one", "first")
    async with spaces.open("one") as folder:
        (folder / "d7/file").write_text("changed")
        (folder / "new").write_text("x")
        assert [each.path for each in (await spaces.diff("one", taken.id)).changes] == [b"d7/file", b"new"]
        await spaces.fork("one", "two")
        done = await spaces.restore("one", "first", ["new"])
        assert done.before is not None
        assert not (folder / "new").exists()
    async with spaces.open("two") as folder:
        assert ((folder / "d7/file").read_text(), (folder / "new").read_text()) == ("changed", "x")
    assert [each.id for each in await spaces.snapshots("one")] == [1, 2]
    assert [each.id for each in (await spaces.prune("one", keep=1))["one"]] == [1]
    await spaces.remove("two")
    assert [each.name for each in await spaces.list()] == ["one"]
    assert (await spaces.backends())["copy"] == "works"


async def test_who_is_cancelled_leaves_nothing(spaces: Spaces, source: Path) -> None:
    with anyio.CancelScope() as scope:
        await spaces.create("one", Folder(path=source), report=lambda done: scope.cancel())
    assert scope.cancelled_caught
    assert await spaces.list() == []
    assert [name for name in os.listdir(spaces.store.folder) if name != ".layers"] == []
    assert [name for name in os.listdir(spaces.store.folder / ".layers") if name != ".lock"] == []


async def test_a_folder_is_closed_when_its_user_fails(spaces: Spaces) -> None:
    await spaces.create("one")
    with pytest.raises(ZeroDivisionError):
        async with spaces.open("one"):
            raise ZeroDivisionError
    await spaces.remove("one")


async def test_peers_are_folders_that_hold_what_was(spaces: Spaces) -> None:
    await spaces.create("theirs")
    async with spaces.open("theirs") as folder:
        (folder / "answer").write_text("42")
        await spaces.snapshot("theirs")
        (folder / "answer").write_text("43")
    async with spaces.peers({"agent1": ("theirs", 1)}) as [grant]:
        assert (grant.target, grant.write) == ("/peers/agent1", False)
        assert (grant.source / "answer").read_text() == "42"
    assert not grant.source.exists()


async def test_a_watch_looks_again_at_new_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes into one just before the kernel is asked to tell of it is told all the same."""
    watchfiles = pytest.importorskip("watchfiles")
    work = tmp_path

    async def unlucky(*_: object, **__: object) -> AsyncGenerator[set[tuple[Any, str]]]:
        await anyio.to_thread.run_sync((work / "new").mkdir)
        yield {(watchfiles.Change.added, str(work / "new"))}
        await anyio.to_thread.run_sync((work / "new/file").write_text, "x")
        yield set()
        yield set()

    monkeypatch.setattr(watchfiles, "awatch", unlucky)
    assert [batch.added async for batch in watch(work)] == [("new",), ("new/file",)]


async def test_a_watch_tells_what_is_in_new_folders(tmp_path: Path) -> None:
    pytest.importorskip("watchfiles")
    work = tmp_path / "work"
    work.mkdir()
    ready = anyio.Event()
    seen: set[str] = set()

    async def look() -> None:
        async with aclosing(watch(work, ready=ready)) as batches:
            async for batch in batches:
                seen.update(batch.added)
                if "a/b/c/file" in seen:
                    return

    with anyio.fail_after(30):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(look)
            await ready.wait()
            (work / "a/b/c").mkdir(parents=True)
            (work / "a/b/c/file").write_text("x")
    assert seen == {"a", "a/b", "a/b/c", "a/b/c/file"}


async def test_what_is_no_folder_is_not_watched(tmp_path: Path) -> None:
    with pytest.raises(SpaceError, match="is no folder that is there"):
        async for _ in watch(tmp_path / "nothing"):
            pass


def test_batches_become_one() -> None:
    one = Changes(added=("a", "b"), changed=("c", "d"))
    two = Changes(changed=("a",), deleted=("b", "c"), added=())
    three = Changes(added=("c",), rescan=True)
    assert merged([one, two]) == Changes(added=("a",), changed=("d",), deleted=("c",))
    assert merged([one, two, three]) == Changes(added=("a",), changed=("c", "d"), rescan=True)
    assert not merged([])
