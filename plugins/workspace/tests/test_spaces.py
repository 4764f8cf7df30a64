"""Named workspaces, kept in layers and as plain folders: what one holds, remembers, hands on, and gets back."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from massgen_workspace.spaces import mounts
from massgen_workspace.spaces.looking import compare
from massgen_workspace.spaces.restoring import Restored, restore
from massgen_workspace.spaces.shelf import Snapshot, SpaceError, chosen
from massgen_workspace.spaces.sources import Folder
from massgen_workspace.spaces.store import Backend, Store
from massgen_workspace.spaces.tracked import Plain
from massgen_workspace.spaces.views import everything as walk

from massgen_core.jail.errors import NotAllowed
from massgen_core.jail.roots import Grant, Root

BACKENDS = [
    pytest.param("overlay", marks=pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount")),
    "copy",
]


@pytest.fixture(params=BACKENDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "spaces", request.param)
    yield made
    left = [each.point for each in mounts.mounts() if each.point.startswith(str(tmp_path))]
    for point in left:
        mounts.unmount(Path(point))
    assert left == []


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    (folder / "a/b").mkdir(parents=True)
    (folder / "a/b/deep").write_text("deep\n" * 10)
    (folder / "top").write_text("one\n")
    (folder / "tool").write_text("#!/bin/sh\n")
    (folder / "tool").chmod(0o755)
    (folder / "link").symlink_to("a/b/deep")
    (folder / ".gitignore").write_text("*.log\nbuild/\n")
    (folder / "old.log").write_text("ignored")
    return folder


def everything(folder: Path) -> dict[str, tuple[int, str | bytes | None]]:
    """All that is in a folder: rights, and content, target or nothing."""
    found: dict[str, tuple[int, str | bytes | None]] = {}
    for path in sorted(folder.rglob("*")):
        seen = path.lstat()
        mode = 0 if stat.S_ISLNK(seen.st_mode) else stat.S_IMODE(seen.st_mode)
        content = os.readlink(path) if path.is_symlink() else None if path.is_dir() else path.read_bytes()
        found[str(path.relative_to(folder))] = (mode, content)
    return found


def brought_back(store: Store, name: str, snapshot: Snapshot, *paths: str) -> Restored:
    space = store.space(name)
    wanted = [path.encode() for path in paths] or None
    with space.opened() as folder, Root(Grant(target="/w", source=folder, write=True)) as root:
        return restore(space, root, snapshot, paths=wanted, durable=False)


def test_a_workspace_holds_all_of_its_source_and_leaves_it_alone(store: Store, source: Path) -> None:
    before = everything(source)
    info = store.create("one", Folder(path=source))
    with store.opened("one") as folder:
        assert folder == info.folder
        assert everything(folder) == before
        (folder / "top").write_text("two\n")
    assert everything(source) == before
    with store.opened("one") as folder:
        assert (folder / "top").read_text() == "two\n"


def test_an_empty_one(store: Store) -> None:
    store.create("one")
    with store.opened("one") as folder:
        assert everything(folder) == {}
        (folder / "file").write_text("x")
    with store.opened("one") as folder:
        assert (folder / "file").read_text() == "x"


def test_neither_fork_sees_what_the_other_changes(store: Store, source: Path) -> None:
    store.create("one", Folder(path=source))
    store.fork("one", "two")
    with store.opened("one") as one, store.opened("two") as two:
        with (one / "top").open("r+") as file:  # in place, as a container may
            file.write("1")
        (two / "a/b/deep").unlink()
        assert (two / "top").read_text() == "one\n"
        assert (one / "a/b/deep").exists()


def test_a_fork_of_one_that_is_used_is_as_it_was_then(store: Store, source: Path) -> None:
    store.create("one", Folder(path=source))
    with store.opened("one") as one:
        (one / "top").write_text("before")
        (one / "a/b/deep").unlink()
        (one / "a/b").rmdir()
        (one / "a/b").mkdir()  # hides what lies below it
        (one / "a/b/new").write_text("new")
        store.fork("one", "two")
        with (one / "top").open("r+") as file:
            file.write("AFTER!")
        (one / "a/b/new").unlink()
        with store.opened("two") as two:
            assert (two / "top").read_text() == "before"
            assert sorted(os.listdir(two / "a/b")) == ["new"]
            assert (two / "old.log").exists()


def test_a_snapshot_stays_what_it_was_whatever_writes_in_place(store: Store, source: Path) -> None:
    store.create("one", Folder(path=source))
    space = store.space("one")
    with store.opened("one") as folder:
        (folder / "top").write_text("first\n")
        taken = space.take("first")
        inode = (folder / "top").stat().st_ino
        with (folder / "top").open("r+") as file:
            file.write("FIRST\n")
        assert (folder / "top").stat().st_ino == inode
        assert compare(space, taken, lines=20).patch == ["--- a/top", "+++ b/top", "@@ -1 +1 @@", "-first", "+FIRST"]
    brought_back(store, "one", taken)
    with store.opened("one") as folder:
        assert (folder / "top").read_text() == "first\n"


def test_what_differs_is_named_and_renames_are_followed(store: Store, source: Path) -> None:
    store.create("one", Folder(path=source))
    space = store.space("one")
    taken = space.take("before")
    with store.opened("one") as folder:
        (folder / "a/b/deep").rename(folder / "moved")
        (folder / "top").write_text("two\n")
        (folder / "link").unlink()
        (folder / "new").mkdir()
        (folder / "new/file").write_text("n")
        (folder / "tool").chmod(0o644)
        (folder / "build").mkdir()
        (folder / "build/out").write_text("ignored")
        found = compare(space, taken, lines=100)
    assert found.summary().split("\n") == [
        "deleted\tlink",
        "renamed\tmoved (was a/b/deep)",
        "added\tnew/",
        "added\tnew/file",
        "changed\ttool",
        "changed\ttop",
    ]
    assert "mode of tool: 0755 to 0644" in found.patch
    later = space.take("after")
    assert compare(space, later).changes == []
    assert len(compare(space, taken, later).changes) == 6


def test_what_was_there_comes_back_and_the_restore_can_be_taken_back(store: Store, source: Path) -> None:
    store.create("one", Folder(path=source))
    space = store.space("one")
    with store.opened("one") as folder:
        before = everything(folder)
        taken = space.take("before")
        (folder / "a/b/deep").unlink()
        (folder / "a/b").rmdir()
        (folder / "a").rmdir()
        (folder / "a").write_text("a file by now")
        (folder / "top").unlink()
        (folder / "top").mkdir()
        (folder / "top/in").write_text("x")
        (folder / "tool").chmod(0o600)
        (folder / "link").unlink()
        (folder / "link").write_text("no link")
        (folder / "more.log").write_text("ignored, so it stays")
        changed = everything(folder)
    done = brought_back(store, "one", taken)
    assert not done.left
    with store.opened("one") as folder:
        assert everything(folder) == before | {"more.log": changed["more.log"]}
    assert done.before is not None
    assert brought_back(store, "one", done.before).left == []
    with store.opened("one") as folder:
        assert everything(folder) == changed


def test_paths_alone_come_back(store: Store, source: Path) -> None:
    store.create("one", Folder(path=source))
    space = store.space("one")
    taken = space.take("before")
    with store.opened("one") as folder:
        (folder / "top").write_text("two")
        (folder / "a/b/deep").write_text("two")
    assert len(brought_back(store, "one", taken, "a").found) == 1
    with store.opened("one") as folder:
        assert (folder / "top").read_text() == "two"
        assert (folder / "a/b/deep").read_text().startswith("deep")
    assert brought_back(store, "one", taken, "a").before is None
    with pytest.raises(SpaceError, match="nowhere is neither in snapshot 1 nor in the workspace"):
        brought_back(store, "one", taken, "nowhere")


def test_nothing_is_restored_where_something_is_protected(store: Store, source: Path) -> None:
    store.create("one", Folder(path=source))
    space = store.space("one")
    taken = space.take("before")
    with space.opened() as folder:
        (folder / "a/b/deep").write_text("two")
        (folder / "top").write_text("two")
        grant = Grant(target="/w", source=folder, write=True, protected=["top"])
        with Root(grant) as root, pytest.raises(NotAllowed, match="top is protected"):
            restore(space, root, taken)
        assert (folder / "a/b/deep").read_text() == "two"
    assert len(space.shelf.all()) == 1


def test_a_fork_of_a_snapshot(store: Store, source: Path) -> None:
    store.create("one", Folder(path=source))
    with store.opened("one") as folder:
        store.space("one").take("then")
        (folder / "top").write_text("later")
    info = store.fork("one", "two", snapshot="then")
    assert info.source == "one@1"
    with store.opened("two") as two:
        assert (two / "top").read_text() == "one\n"
        assert (two / "tool").stat().st_mode & 0o777 == 0o755
        assert (two / "link").is_symlink()


def test_many_generations(store: Store) -> None:
    store.create("g0")
    for number in range(5):
        with store.opened(f"g{number}") as folder:
            (folder / f"f{number}").write_text(str(number))
            (folder / "last").write_text(str(number))
        store.fork(f"g{number}", f"g{number + 1}")
    with store.opened("g5") as folder:
        assert sorted(os.listdir(folder)) == ["f0", "f1", "f2", "f3", "f4", "last"]
        assert (folder / "last").read_text() == "4"
    for number in range(5):
        store.remove(f"g{number}")
    with store.opened("g5") as folder:
        assert (folder / "f0").read_text() == "0"
    store.remove("g5")
    assert [path.name for path in store.folder.iterdir()] == [".layers"]
    assert [path.name for path in (store.folder / ".layers").iterdir()] == [".lock"]


def test_folders_are_moved_from_generation_to_generation(store: Store, source: Path) -> None:
    """In layers a folder that was there before is moved by a note of where it came from."""
    store.create("g0", Folder(path=source))
    moves = [("a", "x"), ("x/b", "x/c"), ("x", "y"), ("y/c", "b"), ("y", "a"), ("b", "a/b")]
    taken = store.space("g0").take("")
    for number, (old, new) in enumerate(moves):
        with store.opened(f"g{number}") as folder:
            (folder / old).rename(folder / new)
            (folder / new / f"n{number}").write_text(str(number))
            store.space(f"g{number}").take("used")
            there = everything(folder)
        space = store.space(f"g{number}")
        with space.now() as tree:
            assert {node.path.decode() for node in walk(tree)} == there.keys()
        store.fork(f"g{number}", f"g{number + 1}")
        with store.opened(f"g{number + 1}") as folder:
            assert everything(folder) == there
    with store.opened("g0") as folder:
        found = compare(store.space("g0"), taken)
    assert "renamed\tx/b/deep (was a/b/deep)" in found.summary()
    brought_back(store, "g0", taken)
    with store.opened("g0") as folder:
        assert everything(folder) == everything(source)


def test_names_and_what_is_there_already(store: Store, source: Path) -> None:
    store.create("one")
    with pytest.raises(SpaceError, match="there is a workspace 'one' already"):
        store.create("one")
    with pytest.raises(SpaceError, match="'../x' is no name of a workspace"):
        store.create("../x")
    with pytest.raises(SpaceError, match="there is no workspace 'two': `massgen-core workspace ls`"):
        store.fork("two", "three")
    with pytest.raises(SpaceError, match="is no folder that is there"):
        store.create("two", Folder(path=source / "top"))
    with pytest.raises(SpaceError, match="there is no snapshot 'x': there are none; take one first"):
        store.fork("one", "two", snapshot="x")
    store.space("one").take("named")
    with pytest.raises(SpaceError, match=r"there is no snapshot 'x': there are 1 \(named\)"):
        store.fork("one", "two", snapshot="x")
    with pytest.raises(SpaceError, match="holds the folder of workspaces itself"):
        store.create("two", Folder(path=store.folder.parent))
    assert [each.name for each in store.list()] == ["one"]
    assert not list(store.folder.glob(".new-*"))


def test_one_that_is_used_is_not_removed(store: Store) -> None:
    store.create("one")
    with store.opened("one"), pytest.raises(SpaceError, match="is open; end the sessions"):
        store.remove("one")
    store.remove("one")
    assert store.list() == []


def test_snapshots_are_forgotten_and_the_others_stay_whole(store: Store, source: Path) -> None:
    store.create("one", Folder(path=source))
    space = store.space("one")
    with store.opened("one") as folder:
        for number in range(4):
            (folder / "top").write_text(f"{number}\n")
            space.take(str(number))
    gone = store.prune("one", keep=1)
    assert [each.label for each in gone["one"]] == ["0", "1", "2"]
    assert [each.id for each in space.shelf.all()] == [4]
    with store.opened("one") as folder:
        (folder / "top").write_text("x")
        (folder / "a/b/deep").write_text("x")
    brought_back(store, "one", space.shelf.find("3"))
    with store.opened("one") as folder:
        assert (folder / "top").read_text() == "3\n"
        assert (folder / "a/b/deep").read_text() == "deep\n" * 10
    assert space.take("next").id == 6


def test_what_pruning_takes() -> None:
    known = [Snapshot(id=number, label="", made=float(number)) for number in range(1, 6)]
    assert [each.id for each in chosen(known, keep=2, older=None)] == [1, 2, 3]
    assert [each.id for each in chosen(known, keep=None, older=7.5, now=10)] == [1, 2]
    assert [each.id for each in chosen(known, keep=4, older=7.5, now=10)] == [1]
    assert chosen(known, keep=None, older=None) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount")
def test_what_a_killed_program_has_mounted_is_used_again_and_cleared_away(tmp_path: Path) -> None:
    store = Store(tmp_path / "spaces", "overlay")
    store.create("one")
    program = f"""
        import os, pathlib
        from massgen_workspace.spaces.store import Store
        context = Store(pathlib.Path({str(tmp_path / "spaces")!r})).opened("one")
        (context.__enter__() / "file").write_text("kept")
        os.kill(os.getpid(), 9)
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(program)], check=False)
    assert os.path.ismount(store.info("one").folder)
    with store.opened("one") as folder:
        assert (folder / "file").read_text() == "kept"
    assert not os.path.ismount(folder)
    subprocess.run([sys.executable, "-c", textwrap.dedent(program)], check=False)
    store.prune()
    assert not folder.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount")
