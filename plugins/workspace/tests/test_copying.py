"""Copies by descriptor: everything that a file has comes with it, and nothing from elsewhere."""

from __future__ import annotations

import os
import socket
import stat
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from massgen_workspace.files.copying import Copied, copy_tree
from massgen_workspace.files.descent import remove_tree
from massgen_workspace.files.measure import measure
from massgen_workspace.files.meter import Meter, TooMuch

from massgen_core.jail.errors import AlreadyThere, PathRefused
from massgen_core.jail.place import Spot


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[int]:
    opened = os.open(tmp_path, os.O_RDONLY)
    yield opened
    os.close(opened)


def everything(top: Path) -> dict[str, tuple[int, int, object]]:
    """Rights, time and content of all that is in a folder."""
    found: dict[str, tuple[int, int, object]] = {}
    for path in sorted([top, *top.rglob("*")]):
        seen = path.lstat()
        held = path.readlink() if path.is_symlink() else path.read_bytes() if path.is_file() else None
        found[str(path.relative_to(top))] = stat.S_IMODE(seen.st_mode), seen.st_mtime_ns, held
    return found


def grow(top: Path) -> None:
    (top / "inner").mkdir(parents=True)
    (top / "run").write_bytes(b"#!/bin/sh\n")
    (top / "run").chmod(0o754)
    (top / "inner" / "large").write_bytes(os.urandom(300_000))
    (top / "inner" / "out").symlink_to("/etc/passwd")
    (top / "inner" / b"\xff\n".decode("utf-8", "surrogateescape")).write_bytes(b"")
    os.utime(top / "run", ns=(1, 1_000_000_007))
    os.utime(top / "inner" / "out", ns=(1, 2_000_000_009), follow_symlinks=False)
    (top / "inner").chmod(0o710)
    os.utime(top / "inner", ns=(1, 3_000_000_001))


def test_a_copy_is_the_same(tmp_path: Path, folder: int) -> None:
    grow(tmp_path / "a")
    copied = copy_tree(Spot(folder, b"a"), Spot(folder, b"b"))
    assert everything(tmp_path / "b") == everything(tmp_path / "a")
    assert copied == Copied(entries=6, bytes=300_010, shared=copied.shared)


def test_without_help_of_the_kernel_as_well(tmp_path: Path, folder: int, monkeypatch: pytest.MonkeyPatch) -> None:
    grow(tmp_path / "a")

    def cannot(*_: object) -> int:
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(os, "copy_file_range", cannot)
    copy_tree(Spot(folder, b"a"), Spot(folder, b"b"))
    assert everything(tmp_path / "b") == everything(tmp_path / "a")


def test_holes_attributes_and_further_names(tmp_path: Path, folder: int) -> None:
    top = tmp_path / "a"
    top.mkdir()
    with (top / "holes").open("wb") as file:
        file.seek(20_000_000)
        file.write(b"x" * 5000)
        file.truncate(40_000_000)
    os.setxattr(top / "holes", "user.word", b"yes")
    os.link(top / "holes", top / "other")
    copied = copy_tree(Spot(folder, b"a"), Spot(folder, b"b"))
    holes = tmp_path / "b" / "holes"
    assert holes.read_bytes() == (top / "holes").read_bytes()
    assert holes.stat().st_blocks * 512 < 1_000_000
    assert os.getxattr(holes, "user.word") == b"yes"
    assert (tmp_path / "b" / "other").samefile(holes)
    assert copied.bytes == 40_000_000


def test_what_is_not_wanted_is_left_out(tmp_path: Path, folder: int) -> None:
    grow(tmp_path / "a")
    asked: list[bytes] = []

    def wanted(path: bytes, found: os.stat_result) -> bool:
        asked.append(path)
        return path != b"inner"

    top = os.open(tmp_path / "a", os.O_RDONLY)
    copy_tree(Spot(top, b"."), Spot(folder, b"b"), wanted=wanted)
    os.close(top)
    assert os.listdir(tmp_path / "b") == ["run"]
    assert asked == [b"inner", b"run"]


@pytest.mark.parametrize("kind", ["pipe", "socket"])
def test_what_is_no_file_is_named_and_nothing_stays(tmp_path: Path, folder: int, kind: str) -> None:
    grow(tmp_path / "a")
    if kind == "pipe":
        os.mkfifo(tmp_path / "a" / "zz")
    else:
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(str(tmp_path / "a" / "zz"))
    with pytest.raises(PathRefused, match=f"mine/zz: it is a {kind}: only files, folders and links can be copied"):
        copy_tree(Spot(folder, b"a"), Spot(folder, b"b"), text="mine")
    assert os.listdir(tmp_path) == ["a"]


