"""Where the disk can share blocks (btrfs, xfs), forks and copies do; what is written to one is not in the other."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from massgen_workspace.files.copying import copy_tree
from massgen_workspace.spaces.sources import Folder
from massgen_workspace.spaces.store import Store

from massgen_core.jail.place import Spot

LARGE = 24 * 1024 * 1024
SMALL = 8 * 1024
FILES = 1000

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount")


@pytest.fixture(params=["btrfs", "xfs"])
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A disk of its own, in a file."""
    if (make := shutil.which(f"mkfs.{request.param}")) is None:
        pytest.skip(f"there is no mkfs.{request.param}")
    image, folder = tmp_path / "image", tmp_path / "disk"
    folder.mkdir()
    with image.open("wb") as file:
        file.truncate(400 * 1024 * 1024)
    subprocess.run([make, "-q", image], check=True, capture_output=True)
    mounted = subprocess.run(["mount", "-o", "loop", image, folder], check=False, capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip(f"it cannot be mounted: {mounted.stderr}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


@pytest.fixture
def source(disk: Path) -> Path:
    """One large file, and as many bytes in small ones."""
    folder = disk / "source"
    (folder / "small").mkdir(parents=True)
    (folder / "large").write_bytes(os.urandom(LARGE))
    for number in range(FILES):
        (folder / "small" / str(number)).write_bytes(os.urandom(SMALL))
    return folder


def used(disk: Path) -> int:
    """Bytes of the disk that are taken."""
    os.sync()
    return shutil.disk_usage(disk).used


def test_a_fork_shares_blocks_and_nothing_that_is_written(disk: Path, source: Path) -> None:
    store = Store(disk / "spaces", "copy")
    assert store.backends()["reflink"] == "works"
    before = used(disk)
    store.create("one", Folder(path=source))
    store.fork("one", "two")
    assert used(disk) - before < (LARGE + FILES * SMALL) // 2, "two copies would take twice as much as there is"
    trees = [source, store.info("one").folder, store.info("two").folder]
    for name in ("large", "small/7"):
        old = (source / name).read_bytes()
        assert all((tree / name).read_bytes() == old for tree in trees)
        for number, tree in enumerate(trees[1:]):
            with (tree / name).open("r+b") as file:  # in place, as a container may
                file.write(b"written to %d" % number)
        found = [(tree / name).read_bytes() for tree in trees]
        assert found == [old, *(b"written to %d" % number + old[12:] for number in range(2))]


def test_a_copy_shares_blocks(disk: Path, source: Path) -> None:
    before = used(disk)
    handle = os.open(disk, os.O_RDONLY)
    try:
        copied = copy_tree(Spot(handle, b"source"), Spot(handle, b"copy"))
    finally:
        os.close(handle)
    assert copied.shared == copied.bytes == LARGE + FILES * SMALL
    assert used(disk) - before < copied.bytes // 4
    with (disk / "copy" / "large").open("r+b") as file:
        file.write(b"changed")
    assert (source / "large").read_bytes()[:7] != b"changed"
