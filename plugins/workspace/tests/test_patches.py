"""Both formats of patches: what they mean, where they belong, and what is told about those that do not fit."""

from __future__ import annotations

import difflib
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from massgen_workspace.edit.document import Document
from massgen_workspace.patch import unified, v4a
from massgen_workspace.patch.apply import apply_hunks
from massgen_workspace.patch.model import PatchBroken

from massgen_core.errors import ToolFailed


def v4a_on(data: bytes, body: str) -> bytes:
    (file,) = v4a.parse(f"*** Begin Patch\n*** Update File: f\n{body}\n*** End Patch")
    document = Document.of(data)
    return document.changed(apply_hunks(document, file.hunks).changes)


def unified_on(data: bytes, diff: str) -> bytes:
    (file,) = unified.parse(diff)
    document = Document.of(data)
    return document.changed(apply_hunks(document, file.hunks).changes)


def test_all_that_v4a_can_say() -> None:
    patch = """*** Begin Patch
*** Add File: new/file.txt
+one
+
+three
*** Delete File: old.txt
*** Update File: src/a.py
*** Move to: src/b.py
@@ class A:
@@     def f(self):
-        return 1
+        return 2
@@
 last
+added
*** End of File

*** End Patch
"""
    add, delete, update = v4a.parse(patch)
    assert (add.act, add.path, add.lines) == ("add", "new/file.txt", ["one", "", "three"])
    assert (delete.act, delete.path) == ("delete", "old.txt")
    assert (update.path, update.move_to) == ("src/a.py", "src/b.py")
    assert update.hunks[0].headers == ["class A:", "def f(self):"]
    assert update.hunks[1].at_end


@pytest.mark.parametrize("wrap", ["{}", "\n\n{}\n\n", "<<'EOF'\n{}\nEOF\n", "apply_patch <<EOF\n{}\nEOF"])
def test_what_stands_around_a_patch(wrap: str) -> None:
    patch = "*** Begin Patch\n*** Delete File: f\n*** End Patch"
    assert [file.act for file in v4a.parse(wrap.format(patch))] == ["delete"]


@pytest.mark.parametrize(
    ("data", "body", "after"),
    [
        (b"a\nb\nc\n", " a\n-b\n+B\n c", b"a\nB\nc\n"),
        (b"a\r\nb\r\nc\r\n", " a\n-b\n+B\n+B2\n c", b"a\r\nB\r\nB2\r\nc\r\n"),
        (b"\xe9\nb\n", "-b\n+c", b"\xe9\nc\n"),
        (b"a \nb\n", " a\n-b\n+c", b"a \nc\n"),
        (b"\tif x:\n\t\tb\n", " if x:\n-b\n+\t\tc", b"\tif x:\n\t\tc\n"),
        ("say “hi”\nb\n".encode(), ' say "hi"\n-b\n+c', "say “hi”\nc\n".encode()),
        (b"a\nx\na\n", "-a\n+b\n*** End of File", b"a\nx\nb\n"),
        (b"f\na\ng\na\n", "@@ g\n-a\n+b", b"f\na\ng\nb\n"),
        (b"a\n", "+end", b"a\nend\n"),
        (b"a", "+end", b"a\nend"),
        (b"a\nb", "-b\n+c", b"a\nc"),
        (b"a\nb\n", " a\n-b\n+c\n ", b"a\nc\n"),
        (b"x\ny\n", "@@\n-x\n+1\n@@\n-y\n+2", b"1\n2\n"),
        (b"a\nb\nc\n", "-a\n-b\n-c", b""),
    ],
)
def test_v4a_finds_its_place_and_keeps_the_rest(data: bytes, body: str, after: bytes) -> None:
    assert v4a_on(data, body) == after


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "must begin"),
        ("*** Begin Patch\n*** Delete File: f", "must end"),
        ("*** Begin Patch\n*** End Patch", "changes no file"),
        ("*** Begin Patch\nhello\n*** End Patch", "line 2 of the patch: a file begins"),
        ("*** Begin Patch\n*** Add File: f\nx\n*** End Patch", "line 3 of the patch: every line"),
        ("*** Begin Patch\n*** Update File: f\n*** End Patch", "changes nothing"),
        ("*** Begin Patch\n*** Update File: f\n?x\n*** End Patch", "line 3 of the patch: a line begins"),
        ("*** Begin Patch\n*** Update File: \n*** End Patch", "names no file"),
    ],
)
def test_what_is_no_v4a(text: str, words: str) -> None:
    with pytest.raises(PatchBroken, match=words):
        v4a.parse(text)


