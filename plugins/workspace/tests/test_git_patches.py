"""Patches of git's and diffs of patch(1)'s, applied as those would; and no text breaks the parsers."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import massgen_workspace.plugin
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from massgen_workspace.edit.document import Document
from massgen_workspace.patch import unified, v4a
from massgen_workspace.patch.apply import apply_hunks
from massgen_workspace.patch.model import FilePatch

from massgen_core.errors import ToolFailed
from massgen_core.result import ToolResult
from massgen_core.testing import open_test_runtime

LINE = st.sampled_from(["a", "b", "c", "", "  d", "e\t", "ü", "\u2028", "x\x0cy", "- f", "+ g", "-- h", "\\ i", "@@ j"])
END = st.sampled_from(["\n", "\n", "\n", "\r\n"])


@st.composite
def contents(draw: st.DrawFn) -> bytes:
    """Text with mixed line ends, and with or without one at the end."""
    lines = draw(st.lists(st.tuples(LINE, END), max_size=30))
    text = "".join(line + end for line, end in lines)
    if lines and draw(st.booleans()):
        text = text.removesuffix(lines[-1][1]) + "z"
    return text.encode()


@st.composite
def pairs(draw: st.DrawFn) -> tuple[bytes, bytes]:
    """A text, and what became of it by a few changes."""
    before = draw(contents())
    lines = before.split(b"\n")
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(lines) - 1))
        kind = draw(st.sampled_from(["change", "insert", "delete", "ending"]))
        if kind == "change":
            lines[at] = draw(LINE).encode()
        elif kind == "insert":
            lines.insert(at, draw(LINE).encode() + draw(st.sampled_from([b"", b"\r"])))
        elif kind == "ending":
            lines[at] = lines[at].removesuffix(b"\r") if lines[at].endswith(b"\r") else lines[at] + b"\r"
        elif len(lines) > 1:
            del lines[at]
    return before, b"\n".join(lines)


def git(folder: Path, *words: str) -> bytes:
    done = subprocess.run(
        ["git", "-c", "user.name=x", "-c", "user.email=x", "-c", "core.autocrlf=false", *words],
        cwd=folder,
        check=False,
        capture_output=True,
    )
    assert done.returncode in (0, 1), done.stderr
    return done.stdout


def applied(file: FilePatch, data: bytes) -> bytes:
    document = Document.of(data)
    return document.changed(apply_hunks(document, file.hunks).changes)


@settings(max_examples=150, deadline=None)
@given(pairs(), st.integers(1, 4))
def test_a_diff_of_gits_gives_the_same_bytes(
    tmp_path_factory: pytest.TempPathFactory, pair: tuple[bytes, bytes], context: int
) -> None:
    before, after = pair
    folder = tmp_path_factory.getbasetemp()
    (folder / "before").write_bytes(before)
    (folder / "after").write_bytes(after)
    diff = git(folder, "diff", "--no-index", "--text", f"-U{context}", "before", "after").decode()
    if diff:
        (file,) = unified.parse(diff)
        assert applied(file, before) == after


@pytest.mark.skipif(shutil.which("patch") is None, reason="patch(1) is not installed")
@settings(max_examples=60, deadline=None)
@given(st.integers(0, 19), st.sets(st.integers(0, 19), max_size=3), st.integers(0, 3))
def test_what_patch_fits_with_fuzz_fits_alike(
    tmp_path_factory: pytest.TempPathFactory, changed: int, others: set[int], more: int
) -> None:
    """Lines around a change that are others by now, and lines that came before it."""
    folder = tmp_path_factory.getbasetemp()
    old = [f"line {number}\n" for number in range(20)]
    new = [*old[:changed], "changed\n", *old[changed + 1 :]]
    now = ["new\n"] * more + [f"{line[:-1]}, too\n" if n in others - {changed} else line for n, line in enumerate(old)]
    for name, lines in (("before", old), ("after", new), ("now", now)):
        (folder / name).write_text("".join(lines))
    diff = git(folder, "diff", "--no-index", "before", "after")
    done = subprocess.run(
        ["patch", "-s", "-F2", "-o", "patched", "now"], cwd=folder, input=diff, capture_output=True, check=False
    )
    if done.returncode == 0:
        (file,) = unified.parse(diff.decode())
        assert applied(file, (folder / "now").read_bytes()) == (folder / "patched").read_bytes()


@asynccontextmanager
async def session_on(folder: Path, work: Path) -> AsyncGenerator[Any]:
    config = {"plugins": {"workspace": {"state": str(folder / "state"), "durable": False}}}
    async with (
        open_test_runtime(("workspace", massgen_workspace.plugin), config=config) as runtime,
        runtime.session(workspace=work) as session,
    ):
        yield session


def patched(folder: Path, work: Path, patch: str) -> ToolResult:
    async def apply() -> ToolResult:
        async with session_on(folder, work) as session:
            return await session.call("apply_patch", {"patch": patch})

    return anyio.run(apply)


def repository(folder: Path) -> Path:
    work = folder / "work"
    work.mkdir()
    git(work, "init", "-q")
    long = "".join(f"line {number}\n" for number in range(30))
    for name in ("moved", "sp ace", "n\nl", "tool", "gone", "copied", "ü"):
        (work / name).write_text(f"{name}\n{long}")
    (work / "empty").write_bytes(b"")
    git(work, "add", ".")
    git(work, "commit", "-qm", "x")
    return work


def contents_of(work: Path) -> dict[str, tuple[bytes, bool]]:
    files = (path for path in sorted(work.rglob("*")) if path.is_file() and ".git" not in path.parts)
    return {str(path.relative_to(work)): (path.read_bytes(), bool(path.stat().st_mode & 0o100)) for path in files}


@pytest.mark.parametrize("how", [[], ["--no-prefix"], ["-c"], ["-c", "core.quotePath=false"]])
def test_all_that_a_commit_can_do(tmp_path: Path, how: list[str]) -> None:
    """Files that are new, gone, empty, renamed with and without changes, copied; with names that need quotes."""
    work = repository(tmp_path)
    (work / "moved").rename(work / "there")
    (work / "sp ace").rename(work / "sp ace too")
    (work / "sp ace too").write_text((work / "sp ace too").read_text().replace("line 5\n", "line five\n"))
    (work / "n\nl").write_text("b")
    (work / "ü").write_text((work / "ü").read_text() + "more")
    (work / "gone").unlink()
    (work / "empty").unlink()
    (work / "void").write_bytes(b"")
    (work / "new").write_text("n\nw")
    (work / "run").write_text("#!/bin/sh\n")
    (work / "run").chmod(0o755)
    (work / "second").write_text((work / "copied").read_text().replace("line 9\n", "nine\n"))
    git(work, "add", ".")
    settings = ["-c", how[1]] if len(how) == 2 else []
    flags = how if how == ["--no-prefix"] else []
    diff = git(work, *settings, "diff", "--cached", "-M", "-C", "--find-copies-harder", *flags).decode()
    after = contents_of(work)
    git(work, "reset", "-q", "--hard")
    done = patched(tmp_path, work, diff)
    assert not done.is_error, done.text
    assert contents_of(work) == after


def test_a_patch_of_rights_alone(tmp_path: Path) -> None:
    work = repository(tmp_path)
    (work / "tool").chmod(0o755)
    diff = git(work, "diff").decode()
    git(work, "checkout", "-q", ".")
    done = patched(tmp_path, work, diff)
    assert not done.is_error, done.text
    assert "mode of tool: 0644 to 0755" in done.text
    assert git(work, "diff").decode() == diff


def test_a_binary_file_is_renamed(tmp_path: Path) -> None:
    work = repository(tmp_path)
    (work / "picture").write_bytes(b"\0\1\2" * 100)
    git(work, "add", ".")
    git(work, "commit", "-q", "-m", "picture")
    git(work, "mv", "picture", "image")
    diff = git(work, "diff", "--cached", "-M").decode()
    git(work, "reset", "-q", "--hard")
    done = patched(tmp_path, work, diff)
    assert not done.is_error, done.text
    assert (work / "image").read_bytes() == b"\0\1\2" * 100
    assert not (work / "picture").exists()


def test_a_file_with_a_byte_order_mark_is_deleted(tmp_path: Path) -> None:
    work = repository(tmp_path)
    (work / "marked").write_bytes(b"\xef\xbb\xbfone\ntwo\n")
    git(work, "add", ".")
    git(work, "commit", "-q", "-m", "marked")
    git(work, "rm", "-q", "marked")
    diff = git(work, "diff", "--cached").decode()
    git(work, "reset", "-q", "--hard")
    done = patched(tmp_path, work, diff)
    assert not done.is_error, done.text
    assert not (work / "marked").exists()


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("new file mode 120000\n--- /dev/null\n+++ b/f\n@@ -0,0 +1 @@\n+target\n", "a symbolic link"),
        ("new file mode 160000\n--- /dev/null\n+++ b/f\n@@ -0,0 +1 @@\n+Subproject commit 1\n", "a submodule"),
        ("index 1..2 120000\n--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n+b\n", "a symbolic link"),
        ("index 1..2 100644\nGIT binary patch\nliteral 1\nzcmZo\n", "a binary file"),
        ("index 1..2 100644\nBinary files a/f and b/f differ\n", "a binary file"),
        ("new file mode 100644\n--- /dev/null\n+++ b/f\n@@ -0,0 +1,2 @@\n+a\n b\n", "all lines of a new file"),
    ],
)
def test_what_no_patch_here_does(lines: str, words: str) -> None:
    with pytest.raises(ToolFailed, match=words):
        unified.parse(f"diff --git a/f b/f\n{lines}")


def test_a_deletion_of_a_file_that_has_more_is_refused(tmp_path: Path) -> None:
    work = repository(tmp_path)
    (work / "gone").unlink()
    diff = git(work, "diff").decode()
    git(work, "checkout", "-q", ".")
    with (work / "gone").open("a") as file:
        file.write("mine\n")
    refused = patched(tmp_path, work, diff)
    assert "has lines that are not in it" in refused.text
    assert (work / "gone").exists()


@pytest.mark.parametrize(
    ("data", "diff", "after"),
    [
        (b"a\r\nb\r\nc\r\n", "--- a/f\n+++ b/f\n@@ -1,3 +1,4 @@\n a\n-b\n+B\n+B2\n c\n", b"a\r\nB\r\nB2\r\nc\r\n"),
        (b"a\nb\nc\n", "--- a/f\r\n+++ b/f\r\n@@ -1,3 +1,3 @@\r\n a\r\n-b\r\n+B\r\n c\r\n", b"a\nB\nc\n"),
        (b"a\nb\nc\n", "--- a/f\n+++ b/f\n@@ -1,3 +1,3 @@\n a\r\n-b\r\n+B\r\n c\r\n", b"a\nB\nc\n"),
        (b"a\r\nb\n", "--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@\n-a\r\n+a\n b\n", b"a\nb\n"),
        (b"\xef\xbb\xbfa\nb\n", "--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@\n-\ufeffa\n+\ufeffA\n b\n", b"\xef\xbb\xbfA\nb\n"),
        (b"\xef\xbb\xbfa\nb\n", "--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@\n-a\n+A\n b\n", b"\xef\xbb\xbfA\nb\n"),
        (b"a\nb", "--- a/f\n+++ b/f\n@@ -2 +2 @@\n-b\n\\ No newline at end of file\n+b\n", b"a\nb\n"),
        (b"a\nb\n", "--- a/f\n+++ b/f\n@@ -2 +2 @@\n-b\n+b\n\\ No newline at end of file\n", b"a\nb"),
    ],
)
def test_line_ends_are_the_files_unless_the_diff_shows_them(data: bytes, diff: str, after: bytes) -> None:
    (file,) = unified.parse(diff)
    assert applied(file, data) == after


def test_what_was_overlooked_is_told() -> None:
    def notes(data: bytes, patch: str) -> list[str]:
        parse = v4a.parse if patch.startswith("***") else unified.parse
        (file,) = parse(patch)
        return [*apply_hunks(Document.of(data), file.hunks).notes]

    wrapped = "*** Begin Patch\n*** Update File: f\n{}\n*** End Patch"
    assert notes(b"a\nb\n", wrapped.format("-a\n+x")) == []
    (lenient,) = notes(b"a  \nb\n", wrapped.format(" a\n-b\n+x"))
    assert "with spaces at the ends of lines overlooked" in lenient
    (several,) = notes(b"a\nb\na\n", wrapped.format("-a\n+x"))
    assert "fits in several places; the first was taken, line 1" in several
    (moved,) = notes(b"0\n0\na\n", "--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n+x\n")
    assert "was put at line 3, 2 lines from where it says" in moved
    (outer,) = notes(b"0\na\n", "--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@\n q\n-a\n+x\n")
    assert "without 1 of its outer lines" in outer


def test_why_a_hunk_does_not_fit() -> None:
    def refused(data: bytes, body: str) -> str:
        (file,) = v4a.parse(f"*** Begin Patch\n*** Update File: f\n{body}\n*** End Patch")
        with pytest.raises(ToolFailed) as caught:
            apply_hunks(Document.of(data), file.hunks)
        return str(caught.value)

    assert "hunk 2 of 2 (line 6 of the patch): its lines are at line 1, before line 3" in refused(
        b"one\ntwo\n", "@@\n-two\n+2\n@@\n-one\n+1"
    )
    assert "its new lines are at line 1 already: perhaps it was applied before" in refused(
        b"one\nthree\n", " one\n-two\n+three"
    )
    assert "`@@ class B:` stands for no line of the file. The nearest is at line 1" in refused(
        b"class A:\n    x = 1\n", "@@ class B:\n-    x = 1\n+    x = 2"
    )


def test_ranges_of_a_unified_diff_are_overlooked_in_v4a() -> None:
    for header in ("@@ -1,2 +1,2 @@", "@@ -7,2 +9 @@ one", "@@ -1 +1"):
        (file,) = v4a.parse(f"*** Begin Patch\n*** Update File: f\n{header}\n-two\n+2\n*** End Patch")
        assert applied(file, b"one\ntwo\n") == b"one\n2\n"


PATCHES = (
    "*** Begin Patch\n*** Update File: f\n*** Move to: g\n@@ a\n a\n-b\n+c\n*** End of File\n"
    "*** Add File: h\n+x\n*** End Patch",
    "diff --git a/f b/f\nindex 1..2 100644\n--- a/f\n+++ b/f\n@@ -1,3 +1,3 @@\n a\n-b\n+c\n \n"
    "\\ No newline at end of file\n",
    "diff --git a/f b/g\nsimilarity index 90%\nrename from f\nrename to g\n--- a/f\n+++ b/g\n@@ -1 +1 @@\n-a\n+b\n",
    'diff --git "a/\\303\\274" "b/\\303\\274"\nold mode 100644\nnew mode 100755\n',
)
EDIT = st.tuples(
    st.sampled_from(["delete", "double", "swap", "insert", "cut"]), st.integers(0, 400), st.text(max_size=4)
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(PATCHES), st.lists(EDIT, min_size=1, max_size=6), st.sampled_from([b"a\nb\n", b"", b"a\r\nb"]))
def test_no_broken_patch_does_more_than_fail(patch: str, edits: list[tuple[str, int, str]], data: bytes) -> None:
    """Lines and letters of good patches that are lost, doubled, exchanged or spoilt."""
    lines = patch.split("\n")
    for kind, at, text in edits:
        at %= len(lines) or 1
        if kind == "delete" and len(lines) > 1:
            del lines[at]
        elif kind == "double":
            lines.insert(at, lines[at])
        elif kind == "swap":
            lines[at], lines[-1 - at] = lines[-1 - at], lines[at]
        elif kind == "insert":
            middle = at % (len(lines[at]) + 1)
            lines[at] = lines[at][:middle] + text + lines[at][middle:]
        else:
            lines[at] = lines[at][: at % (len(lines[at]) + 1)]
    for parse in (v4a.parse, unified.parse):
        try:
            for file in parse("\n".join(lines)):
                applied(file, data)
        except ToolFailed:
            pass


@pytest.mark.parametrize("number", ["9" * 5000, "9" * 30, "٣"])
def test_numbers_that_are_none(number: str) -> None:
    with pytest.raises(ToolFailed):
        unified.parse(f"--- a/f\n+++ b/f\n@@ -{number} +1 @@\n-a\n+b\n")
