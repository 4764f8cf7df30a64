"""A restore takes nothing away that could not be had back, and brings the rights of folders back too."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from massgen_workspace.spaces.restoring import Restored, restore
from massgen_workspace.spaces.shelf import Snapshot
from massgen_workspace.spaces.tracked import Plain

from massgen_core.jail.roots import Grant, Root


@pytest.fixture
def plain(work: Path, tmp_path: Path) -> Plain:
    return Plain(work, tmp_path / "state")


@pytest.fixture
def root(work: Path) -> Iterator[Root]:
    with Root(Grant(target="/w", source=work, write=True)) as root:
        yield root


def rights(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_what_has_become_too_large_for_a_snapshot_stays(work: Path, plain: Plain, root: Root) -> None:
    """Its old content would take the place of one that nothing else holds."""
    (work / "log").write_text("small")
    taken = plain.take("small")
    os.truncate(work / "log", 5 * 1024**3)
    done = restore(plain, root, taken, durable=False)
    assert done.left == ["log (no snapshot holds it)"]
    assert (work / "log").stat().st_size == 5 * 1024**3


@pytest.mark.parametrize("what", ["file", "link"])
def test_what_somebody_changes_meanwhile_stays(work: Path, plain: Plain, root: Root, what: str) -> None:
    """Neither the snapshot that is brought back nor the one of before has it."""
    path = work / "f"
    path.write_text("old")
    (work / "a").write_text("first in the order")
    taken = plain.take("old")
    (work / "a").unlink()
    path.unlink()
    path.write_text("new") if what == "file" else path.symlink_to("new")

    def tick(done: int) -> None:
        if plain.shelf.last() != taken and not (work / "a").exists():  # what is there has just been looked at
            path.unlink(missing_ok=True)
            path.write_text("newest") if what == "file" else path.symlink_to("newest")

    done = restore(plain, root, taken, durable=False, tick=tick)
    assert done.left == ["f (no snapshot holds it)"]
    assert (path.read_text() if what == "file" else os.readlink(path)) == "newest"


def test_a_file_comes_in_place_of_a_pipe(work: Path, plain: Plain, root: Root) -> None:
    (work / "f").write_text("old")
    taken = plain.take("old")
    (work / "f").unlink()
    os.mkfifo(work / "f")
    assert restore(plain, root, taken, durable=False).left == []
    assert (work / "f").read_text() == "old"


def changed_back(work: Path, plain: Plain, root: Root, taken: Snapshot) -> Restored:
    done = restore(plain, root, taken, durable=False)
    assert done.left == []
    assert restore(plain, root, taken, durable=False).found == []
    return done


def test_rights_of_folders_come_back(work: Path, plain: Plain, root: Root) -> None:
    """Of one that is there, of one that is made anew whatever the umask, and of one that nobody may write to."""
    for name, mode in (("there", 0o2775), ("gone", 0o777), ("closed", 0o555)):
        (work / name).mkdir()
        (work / name / "f").write_text("x")
        (work / name).chmod(mode)
    taken = plain.take("before")
    for name in ("gone", "closed"):
        (work / name).chmod(0o755)
        (work / name / "f").unlink()
        (work / name).rmdir()
    (work / "there").chmod(0o700)
    done = changed_back(work, plain, root, taken)
    assert {each.path: each.what for each in done.found}[b"there"] == "changed"
    assert [rights(work / name) for name in ("there", "gone", "closed")] == [0o2775, 0o777, 0o555]
    assert (work / "closed" / "f").read_text() == "x"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has files of others")
def test_a_program_that_runs_as_its_owner_comes_back_as_one_that_does_not(work: Path, plain: Plain, root: Root) -> None:
    """A container's own file would else become this user's, with the container's content."""
    (work / "f").write_text("x")
    os.chown(work / "f", 1234, 1234)
    (work / "f").chmod(0o4755)
    taken = plain.take("before")
    (work / "f").unlink()
    restore(plain, root, taken, durable=False)
    assert rights(work / "f") == 0o755
