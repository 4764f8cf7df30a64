"""Reading and finding as an agent does it: budgets, places to go on at, and what is no text."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import massgen_workspace.plugin
import pytest
from massgen_workspace.text import lines as lines_module

from massgen_core.result import Image, ToolResult
from massgen_core.testing import open_test_runtime
from massgen_core.tools import Progress

pytestmark = pytest.mark.anyio

Call = Callable[..., Awaitable[ToolResult]]
Opened = Callable[..., AbstractAsyncContextManager[Call]]


@pytest.fixture
def opened(tmp_path: Path, work: Path) -> Opened:
    @asynccontextmanager
    async def open_session(**settings: Any) -> AsyncGenerator[Call]:
        section = {"state": str(tmp_path / "state"), "durable": False, **settings}
        async with (
            open_test_runtime(
                ("workspace", massgen_workspace.plugin), config={"plugins": {"workspace": section}}
            ) as runtime,
            runtime.session(workspace=work) as session,
        ):

            async def call(
                name: str, /, on_event: Any = None, timeout: float | None = None, **arguments: Any
            ) -> ToolResult:
                result = await session.call(name, arguments, on_event=on_event, timeout=timeout)
                assert not result.is_error, result.text
                return result

            yield call

    return open_session


async def test_a_line_too_long_to_be_shown_is_read_on_by_bytes(opened: Opened, work: Path) -> None:
    text = "".join(f"{number}é " for number in range(2000))
    (work / "f").write_text(f"{text}\nnext\n")
    async with opened() as call:
        first = await call("read_file", path="f")
        assert "bytes more: read_bytes with offset=" in first.text
        assert first.text.endswith("2\tnext")
        shown = first.text.split("\t", 1)[1].split("…", 1)[0]
        offset: int | None = int(first.text.split("offset=")[1].split(",")[0])
        while offset is not None:
            part = await call("read_bytes", path="f", offset=offset, count=999, view="text")
            shown += part.text.rpartition("\n[bytes ")[0]
            offset = part.structured["more"]
    assert shown == f"{text}\nnext\n"


async def test_bytes_are_shown_beside_their_letters(opened: Opened, work: Path) -> None:
    (work / "f").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(16))
    async with opened() as call:
        part = await call("read_bytes", path="f", count=18)
        assert part.text == (
            "00000000  89 50 4e 47 0d 0a 1a 0a 00 00 00 00 00 00 00 00  .PNG............\n"
            "00000010  00 00                                            ..\n"
            "[bytes 0 to 18 of 24; go on at offset 18]"
        )
        last = await call("read_bytes", path="f", offset=-4)
        assert (last.structured["offset"], last.structured["count"], last.structured["more"]) == (20, 4, None)
        behind = await call("read_bytes", path="f", offset=100)
        assert behind.text == "[bytes 24 to 24 of 24]"


async def test_a_budget_is_shared_and_each_file_says_where_to_go_on(opened: Opened, work: Path) -> None:
    (work / "small").write_text("s\n")
    for name in ("large", "larger"):
        (work / name).write_text(f"{name} line\n" * 5000)
    async with opened() as call:
        every = await call("read_files", paths=["large", "small", "larger"], budget=10_000)
        small = every.structured["files"][1]
        assert (small["more"], small["lines"]) == (None, 1)
        assert len(every.text.encode()) < 20_000
        sizes = [each["lines"] for each in every.structured["files"]]
        assert min(sizes[0], sizes[2]) > 200
        first = [each["more"] or 1 for each in every.structured["files"]]
        on = await call("read_files", paths=["large", "small", "larger"], first=first, budget=10_000)
        assert on.structured["files"][0]["first"] == first[0]


async def test_a_budget_of_its_own(opened: Opened, work: Path) -> None:
    (work / "f").write_text("0123456789\n" * 1000)
    async with opened() as call:
        part = await call("read_file", path="f", budget=1024)
        assert 900 <= 10 * part.structured["lines"] <= 1100
        assert part.structured["tokens"] <= 500


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.pdf", b"%PDF-1.7\n\0", "a PDF: take its text out"),
        ("a.zip", b"PK\x03\x04\0", "an archive"),
        ("a.docx", b"PK\x03\x04\0", "a document"),
        ("a.tgz", b"\x1f\x8b\x08\0", "an archive"),
        ("a.tar", b"name" + bytes(253) + b"ustar\0" + bytes(200), "an archive"),
        ("a.svg", b"\0\1", "a binary file, image/svg+xml"),
        ("a.png", b"\0\1", "a binary file, image/png"),
    ],
)
async def test_what_is_no_text_is_named(opened: Opened, work: Path, name: str, data: bytes, words: str) -> None:
    (work / name).write_bytes(data)
    async with opened() as call:
        seen = await call("read_file", path=name)
    assert words in seen.text
    assert not any(isinstance(part, Image) for part in seen.content)


async def test_a_drawing_is_a_text_and_an_image_is_one_by_what_is_in_it(opened: Opened, work: Path) -> None:
    (work / "a.svg").write_text("<svg/>\n")
    (work / "wide.svg").write_text("<svg/>\n", encoding="utf-16")
    (work / "photo").write_bytes(b"\xff\xd8\xff\xe0\0\x10JFIF\0")
    (work / "cells.ipynb").write_text('{"cells": []}\n')
    async with opened() as call:
        assert (await call("read_file", path="a.svg")).text == "1\t<svg/>"
        assert (await call("read_file", path="wide.svg")).text.startswith("1\t<svg/>")
        [photo] = (await call("read_file", path="photo")).content
        assert isinstance(photo, Image)
        assert photo.mime_type == "image/jpeg"
        assert "a notebook" in (await call("read_file", path="cells.ipynb")).text


async def test_a_hole_of_a_petabyte_takes_no_time(opened: Opened, work: Path) -> None:
    """The largest file that the disk admits, with a text before and behind its hole."""
    (work / "f").write_text("first\n" + "x" * 9000)
    size = _largest_hole(work / "f", b"\nlast\n")
    async with opened() as call:
        with anyio.fail_after(30):
            head = await call("read_file", path="f")
            tail = await call("read_file", path="f", first=-1)
            found = await call("search_files", pattern="first")
            listed = await call("list_folder", folder_sizes=True)
    assert head.text.startswith("1\tfirst\n2\txxx")
    assert tail.text == "3\tlast"
    assert tail.structured["size"] == size
    assert "f: only a part of it was searched" in found.text
    assert listed.structured["entries"][0]["size"] == size


def _largest_hole(path: Path, end: bytes) -> int:
    with path.open("r+b") as file:
        for power in range(50, 30, -1):
            try:
                file.seek(2**power)
                file.write(end)
                file.flush()
            except OSError:
                continue
            return 2**power + len(end)
    pytest.fail("no holes here")


async def test_a_file_with_more_lines_than_one_call_looks_through(
    opened: Opened, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines_module, "STEP", 1000)
    monkeypatch.setattr(lines_module, "SECONDS", 0.0)
    (work / "f").write_text("".join(f"line {number}\n" for number in range(1, 1001)))
    async with opened() as call:
        first = await call("read_file", path="f", lines=3)
        assert first.text.startswith("1\tline 1\n2\tline 2\n3\tline 3\n[the file has 8893 bytes: 1000 of them")
        last = await call("read_file", path="f", first=-1)
        assert "ask again for later lines, or use read_bytes" in last.text
        for _ in range(20):
            last = await call("read_file", path="f", first=-1)
        assert last.text == "1000\tline 1000"


async def test_a_log_that_grows_is_not_read_again(opened: Opened, work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines_module, "STEP", 4096)
    (work / "log").write_text("line\n" * 100_000)
    read = list[int]()
    fill = lines_module._fill

    def counted(file: int, view: memoryview, offset: int) -> int:
        read.append(fill(file, view, offset))
        return read[-1]

    monkeypatch.setattr(lines_module, "_fill", counted)
    async with opened() as call:
        assert (await call("read_file", path="log", first=-1)).structured["total"] == 100_000
        read.clear()
        with (work / "log").open("a") as log:
            log.write("more\n")
        grown = await call("read_file", path="log", first=-2)
        assert grown.text == "100000\tline\n100001\tmore"
        assert sum(read) == 5
        (work / "log").write_text("other\n" * 100_001)
        assert (await call("read_file", path="log", first=-1)).text == "100001\tother"


async def test_a_tree_with_budgets_and_a_place_to_go_on_at(opened: Opened, work: Path) -> None:
    for folder in ("a", "b/c", "d"):
        (work / folder).mkdir(parents=True)
    for number in range(5):
        (work / "a" / f"f{number}").write_text("12")
    (work / "b" / "c" / "x").write_text("123")
    (work / "b" / "y").write_text("1234")
    async with opened() as call:
        tree = await call("list_folder", depth=3, per_folder=3, folder_sizes=True)
        assert tree.text == "\n".join(
            [
                "a/  5 files, 10 bytes",
                "  f0  2",
                "  f1  2",
                "  f2  2",
                "  … 2 more",
                "b/  2 files, 7 bytes",
                "  c/  1 files, 3 bytes",
                "    x  3",
                "  y  4",
                "d/  0 files, 0 bytes",
            ]
        )
        whole = [each["path"] for each in (await call("list_folder", depth=3)).structured["entries"]]
        seen, after = list[str](), None
        while True:
            part = await call("list_folder", depth=3, limit=2, after=after)
            seen += [each["path"] for each in part.structured["entries"]]
            after = part.structured["more"]
            if after is None:
                break
        assert seen == whole


@pytest.mark.parametrize("order", ["name", "modified", "size"])
async def test_finding_goes_on_where_it_ended(opened: Opened, work: Path, order: str) -> None:
    for number in range(7):
        path = work / f"d{number % 2}" / f"f{number}"
        path.parent.mkdir(exist_ok=True)
        path.write_text("x" * (number % 3))
        os.utime(path, (number % 4, number % 4))
    async with opened() as call:
        whole = (await call("find_files", names=["*"], order=order)).structured["paths"]
        assert len(whole) == 7
        seen, after = list[str](), None
        while True:
            part = await call("find_files", names=["*"], order=order, limit=2, after=after)
            seen += part.structured["paths"]
            after = part.structured["more"]
            if after is None:
                break
        assert seen == whole


async def test_files_by_size_time_and_kind(opened: Opened, work: Path) -> None:
    (work / "old").write_text("x")
    os.utime(work / "old", (1, 1))
    (work / "large").write_text("x" * 100)
    (work / "folder").mkdir()
    async with opened() as call:

        async def found(**wanted: Any) -> list[str]:
            return (await call("find_files", names=["*"], **wanted)).structured["paths"]

        assert await found(larger=50) == ["large"]
        assert await found(smaller=50) == ["old"]
        assert await found(newer=3600) == ["large"]
        assert await found(older=3600) == ["old"]
        assert await found(kind="folder") == ["folder"]
        assert await found(kind="any") == ["folder", "large", "old"]


async def test_paths_of_other_folders_can_be_given_back(opened: Opened, work: Path, tmp_path: Path) -> None:
    (tmp_path / "docs" / "in").mkdir(parents=True)
    (tmp_path / "docs" / "in" / "f").write_text("text\n")
    async with opened(context={"/docs": {"source": str(tmp_path / "docs")}}) as call:
        for [path] in (
            (await call("find_files", names=["f"], path="/docs")).structured["paths"],
            (await call("search_files", pattern="text", path="/docs/in", show="files")).structured["paths"],
        ):
            assert path == "/docs/in/f"
            assert (await call("read_file", path=path)).text == "1\ttext"


async def test_searching_goes_on_where_it_ended(opened: Opened, work: Path) -> None:
    for name in ("a", "b", "c"):
        (work / name).write_text("hit\nmiss\nhit\nhit\n")
    async with opened() as call:
        whole = (await call("search_files", pattern="hit")).structured["hits"]
        for show, key in (("lines", "hits"), ("files", "paths"), ("counts", "counts")):
            seen, after = list[Any](), None
            while True:
                part = await call("search_files", pattern="hit", show=show, limit=2, after=after)
                seen += part.structured[key]
                after = part.structured["more"]
                if after is None:
                    break
            expected = {
                "lines": whole,
                "files": ["a", "b", "c"],
                "counts": [{"path": name, "count": 3} for name in "abc"],
            }
            assert seen == expected[show]


async def test_a_search_that_is_cancelled_is_over(opened: Opened, work: Path) -> None:
    """It costs the process, not the minute that it may take."""
    (work / "a").write_text("a" * 60 + "b\n")
    async with opened() as call:
        began = time.monotonic()
        with anyio.move_on_after(0.5) as scope:
            await call("search_files", pattern="(a*)*c(?=d)")
        assert scope.cancelled_caught
        assert time.monotonic() - began < 30
        assert (await call("search_files", pattern="b$")).structured["hits"] != []


async def test_progress_is_told(opened: Opened, work: Path) -> None:
    (work / "a").write_text("a" * 60 + "b\n")
    events = list[Any]()

    async def on_event(event: Any) -> None:
        events.append(event)

    async with opened() as call:
        with anyio.move_on_after(2.5):
            await call("search_files", on_event, pattern="(a*)*c(?=d)")
    assert any(isinstance(event, Progress) and event.message == "1 files searched" for event in events)


async def test_what_a_search_had_found_when_its_time_was_over(opened: Opened, work: Path) -> None:
    (work / "a").write_text("hit\n")
    (work / "b").write_text("a" * 60 + "b\n")
    async with opened() as call:
        found = await call("search_files", pattern="hit|(a*)*c(?=d)", timeout=2.0)
    assert found.structured["hits"][0]["path"] == "a"
    assert "took longer" in found.text


async def test_where_something_is_defined(opened: Opened, work: Path) -> None:
    (work / "src").mkdir()
    (work / "src" / "a.py").write_text("class A:\n    def go(self): pass\n\n\ndef go(): pass\n")
    (work / "src" / "b.py").write_text("from a import go\ngo()\n")
    async with opened() as call:
        found = await call("find_symbol", name="go")
        assert [(each["path"], each["name"], each["first"]) for each in found.structured["symbols"]] == [
            ("src/a.py", "A.go", 2),
            ("src/a.py", "go", 5),
        ]
        assert [each["name"] for each in (await call("find_symbol", name="A.go")).structured["symbols"]] == ["A.go"]
        outline = await call("outline_files", paths=["src/a.py", "src"])
        assert outline.text.startswith("== src/a.py\n1-2\tclass A\tclass A:\n  2-2\t")
        assert "problem" in outline.structured["files"][1]
