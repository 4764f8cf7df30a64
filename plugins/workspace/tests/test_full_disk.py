"""A disk that is full, of the workspace or of its history too: it is named, nothing is half written, all goes on."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from file_sessions import open_session
from massgen_workspace import Folder
from massgen_workspace.history.journal import Journal
from massgen_workspace.history.stage import Stage
from massgen_workspace.spaces.restoring import restore
from massgen_workspace.spaces.shelf import SpaceError
from massgen_workspace.spaces.store import Store
from massgen_workspace.spaces.tracked import Plain

from massgen_core.jail.roots import Grant, Root

pytestmark = [pytest.mark.anyio, pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount")]

MIB = 1024 * 1024
LARGE = "x" * (3 * MIB)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 16 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=16m,mode=0755", "tmpfs", folder]
    mounted = subprocess.run(command, check=False, capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip(f"it cannot be mounted: {mounted.stderr}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


@pytest.fixture
def work(disk: Path) -> Path:
    """Some files, and an archive with more than fits."""
    folder = disk / "work"
    (folder / "many").mkdir(parents=True)
    for number in range(12):
        (folder / f"many/f{number}").write_bytes(os.urandom(MIB // 4))
    (folder / "small").write_text("small\n")
    with tarfile.open(folder / "packed.tar.gz", "w:gz") as archive:
        for number in range(20):
            part = tarfile.TarInfo(f"d/part{number}")
            part.size = MIB
            with open("/dev/zero", "rb") as zeros:
                archive.addfile(part, zeros)
    return folder


@pytest.fixture(params=["beside", "elsewhere"])
def state(request: pytest.FixtureRequest, disk: Path, tmp_path: Path) -> Path:
    """Where the history is; elsewhere what is made ready is in the workspace itself."""
    return disk / "state" if request.param == "beside" else tmp_path / "state"


@pytest.fixture(params=["foreseen", "met"])
def foresight(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Whether it is looked at first how much there is room for; somebody else may fill the disk after that."""
    if request.param == "met":
        monkeypatch.setattr(Stage, "demand_room", lambda self, text, size: None)
        monkeypatch.setattr(Stage, "room", lambda self: 1 << 40)
    return request.param


def everything(folder: Path) -> dict[str, bytes | None]:
    """All that is there, also what is half written; of the trash what is in it."""
    found = {str(path.relative_to(folder)): path for path in sorted(folder.rglob("*"))}
    for name in (".massgen-trash", ".massgen-trash/.gitignore"):
        found.pop(name, None)
    return {name: path.read_bytes() if path.is_file() else None for name, path in found.items()}


def filled(disk: Path, left: int) -> Path:
    """A file that leaves so many bytes."""
    found = os.statvfs(disk)
    with (disk / "filler").open("wb") as file:
        file.write(bytes(max(0, found.f_bavail * found.f_frsize - left)))
    return disk / "filler"


PATCH = "*** Begin Patch\n*** Add File: a\n+a\n*** Delete File: small\n*** Add File: b\n+{}\n*** End Patch"
CALLS: list[tuple[str, dict[str, Any]]] = [
    ("write_file", {"path": "small", "content": LARGE}),
    ("edit_file", {"path": "small", "edits": [{"old": "small", "new": LARGE}]}),
    ("apply_patch", {"patch": PATCH.format(LARGE)}),
    ("copy_files", {"items": [{"source": "many", "target": "copy"}]}),
    ("create_archive", {"paths": ["many"], "target": "many.zip"}),
    ("extract_archive", {"path": "packed.tar.gz", "target": "unpacked"}),
]


