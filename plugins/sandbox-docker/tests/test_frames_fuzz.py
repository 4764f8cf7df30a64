"""Damaged streams: whatever arrives, the reader of frames says so or goes on, and holds next to nothing."""

from __future__ import annotations

import random
import tracemalloc
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from massgen_sandbox_docker.engine.frames import FrameError, FrameParser

Outcome = tuple[list[tuple[int, bytes]], str | None]

FRAME = st.builds(
    lambda number, data: bytes([number, 0, 0, 0]) + len(data).to_bytes(4, "big") + data,
    st.sampled_from([0, 1, 2, 3]),
    st.binary(max_size=40),
)
STREAM = st.lists(FRAME, min_size=1, max_size=12).map(b"".join)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A valid stream after a few accidents: bytes changed, lost, doubled, put in, swapped, or cut off."""
    wire = bytearray(draw(STREAM))
    for _ in range(draw(st.integers(0, 6))):
        at, length = draw(st.integers(0, len(wire))), draw(st.integers(0, 12))
        piece = bytes(wire[at : at + length])
        match draw(st.sampled_from(["change", "lose", "double", "insert", "swap", "cut"])):
            case "change":
                wire[at : at + length] = draw(st.binary(min_size=len(piece), max_size=len(piece)))
            case "lose":
                del wire[at : at + length]
            case "double":
                wire[at:at] = piece
            case "insert":
                wire[at:at] = draw(st.binary(max_size=12))
            case "swap":
                wire[at : at + length] = piece[::-1]
            case _:
                del wire[at:]
    return bytes(wire)


def read(pieces: Sequence[bytes]) -> Outcome:
    """What comes out, neighbouring bytes of one stream joined, and the words of the error that ended it."""
    parser, found, held, error = FrameParser(), list[tuple[int, bytes]](), 0, None
    for piece in pieces:
        try:
            for number, data in parser.feed(piece):
                held += len(data)
                if found and found[-1][0] == number:
                    found[-1] = (number, found[-1][1] + data)
                else:
                    found.append((number, data))
        except FrameError as problem:
            error = str(problem)
            break
    assert held <= sum(map(len, pieces))
    assert all(data for _, data in found)
    return found, error


def cut(wire: bytes, places: Sequence[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(wire) + 1) for place in places), len(wire)]
    return [wire[start:end] for start, end in pairwise(edges)]


@given(wire=damaged(), places=st.lists(st.integers(0, 10_000), max_size=20))
@settings(max_examples=1500, deadline=None)
@example(wire=b"\x01\0\0\0\0\0\0\0\x09", places=[8])
@example(wire=b"\x03\0\0\0\xff\xff\xff\xffrest", places=[3, 4, 9])
@example(wire=b"\x04\0\0\0\0\0\0\0", places=[7])
def test_damage_is_the_same_however_the_bytes_are_cut(wire: bytes, places: list[int]) -> None:
    """Whole, byte by byte or in any pieces: the same bytes of the same streams, then the same error or none."""
    whole = read([wire])
    assert read([wire[at : at + 1] for at in range(len(wire))]) == whole
    assert read(cut(wire, places)) == whole


@given(wire=damaged())
@settings(max_examples=500, deadline=None)
def test_what_comes_out_was_in_the_stream(wire: bytes) -> None:
    """No byte is made up or told of the wrong stream: headers and payloads together are the stream again."""
    found, error = read([wire])
    assert b"".join(data for _, data in found) in _without_headers(wire)
    assert error is None or "not a frame of the engine's multiplexed stream" in error


def _without_headers(wire: bytes) -> list[bytes]:
    """The payloads of a stream as far as it is one, by a reader of three lines that needs all of it at once."""
    payload, at = b"", 0
    while len(wire) - at >= 8 and wire[at] <= 3 and wire[at + 1 : at + 4] == b"\0\0\0":
        length = int.from_bytes(wire[at + 4 : at + 8], "big")
        payload, at = payload + wire[at + 8 : at + 8 + length], at + 8 + length
    return [payload]


@pytest.mark.parametrize("seed", range(3))
def test_a_flood_of_damage_is_never_held(seed: int) -> None:
    """64 MiB of frames of all sizes, some of which claim gigabytes, take the memory of the piece that is read."""
    dice, size = random.Random(seed), 64 * 1024
    parser, passed = FrameParser(), 0
    tracemalloc.start()
    try:
        for _ in range(1024):
            piece = bytearray(dice.randbytes(size))
            claimed = dice.choice([0, 1, size - 8, size, 3 * size, 2**31])
            piece[:8] = bytes([dice.randrange(4), 0, 0, 0]) + claimed.to_bytes(4, "big")
            try:
                passed += sum(len(data) for _, data in parser.feed(bytes(piece)))
            except FrameError:
                parser = FrameParser()
            if claimed == 2**31:  # else everything that follows would be its payload
                parser = FrameParser()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert passed > size
    assert peak < 8 * size
