"""The bounded places for output."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from massgen_core.sandbox.output import ByteRing, HeadAndTail


@given(pieces=st.lists(st.binary(max_size=50), max_size=30), limit=st.integers(1, 100))
def test_a_ring_keeps_the_last_bytes(pieces: list[bytes], limit: int) -> None:
    """Whatever the pieces, a ring holds exactly the last bytes of their sum."""
    ring = ByteRing(limit)
    for piece in pieces:
        ring.add(piece)
    assert ring.bytes() == b"".join(pieces)[-limit:]


@given(pieces=st.lists(st.binary(max_size=50), max_size=30), limit=st.integers(0, 300))
def test_head_and_tail_never_exceed_the_limit(pieces: list[bytes], limit: int) -> None:
    """Output within the limit is kept whole; more is counted in full and cut to the limit, start and end kept."""
    kept = HeadAndTail(limit)
    for piece in pieces:
        kept.add(piece)
    whole = b"".join(pieces)
    assert kept.total == len(whole)
    assert len(kept.bytes()) <= limit
    if len(whole) <= limit:
        assert kept.bytes() == whole


def test_what_was_left_out_is_said() -> None:
    """Between head and tail a line counts the bytes that are missing."""
    kept = HeadAndTail(100)
    kept.add(b"a" * 500 + b"b" * 500)
    assert kept.bytes().startswith(b"aaa")
    assert kept.bytes().endswith(b"bbb")
    assert "900 bytes left out" in kept.bytes().decode()
