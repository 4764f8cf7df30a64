"""What is in a folder is the same, whoever tells it: the kernel's records, or the library's calls for each name."""

from __future__ import annotations

import ctypes
import os
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from massgen_workspace.find import folders
from massgen_workspace.find.folders import Entries, Reader
from massgen_workspace.find.glob import parsed
from massgen_workspace.find.names import Names
from massgen_workspace.find.patterns import Patterns
from massgen_workspace.find.select import chosen
from massgen_workspace.find.walk import batches

from massgen_core.jail.roots import Grant, Root

GETDENTS64 = folders.getdents64()
needs_getdents64 = pytest.mark.skipif(GETDENTS64 is None, reason="this system has no such call")

NAME = (
    st.binary(min_size=1, max_size=60)
    .map(lambda name: name.replace(b"/", b"_").replace(b"\0", b"_"))
    .filter(lambda name: name not in (b".", b".."))
)
ENDINGS = st.lists(st.text("\x04\x08.ab", min_size=1, max_size=3), min_size=1, max_size=3).map(tuple)


@contextmanager
def opened(folder: Path | str) -> Iterator[int]:
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield number
    finally:
        os.close(number)


def read(folder: Path | str, *endings: str) -> Entries:
    with opened(folder) as number:
        return Reader().read(number, endings or ("",))


def kept(entries: Entries, endings: tuple[str, ...]) -> list[str]:
    """What has to be told."""
    names, kinds = entries
    return [name for name in names if name in kinds or name.startswith(".") or name.endswith(endings)]


@settings(max_examples=60, deadline=None)
@given(st.sets(NAME, max_size=30), st.sets(NAME, max_size=5), ENDINGS)
def test_what_is_wanted_is_told_as_the_library_tells_it(
    files: set[bytes], others: set[bytes], endings: tuple[str, ...]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for number, name in enumerate(others):
            path = os.path.join(os.fsencode(folder), name)
            (os.mkdir, os.mkfifo, lambda link: os.symlink("a", link))[number % 3](path)
        for name in files - others:
            Path(os.path.join(folder, os.fsdecode(name))).touch()
        whole, some = read(folder), read(folder, *endings)
    assert sorted(map(os.fsencode, whole.names)) == list(map(os.fsencode, whole.names)) == sorted(files | others)
    assert kept(some, endings) == kept(whole, endings)
    assert some.names == [name for name in whole.names if name in some.names]
    assert some.kinds == whole.kinds


@needs_getdents64
def test_files_that_nobody_wants_are_not_told(tmp_path: Path) -> None:
    """Names of all lengths, in more records than are read at once."""
    names = [f"{'x' * (number % 200)}{number}.{('py', 'ts')[number % 2]}" for number in range(3000)]
    for name in names:
        (tmp_path / name).touch()
    (tmp_path / "folder.ts").mkdir()
    found = read(tmp_path, ".py")
    assert found.names == sorted([*(name for name in names if name.endswith(".py")), "folder.ts"])
    assert found.kinds == {"folder.ts": "folder"}


def test_the_longest_and_the_shortest_name(tmp_path: Path) -> None:
    for name in ("a", "b" * 255, "." * 3, "é" * 127):
        (tmp_path / name).touch()
    assert read(tmp_path, "a", "b", "é").names == ["...", "a", "b" * 255, "é" * 127]


def test_every_kind(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("file")
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
        kinds = {"folder": "folder", "link": "link", "pipe": "other", "socket": "other"}
        assert read(tmp_path).kinds == read(tmp_path, "e").kinds == kinds


def without_kinds(folder: int, place: int, size: int) -> int:
    """What a file system says that keeps no kinds beside names: each is unknown."""
    assert GETDENTS64 is not None
    length = GETDENTS64(folder, place, size)
    memory = (ctypes.c_char * size).from_address(place)
    at = 0
    while at < length:
        memory[at + 18] = b"\0"
        at += int.from_bytes(memory[at + 16 : at + 18], sys.byteorder)
    return length


@needs_getdents64
@pytest.mark.parametrize("call", [None, without_kinds])
def test_the_same_where_the_records_say_less(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: object) -> None:
    (tmp_path / "a.py").touch()
    (tmp_path / "\x08b.py").touch()
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("a.py")
    whole = read(tmp_path)
    monkeypatch.setattr(folders, "getdents64", lambda: call)
    assert read(tmp_path, ".py") == whole == read(tmp_path)


def test_what_is_no_folder_is_no_empty_one(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    number = os.open(tmp_path / "file", os.O_RDONLY)
    try:
        for endings in (("",), (".py",)):
            with pytest.raises(NotADirectoryError):
                Reader().read(number, endings)
    finally:
        os.close(number)


@pytest.mark.parametrize("ending", ["\ud800", "a" * 10, "\\", "(", os.fsdecode(b"\xff"), "é"])
def test_endings_of_any_letters(tmp_path: Path, ending: str) -> None:
    """Half a letter is in no name; a byte that is no letter may be."""
    (tmp_path / "other").touch()
    if ending != "\ud800":
        (tmp_path / f"x{ending}").touch()
    assert kept(read(tmp_path, ending), (ending,)) == ([f"x{ending}"] if ending != "\ud800" else [])


PIECE = st.sampled_from(["a", "b", ".", "*", "?", "[ab]", "[!a]", "[]a]", "**", "\\a", "\\*", "/", "[[:alpha:]]"])


@given(st.lists(PIECE, min_size=1, max_size=5).map("".join), st.lists(st.text("ab.*", min_size=1, max_size=4)))
def test_what_matches_ends_as_its_pattern_does(pattern: str, names: list[str]) -> None:
    try:
        glob = parsed(pattern)
    except ValueError:
        return
    if glob is not None:
        for name in Patterns([glob]).select("a/", names, names):
            assert name.endswith(glob.ending)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.text("ab.", min_size=1, max_size=3).filter(lambda word: word.strip(".")), min_size=1, max_size=8),
    st.lists(st.sampled_from(["*.a", "*b", "/a", "a/*.b", "b/", "!*.ab", "a*", "**/b", "?"]), min_size=1, max_size=3),
)
def test_no_file_that_is_wanted_is_left_out_of_a_walk(words: list[str], patterns: list[str]) -> None:
    """A folder that matches stands for all in it, whatever it is called."""
    names = Names(patterns)
    with tempfile.TemporaryDirectory() as made, Root(Grant(target="/workspace", source=Path(made))) as root:
        for first, second in zip(words, words[::-1], strict=True):
            folder = Path(made) / f"{first}d"
            with suppress(FileExistsError):  # one word may be another one's file
                (folder / second).mkdir(parents=True, exist_ok=True)
                (folder / second / "file.a").touch()
                (folder / f"{second}.b").touch()
        found = [_wanted(root, names, each) for each in (None, names)]
    assert found[0] == found[1]


def _wanted(root: Root, names: Names, hint: Names | None) -> list[bytes]:
    found = list[bytes]()
    for batch in batches(root, names=hint):
        found += batch.paths(chosen(batch, 0, names, "file"))
    return found
