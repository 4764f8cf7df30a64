"""A named workspace, and a fork of it, in containers of two sessions: what one writes the other does not see."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest
from massgen_workspace import Folder, SpaceError, Spaces
from massgen_workspace.spaces.store import Backend

from massgen_core import Session
from tests.together.conftest import OpenRuntime

pytestmark = [pytest.mark.docker, pytest.mark.anyio]


@pytest.fixture
def source() -> Iterator[Path]:
    """A folder that does not belong to root."""
    with tempfile.TemporaryDirectory() as made:
        (Path(made) / "file").write_text("begun\n")
        if os.geteuid() == 0:
            for path in (Path(made), Path(made) / "file"):
                os.chown(path, 1234, 1234)
        yield Path(made)


async def shell(session: Session, command: str) -> str:
    with anyio.fail_after(120):
        result = await session.call("execute_command", {"command": command})
    assert not result.is_error, result.text
    return result.text


@pytest.mark.parametrize(
    "backend",
    [pytest.param("overlay", marks=pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount")), "copy"],
)
async def test_containers_write_to_a_workspace_and_to_a_fork_of_it(
    open_runtime: OpenRuntime, source: Path, tmp_path: Path, backend: Backend
) -> None:
    spaces = Spaces(tmp_path / "spaces", backend=backend)
    await spaces.create("one", Folder(path=source))
    async with open_runtime({"shell": {}}) as runtime, spaces.open("one") as first:
        async with runtime.session(workspace=first) as session:
            await shell(session, "echo more >> file; mkdir made; echo x > made/by-one")
            taken = await spaces.snapshot("one", "then")
            await spaces.fork("one", "two")
            await shell(session, "echo later >> file")  # in place, while the container has it open
            found = await spaces.diff("one", taken.id)
            assert [(each.what, each.path) for each in found.changes] == [("changed", b"file")]
            async with spaces.open("two") as second, runtime.session(workspace=second) as other:
                assert "begun\nmore" in await shell(other, "cat file made/by-one; rm -r made; echo two > file")
                with pytest.raises(SpaceError, match="is open"):
                    await spaces.remove("two")
            assert "later" in await shell(session, "cat file made/by-one")
        await spaces.restore("one", "then")
        async with runtime.session(workspace=first) as session:
            assert "later" not in await shell(session, "cat file; echo writable >> file")
    async with spaces.open("two") as second:
        assert (sorted(os.listdir(second)), (second / "file").read_text()) == (["file"], "two\n")
    for name in ("one", "two"):
        await spaces.remove(name)