def test_a_view_of_somebody_else_keeps_a_layer_from_being_frozen(tmp_path: Path) -> None:
    """A container has a mount of its own of the folder: ours may be gone, and its writes still go there."""
    store = Store(tmp_path / "spaces", "overlay")
    store.create("one")
    with store.opened("one") as folder:
        (folder / "file").write_text("before")
        other = subprocess.Popen(
            [
                "unshare",
                "--mount",
                "--propagation",
                "private",
                "sh",
                "-c",
                'mount --bind "$0" /mnt; cd /mnt; echo up; read x; echo after > file; echo done; read x',
                str(folder),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert other.stdin
        assert other.stdout
        assert other.stdout.readline() == "up\n"
    try:
        taken = store.space("one").take("then")
        with pytest.raises(SpaceError, match="a container still sees the workspace 'one'"):
            store.remove("one")
        other.stdin.write("\n")
        other.stdin.flush()
        assert other.stdout.readline() == "done\n"
        found = compare(store.space("one"), taken, lines=10).patch
        assert found[-2:] == ["-before", "+after"]
    finally:
        other.kill()
        other.communicate()
    store.remove("one")


def test_without_root_there_are_no_overlays(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        tmp_path.chmod(0o777)
        for parent in tmp_path.parents[:3]:
            parent.chmod(parent.stat().st_mode | 0o005)
    program = f"""
        import fcntl, os, pathlib
        from massgen_workspace.spaces.shelf import SpaceError
        from massgen_workspace.spaces.store import Store
        if os.geteuid() == 0:  # the interpreter may be in a place that only root sees, so it is dropped late
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
        store = Store(pathlib.Path({str(tmp_path / "mine")!r}))
        print(store.backends()["overlay"], store.create("one").backend)
        space = store.space("one")
        with store.opened("one") as folder:
            (folder / "file").write_text("x")
            space.take("first")
            (folder / "closed").mkdir(0o500)
        print(store.fork("one", "two").backend, oct((store.info("two").folder / "closed").stat().st_mode & 0o777))
        store.prune(keep=0)
        try:
            Store(pathlib.Path({str(tmp_path / "mine")!r}), "overlay").create("three")
        except SpaceError as error:
            print(error)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == [
        "only root may mount copy",
        "copy 0o500",
        "overlays do not work here: only root may mount; use the backend `copy`",
    ], done.stderr


NAMES = st.sampled_from(["a", "b", "d", "d/a", "d/b", "d/e", "d/e/a", "f", "f/d", "f/d/e/a"])
STEPS = st.lists(
    st.tuples(st.sampled_from(["write", "append", "remove", "link", "mode", "move"]), NAMES, NAMES), max_size=12
)


def play(folder: Path, steps: list[tuple[str, str, str]]) -> None:
    """Do what can be done of some steps."""
    for what, name, other in steps:
        path = folder / name
        try:
            if what in ("write", "append"):
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("a" if what == "append" else "w") as file:
                    file.write(f"{what} {other}\n")
            elif what == "remove":
                subprocess.run(["rm", "-rf", str(path)], check=False, stderr=subprocess.DEVNULL)
            elif what == "link":
                path.symlink_to(other)
            elif what == "mode":
                path.chmod(0o640, follow_symlinks=True)
            else:
                (folder / other).parent.mkdir(parents=True, exist_ok=True)
                path.rename(folder / other)
        except OSError:
            continue


@pytest.mark.parametrize("backend", BACKENDS)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=STEPS, second=STEPS, used=st.booleans())
def test_every_snapshot_comes_back(
    backend: Backend,
    tmp_path_factory: pytest.TempPathFactory,
    first: list[tuple[str, str, str]],
    second: list[tuple[str, str, str]],
    used: bool,
) -> None:
    """Whatever is done to a tree, a snapshot brings back every byte, and a fork has what it was made of."""
    store = Store(tmp_path_factory.mktemp("spaces"), backend)
    store.create("one")
    space = store.space("one")
    with ExitStack() as session:
        folder = session.enter_context(store.opened("one"))
        play(folder, first)
        then = everything(folder)
        if not used:
            session.close()
        taken = space.take("")
        store.fork("one", "two")
    with store.opened("one") as folder:
        play(folder, second)
        now = everything(folder)
    with store.opened("two") as two:
        assert everything(two) == then
        play(two, second)
        again = everything(two)
    store.fork("two", "three")
    with store.opened("three") as three:
        assert everything(three) == again
    done = brought_back(store, "one", taken)
    assert not done.left
    with store.opened("one") as folder:
        assert _same_but_folders(everything(folder), then)
    if done.before is not None:
        brought_back(store, "one", done.before)
        with store.opened("one") as folder:
            assert _same_but_folders(everything(folder), now)


def _same_but_folders(
    found: dict[str, tuple[int, str | bytes | None]], wanted: dict[str, tuple[int, str | bytes | None]]
) -> bool:
    """The rights of folders are not brought back."""
    return {k: v if v[1] is not None else None for k, v in found.items()} == {
        k: v if v[1] is not None else None for k, v in wanted.items()
    }


def test_a_plain_folder_has_snapshots_too_and_files_are_read_once(tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    for number in range(5):
        (work / f"f{number}").write_text(str(number))
        os.utime(work / f"f{number}")
    plain = Plain(work, tmp_path / "state")
    plain.take("one")
    os.utime(work / "f0", (1, 1))
    _let_stamps_age(work)
    plain.take("two")
    before = (tmp_path / "state/2.pack").stat().st_size
    (work / "f1").write_text("more")
    plain.take("three")
    assert (before, (tmp_path / "state/3.pack").stat().st_size) == (5, 4)
    plain.drop(plain.shelf.all()[:2])
    assert sorted(path.name for path in (tmp_path / "state").glob("*.pack")) == ["2.pack", "3.pack"]
    with plain.view(plain.shelf.find("three")) as view:
        assert b"".join(view.pieces(view.children(view.top())[b"f4"])) == b"4"


def _let_stamps_age(folder: Path) -> None:
    """A file that was changed a moment ago is read again; wait until these were not."""
    import time

    while time.time_ns() - max(path.stat().st_ctime_ns for path in folder.iterdir()) < 60_000_000:
        time.sleep(0.01)


def test_what_cannot_be_kept_is_named_and_not_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("massgen_workspace.spaces.packs.LARGEST", 10)
    work = tmp_path / "work"
    work.mkdir()
    plain = Plain(work, tmp_path / "state")
    taken = plain.take("empty")
    (work / "large").write_text("eleven bytes")
    (work / "small").write_text("x")
    os.mkfifo(work / "pipe")
    assert plain.take("").left_out == ("large",)
    with Root(Grant(target="/w", source=work, write=True)) as root:
        done = restore(plain, root, taken, durable=False)
    assert done.left == ["large (no snapshot holds it)", "pipe (no snapshot holds it)"]
    assert sorted(os.listdir(work)) == ["large", "pipe"]
