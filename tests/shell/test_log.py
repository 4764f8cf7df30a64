"""What is kept of a background process's output, and what a reader gets of it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from massgen_core.sandbox import Stream
from massgen_core.shell.log import Log

STREAM = st.sampled_from(["stdout", "stderr"])
OUTPUT = st.lists(st.tuples(STREAM, st.binary(min_size=1, max_size=20)), max_size=30)


def logged(pieces: list[tuple[Stream, bytes]], limit: int = 10_000) -> Log:
    log = Log(limit)
    for stream, data in pieces:
        log.add(stream, data)
    return log


@given(OUTPUT, st.integers(1, 50))
def test_reading_on_and_on_gives_everything_once(pieces: list[tuple[Stream, bytes]], limit: int) -> None:
    log, cursor = logged(pieces), 0
    found: dict[str, bytes] = {"stdout": b"", "stderr": b""}
    while (piece := log.read(cursor, limit)).cursor != cursor:
        assert len(piece.stdout) + len(piece.stderr) == piece.cursor - cursor <= limit
        assert piece.missed == 0
        cursor = piece.cursor
        found["stdout"] += piece.stdout
        found["stderr"] += piece.stderr
    assert cursor == log.end == sum(len(data) for _, data in pieces)
    for stream in ("stdout", "stderr"):
        assert found[stream] == b"".join(data for each, data in pieces if each == stream)


@given(OUTPUT, st.integers(1, 60), st.integers(0, 700))
def test_what_is_forgotten_is_counted(pieces: list[tuple[Stream, bytes]], limit: int, cursor: int) -> None:
    everything = logged(pieces)
    log = logged(pieces, limit)
    piece = log.read(cursor, 10_000)
    start = min(cursor, log.end) + piece.missed
    assert log.end - limit <= start
    assert piece.missed == 0 or start == log.end - limit
    whole = everything.read(start, 10_000)
    assert (piece.stdout, piece.stderr, piece.cursor) == (whole.stdout, whole.stderr, log.end)


@given(OUTPUT, st.integers(1, 700))
def test_a_negative_cursor_counts_from_the_end(pieces: list[tuple[Stream, bytes]], back: int) -> None:
    log = logged(pieces)
    assert log.read(-back, 10_000) == log.read(max(0, log.end - back), 10_000)


@given(st.text(st.sampled_from("aé€😀"), max_size=40), st.integers(4, 12))
def test_no_letter_is_cut(text: str, limit: int) -> None:
    data = text.encode()
    log, cursor, found = logged([("stdout", data)]), 0, ""
    while (piece := log.read(cursor, limit)).cursor != cursor:
        cursor = piece.cursor
        found += piece.stdout.decode()
    assert found == text
