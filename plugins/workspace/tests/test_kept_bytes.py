"""Every way to change a file leaves all other bytes of it as they were, and what else it had."""

from __future__ import annotations

import os
import stat
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import massgen_workspace.plugin
import pytest

from massgen_core.result import ToolResult
from massgen_core.testing import open_test_runtime

pytestmark = pytest.mark.anyio

Call = Callable[..., Awaitable[ToolResult]]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def call(tmp_path: Path, work: Path) -> AsyncGenerator[Call]:
    config = {"plugins": {"workspace": {"state": str(tmp_path / "state"), "durable": False}}}
    async with (
        open_test_runtime(("workspace", massgen_workspace.plugin), config=config) as runtime,
        runtime.session(workspace=work) as session,
    ):

        async def call(name: str, /, **arguments: Any) -> ToolResult:
            return await session.call(name, arguments)

        yield call


FILES = {
    "LF": b"x\na = 1\ny\n",
    "CRLF": b"x\r\na = 1\r\ny\r\n",
    "mixed endings": b"x\na = 1\r\ny\nz\r\n",
    "mixed endings, the other way": b"x\r\na = 1\ny\r\nz\n",
    "Latin-1": b"\xe9t\xe9\na = 1\nna\xefve\n",
    "invalid UTF-8": "ä\n".encode() + b"\xff\xc3\na = 1\n\x80\n",
    "bytes that look like a mark": b"\xff\xfe\x80\na = 1\n\x81",
    "Shift-JIS": b"\x83\x5c\na = 1\n\x82\xa0\n",
    "tabs": b"all:\n\tx\na = 1\n\tb\n",
    "trailing spaces": b"x  \na = 1\ny\t\n",
    "UTF-8 with a mark": b"\xef\xbb\xbfx\na = 1\n",
    "UTF-8 with a mark, CRLF": b"\xef\xbb\xbfx\r\na = 1\r\n",
    "UTF-16 LE": b"\xff\xfe" + "ü\na = 1\ny\n".encode("utf-16-le"),
    "UTF-16 BE, CRLF": b"\xfe\xff" + "ü\r\na = 1\r\ny\r\n".encode("utf-16-be"),
    "UTF-32": b"\xff\xfe\0\0" + "ü\na = 1\n".encode("utf-32-le"),
    "no final newline": b"x\na = 1\ny",
    "no final newline, CRLF": b"x\r\na = 1\r\ny",
    "line separators of Unicode": "x\u2028y\u2029z\x85\na = 1\nx\u2028y\n".encode(),
    "form feeds": b"x\x0c\x0b\x1c\x1d\x1e\na = 1\n\x0c\ny\n",
    "carriage returns in lines": b"x\ry\na = 1\nx\r\ry\n",
    "empty lines": b"\n\n\na = 1\n\n\n",
    "combining letters": "e\u0301\na = 1\n\u00e9\n".encode(),
}


def changed(data: bytes) -> bytes:
    """What every row is to be."""
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff")) and b"\0" in data
    return data.replace(b"1\0" if wide and data[0] == 0xFF else b"1", b"9\0" if wide and data[0] == 0xFF else b"9")


async def by_edit(call: Call) -> ToolResult:
    return await call("edit_file", path="f", edits=[{"old": "a = 1", "new": "a = 9"}])


async def by_expression(call: Call) -> ToolResult:
    return await call("replace_in_files", pattern=r"^(a = )\d$", replacement=r"\g<1>9", path="f", preview=False)


async def by_text(call: Call) -> ToolResult:
    return await call(
        "replace_in_files", pattern="a = 1", replacement="a = 9", literal=True, expected_count=1, preview=False
    )


async def by_patch(call: Call) -> ToolResult:
    return await call("apply_patch", patch="*** Begin Patch\n*** Update File: f\n-a = 1\n+a = 9\n*** End Patch")


async def by_diff(call: Call) -> ToolResult:
    return await call("apply_patch", patch="--- a/f\n+++ b/f\n@@ -2 +2 @@\n-a = 1\n+a = 9\n")


async def by_two_edits(call: Call) -> ToolResult:
    return await call("edit_file", path="f", edits=[{"old": "a = 1", "new": "b\nc"}, {"old": "b\nc", "new": "a = 9"}])


WAYS = [by_edit, by_expression, by_text, by_patch, by_diff, by_two_edits]


@pytest.mark.parametrize("way", WAYS)
async def test_every_other_byte_stays(call: Call, work: Path, way: Callable[[Call], Awaitable[ToolResult]]) -> None:
    for name, data in FILES.items():
        (work / "f").write_bytes(data)
        done = await way(call)
        assert not done.is_error, f"{name}: {done.text}"
        assert (work / "f").read_bytes() == changed(data), name
        undone = await call("undo_change", id=done.structured["id"])
        assert not undone.is_error, undone.text
        assert (work / "f").read_bytes() == data, name


