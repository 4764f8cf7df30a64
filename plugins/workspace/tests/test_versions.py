"""Two who change one file without knowledge of each other lose nothing: both changes, or a refusal that shows both."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import massgen_workspace.plugin
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from massgen_workspace.edit.merge import lines_of, merge
from massgen_workspace.edit.seen import Seen

from massgen_core import Session
from massgen_core.result import ToolResult
from massgen_core.testing import open_test_runtime

pytestmark = pytest.mark.anyio

Call = Callable[..., Awaitable[ToolResult]]
Opened = Callable[..., AbstractAsyncContextManager[tuple[Call, Call]]]

TEN = "".join(f"line {number}\n" for number in range(1, 11))


@pytest.fixture
def opened(tmp_path: Path, work: Path) -> Opened:
    """Two sessions on one workspace."""

    @asynccontextmanager
    async def open_sessions(**settings: Any) -> AsyncGenerator[tuple[Call, Call]]:
        section = {"state": str(tmp_path / "state"), "durable": False, **settings}
        config = {"plugins": {"workspace": section}}
        async with (
            open_test_runtime(("workspace", massgen_workspace.plugin), config=config) as runtime,
            runtime.session(workspace=work) as one,
            runtime.session(workspace=work) as other,
        ):

            def of(session: Session) -> Call:
                async def call(name: str, /, **arguments: Any) -> ToolResult:
                    return await session.call(name, arguments)

                return call

            yield of(one), of(other)

    return open_sessions


async def version(call: Call, path: str = "f") -> str:
    return (await call("read_file", path=path)).structured["version"]


@pytest.mark.parametrize(
    ("tool", "arguments", "after"),
    [
        ("edit_file", {"edits": [{"old": "line 9", "new": "LINE 9"}]}, TEN.replace("line 9", "LINE 9")),
        ("insert_lines", {"line": 8, "text": "new"}, TEN.replace("line 8\n", "line 8\nnew\n")),
        ("write_file", {"content": TEN.replace("line 9", "LINE 9")}, TEN.replace("line 9", "LINE 9")),
    ],
)
@pytest.mark.parametrize("through_us", [True, False])
async def test_changes_in_other_places_are_merged(
    opened: Opened, work: Path, tool: str, arguments: dict[str, Any], after: str, through_us: bool
) -> None:
    (work / "f").write_text(TEN)
    async with opened() as (one, other):
        read = await version(one)
        if through_us:
            await other("edit_file", path="f", edits=[{"old": "line 2\n", "new": "line two\nand a half\n"}])
        else:
            (work / "f").write_text(TEN.replace("line 2\n", "line two\nand a half\n"))
        done = await one(tool, path="f", version=read, **arguments)
        assert not done.is_error, done.text
        assert "both changes are in it now" in done.text
        assert "+line two" in done.text
        assert (work / "f").read_text() == after.replace("line 2\n", "line two\nand a half\n")
        await one("undo_change", id=done.structured["id"])
        assert (work / "f").read_text() == TEN.replace("line 2\n", "line two\nand a half\n")


async def test_a_change_in_the_same_place_shows_both(opened: Opened, work: Path) -> None:
    (work / "f").write_text(TEN)
    async with opened() as (one, other):
        read = await version(one)
        await other("edit_file", path="f", edits=[{"old": "line 2\n", "new": "x\ntheirs\n"}])
        now = await version(other)
        refused = await one("edit_file", path="f", version=read, edits=[{"old": "line 2", "new": "ours"}])
    assert refused.is_error
    assert f"it was changed since it was read as version {read}" in refused.text
    assert "As it is now:\n2\tx\n3\ttheirs\nAs you would have it:\n2\tours" in refused.text
    assert f"which is version {now}" in refused.text
    assert (work / "f").read_text() == TEN.replace("line 2\n", "x\ntheirs\n")


async def test_neighbouring_lines_are_the_same_place(opened: Opened, work: Path) -> None:
    (work / "f").write_text(TEN)
    async with opened() as (one, other):
        read = await version(one)
        await other("edit_file", path="f", edits=[{"old": "line 2\n", "new": "theirs\n"}])
        refused = await one("edit_file", path="f", version=read, edits=[{"old": "line 3\n", "new": "ours\n"}])
        assert "neighbouring" in refused.text
        done = await one("edit_file", path="f", version=read, edits=[{"old": "line 4\n", "new": "ours\n"}])
        assert not done.is_error


async def test_what_changes_no_byte_is_no_change(opened: Opened, work: Path) -> None:
    (work / "f").write_text(TEN)
    async with opened() as (one, _):
        read = await version(one)
        os.utime(work / "f", (1, 1))
        (work / "f").chmod(0o600)
        (work / "f").write_text(TEN)
        done = await one("edit_file", path="f", version=read, edits=[{"old": "line 2", "new": "x"}])
        assert not done.is_error
        assert done.structured["notes"] == []


async def test_ones_own_changes_are_known(opened: Opened, work: Path) -> None:
    """Reading once is enough: after each change of its own a session knows the new version."""
    (work / "f").write_text(TEN)
    async with opened() as (one, _):
        await one("read_file", path="f")
        await one("edit_file", path="f", edits=[{"old": "line 2\n", "new": "two\n"}])
        await one("insert_lines", path="f", line=0, text="zero")
        back = await one("replace_in_files", pattern="zero", replacement="0", preview=False)
        await one("apply_patch", patch="*** Begin Patch\n*** Update File: f\n-two\n+2\n*** End Patch")
        await one("undo_change", id=back.structured["id"])
        for content in ("whole\n", "again\n"):
            done = await one("write_file", path="f", content=content)
            assert done.structured["notes"] == []
            assert (work / "f").read_text() == content


async def test_a_whole_file_keeps_what_others_did_since_it_was_read(opened: Opened, work: Path) -> None:
    """Without a version it is what the session has read last that counts."""
    (work / "f").write_text(TEN)
    async with opened() as (one, other):
        await one("read_file", path="f")
        await other("edit_file", path="f", edits=[{"old": "line 2\n", "new": "theirs\n"}])
        done = await one("write_file", path="f", content=TEN.replace("line 9", "ours"))
        assert "both changes are in it now" in done.text
        both = TEN.replace("line 9", "ours").replace("line 2\n", "theirs\n")
        assert (work / "f").read_text() == both
        again = await one("write_file", path="f", content=TEN.replace("line 9", "ours again"))
        assert not again.is_error, again.text
        assert (work / "f").read_text() == both.replace("ours", "ours again"), "what they did is still there"
        refused = await one(
            "write_file", path="f", content=TEN.replace("line 2", "mine").replace("line 9", "ours again")
        )
        assert "As it is now:\n2\ttheirs" in refused.text


async def test_an_edit_of_a_text_sees_the_file_as_it_is(opened: Opened, work: Path) -> None:
    """It is refused only where the text is another; and a whole file after that still minds what others did."""
    (work / "f").write_text(TEN)
    async with opened() as (one, other):
        await one("read_file", path="f")
        await other("edit_file", path="f", edits=[{"old": "line 2\n", "new": "theirs\n"}])
        missing = await one("edit_file", path="f", edits=[{"old": "line 2\n", "new": "ours\n"}])
        assert "it was changed since it was read as version" in missing.text
        done = await one("edit_file", path="f", edits=[{"old": "line 5", "new": "five"}])
        assert not done.is_error
        await one("write_file", path="f", content=TEN.replace("line 5", "five").replace("line 9", "nine"))
        assert (work / "f").read_text() == TEN.replace("line 2\n", "theirs\n").replace("line 5", "five").replace(
            "line 9", "nine"
        )


async def test_numbers_of_lines_are_those_of_a_version(opened: Opened, work: Path) -> None:
    (work / "f").write_text(TEN)
    async with opened() as (one, other):
        read = await version(one)
        await other("insert_lines", path="f", line=0, text="theirs")
        now = await version(other)
        refused = await one("insert_lines", path="f", line=9, text="ours")
        assert f"Give version={read} for a line as it was read, or version={now} for one as it is now" in refused.text
        await one("insert_lines", path="f", line=9, text="ours", version=read)
        assert (work / "f").read_text() == "theirs\n" + TEN.replace("line 9\n", "line 9\nours\n")


async def test_a_file_that_was_not_read(opened: Opened, work: Path) -> None:
    (work / "f").write_text("old\n")
    async with opened() as (one, _):
        done = await one("write_file", path="f", content="new\n")
        assert "had not been read: undo_change brings it back" in done.text
    async with opened(overwrite_unread=False) as (one, _):
        refused = await one("write_file", path="f", content="newer\n")
        assert "was not read in this session" in refused.text
        assert (work / "f").read_text() == "new\n"
        now = refused.text.partition("version=")[2].partition(" ")[0]
        assert not (await one("write_file", path="f", content="newer\n", version=now)).is_error
        assert not (await one("write_file", path="f", content="newest\n")).is_error
        assert not (await one("write_file", path="g", content="new\n")).is_error


async def test_a_version_that_nobody_remembers(opened: Opened, work: Path) -> None:
    (work / "f").write_text("old\n")
    async with opened() as (one, _):
        for unknown in ("0" * 24, "../" * 8, "x"):
            refused = await one("edit_file", path="f", version=unknown, edits=[{"old": "old", "new": "x"}])
            assert "what it was then is not known any more; read it again" in refused.text
        (work / "f").unlink()
        gone = await one("write_file", path="f", content="x", version="0" * 24)
        assert "is not there any more" in gone.text


async def test_a_file_that_was_deleted_since(opened: Opened, work: Path) -> None:
    (work / "f").write_text("old\n")
    async with opened() as (one, _):
        await one("read_file", path="f")
        (work / "f").unlink()
        done = await one("write_file", path="f", content="new\n")
        assert "f was deleted since it was read, and is there again" in done.text


def test_what_is_remembered_is_bounded() -> None:
    seen = Seen(files=3, size=10, largest=6)
    for number in range(5):
        seen.saw(("/w", b"%d" % number), str(number), b"1234")
    assert [seen.last(("/w", b"%d" % number)) for number in range(5)] == [None, None, "2", "3", "4"]
    assert [seen.content(str(number)) for number in range(5)] == [None, None, None, b"1234", b"1234"]
    seen.keep("large", b"1234567")
    assert seen.content("large") is None


WORDS = st.lists(st.sampled_from(["a", "b", "ü", "\r", "ਊ", "", "c\r"]), max_size=10)


@given(WORDS, WORDS, WORDS, st.sampled_from(["utf-8", "utf-16", "utf-16-be", "utf-32"]))
def test_no_merge_breaks_letters(base: list[str], one: list[str], other: list[str], encoding: str) -> None:
    """Lines of wide letters are taken as a whole, so that what comes of it is still a text."""

    def data(lines: list[str]) -> bytes:
        mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
        return mark + "\n".join(lines).encode(encoding)

    assert b"".join(lines_of(data(base))) == data(base)
    merged = merge(data(base), data(one), data(other))
    if merged.data is not None:
        merged.data.removeprefix(b"\xfe\xff" if encoding == "utf-16-be" else b"").decode(encoding)


STEPS = st.lists(st.tuples(st.booleans(), st.sampled_from(["read", "line", "whole"]), st.integers(0, 11)), max_size=14)


@settings(max_examples=40, deadline=None)
@given(STEPS)
def test_two_who_take_turns_lose_nothing(tmp_path_factory: pytest.TempPathFactory, steps: Any) -> None:
    """Each writes marks of its own over lines it has read. A mark that was written stays until its line is written
    over by somebody who had seen it."""
    anyio.run(_take_turns, tmp_path_factory.mktemp("turns"), steps)


async def _take_turns(folder: Path, steps: list[tuple[bool, str, int]]) -> None:
    work = folder / "work"
    work.mkdir()
    (work / "f").write_text("".join(f"line {number:02}\n" for number in range(12)))
    config = {"plugins": {"workspace": {"state": str(folder / "state"), "durable": False}}}
    async with (
        open_test_runtime(("workspace", massgen_workspace.plugin), config=config) as runtime,
        runtime.session(workspace=work) as one,
        runtime.session(workspace=work) as other,
    ):
        known: dict[bool, list[str]] = {}
        alive: dict[str, set[bool]] = {}  # each mark, and who has seen it
        for count, (who, what, line) in enumerate(steps):
            session = one if who else other
            if what == "read" or who not in known:
                await session.call("read_file", {"path": "f"})
                known[who] = (work / "f").read_text().splitlines()
                for mark in alive:
                    alive[mark].add(who)
                continue
            mark = f"mark {count} of {who}"
            mine = [*known[who]]
            overwritten, mine[line] = mine[line], mark
            if what == "line":
                arguments = {"path": "f", "edits": [{"old": f"{overwritten}\n", "new": f"{mark}\n"}]}
                done = await session.call("edit_file", arguments)
            else:
                content = "".join(f"{each}\n" for each in mine)
                done = await session.call("write_file", {"path": "f", "content": content})
            now = (work / "f").read_text().splitlines()
            assert len(now) == 12
            if not done.is_error:
                known[who] = mine
                assert mark in now
                if overwritten in alive:
                    assert who in alive.pop(overwritten)
                alive[mark] = {who}
            assert all(each in now for each in alive), (steps[: count + 1], now, alive)


async def test_a_large_file_that_has_not_changed_is_not_read_again(opened: Opened, work: Path) -> None:
    """The version stays that of the bytes: also when a change hides in the same size and an old time."""
    log = work / "log"
    log.write_bytes(b"a line of the log\n" * 200_000)
    await anyio.sleep(0.1)  # times as near as these count for nothing
    async with opened() as (call, _):
        versions = [(await call("read_file", path="log", lines=1)).structured["version"] for _ in range(3)]
        assert len(set(versions)) == 1
        before = log.stat()
        with log.open("r+b") as file:
            file.write(b"A")
        os.utime(log, ns=(before.st_atime_ns, before.st_mtime_ns))
        changed = (await call("read_file", path="log", lines=1)).structured["version"]
        assert changed not in versions
        with log.open("r+b") as file:
            file.write(b"a")
        assert (await call("read_file", path="log", lines=1)).structured["version"] == versions[0]
