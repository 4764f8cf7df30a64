"""One tree, two sides: the file tools work on this machine, commands in a sandbox that has the workspace mounted.

What either side makes the other one can use; what the shell changes meanwhile is seen by the history.
"""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest

from massgen_core import ToolResult
from tests.together.conftest import OpenRuntime

pytestmark = [pytest.mark.docker, pytest.mark.anyio]

Call = Callable[..., Awaitable[ToolResult]]
Opened = Callable[..., AbstractAsyncContextManager[Call]]

OWNER = 1234
BWRAP = pytest.mark.skipif(shutil.which("bwrap") is None, reason="there is no bubblewrap here")


@pytest.fixture(params=["docker", pytest.param("local", marks=BWRAP)])
def shell(request: pytest.FixtureRequest) -> dict[str, Any]:
    """What runs the commands."""
    return {} if request.param == "docker" else {"sandbox": "local"}


@pytest.fixture
def work() -> Iterator[Path]:
    """A workspace that does not belong to root, and that its owner can reach."""
    with tempfile.TemporaryDirectory() as made:
        if os.geteuid() == 0:
            os.chown(made, OWNER, OWNER)
        yield Path(made)


@pytest.fixture
def opened(open_runtime: OpenRuntime, shell: dict[str, Any], work: Path, tmp_path: Path) -> Opened:
    @asynccontextmanager
    async def open_session(**settings: Any) -> AsyncGenerator[Call]:
        plugin = {"state": str(tmp_path / "state"), "durable": False, **settings}
        config = {"shell": shell, "plugins": {"workspace": plugin}}
        async with open_runtime(config) as runtime, runtime.session(workspace=work) as session:

            async def call(name: str, /, **arguments: Any) -> ToolResult:
                with anyio.fail_after(120):
                    result = await session.call(name, arguments)
                assert not result.is_error, result.text
                return result

            yield call

    return open_session


async def ran(call: Call, command: str) -> str:
    """What a command in the sandbox says, which has to end well."""
    result = await call("execute_command", command=command)
    assert result.structured["exit_code"] == 0, result.text
    return result.structured["stdout"]


def owner_of(path: Path) -> int:
    return path.lstat().st_uid


async def test_what_the_tools_write_the_sandbox_can_use(opened: Opened, work: Path) -> None:
    """Read, change, run and delete it, and the folders that were made on the way."""
    async with opened() as call:
        await call("write_file", path="deep/er/run.sh", content="#!/bin/sh\necho ran\n")
        assert await ran(call, "cat deep/er/run.sh && sh deep/er/run.sh") == "#!/bin/sh\necho ran\nran\n"
        await ran(call, "echo 'echo more' >> deep/er/run.sh && chmod +x deep/er/run.sh && touch deep/er/beside")
        assert await ran(call, "./deep/er/run.sh") == "ran\nmore\n"
        assert await ran(call, "stat -c %u deep deep/er deep/er/run.sh | sort -u | wc -l; [ -O deep/er ]") == "1\n"
        await ran(call, "rm -r deep && test ! -e deep")
    assert os.listdir(work) == []


async def test_what_the_sandbox_makes_the_tools_can_change_and_leave_its_own(opened: Opened, work: Path) -> None:
    """Owner and rights are as the sandbox has left them."""
    async with opened() as call:
        await ran(
            call, "umask 077; mkdir made; echo one > made/private; printf 'x\\n' > made/tool; chmod 750 made/tool"
        )
        await call("edit_file", path="made/private", edits=[{"old": "one", "new": "two"}])
        await call("edit_file", path="made/tool", edits=[{"old": "x", "new": "#!/bin/sh"}])
        assert await ran(call, "cat made/private made/tool; stat -c %a made/private made/tool") == (
            "two\n#!/bin/sh\n600\n750\n"
        )
        owners = {owner_of(work / name) for name in ("made", "made/private", "made/tool")}
        assert len(owners) == 1
        await ran(call, "echo three >> made/private && [ -O made/private ]")


async def test_what_the_sandbox_makes_can_be_moved_deleted_and_brought_back(opened: Opened, work: Path) -> None:
    async with opened() as call:
        await ran(call, "mkdir made && echo one > made/file && chmod 640 made/file && echo two > other")
        patch = "*** Update File: made/file\n*** Move to: moved/file\n@@\n-one\n+1\n*** Delete File: other\n"
        patch = f"*** Begin Patch\n{patch}*** End Patch"
        change = (await call("apply_patch", patch=patch)).structured["id"]
        assert await ran(call, "cat moved/file; ls") == "1\nmade\nmoved\n"
        await ran(call, "echo more >> moved/file")
        await ran(call, "sed -i '$d' moved/file")
        await call("undo_change", id=change)
        assert await ran(call, "cat made/file other; stat -c %a made/file; [ -O other ]") == "one\ntwo\n640\n"
        await ran(call, "echo again >> other && rm -r made other")