def test_what_is_not_there_is_told() -> None:
    with pytest.raises(ToolFailed) as caught:
        v4a_on(b"one\ntwo\nthree\n", "@@\n one\n-tow\n+2")
    assert "line 3 of the patch" in str(caught.value)
    assert "The nearest is at line 1:\n1\tone\n2\ttwo" in str(caught.value)
    with pytest.raises(ToolFailed, match="`@@ nowhere` stands for no line"):
        v4a_on(b"one\n", "@@ nowhere\n-one\n+two")


LINES = st.lists(st.sampled_from(["a", "b", "c", "", "  d", "e\t"]), max_size=25)


@given(LINES, LINES, st.booleans(), st.integers(0, 3))
def test_a_diff_makes_one_text_of_the_other(old: list[str], new: list[str], final: bool, context: int) -> None:
    end = "\n" if final else ""
    before = "".join(f"{line}\n" for line in old[:-1]) + (old[-1] + end if old else "")
    after = "".join(f"{line}\n" for line in new[:-1]) + (new[-1] + end if new else "")
    if before == after or not before or not after or before.endswith("\n") != after.endswith("\n"):
        return
    diff = "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
        for line in difflib.unified_diff(
            before.splitlines(keepends=True), after.splitlines(keepends=True), "a/f", "b/f", n=context
        )
    )
    assert unified_on(before.encode(), diff) == after.encode()


@given(LINES.filter(bool), st.lists(st.sampled_from(["x", "y"]), max_size=6))
def test_a_diff_finds_its_place_elsewhere(old: list[str], more: list[str]) -> None:
    """Lines that came before it since do not matter."""
    old = [f"{number} {line}" for number, line in enumerate(old)]
    new = [*old[: len(old) // 2], "changed", *old[len(old) // 2 + 1 :]]
    diff = "\n".join(difflib.unified_diff(old, new, "a/f", "b/f", lineterm="")) + "\n"
    data = "".join(f"{line}\n" for line in [*more, *old]).encode()
    assert unified_on(data, diff) == "".join(f"{line}\n" for line in [*more, *new]).encode()


def test_what_git_writes(tmp_path: Path) -> None:
    """Renames, new and deleted files, and names that are quoted."""

    def git(*words: str) -> str:
        done = subprocess.run(
            ["git", "-c", "user.name=x", "-c", "user.email=x", *words], cwd=tmp_path, check=True, capture_output=True
        )
        return done.stdout.decode()

    git("init", "-q")
    long = "".join(f"line {number}\n" for number in range(30))
    (tmp_path / "moved").write_text(long)
    (tmp_path / "gone").write_text("x\n")
    (tmp_path / "sp ace").write_text("a\nb\n")
    (tmp_path / "n\nl").write_text("a\n")
    git("add", ".")
    git("commit", "-qm", "x")
    (tmp_path / "moved").rename(tmp_path / "there")
    (tmp_path / "there").write_text(long.replace("line 5\n", "line five\n"))
    (tmp_path / "gone").unlink()
    (tmp_path / "sp ace").write_text("a\nB\n")
    (tmp_path / "n\nl").write_text("b")
    (tmp_path / "new").write_text("n\nw")
    git("add", ".")
    files = {file.path: file for file in unified.parse(git("diff", "--cached", "-M"))}
    assert files["moved"].move_to == "there"
    assert files["gone"].act == "delete"
    assert (files["new"].act, files["new"].lines, files["new"].final_newline) == ("add", ["n", "w"], False)
    assert files["sp ace"].act == "update"
    assert files['"n\\nl"'].act == "update"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("hello", "no `--- ` line"),
        ("--- a/f\n", "a `--- ` line and a"),
        ("--- a/f\n+++ b/f\n", "no lines"),
        ("--- a/f\n+++ b/f\n@@ nonsense\n", "a hunk begins"),
        ("--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@\n a\n", "2 old and 2 new lines, and the patch ends after 1 and 1"),
        ("--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@\n@@ -9 +9 @@\n-a\n+b\n", "no lines in it"),
        ("--- a/f\n+++ b/f\n@@ -1,3 +1,3 @@\n-a\n+b\nc\n d\n", "a line begins .* this one is 'c'"),
        ("--- a/f\n+++ b/f\n@@ -1 +1 @@\n?a\n", "a line begins"),
        ("diff --git a/f b/f\nBinary files a/f and b/f differ\n", "binary"),
    ],
)
def test_what_is_no_diff(text: str, words: str) -> None:
    with pytest.raises(ToolFailed, match=words):
        unified.parse(text)


