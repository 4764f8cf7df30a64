"""Windows of lines: the same as cutting the whole text, whatever the budget."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from hypothesis import given
from hypothesis import strategies as st
from massgen_workspace.text.encoding import UNKNOWN, UTF8, Encoding, judge
from massgen_workspace.text.lines import Indexes
from massgen_workspace.text.window import Wanted, window

TEXT = st.lists(st.text(st.characters(exclude_characters="\n\r", codec="utf-8"), max_size=12), max_size=30)


@contextmanager
def opened(data: bytes) -> Iterator[int]:
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.flush()
        yield file.fileno()


@given(TEXT, st.integers(-40, 40), st.integers(1, 40), st.booleans(), st.sampled_from(["\n", "\r\n"]))
def test_a_window_is_a_part_of_the_lines(lines: list[str], first: int, count: int, final: bool, end: str) -> None:
    text = end.join(lines) + (end if final and lines else "")
    whole = lines if final or not lines or lines[-1] else lines[:-1]
    with opened(text.encode()) as file:
        found = window(file, UTF8, Indexes(), Wanted(first=first, count=count))
    start = max(0, len(whole) + first) if first < 0 else max(0, first - 1)
    expected = whole[start : start + count]
    assert [line.text for line in found.lines] == expected
    assert [line.number for line in found.lines] == list(range(start + 1, start + 1 + len(expected)))
    assert found.total == len(whole)
    following = start + len(expected)
    assert found.more == (following + 1 if following < len(whole) else None)


@given(TEXT, st.integers(1, 50))
def test_a_budget_is_kept_and_reading_on_gives_everything(lines: list[str], budget: int) -> None:
    data = "".join(f"{line}\n" for line in lines).encode()
    seen: list[str] = []
    first: int | None = 1
    with opened(data) as file:
        indexes = Indexes()
        while first is not None:
            found = window(file, UTF8, indexes, Wanted(first=first, budget=budget, longest=1000))
            assert sum(len(line.text.encode()) for line in found.lines) <= budget + 2 * len(found.lines)
            assert found.lines or not lines
            seen += [line.text for line in found.lines]
            first = found.more
    assert len(seen) == len(lines)


def test_a_line_without_end_is_cut_and_counted() -> None:
    with opened(b"x" * 10_000_000 + b"\nnext\n") as file:
        found = window(file, UTF8, Indexes(), Wanted())
    assert (len(found.lines[0].text), found.lines[0].cut) == (2000, 10_000_000 - 2000)
    assert found.lines[1].text == "next"


def test_a_mark_is_not_shown() -> None:
    encoding = judge(b"\xef\xbb\xbfa\n", whole=True)
    assert encoding is not None
    with opened(b"\xef\xbb\xbfa\n") as file:
        assert window(file, encoding, Indexes(), Wanted()).lines[0].text == "a"


def test_how_files_are_judged() -> None:
    assert judge("süß".encode(), whole=True) == UTF8
    assert judge("süß".encode()[:-1], whole=False) == UTF8
    assert judge("süß".encode()[:-1], whole=True) == UNKNOWN
    assert judge(b"\xe9t\xe9", whole=True) == UNKNOWN
    assert judge(b"a\0b", whole=True) is None
    assert judge("a".encode("utf-16"), whole=True) == Encoding(name="utf-16-le", bom=b"\xff\xfe")
    assert judge(b"", whole=True) == UTF8


def test_memory_stays_flat_on_a_large_file() -> None:
    """A window near the end of a sparse gigabyte of lines needs no more than a few megabytes."""
    import resource

    with tempfile.TemporaryFile() as file:
        block = b"".join(b"line %d\n" % number for number in range(1000))
        for _ in range(2000):
            file.write(block)
        file.flush()
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        found = window(file.fileno(), UTF8, Indexes(), Wanted(first=1_999_990, count=5))
        assert [line.text for line in found.lines] == [f"line {number}" for number in range(989, 994)]
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 16 * 1024
        assert os.fstat(file.fileno()).st_size == len(block) * 2000
