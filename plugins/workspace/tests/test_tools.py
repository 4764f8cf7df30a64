"""The tools as an agent calls them: through a session, on its workspace."""

from __future__ import annotations

import os
import resource
from pathlib import Path

import pytest
from file_sessions import Opened

from massgen_core.result import Image

pytestmark = pytest.mark.anyio


PNG = b"\x89PNG\r\n\x1a\n\0\0"


async def test_behind_the_end_there_is_said_to_be_nothing(opened: Opened, work: Path) -> None:
    (work / "f").write_text("one\ntwo\n")
    async with opened() as call:
        assert (await call("read_file", path="f", first=3)).text == "[there is nothing there: the file has 2 lines]"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
async def test_wide_letters_are_read_in_parts_as_well(opened: Opened, work: Path, encoding: str) -> None:
    (work / "f").write_bytes("".join(f"line {number}\r\n" for number in range(1, 5001)).encode(encoding))
    async with opened(shown="1KiB") as call:
        part = await call("read_file", path="f", first=3, lines=2)
        whole = await call("read_file", path="f")
    assert part.text.startswith("3\tline 3\n4\tline 4\n[5000 lines; go on at 5]\n[UTF-")
    assert (part.structured["total"], part.structured["more"]) == (5000, 5)
    assert len(whole.text) < 2500
    assert f"go on at {whole.structured['more']}]" in whole.text


async def test_a_content_that_cannot_be_kept_changes_nothing(opened: Opened, work: Path) -> None:
    """And what was written of it does not stay: it would keep the disk full."""
    (work / "f").write_text("old\n")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    async with opened() as call:
        await call("list_changes")
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, before[1]))
        try:
            full = await call("write_file", path="f", content="x" * (2 << 20))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert full.text == "the file's content cannot be kept for an undo (File too large), so it was not changed"
        assert (work / "f").read_text() == "old\n"
        kept = list((work.parent / "state").rglob("contents/*/*"))
        assert [path.read_text() for path in kept] == ["old\n"]
        assert not (await call("write_file", path="f", content="new\n")).is_error


async def test_a_history_that_cannot_be_opened_says_what_to_do(opened: Opened) -> None:
    async with opened(state="/dev/null/x") as call:
        assert "set `state` to another folder" in (await call("read_file", path="f")).text


async def test_no_number_is_too_large_for_a_change(opened: Opened) -> None:
    async with opened() as call:
        assert f"there is no change {2**63 - 1}" in (await call("undo_change", id=2**63 - 1)).text
        assert "id" in (await call("undo_change", id=2**63)).text


async def test_reading_with_numbers_in_parts(opened: Opened, work: Path) -> None:
    (work / "f").write_text("".join(f"line {number}\n" for number in range(1, 11)))
    async with opened() as call:
        part = await call("read_file", path="f", first=3, lines=2)
        assert part.text == "3\tline 3\n4\tline 4\n[10 lines; go on at 5]"
        assert (part.structured["total"], part.structured["more"]) == (10, 5)
        last = await call("read_file", path="/workspace/f", first=-2)
        assert last.text == "9\tline 9\n10\tline 10"
        assert (await call("read_file", path="f", first=99)).structured["lines"] == 0


async def test_what_is_no_plain_text_is_said(opened: Opened, work: Path) -> None:
    (work / "empty").write_bytes(b"")
    (work / "latin").write_bytes(b"caf\xe9\n")
    (work / "wide").write_bytes("ä\n".encode("utf-16"))
    (work / "dot.png").write_bytes(PNG)
    (work / "blob").write_bytes(b"\0\1")
    async with opened() as call:
        assert (await call("read_file", path="empty")).text == "[the file is empty]"
        assert (await call("read_file", path="latin")).text == "1\tcafé\n[unknown encoding, shown as Latin-1]"
        assert (await call("read_file", path="wide")).text == "1\tä\n[UTF-16-LE with a byte order mark]"
        assert (await call("read_file", path="dot.png")).content == (Image(data=PNG, mime_type="image/png"),)
        assert (
            await call("read_file", path="blob")
        ).text == "[a binary file, application/octet-stream, 2 bytes; read_bytes shows its bytes]"