@pytest.mark.usefixtures("foresight")
@pytest.mark.parametrize(("name", "arguments"), CALLS, ids=[name for name, _ in CALLS])
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_call_that_needs_more_than_there_is(
    disk: Path, work: Path, state: Path, name: str, arguments: dict[str, Any], anyio_backend: str
) -> None:
    async with open_session(work, state) as session:
        (await session.call("write_file", {"path": "first", "content": "1\n"})).raise_for_error()
        before = everything(work)
        filler = filled(disk, 2 * MIB)
        refused = await session.call(name, arguments)
        assert refused.is_error
        assert re.search("disk is full|the disk has room for|No space left", refused.text), refused.text
        assert "Error:" not in refused.text
        assert everything(work) == before
        small = (await session.call("write_file", {"path": "first", "content": "2\n"})).raise_for_error()
        filler.unlink()
        (await session.call("undo_change", {"id": small.structured["id"]})).raise_for_error()
        assert everything(work) == before
        (await session.call("delete_files", {"paths": ["many/f1"], "forever": True})).raise_for_error()


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_disk_without_a_byte(disk: Path, work: Path, anyio_backend: str) -> None:
    """Not even the journal can be written; once there is room again, all goes on where it was."""
    async with open_session(work, disk / "state") as session:
        (await session.call("write_file", {"path": "first", "content": "1\n"})).raise_for_error()
        before = everything(work)
        filler = filled(disk, 0)
        for name, arguments in [("delete_files", {"paths": ["many"]}), *CALLS, ("snapshot_workspace", {})]:
            refused = await session.call(name, arguments)
            assert refused.is_error, (name, refused.text)
            assert "Error:" not in refused.text, (name, refused.text)
            assert everything(work) == before
        filler.unlink()
        done = (await session.call("delete_files", {"paths": ["many"]})).raise_for_error()
        (await session.call("undo_change", {"id": done.structured["id"]})).raise_for_error()
        assert everything(work) == before


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_snapshot_and_a_restore(disk: Path, work: Path, anyio_backend: str) -> None:
    async with open_session(work, disk / "state") as session:
        (work / "many/f1").write_text("1\n")
        filler = filled(disk, 4 * MIB)
        (await session.call("snapshot_workspace", {"label": "first"})).raise_for_error()
        (work / "small").write_bytes(os.urandom(MIB))
        before = everything(work)
        for name, arguments in (("snapshot_workspace", {}), ("restore_snapshot", {"snapshot": "first"})):
            refused = await session.call(name, arguments)
            assert "disk is full" in refused.text, refused.text
            assert everything(work) == before
            listed = (await session.call("list_snapshots")).structured["snapshots"]
            assert [each["label"] for each in listed] == ["first"]
        filler.unlink()
        (await session.call("restore_snapshot", {"snapshot": "first"})).raise_for_error()
        assert (work / "small").read_text() == "small\n"


def test_a_restore_that_meets_it_while_it_writes(disk: Path, work: Path, tmp_path: Path) -> None:
    plain = Plain(work, tmp_path / "state")
    taken = plain.take("first")
    for number in range(12):
        (work / f"many/f{number}").write_text("small\n")
    before = everything(work)
    filler = filled(disk, MIB)
    with Root(Grant(target="/w", source=work, write=True)) as root:
        with pytest.raises(SpaceError, match="the disk is full, so nothing was changed"):
            restore(plain, root, taken, durable=False)
        assert everything(work) == before
        assert plain.shelf.all() == [taken]
        filler.unlink()
        assert restore(plain, root, taken, durable=False).left == []


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_the_journal_meets_it_when_all_is_done(
    work: Path, state: Path, monkeypatch: pytest.MonkeyPatch, anyio_backend: str
) -> None:
    """The change is taken back, and what was not written of that is found out by the next one."""
    finish, times = Journal.finish, 2

    def fails(journal: Journal, entry: int, outcome: Any) -> None:
        nonlocal times
        times -= 1
        if times >= 0:
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorcode = sqlite3.SQLITE_FULL
            raise error
        finish(journal, entry, outcome)

    async with open_session(work, state) as session:
        (await session.call("list_changes")).raise_for_error()
        before = everything(work)
        monkeypatch.setattr(Journal, "finish", fails)
        refused = await session.call("apply_patch", {"patch": PATCH.format("b")})
        assert refused.text == "the disk is full, so nothing was changed: remove what is not needed, then try again"
        assert everything(work) == before
        done = (await session.call("apply_patch", {"patch": PATCH.format("b")})).raise_for_error()
        changes = (await session.call("list_changes")).structured["changes"]
        assert [each["outcome"] for each in changes] == ["done", "failed"]
        (await session.call("undo_change", {"id": done.structured["id"]})).raise_for_error()
        assert everything(work) == before


def test_a_named_workspace_that_does_not_fit(disk: Path, work: Path) -> None:
    store = Store(disk / "spaces", "copy")
    store.create("one", Folder(path=work))
    store.space("one").take("first")
    filled(disk, MIB)
    for act in (
        lambda: store.fork("one", "two"),
        lambda: store.fork("one", "two", snapshot="first"),
        lambda: store.create("two", Folder(path=work)),
    ):
        with pytest.raises(SpaceError, match="the disk is full"):
            act()
        assert [each.name for each in store.list()] == ["one"]
        assert sorted(os.listdir(store.folder)) == [".layers", "one"]