@pytest.mark.parametrize(
    ("body", "after"),
    [
        ("@@ -1 +1 @@\n-a\n+b\n+c\n", b"b\nc\nz\n-- y\nx\n"),
        ("@@ -1 +1 @@\n-a\n+b\n z\n", b"b\nz\n-- y\nx\n"),
        ("@@ -1,9 +1,9 @@\n-a\n+b\n@@ -4,1 +4,1 @@\n-x\n+w\n", b"b\nz\n-- y\nw\n"),
        ("@@ -1,9 +1,9 @@\n-a\n+b\n\n@@ -4 +4 @@\n-x\n+w\n", b"b\nz\n-- y\nw\n"),
        ("@@ -2,7 +2,1 @@\n z\n--- y\n x\n```\n", b"a\nz\nx\n"),
    ],
)
def test_a_hunk_that_miscounts_its_lines(body: str, after: bytes) -> None:
    """Models do; the lines are there, and what was overlooked is said."""
    (file,) = unified.parse(f"--- a/f\n+++ b/f\n{body}")
    document = Document.of(b"a\nz\n-- y\nx\n")
    applied = apply_hunks(document, file.hunks)
    assert document.changed(applied.changes) == after
    assert "hunk 1 of" in applied.notes[0]
    assert "another number of lines" in applied.notes[0]


def test_a_hunk_that_miscounts_ends_where_the_next_file_begins() -> None:
    one, other = unified.parse("--- a/f\n+++ b/f\n@@ -1,5 +1,5 @@\n-a\n+b\n--- a/g\n+++ b/g\n@@ -1 +1 @@\n-c\n+d\n")
    assert [list(each.hunks[0].lines) for each in (one, other)] == [[("-", "a"), ("+", "b")], [("-", "c"), ("+", "d")]]


@pytest.mark.parametrize("head", ["@@", "@@ @@", "@@ ... @@"])
def test_a_hunk_that_does_not_say_where_it_belongs(head: str) -> None:
    assert unified_on(b"a\nb\nc\n", f"--- a/f\n+++ b/f\n{head}\n b\n-c\n+d\n") == b"a\nb\nd\n"


def test_what_a_mail_has_below_its_diff_is_no_line_of_it() -> None:
    assert unified_on(b"a\n", "--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n+b\n-- \n2.43.0\n") == b"b\n"


@pytest.mark.parametrize("name", ["a/f", "b/f"])
def test_headers_that_are_the_same_move_nothing(name: str) -> None:
    (file,) = unified.parse(f"--- {name}\n+++ {name}\t2020-01-01\n@@ -1 +1 @@\n-a\n+b\n")
    assert (file.path, file.move_to) == (name, None)


@given(st.text(st.sampled_from("*+-@ \nabEPFUd:ignlteuoM"), max_size=200))
def test_no_text_breaks_the_parsers(text: str) -> None:
    for parse in (v4a.parse, unified.parse):
        for whole in (text, f"*** Begin Patch\n{text}\n*** End Patch", f"--- a/f\n+++ b/f\n{text}"):
            try:
                for file in parse(whole):
                    document = Document.of(b"a\nb\n")
                    document.changed(apply_hunks(document, file.hunks).changes)
            except ToolFailed:
                pass
