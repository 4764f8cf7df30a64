"""The bounded pipe for bytes."""

from __future__ import annotations

import anyio
import pytest
from massgen_sandbox_docker.engine.buffers import BytePipe


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
