"""Long work that is cancelled in the middle leaves what was, or what was to be; how far it has come only rises."""

from __future__ import annotations

import os
import tarfile
from pathlib import Path
from typing import Any

import anyio
import pytest
from file_sessions import open_session
from massgen_workspace import Folder, Spaces
from massgen_workspace.files import meter
from massgen_workspace.spaces.store import Backend
from massgen_workspace.tools import spaces as space_tools

from massgen_core import Session
from massgen_core.tools import Progress

pytestmark = pytest.mark.anyio

FILES = 600


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A folder with many files, and an archive of it."""
    folder = tmp_path / "work"
    for number in range(FILES):
        (folder / f"many/d{number % 20}").mkdir(parents=True, exist_ok=True)
        (folder / f"many/d{number % 20}/f{number}").write_text(f"{number}\n")
    with tarfile.open(folder / "packed.tar", "w") as archive:
        archive.add(folder / "many", "many")
    return folder


@pytest.fixture(autouse=True)
def told_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """After each few files, so that there is a middle to be cancelled in."""
    monkeypatch.setattr(meter, "_EVERY", 0.0)
    monkeypatch.setattr(space_tools, "_EACH", 100)


def everything(folder: Path) -> dict[str, bytes | None]:
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }


RESTORE = ("restore_snapshot", {"snapshot": "first"})
CALLS: list[tuple[str, dict[str, Any]]] = [
    ("copy_files", {"items": [{"source": "many", "target": "copy"}]}),
    ("create_archive", {"paths": ["many"], "target": "new.tar.gz"}),
    ("extract_archive", {"path": "packed.tar", "target": "unpacked"}),
    ("delete_files", {"paths": ["many"]}),
    ("snapshot_workspace", {"label": "new"}),
    RESTORE,
]


@pytest.mark.parametrize(
    ("name", "arguments", "after"), [*((*call, 2) for call in CALLS), (*RESTORE, 5)], ids=lambda each: str(each)[:20]
)
async def test_a_call_that_is_cancelled(
    work: Path, tmp_path: Path, name: str, arguments: dict[str, Any], after: int
) -> None:
    """A restore also while it writes, which it does when it has looked at all."""
    async with open_session(work, tmp_path / "state") as session:
        (await session.call("snapshot_workspace", {"label": "first"})).raise_for_error()
        for number in range(FILES):
            (work / f"many/d{number % 20}/f{number}").write_text(f"changed {number}\n")
        before = everything(work)
        told = await _cancelled(session, name, arguments, after=after)
        assert told, "it was over before it could be cancelled"
        assert everything(work) == before
        left = [path for path in (tmp_path / "state").rglob("*") if "trash" in path.parts and path.name != "trash"]
        assert left == []
        listed = (await session.call("list_snapshots")).structured["snapshots"]
        assert [each["label"] for each in listed] == ["first"]
        told = await _cancelled(session, name, arguments, after=None)
        assert len(told) > 2
        assert told == sorted(told)
        assert told[-1] >= FILES * 0.7
        if name != "snapshot_workspace":
            assert everything(work) != before


async def _cancelled(session: Session, name: str, arguments: dict[str, Any], *, after: int | None) -> list[float]:
    """Make a call; it is cancelled when it has reported so often. Returns what it told of how far it has come."""
    told: list[float] = []
    with anyio.CancelScope() as scope:

        async def hear(event: object) -> None:
            if isinstance(event, Progress):
                told.append(event.done)
                if len(told) == after:
                    scope.cancel()

        (await session.call(name, arguments, on_event=hear)).raise_for_error()
    assert scope.cancelled_caught == (after is not None)
    return told


BACKENDS = [
    pytest.param("overlay", marks=pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount")),
    "copy",
]


@pytest.mark.parametrize("backend", BACKENDS)
async def test_a_named_workspace_that_is_not_wanted_any_more(work: Path, tmp_path: Path, backend: Backend) -> None:
    """Made, forked, remembered or brought back: it is not there, or is as it was."""
    at = FILES // 2
    spaces = Spaces(tmp_path / "spaces", backend=backend)
    assert await _ended(lambda report: spaces.create("one", Folder(path=work), report=report), at)
    assert await spaces.list() == []
    await spaces.create("one", Folder(path=work))
    await spaces.snapshot("one", "first")
    async with spaces.open("one") as folder:
        for number in range(FILES):
            (folder / f"many/d{number % 20}/f{number}").write_text(f"changed {number}\n")
        before = everything(folder)
        for number in (at, FILES + at):
            assert await _ended(lambda report: spaces.restore("one", "first", report=report), number)
            assert everything(folder) == before
        assert await _ended(lambda report: spaces.fork("one", "two", report=report), at)
        assert [each.name for each in await spaces.list()] == ["one"]
        if backend == "copy":  # an overlay copies nothing but what has changed since
            assert await _ended(lambda report: spaces.snapshot("one", report=report), at)
        assert [each.label for each in await spaces.snapshots("one")] == ["first"]
        told: list[int] = []
        await spaces.restore("one", "first", report=told.append)
        assert told == sorted(told)
        assert (folder / "many/d7/f7").read_text() == "7\n"
    await spaces.prune()
    left = sorted(os.listdir(spaces.store.folder))
    assert left == [".layers", "one"]


async def _ended(work: Any, at: int) -> bool:
    """Whether it was cancelled when so many files were done."""
    with anyio.CancelScope() as scope:

        def report(done: int) -> None:
            if done >= at:
                scope.cancel()

        await work(report)
    return scope.cancelled_caught
