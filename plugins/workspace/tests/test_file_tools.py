"""Whole files and folders through the tools: moved, copied, deleted, had back, looked at."""

from __future__ import annotations

import io
import os
import tarfile
from pathlib import Path

import massgen_workspace.plugin
import pytest
from file_sessions import Opened

from massgen_core.testing import open_test_runtime

pytestmark = pytest.mark.anyio


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


async def test_a_batch_is_moved_and_undone(opened: Opened, work: Path) -> None:
    (work / "d").mkdir()
    (work / "d" / "a").write_text("1")
    (work / "b").write_text("2")
    async with opened() as call:
        items = [{"source": "d", "target": "x/d"}, {"source": "b", "target": "x/d/b"}]
        done = await call("move_files", items=items)
        assert names(work) == ["x", "x/d", "x/d/a", "x/d/b"]
        assert "moved folder d to x/d\nmoved file b to x/d/b" in done.text
        assert done.structured["changes"][-1]["to"] == "x/d/b"
        listed = await call("list_changes")
        assert listed.structured["changes"][0]["paths"] == ["x", "d", "b"]
        back = await call("undo_change", id=done.structured["id"])
        assert names(work) == ["b", "d", "d/a"]
        await call("undo_change", id=back.structured["id"])
        assert names(work) == ["x", "x/d", "x/d/a", "x/d/b"]
        none = await call("move_files", items=[{"source": "x/d/b", "target": "b"}, {"source": "no", "target": "c"}])
        assert none.is_error
        assert none.text == "no: there is no such file or folder"
        assert names(work) == ["x", "x/d", "x/d/a", "x/d/b"]