async def test_several_files_at_once(opened: Opened, work: Path) -> None:
    (work / "a").write_text("a\n")
    async with opened() as call:
        both = await call("read_files", paths=["a", "missing"])
        assert both.text == "== a\n1\ta\n== missing\nmissing: there is no such file or folder"
        assert not both.is_error
        assert (await call("read_files", paths=["missing"])).is_error


async def test_edits_of_one_file_are_all_or_none(opened: Opened, work: Path) -> None:
    (work / "f").write_bytes(b"one\r\ntwo\r\nthree\r\n")
    async with opened() as call:
        failed = await call("edit_file", path="f", edits=[{"old": "one", "new": "1"}, {"old": "tow", "new": "2"}])
        assert failed.is_error
        assert failed.text.startswith("f: edit 2 of 2: the text to be replaced is not there. The nearest is at line 2")
        assert (work / "f").read_bytes() == b"one\r\ntwo\r\nthree\r\n"
        done = await call("edit_file", path="f", edits=[{"old": "one", "new": "1\na"}, {"old": "two", "new": "2"}])
        assert (work / "f").read_bytes() == b"1\r\na\r\n2\r\nthree\r\n"
        assert "-two" in done.text
        assert done.structured["changes"][0]["what"] == "changed"


@pytest.mark.parametrize(
    ("before", "line", "after"),
    [
        (b"a\nb\n", 0, b"x\na\nb\n"),
        (b"a\nb\n", 1, b"a\nx\nb\n"),
        (b"a\nb\n", 2, b"a\nb\nx\n"),
        (b"a\r\nb", 2, b"a\r\nb\r\nx"),
        (b"a\r\nb\r\n", 1, b"a\r\nx\r\nb\r\n"),
        (b"", 0, b"x\n"),
    ],
)
async def test_lines_are_put_in(opened: Opened, work: Path, before: bytes, line: int, after: bytes) -> None:
    (work / "f").write_bytes(before)
    async with opened() as call:
        await call("insert_lines", path="f", line=line, text="x")
        assert (work / "f").read_bytes() == after
        assert "nothing can come after line 9" in (await call("insert_lines", path="f", line=9, text="x")).text


async def test_a_whole_file_keeps_its_endings_and_encoding(opened: Opened, work: Path) -> None:
    (work / "f").write_bytes(b"\xef\xbb\xbfa\r\nb\r\n")
    async with opened() as call:
        await call("write_file", path="f", content="c\nd\n")
        assert (work / "f").read_bytes() == b"\xef\xbb\xbfc\r\nd\r\n"
        await call("write_file", path="new/g", content="e\n")
        assert (work / "new" / "g").read_bytes() == b"e\n"


async def test_a_patch_over_several_files_is_one_change(opened: Opened, work: Path) -> None:
    (work / "a").write_text("1\n2\n3\n")
    (work / "gone").write_text("x\n")
    patch = """*** Begin Patch
*** Update File: a
*** Move to: d/b
@@
 1
-2
+two
*** Delete File: gone
*** Add File: new
+hello
*** End Patch"""
    async with opened() as call:
        done = await call("apply_patch", patch=patch)
        assert not done.is_error, done.text
        assert (work / "d" / "b").read_text() == "1\ntwo\n3\n"
        assert (work / "new").read_text() == "hello\n"
        assert sorted(os.listdir(work)) == ["d", "new"]
        await call("undo_change", id=done.structured["id"])
        assert sorted(os.listdir(work)) == ["a", "gone"]
        refused = await call("apply_patch", patch=patch.replace("+hello", "+hello\n*** Delete File: missing"))
        assert "missing: there is no such file" in refused.text
        assert sorted(os.listdir(work)) == ["a", "gone"]


async def test_a_diff_does_as_well(opened: Opened, work: Path) -> None:
    (work / "a").write_text("1\n2\n3\n")
    async with opened() as call:
        await call("apply_patch", patch="--- a/a\n+++ b/a\n@@ -1,3 +1,3 @@\n 1\n-2\n+two\n 3\n")
        assert (work / "a").read_text() == "1\ntwo\n3\n"


