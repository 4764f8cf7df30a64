"""What the disk has by when: contents before a journal speaks of them, names before a change counts as made."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from massgen_workspace.files.syncing import sync_disk
from massgen_workspace.history import store
from massgen_workspace.history.journal import Journal
from massgen_workspace.history.plan import Plan
from massgen_workspace.history.workspace import Workspace

from massgen_core.jail.place import Jail
from massgen_core.jail.roots import Grant


@pytest.fixture
def work(tmp_path: Path) -> Path:
    (tmp_path / "work").mkdir()
    return tmp_path / "work"


@pytest.fixture
def workspace(work: Path, tmp_path: Path) -> Iterator[Workspace]:
    with (
        Jail([Grant(target="/workspace", source=work, write=True)]) as jail,
        Workspace(jail, jail.roots[0], tmp_path / "state", durable=True) as workspace,
    ):
        yield workspace


@pytest.fixture
def events(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The inodes that were waited for, and what the journal was told, in order."""
    found: list[object] = []
    fsync, begin, finish = os.fsync, Journal.begin, Journal.finish

    def synced(file: int) -> None:
        found.append(os.fstat(file).st_ino)
        fsync(file)

    def began(self: Journal, *args: object, **more: object) -> int:
        found.append("begin")
        return begin(self, *args, **more)  # type: ignore[arg-type]

    def finished(self: Journal, *args: object) -> None:
        found.append("finish")
        finish(self, *args)  # type: ignore[arg-type]

    def all_synced(folder: int) -> None:
        found.append("all")
        sync_disk(folder)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Journal, "begin", began)
    monkeypatch.setattr(Journal, "finish", finished)
    monkeypatch.setattr(store, "sync_disk", all_synced)
    return found


def contents(tmp_path: Path) -> set[int]:
    """The inodes of all contents, and of the folders that they are in."""
    folder = tmp_path / "state" / "contents"
    return {path.stat().st_ino for path in (folder, *folder.rglob("*"))}


def test_contents_come_before_the_journal_and_names_before_the_end(
    workspace: Workspace, work: Path, tmp_path: Path, events: list[object]
) -> None:
    (work / "gone").write_text("old")
    (work / "changed").write_text("one")

    def decide(plan: Plan) -> None:
        plan.write(plan.place("changed"), b"two")
        plan.delete(plan.place("gone"))

    workspace.change("both", decide)
    begun, done = events.index("begin"), events.index("finish")
    assert contents(tmp_path) <= set(events[:begun])
    assert {(work / "changed").stat().st_ino, work.stat().st_ino} <= set(events[begun:done])


def test_a_folder_is_waited_for_after_a_deletion_alone(workspace: Workspace, work: Path, events: list[object]) -> None:
    (work / "gone").write_text("old")
    workspace.change("delete", lambda plan: plan.delete(plan.place("gone")))
    assert work.stat().st_ino in events[events.index("begin") : events.index("finish")]


def test_many_contents_are_waited_for_at_once(workspace: Workspace, events: list[object]) -> None:
    def decide(plan: Plan) -> None:
        for number in range(40):
            plan.write(plan.place(f"f{number}"), b"%d" % number)

    workspace.change("many", decide)
    assert events[: events.index("begin")] == ["all"]


def test_what_another_process_has_written_is_waited_for_too(
    workspace: Workspace, tmp_path: Path, events: list[object]
) -> None:
    """It may have been killed before it did so itself."""
    store.Store(tmp_path / "state" / "contents", durable=True).put(b"same")
    workspace.change("write", lambda plan: plan.write(plan.place("f"), b"same"))
    assert contents(tmp_path) <= set(events[: events.index("begin")])


def test_what_was_waited_for_is_not_waited_for_again(
    workspace: Workspace, tmp_path: Path, events: list[object]
) -> None:
    first = workspace.change("one", lambda plan: plan.write(plan.place("f"), b"one"))
    workspace.change("two", lambda plan: plan.write(plan.place("f"), b"two"))
    events.clear()
    workspace.change("one again", lambda plan: plan.write(plan.place("f"), b"one"))
    assert events[0] == "begin"
    version = first.changes[0].after.content
    kept = tmp_path / "state" / "contents" / version[:2] / version[2:]
    kept.unlink()  # as another process does that prunes, and that puts it back
    store.Store(tmp_path / "state" / "contents", durable=True).put(b"one")
    events.clear()
    workspace.change("two again", lambda plan: plan.write(plan.place("f"), b"two"))
    workspace.change("and again", lambda plan: plan.write(plan.place("f"), b"one"))
    assert kept.stat().st_ino in events