async def test_what_the_shell_has_changed_since_is_not_undone_over(opened: Opened, work: Path) -> None:
    """What stands elsewhere is put together, the same place is refused: the work of neither side is lost."""
    lines = "".join(f"line {number}\n" for number in range(1, 30))
    (work / "f").write_text(lines)
    if os.geteuid() == 0:
        os.chown(work / "f", OWNER, OWNER)
    async with opened() as call:
        change = (await call("edit_file", path="f", edits=[{"old": "line 2\n", "new": "two\n"}])).structured["id"]
        await ran(call, "sed -i 's/^line 28$/from the shell/' f")
        await call("undo_change", id=change)
        assert await ran(call, "sed -n '2p;28p' f") == "line 2\nfrom the shell\n"
        change = (await call("edit_file", path="f", edits=[{"old": "line 2\n", "new": "two\n"}])).structured["id"]
        await ran(call, "sed -i 's/^two$/by the shell/' f")
        assert not await _tried(call, "undo_change", id=change)
        assert await ran(call, "sed -n '2p;28p' f") == "by the shell\nfrom the shell\n"


async def _tried(call: Call, name: str, **arguments: Any) -> bool:
    """Whether a call did what it was to do."""
    try:
        await call(name, **arguments)
    except AssertionError:
        return False
    return True


async def test_a_version_that_the_shell_has_replaced_is_noticed(opened: Opened, work: Path) -> None:
    async with opened() as call:
        await call("write_file", path="f", content="a\nb\n")
        version = (await call("read_file", path="f")).structured["version"]
        await ran(call, "printf 'c\\nd\\n' > f")
        assert not await _tried(call, "edit_file", path="f", version=version, edits=[{"old": "a", "new": "x"}])
        assert await ran(call, "cat f") == "c\nd\n"


async def test_both_sides_see_the_same_names(opened: Opened, work: Path) -> None:
    """Whatever they are made of; what one side finds the other one finds."""
    async with opened() as call:
        await ran(call, r"touch 'with space' $'new\nline' $'\xff' ümlaut && ln -s 'with space' link")
        listed = [entry["path"] for entry in (await call("list_folder")).structured["entries"]]
        assert listed == ["link", '"new\\nline"', "with space", "ümlaut", '"\\377"']
        await call("write_file", path='"new\\nline"', content="found\n")
        assert await ran(call, r"cat $'new\nline'; grep -rlZ found . | tr -cd '\0' | wc -c") == "found\n1\n"
        assert (await call("search_files", pattern="found", show="files")).structured["paths"] == ['"new\\nline"']


async def test_git_works_in_the_sandbox_and_is_left_alone_by_the_tools(opened: Opened, work: Path) -> None:
    """`protected` binds the file tools alone: a command in the sandbox may commit. The how-to page says so."""
    async with opened() as call:
        await ran(call, "mkdir -p .git && echo data > .git/config")
        assert not await _tried(call, "write_file", path=".git/config", content="x")
        assert await ran(call, "cat .git/config && echo more >> .git/config") == "data\n"
        assert (await call("read_file", path=".git/config")).structured["total"] == 2


async def test_a_link_of_the_sandbox_leads_nowhere_on_this_side(opened: Opened, work: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret\n")
    async with opened() as call:
        await ran(call, f"ln -s {tmp_path} out; ln -s {tmp_path}/secret file; mkfifo pipe")
        for path in ("out/secret", "file", "pipe"):
            assert not await _tried(call, "read_file", path=path)
            assert not await _tried(call, "write_file", path=path, content="x")
        assert (await call("search_files", pattern="secret")).structured["hits"] == []
    assert (tmp_path / "secret").read_text() == "secret\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="who is not root gives nothing away")
async def test_rights_of_new_files_are_those_of_an_ordinary_program(opened: Opened, work: Path) -> None:
    """As the owner of the folder would have made them, under the umask of this program."""
    async with opened() as call:
        await call("write_file", path="new/f", content="x\n")
        umask = os.umask(0o022)
        os.umask(umask)
        for name, mode in (("new", 0o777), ("new/f", 0o666)):
            found = (work / name).stat()
            assert stat.S_IMODE(found.st_mode) == mode & ~umask
            assert (found.st_uid, found.st_gid) == (OWNER, OWNER)
