"""Whole files and folders are moved, deleted and put into place as one change, and every one is taken back."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from massgen_workspace.files import rename
from massgen_workspace.files.copying import copy_tree
from massgen_workspace.find.walk import walk
from massgen_workspace.history import kept
from massgen_workspace.history.moves import Move, Moves, Where
from massgen_workspace.history.plan import Plan
from massgen_workspace.history.workspace import Meanwhile, Workspace

from massgen_core.errors import ToolFailed
from massgen_core.jail.errors import AlreadyThere, NotAllowed, NotThere, PathRefused
from massgen_core.jail.place import Jail, Spot
from massgen_core.jail.roots import Grant

Whole = dict[str, tuple[int, object]]


class Tree:
    """A workspace in a folder, and short words for what is done to it."""

    def __init__(self, folder: Path, *, protected: tuple[str, ...] = ("kept", "in/ner")) -> None:
        self.folder = folder / "work"
        self.folder.mkdir(exist_ok=True)
        self.jail = Jail([Grant(target="/workspace", source=self.folder, write=True, protected=protected)])
        self.workspace = Workspace(self.jail, self.jail.roots[0], folder / "state", durable=False)

    def close(self) -> None:
        self.workspace.close()
        self.jail.close()

    def grow(self, **files: str) -> None:
        for name, text in files.items():
            path = self.folder / name.replace("__", "/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def move(self, *pairs: tuple[str, str], replace: bool = False) -> int:
        def decide(plan: Plan) -> None:
            for source, target in pairs:
                plan.arrange.move(plan.arrange.place(source), plan.arrange.place(target), replace=replace)

        return self.workspace.change("move", decide).id

    def delete(self, *names: str) -> int:
        def decide(plan: Plan) -> None:
            for name in names:
                plan.arrange.delete(plan.arrange.place(name))

        return self.workspace.change("delete", decide).id

    def copy(self, source: str, target: str, *, replace: bool = False) -> int:
        with self.workspace.stage() as stage:
            ready = stage.spot()
            opened = os.open(self.folder, os.O_RDONLY)
            try:
                copy_tree(Spot(opened, source.encode()), ready)
            finally:
                os.close(opened)

            def decide(plan: Plan) -> None:
                plan.arrange.put(ready.name, plan.arrange.place(target), replace=replace)

            return self.workspace.change("copy", decide).id

    def undo(self, id: int) -> int:
        return self.workspace.undo(id).id

    def everything(self) -> Whole:
        """Rights and content of all that is in it; folders have none."""
        found: Whole = {}
        for path in sorted(self.folder.rglob("*")):
            held = f"-> {path.readlink()}" if path.is_symlink() else None if path.is_dir() else path.read_text()
            found[str(path.relative_to(self.folder))] = stat.S_IMODE(path.lstat().st_mode), held
        return found

    def names(self) -> list[str]:
        return list(self.everything())


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[Tree]:
    made = Tree(tmp_path)
    yield made
    made.close()


def back_and_again(tree: Tree, before: Whole, id: int) -> None:
    """Undo, undo the undo, and that again: the tree is what it was each time."""
    after = tree.everything()
    for expected in (before, after, before, after):
        id = tree.undo(id)
        assert tree.everything() == expected


def test_a_folder_is_moved_into_new_folders(tree: Tree) -> None:
    tree.grow(d__a="1", d__e__b="2")
    (tree.folder / "d" / "link").symlink_to("nowhere")
    before = tree.everything()
    id = tree.move(("d", "x/y/z"))
    assert tree.names() == ["x", "x/y", "x/y/z", "x/y/z/a", "x/y/z/e", "x/y/z/e/b", "x/y/z/link"]
    back_and_again(tree, before, id)


def test_moves_see_those_before_them(tree: Tree) -> None:
    tree.grow(a="1", b="2", d__f="3")
    before = tree.everything()
    id = tree.move(("a", "spare"), ("b", "a"), ("spare", "b"), ("d", "e"), ("e/f", "f"))
    assert tree.everything() == {
        "a": (0o644, "2"),
        "b": (0o644, "1"),
        "e": (0o755, None),
        "f": (0o644, "3"),
    }
    back_and_again(tree, before, id)


def test_what_is_replaced_is_in_the_trash(tree: Tree) -> None:
    tree.grow(new="new", old__a="old", old__b="old")
    before = tree.everything()
    with pytest.raises(AlreadyThere, match="it is there already; `overwrite` puts it into the trash"):
        tree.move(("new", "old"))
    id = tree.move(("new", "old"), replace=True)
    assert tree.everything() == {"old": (0o644, "new")}
    assert [(each.path, each.kind, each.entries) for each in tree.workspace.trash.list()] == [(b"old", "folder", 3)]
    back_and_again(tree, before, id)


def test_a_deleted_folder_comes_back_with_everything(tree: Tree) -> None:
    tree.grow(d__a="1", d__e__b="2", other="3")
    (tree.folder / "d" / "a").chmod(0o755)
    (tree.folder / "l").symlink_to("d")
    before = tree.everything()
    id = tree.delete("d/", "l")
    assert tree.names() == ["other"]
    back_and_again(tree, before, id)


def test_a_link_is_moved_and_deleted_itself(tree: Tree) -> None:
    tree.grow(d__a="1")
    (tree.folder / "link").symlink_to("d")
    tree.move(("link", "l"))
    tree.delete("l")
    assert tree.names() == ["d", "d/a"]


def test_a_copy_is_undone_into_the_trash(tree: Tree) -> None:
    tree.grow(d__a="1", d__e__b="2")
    before = tree.everything()
    id = tree.copy("d", "n/c")
    assert tree.names() == ["d", "d/a", "d/e", "d/e/b", "n", "n/c", "n/c/a", "n/c/e", "n/c/e/b"]
    (tree.folder / "n/c/a").write_text("changed")
    back = tree.undo(id)
    assert tree.everything() == before
    tree.undo(back)
    assert (tree.folder / "n/c/a").read_text() == "changed"


def test_a_file_that_was_changed_since_is_moved_back_as_it_is(tree: Tree) -> None:
    tree.grow(a="1")
    id = tree.move(("a", "b"))
    tree.workspace.change("write", lambda plan: plan.write(plan.place("b"), b"2"))
    tree.undo(id)
    assert tree.everything() == {"a": (0o644, "2")}


@pytest.mark.parametrize("size", [1 << 16, 100 << 20])
def test_what_is_moved_is_not_read(tree: Tree, size: int) -> None:
    tree.workspace._largest = 1024
    with (tree.folder / "large").open("wb") as file:
        file.truncate(size)
    id = tree.move(("large", "d/large"))
    id = tree.delete("d")
    tree.undo(id)
    assert (tree.folder / "d" / "large").stat().st_size == size


REFUSED: dict[str, tuple[Callable[[Tree], object], type[Exception], str]] = {
    "nothing": (lambda tree: tree.move(("no", "x")), NotThere, "no: there is no such file or folder"),
    "nothing by then": (lambda tree: tree.move(("d", "x"), ("d", "y")), NotThere, "by then"),
    "itself": (lambda tree: tree.move(("f", "f")), PathRefused, "both are the same"),
    "into itself": (lambda tree: tree.move(("d", "d/x")), PathRefused, "cannot come into itself"),
    "onto what is around it": (lambda tree: tree.move(("d/a", "d"), replace=True), AlreadyThere, "d/a is in it"),
    "below a file": (lambda tree: tree.move(("d", "f/x")), PathRefused, "a part of it is"),
    "the root": (lambda tree: tree.delete("."), PathRefused, "it names no file or folder"),
    "outside": (lambda tree: tree.move(("f", "../x")), PathRefused, "leads out"),
    "through a link": (lambda tree: tree.delete("out/x"), PathRefused, "leads out"),
    "protected": (lambda tree: tree.delete("kept"), NotAllowed, "kept is protected"),
    "in a protected one": (lambda tree: tree.move(("kept/x", "x")), NotAllowed, "kept is protected"),
    "into a protected one": (lambda tree: tree.move(("f", "kept/f")), NotAllowed, "kept is protected"),
    "around a protected one": (lambda tree: tree.delete("in"), NotAllowed, "in/ner in it is protected"),
    "around it, moved": (lambda tree: tree.move(("in", "x")), NotAllowed, "in/ner in it is protected"),
    "the trash": (lambda tree: tree.delete(".massgen-trash"), PathRefused, "own"),
    "a way that goes": (lambda tree: tree.move(("d", "e"), ("f", "d/f")), PathRefused, "make two of it"),
    "all for one": (lambda tree: tree.move(("f", "x"), ("d", "y"), ("no", "z")), NotThere, "no"),
}


@pytest.mark.parametrize(("act", "error", "text"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_refused_changes_nothing(
    tree: Tree, act: Callable[[Tree], object], error: type[Exception], text: str
) -> None:
    tree.grow(f="f", d__a="a", kept__x="x", in__ner="i")
    (tree.folder / "out").symlink_to(tree.folder.parent)
    (tree.folder.parent / "x").write_text("outside")
    before = tree.everything()
    with pytest.raises(error, match=text):
        act(tree)
    assert tree.everything() == before
    assert (tree.folder.parent / "x").read_text() == "outside"
    assert not tree.workspace.trash.list()


def test_what_would_be_protected_does_not_come(tree: Tree) -> None:
    """A folder that brings a protected path with it, where there is none yet."""
    tree.grow(x__ner="mine")
    with pytest.raises(NotAllowed, match="in/ner would come with it"):
        tree.move(("x", "in"))
    with pytest.raises(NotAllowed, match="in/ner would come with it"):
        tree.copy("x", "in")
    assert tree.names() == ["x", "x/ner"]


def test_an_undo_that_finds_something_else_is_refused(tree: Tree) -> None:
    tree.grow(a="1", d__x="2")
    moved, gone = tree.move(("a", "b")), tree.delete("d")
    tree.grow(a="new", d__y="new")
    before = tree.everything()
    with pytest.raises(ToolFailed, match="a is there again; move that away first"):
        tree.undo(moved)
    with pytest.raises(ToolFailed, match="d is there again; move that away first"):
        tree.undo(gone)
    (tree.folder / "b").unlink()
    (tree.folder / "a").unlink()
    with pytest.raises(ToolFailed, match="b is not there any more; undo the later change first"):
        tree.undo(moved)
    assert {name: before[name] for name in ("d", "d/y")} == tree.everything()


def test_the_trash_has_bounds(tree: Tree) -> None:
    for name in ("a", "b", "c"):
        (tree.folder / name).write_text("x" * 100_000)
    ids = [tree.delete(name) for name in ("a", "b", "c")]
    trash = tree.workspace.trash
    assert [each.path for each in trash.list()] == [b"c", b"b", b"a"]
    assert all(each.size >= 100_000 for each in trash.list())
    assert [each.path for each in trash.prune(age=3600, size=250_000)] == [b"a"]
    assert [each.path for each in trash.prune(age=3600, size=0)] == [b"b"]
    with pytest.raises(NotThere, match="a: it is not in the trash any more"):
        tree.undo(ids[0])
    tree.undo(ids[2])
    assert tree.names() == ["c"]
    tree.delete("c")
    assert [each.path for each in trash.prune(age=0, size=10**9)] == [b"c"]
    assert not os.listdir(tree.folder.parent / "state" / "trash")


def test_a_trash_within_the_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the state folder is on another disk the trash is in the workspace, out of everybody's sight."""
    monkeypatch.setattr(kept, "_mount", lambda folder: os.fstat(folder).st_ino)
    tree = Tree(tmp_path)
    tree.grow(d__a="1")
    assert tree.names() == ["d", "d/a"]
    id = tree.delete("d")
    own = tree.folder / ".massgen-trash"
    assert stat.S_IMODE(own.stat().st_mode) == 0o700
    assert (own / ".gitignore").read_text() == "*\n"
    for path in (".massgen-trash", "/workspace/.massgen-trash/x", "./.massgen-trash"):
        with pytest.raises(PathRefused, match="this program's own"):
            tree.jail.place(path)
    (tree.folder / "way").symlink_to(".massgen-trash")
    with pytest.raises(NotAllowed, match="protected"):
        tree.workspace.change("write", lambda plan: plan.write(plan.place("way/x"), b""))
    assert [found.path for found in walk(tree.jail.roots[0], ignored=True)] == [b"way"]
    tree.undo(id)
    assert (tree.folder / "d" / "a").read_text() == "1"
    tree.close()