async def test_lines_that_are_put_in_end_as_the_others(call: Call, work: Path) -> None:
    for name, data in FILES.items():
        (work / "f").write_bytes(data)
        done = await call("insert_lines", path="f", line=1, text="new")
        assert not done.is_error, f"{name}: {done.text}"
        now = (work / "f").read_bytes()
        encoding = "utf-8"
        for mark, wide in ((b"\xff\xfe\0\0", "utf-32-le"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
            if data.startswith(mark) and b"\0" in data:
                encoding = wide
                break
        news = [f"new{end}".encode(encoding) for end in ("\r\n", "\n")]
        at = next((now.find(new), new) for new in news if new in now)
        assert now[: at[0]] + now[at[0] + len(at[1]) :] == data, name
        first_end = "\r\n" if data.replace(b"\0", b"").split(b"\n")[0].endswith(b"\r") else "\n"
        assert at[1] == f"new{first_end}".encode(encoding), name


@pytest.mark.parametrize("way", WAYS)
async def test_binary_files_are_left_alone(
    call: Call, work: Path, way: Callable[[Call], Awaitable[ToolResult]]
) -> None:
    (work / "f").write_bytes(b"a = 1\n\0\xff\n")
    done = await way(call)
    assert any(words in done.text for words in ("binary", "Nothing matches", "there are 0 matches, not 1"))
    assert (work / "f").read_bytes() == b"a = 1\n\0\xff\n"


@pytest.mark.parametrize("way", WAYS)
async def test_two_matches_are_no_one(call: Call, work: Path, way: Callable[[Call], Awaitable[ToolResult]]) -> None:
    """Nobody edits the first of them silently; patches say where they are, and an expression means all."""
    (work / "f").write_bytes(b"a = 1\nx\na = 1\n")
    done = await way(call)
    if way in (by_edit, by_two_edits, by_text):
        assert done.is_error
        assert (work / "f").read_bytes() == b"a = 1\nx\na = 1\n"
    elif way is by_patch:
        assert "fits in several places; the first was taken, line 1" in done.text


@pytest.mark.parametrize("way", WAYS)
async def test_rights_and_attributes_stay(call: Call, work: Path, way: Callable[[Call], Awaitable[ToolResult]]) -> None:
    file = work / "f"
    file.write_bytes(b"x\na = 1\n")
    file.chmod(0o4751)
    attributes = False
    with suppress(OSError):
        os.setxattr(file, "user.note", b"kept")
        attributes = True
    if os.geteuid() == 0:
        os.chown(file, 1234, 2345)
        file.chmod(0o4751)
    before = file.stat()
    assert not (await way(call)).is_error
    after = file.stat()
    assert file.read_bytes() == b"x\na = 9\n"
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)
    assert stat.S_IMODE(after.st_mode) == 0o4751
    assert not attributes or os.getxattr(file, "user.note") == b"kept"
    assert after.st_ino != before.st_ino, "what has it open still has the old content"


@pytest.mark.parametrize("way", [by_edit, by_patch, by_diff, by_two_edits])
async def test_an_edit_through_a_link_changes_what_it_leads_to(
    call: Call, work: Path, way: Callable[[Call], Awaitable[ToolResult]]
) -> None:
    (work / "real").write_bytes(b"x\na = 1\n")
    (work / "f").symlink_to("real")
    assert not (await way(call)).is_error
    assert os.readlink(work / "f") == "real"
    assert (work / "real").read_bytes() == b"x\na = 9\n"


@pytest.mark.parametrize("way", WAYS)
async def test_a_hard_link_is_separated_and_that_is_said(
    call: Call, work: Path, way: Callable[[Call], Awaitable[ToolResult]]
) -> None:
    (work / "f").write_bytes(b"x\na = 1\n")
    os.link(work / "f", work.parent / "other")
    done = await way(call)
    assert "f had 1 other hard link: what is there keeps the old content" in done.text
    assert (work.parent / "other").read_bytes() == b"x\na = 1\n"
    assert (work / "f").read_bytes() == b"x\na = 9\n"


async def test_what_cannot_be_written_in_an_encoding_changes_nothing(call: Call, work: Path) -> None:
    (work / "f").write_bytes(b"\xe9\na = 1\n")
    for name, more in (
        ("edit_file", {"path": "f", "edits": [{"old": "a = 1", "new": "ö"}]}),
        ("replace_in_files", {"path": "f", "pattern": "a = 1", "replacement": "ö", "preview": False}),
        ("write_file", {"path": "f", "content": "ö"}),
        ("insert_lines", {"path": "f", "line": 0, "text": "ö"}),
        ("apply_patch", {"patch": "--- a/f\n+++ b/f\n@@ -2 +2 @@\n-a = 1\n+ö\n"}),
    ):
        refused = await call(name, **more)
        assert refused.is_error, name
        assert "'ö' cannot be written into this file: unknown encoding" in refused.text
        assert refused.text.startswith("f: "), name
        assert (work / "f").read_bytes() == b"\xe9\na = 1\n"


async def test_a_new_file_may_be_asked_for(call: Call, work: Path) -> None:
    made = await call("write_file", path="new", content="1\n", create_only=True)
    assert not made.is_error, made.text
    for there in ("new", "folder"):
        (work / "folder").mkdir(exist_ok=True)
        refused = await call("write_file", path=there, content="2\n", create_only=True)
        assert f"{there}: it is there already, so it was not created" in refused.text
    assert (work / "new").read_bytes() == b"1\n"


@pytest.mark.parametrize("path", ["sub/", "sub//", '"sub/"', "/workspace/sub/"])
async def test_a_path_with_a_slash_at_its_end_is_a_folders(call: Call, work: Path, path: str) -> None:
    for name, more in (
        ("write_file", {"content": "x"}),
        ("edit_file", {"edits": [{"old": "a", "new": "b"}]}),
        ("insert_lines", {"line": 0, "text": "x"}),
    ):
        refused = await call(name, path=path, **more)
        assert "it ends in a slash, so it names a folder" in refused.text
    added = await call("apply_patch", patch=f"*** Begin Patch\n*** Add File: {path}\n+x\n*** End Patch")
    assert "it ends in a slash" in added.text
    assert not os.listdir(work)
