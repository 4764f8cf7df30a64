"""A content is exchanged as a whole, and what else a file has stays with it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from massgen_workspace.files.atomic import is_temporary, replace, version_of

from massgen_core.jail.place import Spot


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[int]:
    found = os.open(tmp_path, os.O_RDONLY)
    yield found
    os.close(found)


def put(folder: int, name: str, data: bytes, **more: bool) -> str:
    return replace(Spot(folder, name.encode()), [data], **more).version


def test_a_new_file_and_an_old_one(folder: int, tmp_path: Path) -> None:
    assert put(folder, "f", b"one") == version_of(b"one")
    assert put(folder, "f", b"two", durable=True) == version_of(b"two")
    assert (tmp_path / "f").read_bytes() == b"two"
    assert os.listdir(tmp_path) == ["f"]


def test_rights_owner_and_attributes_stay(folder: int, tmp_path: Path) -> None:
    file = tmp_path / "f"
    file.write_text("old")
    file.chmod(0o2751)
    os.setxattr(file, "user.note", b"kept")
    if os.geteuid() == 0:
        os.chown(file, 1234, 4321)
        file.chmod(0o2751)
    before = file.stat()
    put(folder, "f", b"new")
    after = file.stat()
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)
    assert os.getxattr(file, "user.note") == b"kept"


def test_an_access_control_list_stays(folder: int, tmp_path: Path) -> None:
    (tmp_path / "f").write_text("old")
    try:
        subprocess.run(["setfacl", "-m", "u:4321:rw", tmp_path / "f"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("there are no access control lists here")
    before = os.getxattr(tmp_path / "f", "system.posix_acl_access")
    put(folder, "f", b"new")
    assert os.getxattr(tmp_path / "f", "system.posix_acl_access") == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_new_file_belongs_to_its_folders_owner(folder: int, tmp_path: Path) -> None:
    os.chown(tmp_path, 1234, 4321)
    put(folder, "f", b"x")
    found = (tmp_path / "f").stat()
    assert (found.st_uid, found.st_gid) == (1234, 4321)


def test_a_failure_changes_nothing_and_leaves_nothing(folder: int, tmp_path: Path) -> None:
    (tmp_path / "f").write_text("old")

    def failing() -> Iterable[bytes]:
        yield b"new"
        raise RuntimeError

    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(RuntimeError):
        replace(Spot(folder, b"f"), failing())
    assert len(os.listdir("/proc/self/fd")) == before
    assert (tmp_path / "f").read_text() == "old"
    assert os.listdir(tmp_path) == ["f"]


@pytest.mark.parametrize("kind", ["folder", "pipe", "link"])
def test_what_is_no_file_stays(folder: int, tmp_path: Path, kind: str) -> None:
    target = tmp_path / "f"
    {"folder": target.mkdir, "pipe": lambda: os.mkfifo(target), "link": lambda: target.symlink_to("x")}[kind]()
    with pytest.raises(OSError):  # noqa: PT011
        put(folder, "f", b"x")
    assert os.listdir(tmp_path) == ["f"]


def test_its_temporary_names_are_known(folder: int, tmp_path: Path) -> None:
    seen: list[bytes] = []

    def looking() -> Iterable[bytes]:
        seen.extend(os.fsencode(name) for name in os.listdir(tmp_path))
        yield b"x"

    replace(Spot(folder, b"f"), looking())
    assert len(seen) == 1
    assert is_temporary(seen[0])
    assert not is_temporary(b".massgen-notes")