def test_another_disk_is_said(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    tree.grow(a="1", b="2")
    real = rename.move

    def other(source: Spot, target: Spot) -> None:
        if source.name == b"b":
            raise OSError(18, "Invalid cross-device link")
        real(source, target)

    monkeypatch.setattr(rename, "move", other)
    with pytest.raises(PathRefused, match="b: it is on another disk than the rest"):
        tree.move(("a", "x"), ("b", "y"))
    assert tree.names() == ["a", "b"]


def test_what_is_swapped_in_between_is_put_back(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody puts another thing under the name just before it is moved."""
    tree.grow(a="mine", b="theirs")
    real, left = rename.move, [1]

    def meanwhile(source: Spot, target: Spot) -> None:
        if left.pop() if left else 0:
            (tree.folder / "a").rename(tree.folder / "aside")
            (tree.folder / "b").rename(tree.folder / "a")
        real(source, target)

    monkeypatch.setattr(rename, "move", meanwhile)
    tree.move(("a", "x"))
    assert {name: held for name, (_, held) in tree.everything().items()} == {"aside": "mine", "x": "theirs"}
    assert tree.workspace.journal.last(5)[1].outcome == "failed"


@pytest.mark.parametrize("kind", ["file", "folder", "link"])
def test_nothing_is_replaced_without_the_system_call_either(tmp_path: Path, kind: str) -> None:
    make: dict[str, Callable[[Path], object]] = {
        "file": lambda path: path.write_text("x"),
        "folder": lambda path: (path.mkdir(), (path / "x").write_text("x")),
        "link": lambda path: path.symlink_to("nowhere"),
    }
    folder = os.open(tmp_path, os.O_RDONLY)
    try:
        for move in (rename.move, rename.move_by_link):
            make[kind](tmp_path / "a")
            (tmp_path / "there").write_text("mine")
            with pytest.raises(FileExistsError):
                move(Spot(folder, b"a"), Spot(folder, b"there"))
            move(Spot(folder, b"a"), Spot(folder, b"b"))
            assert sorted(os.listdir(tmp_path)) == ["b", "there"]
            move(Spot(folder, b"b"), Spot(folder, b"c"))
            os.rename(tmp_path / "c", tmp_path / f"done-{move.__name__}")
            (tmp_path / "there").unlink()
            (tmp_path / f"done-{move.__name__}").rename(tmp_path.parent / f"{tmp_path.name}-{kind}-{move.__name__}")
    finally:
        os.close(folder)


CRASH = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from test_moves import Tree
from massgen_workspace.files import rename
tree = Tree(Path(sys.argv[1]))
left, real = [int(sys.argv[2])], rename.move
def dying(*words):
    if left[0] == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    left[0] -= 1
    real(*words)
    if left[0] == 0 and len(sys.argv) > 4:
        os.kill(os.getpid(), signal.SIGKILL)
rename.move = dying
def decide(plan):
    arrange = plan.arrange
    arrange.move(arrange.place("a"), arrange.place("new/a"))
    arrange.delete(arrange.place("d"))
    arrange.move(arrange.place("b"), arrange.place("over"), replace=True)
tree.workspace.change("all", decide)
"""


@pytest.mark.parametrize("after", [[], ["after"]])
@pytest.mark.parametrize("steps", range(5))
def test_a_process_that_is_killed_leaves_all_or_nothing(tmp_path: Path, steps: int, after: list[str]) -> None:
    first = Tree(tmp_path)
    first.grow(a="1", b="2", d__e__f="3", over="4")
    before = first.everything()
    first.close()
    words = [sys.executable, "-c", CRASH, str(tmp_path), str(steps), str(Path(__file__).parent), *after]
    died = subprocess.run(words, check=False).returncode
    killed = steps < 4 or bool(after)
    if after and steps == 0:
        return
    assert died == (-signal.SIGKILL if killed else 0)
    again = Tree(tmp_path)
    assert len(again.workspace.recover()) == int(killed)
    if killed:
        assert again.everything() == before
        assert not again.workspace.trash.list()
    else:
        assert again.names() == ["new", "new/a", "over"]
    assert again.workspace.recover() == []
    again.close()


def test_what_was_made_ready_by_a_killed_process_goes(tree: Tree) -> None:
    tree.grow(a="1")
    tree.delete("a")
    folder = tree.folder.parent / "state" / "trash"
    for name in (b"new-1-0-0123456789abcdef", b"old-0123456789abcdef", kept.new_stage()):
        (folder / os.fsdecode(name) / "x").mkdir(parents=True)
    tree.workspace.trash.empty([])
    left = sorted(os.listdir(folder))
    assert len(left) == 2
    assert left[1].startswith(f"new-{os.getpid()}-")


def test_links_that_are_swapped_meanwhile_lead_nowhere(tmp_path: Path) -> None:
    """Folders are swapped for links and moved about while files are moved: outside nothing is moved, nothing comes."""
    tree = Tree(tmp_path)
    outside = tmp_path / "outside"
    (outside / "d").mkdir(parents=True)
    (outside / "d" / "f").write_text("outside")
    tree.grow(x__d__f="1", y__z="2")
    done = threading.Event()

    def swap() -> None:
        here = tree.folder
        while not done.is_set():
            for name in ("x", "y"):
                with suppress(OSError):
                    (here / name).rename(here / "aside")
                    (here / name).symlink_to(outside)
                    (here / name).unlink()
                with suppress(OSError):
                    (here / "aside").rename(here / name)

    thread = threading.Thread(target=swap)
    thread.start()
    moved = 0
    try:
        for number in range(200):
            source, target = ("x/d", "y/d") if number % 2 == 0 else ("y/d", "x/d")
            with suppress(ToolFailed):
                tree.move((source, target))
                moved += 1
            with suppress(ToolFailed, Meanwhile):
                tree.workspace.undo(tree.delete("x/d/f"))
    finally:
        done.set()
        thread.join()
    assert sorted(str(path.relative_to(outside)) for path in outside.rglob("*")) == ["d", "d/f"]
    assert (outside / "d" / "f").read_text() == "outside"
    left = [path.read_text() for path in tree.folder.rglob("f")]
    left += [path.read_text() for path in (tmp_path / "state" / "trash").glob("*") if path.is_file()]
    assert left == ["1"]
    tree.close()


NAMES = st.sampled_from(["a", "b", "c", "d", "d/a", "d/b", "d/e", "d/e/a"])


class Histories(RuleBasedStateMachine):
    """Undoing everything, the newest first, brings back the beginning, whatever was moved, copied and deleted."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.tree = Tree(Path(self.folder.name))
        self.tree.grow(a="1", d__a="2", d__e__a="3")
        self.snapshots: list[tuple[int, Whole]] = []

    def note(self, act: Callable[[], int]) -> None:
        before = self.tree.everything()
        try:
            self.snapshots.append((act(), before))
        except ToolFailed:
            assert self.tree.everything() == before

    @rule(pairs=st.lists(st.tuples(NAMES, NAMES), min_size=1, max_size=3), replace=st.booleans())
    def move(self, pairs: list[tuple[str, str]], replace: bool) -> None:
        self.note(lambda: self.tree.move(*pairs, replace=replace))

    @rule(names=st.lists(NAMES, min_size=1, max_size=2))
    def delete(self, names: list[str]) -> None:
        self.note(lambda: self.tree.delete(*names))

    @rule(source=NAMES, to=NAMES, replace=st.booleans())
    def copy(self, source: str, to: str, replace: bool) -> None:
        self.note(lambda: self.tree.copy(source, to, replace=replace))

    @rule(name=NAMES, text=st.text("xy", max_size=3))
    def write(self, name: str, text: str) -> None:
        act = self.tree.workspace.change
        self.note(lambda: act("write", lambda plan: plan.write(plan.place(name), text.encode())).id)

    @precondition(lambda self: self.snapshots)
    @rule(again=st.integers(0, 2))
    def undo(self, again: int) -> None:
        id, before = self.snapshots.pop()
        if not id:
            return
        after = self.tree.everything()
        id = self.tree.undo(id)
        assert self.tree.everything() == before
        for _ in range(again):
            id = self.tree.undo(id)
            assert self.tree.everything() == after
            id = self.tree.undo(id)
            assert self.tree.everything() == before

    @invariant()
    def nothing_is_made_ready_for_ever(self) -> None:
        with suppress(FileNotFoundError):
            left = os.listdir(Path(self.folder.name) / "state" / "trash")
            assert not [name for name in left if name.startswith(("new-", "old-"))]

    def teardown(self) -> None:
        self.tree.close()
        self.folder.cleanup()


TestHistories = Histories.TestCase
TestHistories.settings = settings(max_examples=25, stateful_step_count=12, deadline=None)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), max_size=6), st.sampled_from("abc"))
def test_where_things_come_from(pairs: list[tuple[str, str]], asked: str) -> None:
    """As if every move were made on a real tree, one after the other."""
    moves, held = Moves(), {name: name for name in "abc"}
    for source, target in pairs:
        if source in held and target not in held:
            where = Where("root", source.encode()), Where("root", target.encode())
            moves.add(Move(source=where[0], target=where[1], kind="file", identity=(0, 0)))
            held[target] = held.pop(source)
        elif source in held and source != target:
            trash = Where("kept", str(len(moves.made)).encode())
            moves.add(Move(source=Where("root", source.encode()), target=trash, kind="file", identity=(0, 0)))
            held.pop(source)
    origin = moves.origin(Where("root", asked.encode() + b"/x"))
    assert origin == (Where("root", held[asked].encode() + b"/x") if asked in held else None)


def test_the_disk_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda file: synced.append(os.fstat(file).st_ino))
    tree = Tree(tmp_path)
    tree.workspace.close()
    tree.workspace = Workspace(tree.jail, tree.jail.roots[0], tmp_path / "state")
    tree.grow(d__a="1")
    tree.move(("d/a", "a"))
    assert {tree.folder.stat().st_ino, (tree.folder / "d").stat().st_ino} <= set(synced)
    tree.close()


def test_several_come_into_one_new_folder(tree: Tree) -> None:
    tree.grow(a="1", b="2", c="3")
    before = tree.everything()
    id = tree.move(("a", "x/y/a"), ("b", "x/y/b"), ("c", "x/c"), ("x/y/a", "x/a"))
    assert tree.names() == ["x", "x/a", "x/c", "x/y", "x/y/b"]
    back_and_again(tree, before, id)
