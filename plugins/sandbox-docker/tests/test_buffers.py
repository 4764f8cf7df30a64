"""The bounded places for bytes."""

from __future__ import annotations

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from massgen_sandbox_docker.engine.buffers import BytePipe, ByteRing, HeadAndTail


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


@pytest.mark.anyio
async def test_a_full_pipe_makes_the_writer_wait() -> None:
    """Back-pressure: with the limit reached, the next put waits until somebody reads."""
    pipe = BytePipe(10)
    await pipe.put(b"x" * 10)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(pipe.put, b"y")
        await anyio.wait_all_tasks_blocked()
        assert await pipe.get() == b"x" * 10
        assert await pipe.get() == b"y"


@pytest.mark.anyio
async def test_a_closed_pipe_can_be_read_to_its_end() -> None:
    """After closing, what is unread comes first and then the end of the stream; writers are let go."""
    pipe = BytePipe(1)
    await pipe.put(b"x")
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(pipe.put, b"dropped")
        await anyio.wait_all_tasks_blocked()
        pipe.close()
    assert await pipe.get() == b"x"
    with pytest.raises(anyio.EndOfStream):
        await pipe.get()