async def test_a_whole_context_folder_is_copied(opened: Opened, work: Path, tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    (docs / "in").mkdir(parents=True)
    (docs / "in" / "page").write_text("text")
    (docs / "in" / "page").chmod(0o640)
    async with opened(context={"/docs": {"source": str(docs)}}) as call:
        done = await call("copy_files", items=[{"source": "/docs", "target": "mine"}])
        assert "added folder mine" in done.text
        assert (work / "mine" / "in" / "page").stat().st_mode & 0o777 == 0o640
        moved = await call("move_files", items=[{"source": "/docs/in", "target": "in"}])
        assert moved.text == (
            "/docs/in: it is not in /workspace: move within one folder; from one to another, copy and then delete"
        )
        gone = await call("delete_files", paths=["/docs/in"])
        assert gone.text == "/docs/in: /docs may be read, not changed"
        again = await call("copy_files", items=[{"source": "/docs", "target": "mine"}])
        assert "overwrite" in again.text
        await call("undo_change", id=done.structured["id"])
    assert names(work) == []
    assert names(docs) == ["in", "in/page"]


async def test_the_workspace_itself_is_copied_into_itself(opened: Opened, work: Path) -> None:
    (work / "a").write_text("1")
    async with opened(state=str(work / ".state")) as call:
        done = await call("copy_files", items=[{"source": ".", "target": "backup"}])
        assert not done.is_error, done.text
    assert (work / "backup" / "a").read_text() == "1"
    assert not list((work / "backup").rglob("new-*"))


async def test_deleted_files_are_had_back(opened: Opened, work: Path) -> None:
    (work / "d").mkdir()
    (work / "d" / "a").write_text("1")
    async with opened() as call:
        gone = await call("delete_files", paths=["d"])
        assert "deleted folder d (1 files and folders in it" in gone.text
        (work / "d").write_text("a file by now")
        listed = await call("list_trash")
        item = listed.structured["items"][0]
        assert (item["path"], item["kind"], item["entries"]) == ("d", "folder", 2)
        taken = await call("undelete_files", items=["d"])
        assert taken.text.startswith("d: it is there already")
        await call("undelete_files", items=[item["id"]], target="e")
        assert (work / "e" / "a").read_text() == "1"
        assert (await call("list_trash")).text == "The trash is empty."
        missing = await call("undelete_files", items=["d"])
        assert missing.text == "d is not in the trash; `list_trash` shows what is"
        two = await call("undelete_files", items=["d", "e"], target="f")
        assert "one item" in two.text


async def test_the_last_of_one_name_is_had_back(opened: Opened, work: Path) -> None:
    async with opened() as call:
        for text in ("first", "second"):
            (work / "a").write_text(text)
            await call("delete_files", paths=["/workspace/a"])
        back = await call("undelete_files", items=["/workspace/a"])
        assert (work / "a").read_text() == "second"
        await call("undo_change", id=back.structured["id"])
        assert names(work) == []
        assert len((await call("list_trash")).structured["items"]) == 2


async def test_what_the_trash_cannot_hold(opened: Opened, work: Path) -> None:
    (work / "a").write_text("x" * 100_000)
    async with opened(trash_size="50KiB") as call:
        refused = await call("delete_files", paths=["a"])
        assert refused.is_error
        assert "the trash holds 50.0 KiB; with `forever` they go at once" in refused.text
        done = await call("delete_files", paths=["a"], forever=True)
        assert names(work) == []
        undone = await call("undo_change", id=done.structured["id"])
        assert undone.text == "a: it is not in the trash any more"


async def test_old_things_go_when_a_session_opens(opened: Opened, work: Path, tmp_path: Path) -> None:
    (work / "a").write_text("1")
    async with opened() as call:
        await call("delete_files", paths=["a"])
    assert len(list((tmp_path / "state").rglob("trash/*"))) == 1
    async with opened(trash_age=0.001) as call:
        assert (await call("list_trash")).text == "The trash is empty."
    assert not list((tmp_path / "state").rglob("trash/*"))


async def test_a_folder_is_made_once(opened: Opened, work: Path) -> None:
    async with opened() as call:
        done = await call("make_folder", path="a/b")
        assert names(work) == ["a", "a/b"]
        again = await call("make_folder", path="a/b")
        assert again.structured["id"] is None
        await call("undo_change", id=done.structured["id"])
        assert names(work) == []


async def test_what_files_are(opened: Opened, work: Path) -> None:
    (work / "d").mkdir()
    (work / "d" / "a").write_text("text")
    (work / "run").write_text("#!/bin/sh\n")
    (work / "run").chmod(0o755)
    os.link(work / "run", work / "again")
    os.utime(work / "run", (0, 1_700_000_000.25))
    (work / "link").symlink_to("d")
    (work / ".git").mkdir()
    os.mkfifo(work / "pipe")
    async with opened() as call:
        told = await call("stat_files", paths=["run", "d", "link", ".git", "pipe", ".", "no"])
    run, folder, link, git, pipe, root, missing = told.structured["files"]
    assert run["version"]
    assert {key: run[key] for key in run if key != "version"} == {
        "path": "/workspace/run",
        "kind": "file",
        "mode": "0755",
        "rights": "rwxr-xr-x",
        "modified": "2023-11-14T22:13:20.250+00:00",
        "size": 10,
        "links": 2,
        "may_change": True,
        "reason": None,
    }
    assert (folder["kind"], folder["entries"], folder["size"]) == ("folder", 1, 4)
    assert (link["kind"], link["target"]) == ("link", "d")
    assert (git["may_change"], git["reason"]) == (False, ".git is protected: it may be read, not changed")
    assert (pipe["kind"], root["kind"], root["entries"]) == ("pipe", "folder", 7)
    assert missing == {"path": "no", "problem": "there is no such file or folder"}
    assert not told.is_error


async def test_each_folder_has_its_own_changes(opened: Opened, work: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "a").write_text("1")
    (work / "a").write_text("1")
    async with opened(context={"/other": {"source": str(other), "write": True}}) as call:
        mine = await call("delete_files", paths=["a"])
        theirs = await call("delete_files", paths=["/other/a"])
        assert mine.structured["id"] == theirs.structured["id"]
        await call("undo_change", id=theirs.structured["id"], folder="/other")
        assert (names(work), names(other)) == ([], ["a"])


async def test_what_the_tools_may_do_is_declared() -> None:
    async with open_test_runtime(("workspace", massgen_workspace.plugin)) as runtime:
        access = {tool.name: sorted(tool.tool.access) for tool in runtime.tools}
    assert access["move_files"] == ["delete", "read", "write"]
    assert access["copy_files"] == ["read", "write"]
    assert access["delete_files"] == ["delete"]
    assert access["make_folder"] == ["write"]
    assert access["stat_files"] == access["list_trash"] == ["read"]
    assert access["undelete_files"] == ["read", "write"]


async def test_an_archive_is_made_and_unpacked_elsewhere(opened: Opened, work: Path) -> None:
    (work / "d" / "e").mkdir(parents=True)
    (work / "d" / "e" / "ä b").write_text("text")
    (work / "d" / "run").write_text("#!")
    (work / "d" / "run").chmod(0o755)
    (work / "d" / "link").symlink_to("run")
    (work / "one").write_text("1")
    async with opened() as call:
        for name in ("a.zip", "a.tar", "a.tar.gz", "a.tgz", "a.tar.bz2", "a.tar.xz"):
            made = await call("create_archive", paths=["d", "one"], target=f"out/{name}")
            assert not made.is_error, made.text
            listed = await call("list_archive", path=f"out/{name}")
            assert listed.structured["total"] == 6
            done = await call("extract_archive", path=f"out/{name}", target="new/here")
            assert not done.is_error, done.text
            assert done.structured["size"] == 7
            here = work / "new" / "here"
            assert names(here) == ["d", "d/e", "d/e/ä b", "d/link", "d/run", "one"]
            assert (here / "d" / "run").stat().st_mode & 0o777 == 0o755
            assert (here / "d" / "link").readlink() == Path("run")
            await call("undo_change", id=done.structured["id"])
            assert not (work / "new").exists()
        assert (await call("create_archive", paths=["d"], target="a.rar")).text.startswith(
            "a.rar: it ends with no known format; these are made: tar.gz"
        )
        os.mkfifo(work / "d" / "pipe")
        pipe = await call("create_archive", paths=["d"], target="b.zip")
        assert pipe.text == "d/pipe: it is a pipe: it cannot be packed"
        assert not (work / "b.zip").exists()


async def test_an_archive_into_a_folder_that_is_there(opened: Opened, work: Path) -> None:
    (work / "d").mkdir()
    (work / "d" / "new").write_text("packed")
    (work / "d" / "old").write_text("packed")
    async with opened() as call:
        await call("create_archive", paths=["d"], target="a.tar.gz")
        (work / "d" / "new").unlink()
        (work / "d" / "old").write_text("mine")
        refused = await call("extract_archive", path="a.tar.gz", target=".")
        assert refused.text.startswith("d/old: it is there already; `overwrite` puts it into the trash")
        assert names(work) == ["a.tar.gz", "d", "d/old"]
        done = await call("extract_archive", path="a.tar.gz", target=".", overwrite=True)
        assert (work / "d" / "old").read_text() == "packed"
        assert (work / "d" / "new").read_text() == "packed"
        await call("undo_change", id=done.structured["id"])
        assert names(work) == ["a.tar.gz", "d", "d/old"]
        assert (work / "d" / "old").read_text() == "mine"


async def test_a_hostile_archive_changes_nothing(opened: Opened, work: Path, tmp_path: Path) -> None:
    hostile = io.BytesIO()
    with tarfile.open(fileobj=hostile, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("fine"))
        archive.addfile(tarfile.TarInfo("../../out"))
    (work / "a.tar").write_bytes(hostile.getvalue())
    inner = io.BytesIO()
    with tarfile.open(fileobj=inner, mode="w") as archive:
        archive.addfile(tarfile.TarInfo(".git/hooks/run"))
    (work / "git.tar").write_bytes(inner.getvalue())
    async with opened(largest_archive="1KiB") as call:
        large = await call("extract_archive", path="a.tar", target="new")
        assert large.text == "a.tar: it unpacks to more than 1.0 KiB"
    async with opened() as call:
        refused = await call("extract_archive", path="a.tar", target="new")
        assert refused.text == "a.tar: ../../out in it is refused: its name goes up"
        listed = await call("list_archive", path="a.tar")
        assert "It cannot be unpacked" in listed.text
        protected = await call("extract_archive", path="git.tar", target=".")
        assert ".git is protected" in protected.text
        within = await call("extract_archive", path="git.tar", target="fresh")
        assert not within.is_error
        await call("undo_change", id=within.structured["id"])
        assert (await call("list_trash")).structured["total"] == 1
    assert names(work) == ["a.tar", "git.tar"]
    assert not list((tmp_path / "state").rglob("new-*"))
    assert not (tmp_path / "out").exists()
