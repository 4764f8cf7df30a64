"""Tests of cutting bytes into lines."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import nullcontext
from itertools import pairwise, repeat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massgen_core.mcp.lines import LineSplitter, LineTooLong

TEXT = st.lists(st.sampled_from([b"a", b"\n", b"\r", b"\r\n", "é".encode(), "\u2028".encode(), b"\xa0", b"\x00"]))


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[start:end] for start, end in pairwise(edges)]


def feed(splitter: LineSplitter, chunks: Iterable[bytes]) -> list[bytes]:
    return [line for chunk in chunks for line in splitter.feed(chunk)]


@given(TEXT, st.lists(st.integers(min_value=0)))
def test_lines_do_not_depend_on_how_the_bytes_arrive(pieces: list[bytes], places: list[int]) -> None:
    """However a stream is cut into chunks, its lines are those of the whole, to the byte."""
    data = b"".join(pieces)
    splitter = LineSplitter(1000)
    lines = feed(splitter, cut(data, places))
    *whole, rest = data.split(b"\n")
    assert lines == [line.removesuffix(b"\r") for line in whole]
    assert splitter.rest == rest


@given(st.binary(max_size=60), st.lists(st.integers(min_value=0)), st.integers(min_value=1, max_value=20))
def test_the_bound_does_not_depend_on_how_the_bytes_arrive(data: bytes, places: list[int], limit: int) -> None:
    """A line over the limit, finished or not, is refused; one at the limit is not."""
    splitter = LineSplitter(limit)
    too_long = any(len(line) > limit for line in data.split(b"\n"))
    with pytest.raises(LineTooLong, match=f"longer than {limit} bytes") if too_long else nullcontext():
        feed(splitter, cut(data, places))


def test_an_endless_line_is_refused_before_it_fills_the_memory() -> None:
    """No more than the limit is ever kept."""
    splitter = LineSplitter(10_000)
    with pytest.raises(LineTooLong):
        feed(splitter, repeat(b"x" * 999))
    assert len(splitter.rest) <= 10_000
