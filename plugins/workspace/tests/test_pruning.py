"""What a history forgets, and what it must not."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from massgen_workspace.history.plan import Plan
from massgen_workspace.history.workspace import Workspace

from massgen_core.errors import ToolFailed
from massgen_core.jail.place import Jail
from massgen_core.jail.roots import Grant

LONG = 10**9
HUGE = 10**12


class Tree:
    """A workspace, and its history."""

    def __init__(self, folder: Path) -> None:
        self.work, self.state = folder / "work", folder / "state"
        self.work.mkdir(exist_ok=True)
        self.jail = Jail([Grant(target="/workspace", source=self.work, write=True)])
        self.workspace = Workspace(self.jail, self.jail.roots[0], self.state, durable=False)

    def close(self) -> None:
        self.workspace.close()
        self.jail.close()

    def write(self, name: str, text: str) -> int:
        return self.workspace.change("write", lambda plan: plan.write(plan.place(name), text.encode())).id

    def prune(self, *, age: float = LONG, size: int = HUGE) -> int:
        (self.state / "pruned").unlink(missing_ok=True)
        return self.workspace.prune(age=age, size=size)

    def kept(self) -> list[Path]:
        return sorted(path for path in (self.state / "contents").rglob("*") if path.is_file())

    def ids(self) -> list[int]:
        return [entry.id for entry in self.workspace.journal.last(1000)]


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[Tree]:
    made = Tree(tmp_path)
    yield made
    made.close()


def test_what_is_too_old_goes_with_its_contents(tree: Tree) -> None:
    first = tree.write("a", "one")
    tree.write("a", "two")
    time.sleep(0.2)
    last = tree.write("a", "three")
    assert tree.prune(age=0.15) == 2
    assert tree.ids() == [last]
    assert len(tree.kept()) == 2  # "two" and "three", which the last change is about
    with pytest.raises(ToolFailed, match="there is no change"):
        tree.workspace.undo(first)
    tree.workspace.undo(last)
    assert (tree.work / "a").read_text() == "two"


def test_the_oldest_go_where_contents_take_too_much(tree: Tree) -> None:
    every = [tree.write("a", str(number) * 1000) for number in range(6)]
    assert tree.prune(size=3500) == 4
    assert tree.ids() == every[:3:-1]
    assert sum(path.stat().st_size for path in tree.kept()) == 3000  # two changes are about three contents


def test_the_last_change_stays_whatever_it_takes(tree: Tree) -> None:
    last = tree.write("a", "x" * 1000)
    time.sleep(0.01)
    assert tree.prune(age=0.001, size=0) == 0
    assert tree.ids() == [last]


def test_what_is_in_the_trash_can_be_had_back(tree: Tree) -> None:
    """The entry that deleted it says where it was: it stays for as long as the trash does."""
    tree.write("a", "one")

    def delete(plan: Plan) -> None:
        plan.arrange.delete(plan.place("a"))

    gone = tree.workspace.change("delete", delete).id
    last = tree.write("b", "two")
    time.sleep(0.01)
    tree.prune(age=0.001)
    assert tree.ids() == [last, gone]
    assert [each.path for each in tree.workspace.trash.list()] == [b"a"]
    tree.workspace.undo(gone)
    assert (tree.work / "a").read_text() == "one"


def test_it_is_done_once_a_day(tree: Tree) -> None:
    tree.write("a", "one")
    tree.write("a", "two")
    time.sleep(0.01)
    stamp = tree.state / "pruned"
    assert tree.workspace.prune(age=LONG, size=HUGE) == 0
    assert tree.workspace.prune(age=0.001, size=HUGE) == 0
    assert len(tree.ids()) == 2
    os.utime(stamp, (0, 0))
    assert tree.workspace.prune(age=0.001, size=HUGE) == 1


def test_what_killed_processes_were_writing_goes(tree: Tree) -> None:
    tree.write("a", "one")
    [content] = tree.kept()
    content.with_name("0123.new").write_text("half")
    tree.prune()
    assert tree.kept() == [content]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 3)), min_size=1, max_size=12), st.integers(0, 5000))
def test_whatever_stays_can_be_undone(
    tmp_path_factory: pytest.TempPathFactory, edits: list[tuple[str, int]], size: int
) -> None:
    """One after the other, from the last on: nothing that they need is missing."""
    tree = Tree(tmp_path_factory.mktemp("tree"))
    before = dict[int, dict[str, str]]()
    for name, number in edits:
        now = {path.name: path.read_text() for path in tree.work.iterdir()}
        if id := tree.write(name, str(number) * 700):
            before[id] = now
    tree.prune(size=size)
    for id in tree.ids():
        tree.workspace.undo(id)
        assert {path.name: path.read_text() for path in tree.work.iterdir()} == before[id]
    tree.close()
