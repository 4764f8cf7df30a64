"""Measuring a folder that somebody hostile has filled."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from massgen_sandbox_docker.container import diskuse
from massgen_sandbox_docker.container.diskuse import DEEPEST, LEAST, Tally, Unmeasurable, measure

NO_LIMIT = 1 << 60

pytestmark = pytest.mark.skipif(os.scandir not in os.supports_fd, reason="this system cannot list folders safely")


def test_links_are_not_followed(tmp_path: Path) -> None:
    """Links out of the folder, round in circles and to nowhere count as links; what is behind them does not."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "large").write_bytes(b"x" * 10_000_000)
    inside = tmp_path / "inside"
    inside.mkdir()
    for number, target in enumerate((outside, outside / "large", inside, "/", "nowhere", "/proc/self/root")):
        (inside / str(number)).symlink_to(target)
    assert measure(str(inside), NO_LIMIT) <= 6 * LEAST


def test_odd_entries_do_not_hang(tmp_path: Path) -> None:
    """Pipes, sockets and names of any bytes are counted without being opened."""
    os.mkfifo(tmp_path / "pipe")
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\n\x1b[2J")).write_bytes(b"x")
    listener = socket.socket(socket.AF_UNIX)
    here = os.open(tmp_path, os.O_RDONLY)
    try:
        listener.bind(f"/proc/self/fd/{here}/s")
    finally:
        os.close(here)
    listener.close()
    assert measure(str(tmp_path), NO_LIMIT) == 3 * LEAST


def test_hard_links_and_holes(tmp_path: Path) -> None:
    """A file with many names is counted once, a hole not at all."""
    (tmp_path / "a").write_bytes(b"x" * 1_000_000)
    for number in range(9):
        (tmp_path / f"b{number}").hardlink_to(tmp_path / "a")
    with (tmp_path / "hole").open("wb") as file:
        file.truncate(1 << 40)
    assert 1_000_000 <= measure(str(tmp_path), NO_LIMIT) < 1_100_000


def test_a_file_by_itself(tmp_path: Path) -> None:
    """A mount may be a single file."""
    (tmp_path / "a").write_bytes(b"x" * 100_000)
    assert 100_000 <= measure(str(tmp_path / "a"), NO_LIMIT) < 110_000


def test_it_stops_at_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counting ends soon after the limit is passed, however much there is."""
    for number in range(200):
        (tmp_path / str(number)).touch()
    seen = 0
    add = Tally.add

    def counted(tally: Tally, found: os.stat_result) -> None:
        nonlocal seen
        seen += 1
        add(tally, found)

    monkeypatch.setattr(Tally, "add", counted)
    assert measure(str(tmp_path), 10 * LEAST) == 11 * LEAST
    assert seen == 11


def test_a_tree_without_end(tmp_path: Path) -> None:
    """Folders in folders are followed to a depth, and then it is said that they cannot be."""
    handle = os.open(tmp_path, os.O_RDONLY)
    for _ in range(DEEPEST + 2):
        os.mkdir("d", dir_fd=handle)
        below = os.open("d", os.O_RDONLY, dir_fd=handle)
        os.close(handle)
        handle = below
    os.close(handle)
    with pytest.raises(Unmeasurable, match="nested more than 200 deep"):
        measure(str(tmp_path), NO_LIMIT)


def test_a_tree_that_takes_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When time is up it is said that there is too much to be counted."""
    (tmp_path / "a").touch()
    monkeypatch.setattr(diskuse, "LONGEST", -1.0)
    with pytest.raises(Unmeasurable, match="more than can be counted"):
        measure(str(tmp_path), NO_LIMIT)


def test_what_may_not_be_read(tmp_path: Path) -> None:
    """A folder that is not there, or not ours to read, is an error that shows its name in plain letters."""
    with pytest.raises(Unmeasurable, match=r"No such file or directory on '.*\\x1b'"):
        measure(str(tmp_path / "\x1b"), NO_LIMIT)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(sizes=st.lists(st.integers(0, 50_000), max_size=12))
def test_it_counts_what_is_there(tmp_path_factory: pytest.TempPathFactory, sizes: list[int]) -> None:
    """Whatever the sizes: never less than the bytes in the files, and at most a few blocks more for each."""
    folder = tmp_path_factory.mktemp("sizes")
    for number, size in enumerate(sizes):
        (folder / str(number)).write_bytes(b"x" * size)
    used = measure(str(folder), NO_LIMIT)
    assert sum(sizes) <= used <= sum(sizes) + 3 * LEAST * len(sizes)
