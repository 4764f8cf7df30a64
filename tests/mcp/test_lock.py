"""Tests of `massgen.lock`."""

from __future__ import annotations

import os
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from massgen_core.errors import ConfigError
from massgen_core.mcp.lock import lock_package, lock_protocol, package_key, read_lock
from massgen_core.sandbox import ImageInfo, PackageRef

TIME = PackageRef(kind="uvx", name="mcp-server-time")
IMAGE = ImageInfo(
    reference="massgen/time:1", id="sha256:ab", version="2026.10.19", packages={"mcp": "2.3.0"}, note='as of "May"\n'
)


def test_a_package_is_locked_with_all_that_was_resolved(tmp_path: Path) -> None:
    """Version, image, id, note and packages come back as they were written."""
    lock_package(tmp_path, TIME, IMAGE)
    lock_protocol(tmp_path, "sha256:ab", "2026-07-28")
    lock = read_lock(tmp_path)
    entry = lock.package["uvx:mcp-server-time"]
    assert (entry.version, entry.image, entry.id, entry.note) == (IMAGE.version, IMAGE.reference, IMAGE.id, IMAGE.note)
    assert entry.packages == {"mcp": "2.3.0"}
    assert lock.image["sha256:ab"].protocol == "2026-07-28"


def test_the_file_is_sorted_and_says_what_it_is(tmp_path: Path) -> None:
    """The same facts give the same file, whatever the order they came in; nothing else is left in the folder."""
    other = PackageRef(kind="npx", name="@scope/x")
    for folder, order in ((tmp_path / "a", (TIME, other)), (tmp_path / "b", (other, TIME))):
        folder.mkdir()
        for package in order:
            lock_package(folder, package, IMAGE)
        assert [path.name for path in folder.iterdir()] == ["massgen.lock"]
    text = (tmp_path / "a" / "massgen.lock").read_text()
    assert text == (tmp_path / "b" / "massgen.lock").read_text()
    assert text.startswith("# Written by massgen-core")
    assert text.index("npx:@scope/x") < text.index("uvx:mcp-server-time")


def test_extras_are_part_of_what_is_locked() -> None:
    """The same package with something beside it is another entry."""
    assert package_key(PackageRef(kind="uvx", name="a", extras=("b", "c"))) == "uvx:a + b + c"
    assert package_key(PackageRef(kind="uvx", name="a", system=("git",))) == "uvx:a + debian:git"


def test_there_may_be_no_file(tmp_path: Path) -> None:
    """Nothing is locked then."""
    assert read_lock(tmp_path).package == {}


@pytest.mark.parametrize("text", ["package = 1 =", "[package.x]\nversion = 1\nodd = 2", "[image.x]\n", "package = 3"])
def test_a_broken_file_is_named_with_a_cure(tmp_path: Path, text: str) -> None:
    """It is never taken for an empty one."""
    (tmp_path / "massgen.lock").write_text(text)
    with pytest.raises(ConfigError, match=r"massgen\.lock: .*\n  Restore the file, or delete it"):
        read_lock(tmp_path)


def test_writers_at_the_same_time_lose_nothing(tmp_path: Path) -> None:
    """Twenty threads lock twenty packages; all are there."""
    packages = [PackageRef(kind="uvx", name=f"p{number}") for number in range(20)]
    with ThreadPoolExecutor(20) as pool:
        list(pool.map(lambda package: lock_package(tmp_path, package, IMAGE), packages))
    assert sorted(read_lock(tmp_path).package) == sorted(f"uvx:p{number}" for number in range(20))


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the disk is full the file stays whole, and no other is left beside it."""
    lock_protocol(tmp_path, "a", "1")
    monkeypatch.setattr(os, "fsync", _full)
    with pytest.raises(OSError, match="No space left"):
        lock_protocol(tmp_path, "b", "2")
    assert list(read_lock(tmp_path).image) == ["a"]
    assert [path.name for path in tmp_path.iterdir()] == ["massgen.lock"]


def _full(descriptor: int) -> None:
    raise OSError(28, "No space left on device")


@settings(max_examples=30)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_survives(tmp_path_factory: pytest.TempPathFactory, name: str, note: str) -> None:
    """Names and notes of any characters are read back as they were, and the file is TOML for everyone."""
    folder = tmp_path_factory.mktemp("lock")
    image = ImageInfo(reference="r", id="i", version="1", note=note, packages={name: note})
    lock_package(folder, PackageRef(kind="uvx", name=name), image)
    entry = read_lock(folder).package[f"uvx:{name}"]
    assert (entry.note, entry.packages) == (note, {name: note})
    assert tomllib.loads((folder / "massgen.lock").read_text(encoding="utf-8"))
