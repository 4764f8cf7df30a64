"""Any number of files change together or not at all, whatever happens meanwhile; and back again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from massgen_workspace.history import states
from massgen_workspace.history import workspace as module
from massgen_workspace.history.journal import Change
from massgen_workspace.history.plan import Plan
from massgen_workspace.history.states import ABSENT, State
from massgen_workspace.history.workspace import Workspace

from massgen_core.errors import ToolFailed
from massgen_core.jail.errors import AlreadyThere, NotAllowed, NotThere, PathRefused
from massgen_core.jail.place import Jail
from massgen_core.jail.roots import Grant


class Tree:
    """A workspace in a folder, and short words for what is done to it."""

    def __init__(self, folder: Path, *, state: Path | None = None) -> None:
        self.folder = folder / "work"
        self.folder.mkdir(exist_ok=True)
        self.jail = Jail([Grant(target="/workspace", source=self.folder, write=True, protected=["kept"])])
        self.workspace = Workspace(self.jail, self.jail.roots[0], state or folder / "state", durable=False)

    def close(self) -> None:
        self.workspace.close()
        self.jail.close()

    def write(self, **files: str) -> int:
        def decide(plan: Plan) -> None:
            for name, text in files.items():
                plan.write(plan.place(name.replace("__", "/")), text.encode())

        return self.workspace.change("write", decide).id

    def change(self, decide: Callable[[Plan], None]) -> int:
        return self.workspace.change("change", decide).id

    def everything(self) -> dict[str, str | None]:
        """All files and their contents; folders have none."""
        found: dict[str, str | None] = {}
        for path in sorted(self.folder.rglob("*")):
            name = str(path.relative_to(self.folder))
            found[name] = f"-> {path.readlink()}" if path.is_symlink() else None if path.is_dir() else path.read_text()
        return found


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[Tree]:
    made = Tree(tmp_path)
    yield made
    made.close()


def test_files_in_new_folders(tree: Tree) -> None:
    tree.write(a="1", x__y__z="2")
    assert tree.everything() == {"a": "1", "x": None, "x/y": None, "x/y/z": "2"}


def test_one_that_cannot_be_written_changes_none(tree: Tree) -> None:
    tree.write(a="old")
    (tree.folder / "kept").write_text("kept")
    before = tree.everything()
    with pytest.raises(NotAllowed, match="kept is protected"):
        tree.write(a="new", b="new", kept="new")
    assert tree.everything() == before


def test_a_disk_that_fails_in_the_middle_changes_none(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    tree.write(a="old a", b="old b", gone="x")
    before = tree.everything()
    real, left = states.bring_about, [2]

    def failing(*words: Any, **more: Any) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise OSError(28, "No space left on device")
        real(*words, **more)

    def decide(plan: Plan) -> None:
        for name in ("a", "b", "c"):
            plan.write(plan.place(name), b"new")
        plan.delete(plan.place("gone"))

    monkeypatch.setattr(module, "bring_about", failing)
    with pytest.raises(PathRefused, match="the disk is full"):
        tree.change(decide)
    assert tree.everything() == before
    assert tree.workspace.journal.last(1)[0].outcome == "failed"


def test_undo_and_redo(tree: Tree) -> None:
    tree.write(a="1", b="1")
    first = tree.everything()

    def decide(plan: Plan) -> None:
        plan.write(plan.place("a"), b"2")
        plan.delete(plan.place("b"))
        plan.write(plan.place("d/e"), b"2")

    changed = tree.change(decide)
    second = tree.everything()
    back = tree.workspace.undo(changed)
    assert tree.everything() == first
    with pytest.raises(ToolFailed, match=f"change {changed} is undone already"):
        tree.workspace.undo(changed)
    tree.workspace.undo(back.id)
    assert tree.everything() == second


def test_rights_come_back_with_a_file(tree: Tree) -> None:
    (tree.folder / "run").write_text("x")
    (tree.folder / "run").chmod(0o755)
    gone = tree.change(lambda plan: plan.delete(plan.place("run")))
    tree.workspace.undo(gone)
    assert (tree.folder / "run").stat().st_mode & 0o777 == 0o755


def test_an_undo_keeps_what_came_later_elsewhere(tree: Tree) -> None:
    tree.write(a="1\n2\n3\n4\n5\n")
    changed = tree.write(a="one\n2\n3\n4\n5\n")
    (tree.folder / "a").write_text("one\n2\n3\n4\nfive\n")
    tree.workspace.undo(changed)
    assert (tree.folder / "a").read_text() == "1\n2\n3\n4\nfive\n"


def test_an_undo_of_lines_that_were_changed_again_is_refused(tree: Tree) -> None:
    tree.write(a="1\n")
    changed = tree.write(a="2\n", b="x")
    (tree.folder / "a").write_text("3\n")
    with pytest.raises(ToolFailed, match="a was changed since, in the same lines"):
        tree.workspace.undo(changed)
    assert tree.everything() == {"a": "3\n", "b": "x"}


def test_a_file_that_changes_meanwhile_is_looked_at_again(tree: Tree) -> None:
    (tree.folder / "a").write_text("1")
    looks: list[bytes] = []

    def decide(plan: Plan) -> None:
        place = plan.place("a")
        looks.append(plan.read(place))
        if len(looks) == 1:
            (tree.folder / "a").write_text("2")
        plan.write(place, looks[-1] + b"!")

    tree.change(decide)
    assert looks == [b"1", b"2"]
    assert (tree.folder / "a").read_text() == "2!"


def test_what_a_killed_process_was_writing_is_removed(tree: Tree) -> None:
    (tree.folder / "d").mkdir()
    (tree.folder / "d" / ".massgen-0123456789abcdef").write_text("half of i")
    (tree.folder / "d" / ".massgenrc").write_text("mine")
    tree.workspace.journal.begin("write", "", [Change(path=b"d/f", before=ABSENT, after=State("file", "00", 0o644))])
    tree.workspace.journal._database.execute("UPDATE entry SET process = '1/0'")
    assert len(tree.workspace.recover()) == 1
    assert tree.everything() == {"d": None, "d/.massgenrc": "mine"}


def test_an_undo_looks_again_as_well(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    id = tree.write(a="one\n", b="x\n")
    plan_back, tries = tree.workspace._plan_back, 0

    def meanwhile(plan: Plan, change: Any) -> None:
        nonlocal tries
        tries += 1
        plan_back(plan, change)
        if tries == 1:
            (tree.folder / "b").write_text("theirs\n")

    monkeypatch.setattr(tree.workspace, "_plan_back", meanwhile)
    with pytest.raises(ToolFailed, match="b was changed since"):
        tree.workspace.undo(id)
    assert tree.everything() == {"a": "one\n", "b": "theirs\n"}


def test_one_that_changes_all_the_time_is_given_up(tree: Tree) -> None:
    (tree.folder / "a").write_text("0")

    def decide(plan: Plan) -> None:
        old = plan.read(plan.place("a"))
        (tree.folder / "a").write_bytes(old + b"x")
        plan.write(plan.place("a"), b"mine")

    with pytest.raises(module.Meanwhile, match="all the time"):
        tree.change(decide)
    assert (tree.folder / "a").read_text() == "0xxx"


def test_links_are_followed_to_one_file(tree: Tree) -> None:
    """Two names of the same file in one transaction are the same file."""
    (tree.folder / "real").mkdir()
    (tree.folder / "link").symlink_to("real")

    def decide(plan: Plan) -> None:
        plan.write(plan.place("real/f"), b"1")
        assert plan.read(plan.place("link/f")) == b"1"
        plan.write(plan.place("link/f"), b"2")

    tree.change(decide)
    assert tree.everything() == {"link": "-> real", "real": None, "real/f": "2"}


def test_a_file_in_place_of_a_folder_and_back(tree: Tree) -> None:
    tree.write(d__f="1")

    def decide(plan: Plan) -> None:
        plan.delete(plan.place("d/f"))
        plan.delete(plan.place("d"))
        plan.write(plan.place("d"), b"file")

    changed = tree.change(decide)
    assert tree.everything() == {"d": "file"}
    tree.workspace.undo(changed)
    assert tree.everything() == {"d": None, "d/f": "1"}


PLANS: dict[str, tuple[Callable[[Plan], object], type[Exception]]] = {
    "read nothing": (lambda plan: plan.read(plan.place("no")), NotThere),
    "delete nothing": (lambda plan: plan.delete(plan.place("no")), NotThere),
    "write a folder": (lambda plan: plan.write(plan.place("d"), b"x"), PathRefused),
    "a folder for a file": (lambda plan: plan.make_folder(plan.place("f")), AlreadyThere),
    "below a file": (lambda plan: plan.write(plan.place("f/x"), b"x"), PathRefused),
    "outside": (lambda plan: plan.write(plan.place("../x"), b"x"), PathRefused),
    "read a folder": (lambda plan: plan.read(plan.place("d")), PathRefused),
}


@pytest.mark.parametrize(("decide", "error"), PLANS.values(), ids=PLANS.keys())
def test_what_cannot_be_planned(tree: Tree, decide: Callable[[Plan], Any], error: type[Exception]) -> None:
    (tree.folder / "d").mkdir()
    (tree.folder / "f").write_text("f")
    with pytest.raises(error):
        tree.change(decide)
    assert tree.everything() == {"d": None, "f": "f"}


def test_two_writers_lose_nothing(tree: Tree, tmp_path: Path) -> None:
    """Each adds lines of its own to the same file, in a history of their own processes' locks."""
    (tree.folder / "log").write_text("")
    others = [Tree(tmp_path) for _ in range(3)]

    def add(each: Tree, name: str) -> None:
        for number in range(20):

            def decide(plan: Plan, number: int = number) -> None:
                place = plan.place("log")
                plan.write(place, plan.read(place) + f"{name} {number}\n".encode())

            each.change(decide)

    threads = [threading.Thread(target=add, args=(each, str(n))) for n, each in enumerate(others)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for each in others:
        each.close()
    lines = (tree.folder / "log").read_text().splitlines()
    assert sorted(lines) == sorted(f"{name} {number}" for name in range(3) for number in range(20))


CRASH = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from test_transactions import Tree
from massgen_workspace.history import workspace
tree = Tree(Path(sys.argv[1]))
left, real = [int(sys.argv[2])], workspace.bring_about
def dying(*words, **more):
    if left[0] == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    left[0] -= 1
    real(*words, **more)
workspace.bring_about = dying
def decide(plan):
    for name in ("a", "b", "new/c"):
        plan.write(plan.place(name), b"new")
    plan.delete(plan.place("gone"))
tree.change(decide)
"""


@pytest.mark.parametrize("steps", range(6))
def test_a_process_that_is_killed_leaves_all_or_nothing(tmp_path: Path, steps: int) -> None:
    first = Tree(tmp_path)
    first.write(a="old", b="old", gone="x")
    before = first.everything()
    first.close()
    words = [sys.executable, "-c", CRASH, str(tmp_path), str(steps), str(Path(__file__).parent)]
    died = subprocess.run(words, check=False).returncode
    assert died == (-signal.SIGKILL if steps < 5 else 0)
    again = Tree(tmp_path)
    assert len(again.workspace.recover()) == (1 if steps < 5 else 0)
    after = {"a": "new", "b": "new", "new": None, "new/c": "new"}
    assert again.everything() == (before if steps < 5 else after)
    assert again.workspace.recover() == []
    again.close()


NAMES = st.sampled_from(["a", "b", "d/a", "d/e/b"])


class Histories(RuleBasedStateMachine):
    """Undoing everything, the newest first, brings back the beginning, whatever was done."""

    def __init__(self) -> None:
        super().__init__()
        import tempfile

        self.folder = tempfile.TemporaryDirectory()
        self.tree = Tree(Path(self.folder.name))
        self.snapshots: list[tuple[int, dict[str, str | None]]] = []

    def note(self, decide: Callable[[Plan], None]) -> None:
        before = self.tree.everything()
        try:
            self.snapshots.append((self.tree.change(decide), before))
        except ToolFailed:
            assert self.tree.everything() == before

    @rule(names=st.sets(NAMES, min_size=1), text=st.text("xy\n", max_size=5))
    def write(self, names: set[str], text: str) -> None:
        def decide(plan: Plan) -> None:
            for name in sorted(names):
                plan.write(plan.place(name), text.encode())

        self.note(decide)

    @rule(name=NAMES)
    def delete(self, name: str) -> None:
        self.note(lambda plan: plan.delete(plan.place(name)))

    @rule()
    def undo(self) -> None:
        if self.snapshots:
            id, before = self.snapshots.pop()
            if id:
                self.tree.workspace.undo(id)
            assert self.tree.everything() == before

    @invariant()
    def nothing_is_left_beside(self) -> None:
        assert not any(name.startswith(".massgen-") for name in os.listdir(self.tree.folder))

    def teardown(self) -> None:
        self.tree.close()
        self.folder.cleanup()


TestHistories = Histories.TestCase
TestHistories.settings = settings(max_examples=25, stateful_step_count=12, deadline=None)


@given(st.binary(max_size=40), st.binary(max_size=40))
@settings(max_examples=20, deadline=None)
def test_any_bytes_come_back(tmp_path_factory: pytest.TempPathFactory, old: bytes, new: bytes) -> None:
    tree = Tree(tmp_path_factory.mktemp("bytes"))
    (tree.folder / "f").write_bytes(old)
    changed = tree.change(lambda plan: plan.write(plan.place("f"), new))
    assert (tree.folder / "f").read_bytes() == new
    assert (changed == 0) == (old == new)
    if changed:
        tree.workspace.undo(changed)
    assert (tree.folder / "f").read_bytes() == old
    tree.close()


def test_a_change_of_nothing_is_not_remembered(tree: Tree) -> None:
    first = tree.write(a="1")
    assert tree.write(a="1") == 0
    assert [entry.id for entry in tree.workspace.journal.last(9)] == [first]
    with pytest.raises(ToolFailed, match="there is no change 0"):
        tree.workspace.undo(0)


def test_an_undo_leaves_folders_that_others_have_filled(tree: Tree) -> None:
    made = tree.write(d__e__f="1")
    (tree.folder / "d" / "theirs").write_text("2")
    back = tree.workspace.undo(made)
    assert tree.everything() == {"d": None, "d/theirs": "2"}
    tree.workspace.undo(back.id)
    assert tree.everything() == {"d": None, "d/e": None, "d/e/f": "1", "d/theirs": "2"}
