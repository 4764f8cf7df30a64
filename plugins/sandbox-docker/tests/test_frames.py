"""The multiplexed stream, taken apart."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from massgen_sandbox_docker.engine.frames import FrameError, FrameParser

Frames = list[tuple[int, bytes]]

FRAMES = st.lists(st.tuples(st.sampled_from([0, 1, 2, 3]), st.binary(max_size=200)), max_size=20)


def encode(frames: Iterable[tuple[int, bytes]]) -> bytes:
    return b"".join(bytes([number, 0, 0, 0]) + len(data).to_bytes(4, "big") + data for number, data in frames)


def per_stream(pieces: Iterable[tuple[int, bytes]]) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    for number, data in pieces:
        found[number] = found.get(number, b"") + data
    return {number: data for number, data in found.items() if data}


@given(frames=FRAMES, data=st.data())
def test_any_split_gives_the_same_bytes(frames: Frames, data: st.DataObject) -> None:
    """However the bytes of a sequence of frames are cut, each stream's bytes come out in order and complete."""
    wire = encode(frames)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(wire)), max_size=10)))
    parser = FrameParser()
    pieces: Frames = []
    for start, end in zip([0, *cuts], [*cuts, len(wire)], strict=True):
        pieces += parser.feed(wire[start:end])
    assert per_stream(pieces) == per_stream(frames)
    assert parser.between_frames


@given(frames=FRAMES.filter(bool), cut=st.integers(1, 7))
def test_a_stream_that_ends_early_is_noticed(frames: Frames, cut: int) -> None:
    """A stream that ends inside a header or a payload is not mistaken for a whole one."""
    parser = FrameParser()
    list(parser.feed((encode(frames) + b"\x01\0\0\0\0\0\0\x01")[: -(8 - cut)]))
    assert not parser.between_frames


@given(garbage=st.binary(max_size=500))
def test_garbage_is_an_error_or_data_but_never_more_than_came(garbage: bytes) -> None:
    """Random bytes raise a named error or pass as frames; they never make the parser invent bytes."""
    pieces: Frames = []
    with contextlib.suppress(FrameError):
        pieces.extend(FrameParser().feed(garbage))
    assert sum(len(data) for _, data in pieces) <= len(garbage)


def test_a_huge_frame_is_handed_on_as_it_comes() -> None:
    """A frame of 255 MiB is never held: every piece leaves the parser in the feed that brought it."""
    parser = FrameParser()
    assert list(parser.feed(b"\x01\0\0\0" + (255 * 1024 * 1024).to_bytes(4, "big"))) == []
    piece = b"x" * 65536
    for _ in range(255 * 16):
        assert list(parser.feed(piece)) == [(1, piece)]
    assert parser.between_frames


@pytest.mark.parametrize("header", [b"\x04\0\0\0\0\0\0\x01", b"\x01\x01\0\0\0\0\0\x01", b"HTTP/1.1"])
def test_what_is_no_header_is_refused(header: bytes) -> None:
    """A stream number above 3 or a non-zero padding is not a frame."""
    with pytest.raises(FrameError, match="not a frame"):
        list(FrameParser().feed(header))