@pytest.mark.parametrize("there", ["file", "folder", "link"])
def test_what_is_at_the_target_stays(tmp_path: Path, folder: int, there: str) -> None:
    grow(tmp_path / "a")
    outside = tmp_path / "outside"
    outside.mkdir()
    if there == "file":
        (tmp_path / "b").write_text("mine")
    elif there == "folder":
        (tmp_path / "b").mkdir()
    else:
        (tmp_path / "b").symlink_to(outside)
    for source in (b"a", b"a/run"):
        with pytest.raises(AlreadyThere):
            copy_tree(Spot(folder, source), Spot(folder, b"b"))
    assert (tmp_path / "b").exists()
    assert not list(outside.iterdir())


def test_another_owner_gets_no_rights_of_the_old_one(tmp_path: Path, folder: int) -> None:
    if os.geteuid() != 0:
        pytest.skip("files are given away by root alone")
    (tmp_path / "a").write_bytes(b"x")
    (tmp_path / "a").chmod(0o4755)
    copy_tree(Spot(folder, b"a"), Spot(folder, b"same"))
    copy_tree(Spot(folder, b"a"), Spot(folder, b"given"), owner=(1234, 1235))
    same, given = (tmp_path / "same").stat(), (tmp_path / "given").stat()
    assert stat.S_IMODE(same.st_mode) == 0o4755
    assert (stat.S_IMODE(given.st_mode), given.st_uid, given.st_gid) == (0o755, 1234, 1235)


def test_too_much_ends_it_and_nothing_stays(tmp_path: Path, folder: int) -> None:
    grow(tmp_path / "a")
    for meter in (Meter(most_entries=3), Meter(most_bytes=100_000)):
        with pytest.raises(TooMuch, match="there (is|are) more than"):
            copy_tree(Spot(folder, b"a"), Spot(folder, b"b"), meter=meter)
        assert os.listdir(tmp_path) == ["a"]


def test_any_depth(tmp_path: Path, folder: int) -> None:
    here = os.dup(folder)
    for _ in range(3000):
        os.mkdir("d", dir_fd=here)
        below = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    before = len(os.listdir("/proc/self/fd"))
    assert copy_tree(Spot(folder, b"d"), Spot(folder, b"copy")).entries == 3000
    assert measure(Spot(folder, b"copy")).entries == 3000
    remove_tree(Spot(folder, b"copy"))
    remove_tree(Spot(folder, b"d"))
    assert os.listdir(tmp_path) == []
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_folder_that_nobody_may_enter_can_be_removed(tmp_path: Path, folder: int) -> None:
    grow(tmp_path / "a")
    (tmp_path / "a" / "inner").chmod(0)
    remove_tree(Spot(folder, b"a"))
    remove_tree(Spot(folder, b"a"))
    assert os.listdir(tmp_path) == []


def test_folders_that_are_swapped_for_links_lead_nowhere(tmp_path: Path, folder: int) -> None:
    """Somebody swaps folders on both sides all the time: no byte from outside is read, none is written there."""
    outside = tmp_path / "outside"
    (outside / "inner").mkdir(parents=True)
    (outside / "inner" / "secret").write_text("secret")
    (outside / "secret").write_text("secret")
    work = tmp_path / "work"
    grow(work / "a")
    (work / "a" / "inner" / "deep").mkdir()
    opened = os.open(work, os.O_RDONLY)
    done = threading.Event()

    def swap() -> None:
        places = [(work / "a", "inner"), (work / "a" / "inner", "deep"), (work / "b", "inner")]
        while not done.is_set():
            for around, name in places:
                try:
                    (around / name).rename(work / "aside")
                    (around / name).symlink_to(outside / "inner")
                    (around / name).unlink()
                    (work / "aside").rename(around / name)
                except OSError:
                    with suppress(OSError):
                        (work / "aside").rename(work / f"lost{os.urandom(4).hex()}")

    thread = threading.Thread(target=swap)
    thread.start()
    outcomes: list[str] = []
    try:
        for _ in range(300):
            try:
                copy_tree(Spot(opened, b"a"), Spot(opened, b"b"))
                outcomes.append("copied")
            except PathRefused:
                outcomes.append("refused")
            assert not list(work.glob("b/**/secret"))
            try:
                remove_tree(Spot(opened, b"b"))
            except OSError:
                (work / "b").rename(work / f"left{os.urandom(4).hex()}")
            if not (work / "a" / "inner").is_dir():
                break
    finally:
        done.set()
        thread.join()
        os.close(opened)
    assert outcomes
    assert sorted(path.name for path in outside.rglob("*")) == ["inner", "secret", "secret"]
    assert (outside / "secret").read_text() == (outside / "inner" / "secret").read_text() == "secret"
