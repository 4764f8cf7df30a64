"""The sparse index agrees with counting, for any text and any step."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st
from massgen_workspace.text import lines
from massgen_workspace.text.lines import Indexes, index_of, start_of

DATA = st.lists(st.sampled_from([b"\n", b"a", b"bcd", b"\r\n", b"\n\n\n", b"x" * 40]), max_size=60).map(b"".join)


@contextmanager
def opened(data: bytes) -> Iterator[int]:
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.flush()
        yield file.fileno()


@pytest.fixture(autouse=True, params=[7, 64, 1024 * 1024])
def step(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(lines, "STEP", request.param)
    return request.param


@given(DATA)
def test_every_line_begins_where_it_does(data: bytes) -> None:
    starts = [0, *(at + 1 for at, byte in enumerate(data) if byte == 10)]
    with opened(data) as file:
        index = index_of(file)
        assert index.total == data.count(b"\n")
        assert index.lines == len(data.splitlines() if b"\r" not in data else data.replace(b"\r", b"").splitlines())
        for line, start in enumerate(starts):
            assert start_of(file, index, line) == start
        assert start_of(file, index, len(starts) + 5) == len(data)


def test_a_file_that_changed_is_looked_at_again() -> None:
    indexes = Indexes()
    with opened(b"a\nb\n") as file:
        assert indexes.of(file).lines == 2
        assert indexes.of(file) is indexes.of(file)
        os.write(file, b"c\n")
        assert indexes.of(file).lines == 3
