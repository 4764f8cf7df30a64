"""In what two texts differ: what difflib says, but in bounded time."""

from __future__ import annotations

import difflib
import multiprocessing
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from massgen_workspace.edit.compare import differences, unified
from massgen_workspace.edit.merge import merge

LINES = st.lists(st.sampled_from(["a", "b", "c", ""]), max_size=25)
DUPLICATES = [f"v{number % 200}" for number in range(100_000)]
BLANK = b"\n" * 30_000


@given(LINES, LINES)
def test_the_parts_make_one_text_of_the_other(old: list[str], new: list[str]) -> None:
    made, at = list[str](), 0
    for a, b, c, d in differences(old, new):
        made += [*old[at:a], *new[c:d]]
        at = b
    assert [*made, *old[at:]] == new


@given(st.lists(st.integers(), unique=True, max_size=30), st.data())
def test_hunks_are_those_of_difflib(numbers: list[int], data: st.DataObject) -> None:
    """Where every line is there once, nobody can differ."""
    old = [str(number) for number in numbers]
    gone = data.draw(st.sets(st.sampled_from(old))) if old else set[str]()
    new = [line for line in old if line not in gone]
    new[len(new) // 2 : len(new) // 2] = ["x", "y"]
    assert list(unified(old, new, around=2)) == list(difflib.unified_diff(old, new, n=2, lineterm=""))[2:]


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (differences, (DUPLICATES, [*DUPLICATES[:50_000], "x", *DUPLICATES[50_000:]])),
        (differences, (["x", *DUPLICATES], [*DUPLICATES, "y"])),
        (merge, (b"x\n" + BLANK, b"y\n" + BLANK, BLANK + b"z\n")),
    ],
)
def test_many_lines_that_are_alike_take_no_longer(function: Callable[..., Any], words: tuple[Any, ...]) -> None:
    """In a process that can be ended, since it would take hours."""
    process = multiprocessing.get_context("spawn").Process(target=function, args=words)
    process.start()
    process.join(60)
    if process.is_alive():
        process.kill()
    process.join()
    assert process.exitcode == 0
