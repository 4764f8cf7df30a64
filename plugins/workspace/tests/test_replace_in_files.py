"""Replacing in many files: what a preview shows is what is done, all of it or what was chosen, or nothing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from file_sessions import Call, Opened
from massgen_workspace.edit.document import Document
from massgen_workspace.edit.substitution import Matcher, Substitution

from massgen_core.errors import ToolFailed
from massgen_core.result import ToolResult

pytestmark = pytest.mark.anyio


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    (folder / "src").mkdir(parents=True)
    (folder / "src" / "a.py").write_bytes(b"old = 1\r\nx\r\nold = old\r\n")
    (folder / "b.txt").write_bytes(b"an old one")
    (folder / "blob").write_bytes(b"old\0")
    (folder / ".gitignore").write_text("build\n")
    (folder / "build").mkdir()
    (folder / "build" / "c.py").write_text("old\n")
    return folder


async def replace(call: Call, pattern: str, replacement: str, **more: Any) -> ToolResult:
    return await call("replace_in_files", pattern=pattern, replacement=replacement, **more)


async def test_a_preview_shows_every_occurrence_and_changes_nothing(opened: Opened, work: Path) -> None:
    async with opened() as call:
        seen = await replace(call, r"\bold\b", "new")
    assert seen.structured["count"] == 4
    assert seen.structured["files"] == 2
    assert seen.structured["skipped"] == {"binary": 1}
    found = [(each["path"], each["line"], each["before"], each["after"]) for each in seen.structured["occurrences"]]
    assert found == [
        ("b.txt", 1, "an old one", "an new one"),
        ("src/a.py", 1, "old = 1", "new = 1"),
        ("src/a.py", 3, "old = old", "new = old"),
        ("src/a.py", 3, "old = old", "old = new"),
    ]
    first = seen.structured["occurrences"][0]["id"]
    assert f"b.txt\n[{first}] 1\n-\tan old one\n+\tan new one" in seen.text
    assert "[4 occurrences in 2 files; nothing was changed]\n[left out: 1 binary]" in seen.text
    assert (work / "b.txt").read_bytes() == b"an old one"


async def test_all_of_them_are_one_change(opened: Opened, work: Path) -> None:
    async with opened() as call:
        done = await replace(call, r"\bold\b", "new", preview=False, expected_count=4)
        assert (work / "src" / "a.py").read_bytes() == b"new = 1\r\nx\r\nnew = new\r\n"
        assert (work / "b.txt").read_bytes() == b"an new one"
        assert (work / "build" / "c.py").read_bytes() == b"old\n"
        assert len(done.structured["changes"]) == 2
        await call("undo_change", id=done.structured["id"])
        assert (work / "src" / "a.py").read_bytes() == b"old = 1\r\nx\r\nold = old\r\n"
        assert (work / "b.txt").read_bytes() == b"an old one"


async def test_another_number_than_expected_changes_nothing(opened: Opened, work: Path) -> None:
    async with opened() as call:
        refused = await replace(call, "old", "new", preview=False, expected_count=3)
        assert "there are 4 matches, not 3, in b.txt (1), src/a.py (3). Nothing was done" in refused.text
        assert (work / "b.txt").read_bytes() == b"an old one"
        none = await replace(call, "nowhere", "new", preview=False, expected_count=1)
        assert "there are 0 matches, not 1" in none.text
        nothing = await replace(call, "nowhere", "new", preview=False)
        assert nothing.text == "Nothing matches."
        assert not nothing.is_error


async def test_those_that_were_chosen(opened: Opened, work: Path) -> None:
    async with opened() as call:
        seen = await replace(call, "old", "new")
        ids = [each["id"] for each in seen.structured["occurrences"]]
        done = await replace(call, "old", "new", preview=False, occurrences=[ids[0], ids[3]])
        assert not done.is_error, done.text
        assert (work / "b.txt").read_bytes() == b"an new one"
        assert (work / "src" / "a.py").read_bytes() == b"old = 1\r\nx\r\nold = new\r\n"


async def test_an_id_means_nothing_else(opened: Opened, work: Path) -> None:
    """Not with another expression, another replacement, another number; and not without a preview."""
    async with opened() as call:
        ids = [each["id"] for each in (await replace(call, "old", "new")).structured["occurrences"]]
        for pattern, new, chosen in (
            ("ol", "new", ids[0]),
            ("old", "newer", ids[0]),
            ("old", "new", ids[0].partition(".")[0] + ".2"),
            ("old", "new", "0123456789.1"),
        ):
            refused = await replace(call, pattern, new, preview=False, occurrences=[chosen])
            assert "nothing has these ids" in refused.text
        assert "is no id" in (await replace(call, "old", "new", preview=False, occurrences=["1"])).text
        counted = await replace(call, "old", "new", preview=False, occurrences=ids[:2], expected_count=3)
        assert "2 occurrences are named, not 3" in counted.text
        assert (work / "b.txt").read_bytes() == b"an old one"


async def test_what_changed_since_the_preview_is_merged_or_refused(opened: Opened, work: Path) -> None:
    text = "".join(f"{number} old\n" for number in range(9))
    (work / "f").write_text(text)
    async with opened() as call:
        seen = await replace(call, "old", "new", path="f")
        ids = [each["id"] for each in seen.structured["occurrences"]]
        (work / "f").write_text("before\n" + text.replace("8 old\n", "8\n"))
        done = await replace(call, "old", "new", path="f", preview=False, occurrences=[ids[2]])
        assert not done.is_error, done.text
        assert "both changes are in it now" in done.text
        assert (work / "f").read_text() == "before\n" + text.replace("8 old\n", "8\n").replace("2 old", "2 new")
        refused = await replace(call, "old", "new", path="f", preview=False, occurrences=[ids[8]])
        assert refused.is_error
        assert "As it is now:\n10\t8\nAs you would have it:\n9\t8 new" in refused.text


async def test_a_preview_in_pages(opened: Opened, work: Path) -> None:
    (work / "f").write_text("old\n" * 25)
    async with opened() as call:
        every = [each["id"] for each in (await replace(call, "old", "new")).structured["occurrences"]]
        pages: list[str] = []
        after = None
        while True:
            page = await replace(call, "old", "new", limit=7, after=after)
            assert page.structured["count"] == 29
            pages += [each["id"] for each in page.structured["occurrences"]]
            after = page.structured["more"]
            if after is None:
                break
            assert f"go on with after={after}" in page.text
        assert pages == every
        assert "is no id of an occurrence" in (await replace(call, "old", "new", after="0123456789.1")).text
    (work / "f").write_text("old\n" * 100)
    async with opened(shown="1KiB") as call:
        short = await replace(call, "old", "new")
        assert len(short.text) < 1400
        assert short.structured["more"] == short.structured["occurrences"][-1]["id"]


EXPRESSIONS: list[tuple[bytes, str, str, dict[str, Any], bytes]] = [
    (b"f(a, b)\n", r"f\((\w+), (\w+)\)", r"f(\2, \1)", {}, b"f(b, a)\n"),
    (b"x=1\n", r"(?P<name>\w+)=", r"\g<name> = ", {}, b"x = 1\n"),
    (b"a.b\n", "a.b", r"\1", {"literal": True}, b"\\1\n"),
    (b"Old OLD\n", "old", "x", {"ignore_case": True}, b"x x\n"),
    (b"a\r\nb\r\nc\r\n", r"a\nb", r"1\n2\n3", {"multiline": True}, b"1\r\n2\r\n3\r\nc\r\n"),
    (b"a\r\nb\r\n", "^", "# ", {"multiline": False}, b"# a\r\n# b\r\n# "),
    (b"a\nb\n", r"(?m)^(?=.)", "# ", {"multiline": True}, b"# a\n# b\n"),
    (b"a \r\nb\t\r\n", r"[ \t]+$", "", {}, b"a\r\nb\r\n"),
    (b"one\r\n\r\n\r\ntwo\r\n", r"\n{2,}", r"\n", {"multiline": True}, b"one\r\ntwo\r\n"),
    (b"a\nb", "a\nb", "c\nd", {"literal": True}, b"c\nd"),
    (b"a\n\nb\n", r"$", ";", {}, b"a;\n;\nb;\n;"),
    (b"caf\xe9 old\n", "old", "new", {}, b"caf\xe9 new\n"),
    ("ü old\n".encode("utf-16"), "old", "neü", {}, "ü neü\n".encode("utf-16")),
    ("ü old\n".encode("utf-16"), "old", "new", {"literal": True}, "ü new\n".encode("utf-16")),
]


async def test_expressions_are_pythons(opened: Opened, work: Path) -> None:
    async with opened() as call:
        for data, pattern, new, more, after in EXPRESSIONS:
            (work / "f").write_bytes(data)
            done = await replace(call, pattern, new, path="f", preview=False, **more)
            assert not done.is_error, done.text
            assert (work / "f").read_bytes() == after, pattern


async def test_what_would_surprise_is_said(opened: Opened, work: Path) -> None:
    async with opened() as call:
        dollar = await replace(call, "(old)", "$1")
        assert "[`$1` is put in as it stands here: groups are written \\1, or \\g<name>]" in dollar.text
        lines = await replace(call, r"1\nx", "new")
        assert "set multiline=true" in lines.text
        for pattern, new in (("(", "x"), ("old", r"\1"), ("old", r"\g<name>")):
            refused = await replace(call, pattern, new)
            assert "makes no sense" in refused.text, refused.text


async def test_which_files(opened: Opened, work: Path) -> None:
    os.link(work / "b.txt", work / "hard")
    (work / "link").symlink_to("b.txt")
    async with opened(protected=["src"]) as call:

        async def paths(**more: Any) -> list[str]:
            seen = await replace(call, "old", "new", **more)
            return [each["path"] for each in seen.structured["occurrences"]]

        assert await paths() == ["b.txt", "hard"]
        assert (await replace(call, "old", "new")).structured["skipped"] == {"binary": 1, "protected": 1}
        assert await paths(ignored=True) == ["b.txt", "build/c.py", "hard"]
        assert await paths(names=["*.txt"]) == ["b.txt"]
        assert await paths(path="build") == ["build/c.py"]
        assert await paths(path="link") == ["b.txt"]
        assert "no such file" in (await replace(call, "old", "new", path="none")).text


async def test_folders_beside_the_workspace(opened: Opened, tmp_path: Path) -> None:
    for name in ("docs", "notes"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "f").write_text("old\n")
    context = {
        "/docs": {"source": str(tmp_path / "docs")},
        "/notes": {"source": str(tmp_path / "notes"), "write": True},
    }
    async with opened(context=context) as call:
        assert "/docs may be read, not changed" in (await replace(call, "old", "new", path="/docs")).text
        seen = await replace(call, "old", "new", path="/notes")
        (one,) = seen.structured["occurrences"]
        assert one["path"] == "/notes/f"
        done = await replace(call, "old", "new", path="/notes", preview=False, occurrences=[one["id"]])
        assert not done.is_error, done.text
        assert (tmp_path / "notes" / "f").read_text() == "new\n"


def test_an_expression_without_an_end_is_ended() -> None:
    document = Document.of(b"a" * 40 + b"!\n")
    wanted = Substitution(pattern="(a+)+$", replacement="", seconds=0.5)
    with Matcher(wanted) as matcher, pytest.raises(ToolFailed, match="matching took longer than"):
        matcher.changes(document)


def test_a_replacement_that_is_too_large_is_ended() -> None:
    document = Document.of(b"a" * 1_000_000)
    wanted = Substitution(pattern="(.*)a", replacement=r"\1" * 2000, multiline=True, seconds=20)
    with Matcher(wanted) as matcher, pytest.raises(ToolFailed, match="too much memory"):
        matcher.changes(document)


async def test_too_many_are_refused(opened: Opened, work: Path) -> None:
    (work / "f").write_bytes(b"a" * 50_001)
    async with opened() as call:
        assert "more than 50000 matches" in (await replace(call, "a", "b", path="f", preview=False)).text


async def test_a_search_finds_the_same_lines(opened: Opened, work: Path) -> None:
    (work / "f").write_bytes(b"one\r\n two\nthree \r\n\r\nfour\x0cfive\n")
    async with opened() as call:
        for pattern in (r"o", r"^\s*\w+$", r"e\s?$", r"[^a-z]", r"\bf", r"r\b"):
            searched = await call("search_files", pattern=pattern, path="f")
            lines = sorted({hit["line"] for hit in searched.structured["hits"] if hit["matches"]})
            seen = await replace(call, pattern, "x", path="f")
            assert sorted({each["line"] for each in seen.structured["occurrences"]}) == lines, pattern