async def test_changes_are_listed_and_taken_back(opened: Opened) -> None:
    async with opened() as call:
        first = (await call("write_file", path="f", content="1\n")).structured["id"]
        await call("write_file", path="f", content="2\n")
        listed = (await call("list_changes")).structured["changes"]
        assert [entry["what"] for entry in listed] == ["write f", "write f"]
        assert "undo the later change first" in (await call("undo_change", id=first)).text
        assert "there is no change 99" in (await call("undo_change", id=99)).text
        same = await call("write_file", path="f", content="2\n")
        assert same.text == "Nothing had to be changed."


async def test_folders_beside_the_workspace(opened: Opened, tmp_path: Path) -> None:
    for name in ("docs", "notes"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "f").write_text(f"{name}\n")
    context = {
        "/docs": {"source": str(tmp_path / "docs")},
        "/notes": {"source": str(tmp_path / "notes"), "write": True, "protected": ["kept"]},
    }
    async with opened(context=context) as call:
        assert (await call("read_file", path="/docs/f")).text == "1\tdocs"
        assert "/docs may be read, not changed" in (await call("write_file", path="/docs/f", content="x")).text
        assert not (await call("write_file", path="/notes/f", content="x")).is_error
        assert "kept is protected" in (await call("write_file", path="/notes/kept/f", content="x")).text


async def test_git_is_protected_from_the_start(opened: Opened, work: Path) -> None:
    (work / ".git").mkdir()
    async with opened() as call:
        assert ".git is protected" in (await call("write_file", path=".git/hooks/post-commit", content="x")).text


async def test_without_a_workspace_the_cure_is_named(opened: Opened) -> None:
    async with opened(None) as call:
        assert "open it with `runtime.session(workspace=FOLDER)`" in (await call("read_file", path="f")).text


async def test_what_is_too_large_to_change_can_still_be_read(opened: Opened, work: Path) -> None:
    (work / "f").write_text("x\n" * 2000)
    async with opened(largest_edit="1KiB") as call:
        assert "files of up to 1.0KiB are changed" in (await call("write_file", path="f", content="")).text
        kept = (work.parent / "state").rglob("contents/*/*")
        assert not list(kept), "it was not read either"
        assert (await call("read_file", path="f", lines=1)).structured["total"] == 2000


async def test_folders_are_listed(opened: Opened, work: Path) -> None:
    (work / "src").mkdir()
    (work / "src" / "a.py").write_text("12345")
    (work / "link").symlink_to("src")
    async with opened() as call:
        assert (await call("list_folder")).text == "link -> src\nsrc/"
        deep = await call("list_folder", path="link", depth=2)
        assert deep.text == "a.py  5"
        assert (
            await call("list_folder", limit=1)
        ).text == "link -> src\n[there is more: narrow it down, or go on with after=link]"
        assert "not a folder" in (await call("list_folder", path="src/a.py")).text.replace("no folder", "not a folder")


async def test_files_are_found_by_name(opened: Opened, work: Path) -> None:
    (work / "src").mkdir()
    for number, name in enumerate(("a.py", "src/b.py", "c.ts")):
        (work / name).write_text("x")
        os.utime(work / name, (number, number))
    async with opened() as call:
        assert (await call("find_files", names=["*.py"])).structured["paths"] == ["a.py", "src/b.py"]
        assert (await call("find_files", names=["*.py"], order="modified")).structured["paths"] == ["src/b.py", "a.py"]
        assert (await call("find_files", names=["*.rs"])).text == "No file has such a name."


async def test_lines_are_found(opened: Opened, work: Path) -> None:
    (work / "src").mkdir()
    (work / "src" / "a.py").write_text("one\ntwo\nthree\n")
    (work / "b").write_text("two\n")
    async with opened() as call:
        found = await call("search_files", pattern="t[wh]", around=1)
        assert found.text == "b\n1:\ttwo\nsrc/a.py\n1-\tone\n2:\ttwo\n3:\tthree"
        assert [hit["line"] for hit in found.structured["hits"]] == [1, 1, 2, 3]
        assert (await call("search_files", pattern="two", names=["*.py"])).text == "src/a.py\n2:\ttwo"
        assert (await call("search_files", pattern="two", path="b")).text == "b\n1:\ttwo"
        assert (await call("search_files", pattern="zwei")).text == "No line matches."
        assert "no expression" in (await call("search_files", pattern="(")).text
        assert (await call("search_files", pattern="t", limit=1)).structured["more"]
