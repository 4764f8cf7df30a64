"""What a session may see and change of the host, whatever its tree looks like."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from massgen_core.jail.errors import AlreadyThere, NotAllowed, NotThere, PathRefused
from massgen_core.jail.place import Jail
from massgen_core.jail.roots import Grant


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("work/src", "work/kept/deep", "docs"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("work/a.txt", "work/src/b.py", "work/kept/deep/c", "work/key", "docs/d.md", "secret"):
        (tmp_path / name).write_text(name)
    links = {
        "work/link": "src/b.py",
        "work/chain": "link",
        "work/out": "../secret",
        "work/abs": str(tmp_path / "secret"),
        "work/new": "src/new.py",
        "work/way": "kept",
        "work/loop": "loop",
    }
    for name, target in links.items():
        (tmp_path / name).symlink_to(target)
    return tmp_path


@pytest.fixture
def jail(tree: Path) -> Iterator[Jail]:
    grants = [
        Grant(target="/workspace", source=tree / "work", write=True, protected=["kept", "key", "later/not-yet"]),
        Grant(target="/docs", source=tree / "docs"),
    ]
    before = len(os.listdir("/proc/self/fd"))
    with Jail(grants) as opened:
        yield opened
    assert len(os.listdir("/proc/self/fd")) == before


def read(jail: Jail, text: str) -> bytes:
    with jail.place(text).file() as found:
        return os.read(found, 100)


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("a.txt", b"work/a.txt"),
        ("/workspace/a.txt", b"work/a.txt"),
        ("./src/../a.txt", b"work/a.txt"),
        ("link", b"work/src/b.py"),
        ("/docs/d.md", b"docs/d.md"),
        ("kept/deep/c", b"work/kept/deep/c"),
        ('"a.txt"', b"work/a.txt"),
    ],
)
def test_what_may_be_read(jail: Jail, text: str, content: bytes) -> None:
    assert read(jail, text) == content


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("../secret", "leads out"),
        ("out", "leads out"),
        ("abs", "leads out"),
        ("/etc/passwd", "none of the folders that are open here: /workspace, /docs"),
        ("/workspaces/a.txt", "none of the folders"),
        ("/docs/../work/a.txt", "leads out"),
        ("missing", "no such file"),
        ("src", "it is a folder, not a file"),
        ("loop", "link in a circle"),
        ("a.txt/b", "no folder"),
        ("a\0b", "NUL"),
    ],
)
def test_what_may_not(jail: Jail, text: str, words: str) -> None:
    with pytest.raises(PathRefused, match=words) as caught:
        read(jail, text)
    assert caught.value.path == text


def test_what_is_no_file_is_said_at_once(jail: Jail, tree: Path) -> None:
    """A pipe that nobody writes to holds nobody up."""
    os.mkfifo(tree / "work" / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tree / "work" / "sock"))
        for name, kind in (("pipe", "a pipe"), ("sock", "a socket")):
            with pytest.raises(PathRefused, match=kind):
                read(jail, name)
    if os.geteuid() == 0:
        os.mknod(tree / "work" / "zero", 0o20666, os.makedev(1, 5))
        with pytest.raises(PathRefused, match="a device"):
            read(jail, "zero")


@pytest.mark.parametrize(
    ("text", "lands"),
    [
        ("a.txt", "work/a.txt"),
        ("src/x", "work/src/x"),
        ("link", "work/src/b.py"),
        ("chain", "work/src/b.py"),
        ("new", "work/src/new.py"),
    ],
)
def test_where_a_write_lands(jail: Jail, tree: Path, text: str, lands: str) -> None:
    """Behind links, also behind one that leads to nothing yet."""
    with jail.place(text).to_write() as spot:
        assert Path(os.readlink(f"/proc/self/fd/{spot.folder}")) / os.fsdecode(spot.name) == tree / lands


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("/docs/d.md", "/docs may be read, not changed"),
        ("/docs/new", "/docs may be read"),
        ("key", "key is protected"),
        ("kept/deep/c", "kept is protected"),
        ("kept/new", "kept is protected"),
        ("way/deep/new", "kept is protected"),
        ("kept", "kept is protected"),
    ],
)
def test_where_none_may(jail: Jail, text: str, words: str) -> None:
    with pytest.raises(NotAllowed, match=words), jail.place(text).to_write():
        pass


def test_a_protected_path_that_is_not_there_yet(jail: Jail, tree: Path) -> None:
    (tree / "work" / "later").mkdir()
    with pytest.raises(NotAllowed, match="later/not-yet is protected"), jail.place("later/not-yet").to_write():
        pass
    with jail.place("later/other").to_write():
        pass


def test_another_name_of_a_protected_file_is_protected(jail: Jail, tree: Path) -> None:
    os.link(tree / "work" / "key", tree / "work" / "copy")
    with pytest.raises(NotAllowed, match="key is protected"), jail.place("copy").to_write():
        pass


def test_a_folder_with_something_protected_in_it(jail: Jail, tree: Path) -> None:
    (tree / "work" / "later").mkdir()
    root = jail.roots[0]
    for name, kept in (("later", "later/not-yet"), ("src", None)):
        with jail.place(name).folder() as folder:
            assert root.protected_in(folder) == kept


@pytest.mark.parametrize("text", ["", "/workspace", ".", "src/..", "/workspace/"])
def test_the_root_itself_is_no_file_to_write(jail: Jail, text: str) -> None:
    with pytest.raises(PathRefused, match="names no file"), jail.place(text).to_write():
        pass


@pytest.mark.parametrize("text", ["out", "abs", "loop", "../x", "missing/x"])
def test_a_write_that_would_leave(jail: Jail, text: str) -> None:
    with pytest.raises(PathRefused), jail.place(text).to_write():
        pass


def test_what_the_system_says_comes_in_words(jail: Jail) -> None:
    with pytest.raises(AlreadyThere, match="there already"), jail.place("src").spot() as spot:
        os.mkdir(spot.name, dir_fd=spot.folder)
    with pytest.raises(NotThere), jail.place("nothing").spot() as spot:
        os.unlink(spot.name, dir_fd=spot.folder)


def test_the_place_from_the_root_on(jail: Jail) -> None:
    assert jail.place("src/b.py").full == "/workspace/src/b.py"
    assert jail.place("/docs").full == "/docs"
    assert jail.place('"a\\nb"').full == '"/workspace/a\\nb"'


def test_a_root_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(NotThere, match="/workspace"):
        Jail([Grant(target="/workspace", source=tmp_path / "nowhere")])
