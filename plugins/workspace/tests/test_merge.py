"""Merging loses nothing that only one side has done, and never chooses between two."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from massgen_workspace.edit.merge import merge

LINES = st.lists(st.sampled_from([b"a", b"b", b"c", b"d", b""]), max_size=12)


def text(lines: list[bytes]) -> bytes:
    return b"".join(line + b"\n" for line in lines)


@given(LINES, LINES)
def test_one_side_alone_wins(base: list[bytes], changed: list[bytes]) -> None:
    old, new = text(base), text(changed)
    assert merge(old, new, old).data == new
    assert merge(old, old, new).data == new
    assert merge(old, new, new).data == new


@given(LINES, LINES, LINES)
def test_both_sides_are_alike(base: list[bytes], one: list[bytes], other: list[bytes]) -> None:
    left, right = merge(text(base), text(one), text(other)), merge(text(base), text(other), text(one))
    assert left.data == right.data
    assert len(left.conflicts) == len(right.conflicts)


@given(st.lists(st.integers(0, 3), min_size=3, max_size=30), st.data())
def test_changes_in_different_places_are_both_there(kinds: list[int], data: st.DataObject) -> None:
    """Lines that are told apart, some changed by one side and some by the other, with one between them."""
    base = [b"%d" % number for number in range(len(kinds))]
    mine = [b"mine %d" % n if kind == 1 and n % 4 == 0 else base[n] for n, kind in enumerate(kinds)]
    yours = [b"yours %d" % n if kind == 2 and n % 4 == 2 else base[n] for n, kind in enumerate(kinds)]
    both = [m if m != b else y for b, m, y in zip(base, mine, yours, strict=True)]
    assert merge(text(base), text(mine), text(yours)).data == text(both)


@settings(max_examples=60, deadline=None)
@given(LINES, LINES, LINES)
def test_what_git_merges_too_is_the_same(
    tmp_path_factory: pytest.TempPathFactory, base: list[bytes], one: list[bytes], other: list[bytes]
) -> None:
    """Where both find a merge it has the same lines; neighbours may count as a conflict for one of them."""
    folder: Path = tmp_path_factory.getbasetemp()
    for name, lines in (("base", base), ("one", one), ("other", other)):
        (folder / name).write_bytes(text(lines))
    done = subprocess.run(
        ["git", "merge-file", "-p", folder / "one", folder / "base", folder / "other"], capture_output=True, check=False
    )
    found = merge(text(base), text(one), text(other))
    if done.returncode == 0 and found.data is not None:
        assert sorted(found.data.splitlines()) == sorted(done.stdout.splitlines())


def test_a_conflict_shows_both() -> None:
    found = merge(b"a\nb\nc\n", b"a\nX\nc\n", b"a\nY\nc\n")
    assert found.data is None
    (conflict,) = found.conflicts
    assert (conflict.start, conflict.ours, conflict.theirs) == (1, (b"X\n",), (b"Y\n",))


def test_endings_and_bytes_stay() -> None:
    assert merge(b"a\r\n\xff\r\nc", b"A\r\n\xff\r\nc", b"a\r\n\xff\r\nC").data == b"A\r\n\xff\r\nC"
