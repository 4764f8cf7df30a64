"""Replacing text leaves every other byte as it was, whatever the file is written in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from massgen_workspace.edit.document import Document
from massgen_workspace.edit.replace import Replacement, replaced

from massgen_core.errors import ToolFailed


def edit(data: bytes, old: str, new: str, count: int | None = 1) -> bytes:
    document = Document.of(data)
    return document.changed(replaced(document, Replacement(old=old, new=new, count=count)))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(b"x\r\na = 1\r\ny\r\n", b"x\r\na = 9\r\ny\r\n", id="CRLF"),
        pytest.param(b"x\na = 1\r\ny\nz\r\n", b"x\na = 9\r\ny\nz\r\n", id="mixed endings"),
        pytest.param(b"\xe9t\xe9\na = 1\n", b"\xe9t\xe9\na = 9\n", id="Latin-1"),
        pytest.param(b"\xff\xfe\x80\na = 1\n\x81", b"\xff\xfe\x80\na = 9\n\x81", id="bytes that look like a mark"),
        pytest.param(b"all:\n\ta = 1\n\tb\n", b"all:\n\ta = 9\n\tb\n", id="tabs"),
        pytest.param(b"\x83\x5c\na = 1\n", b"\x83\x5c\na = 9\n", id="Shift-JIS"),
        pytest.param(b"\xef\xbb\xbfa = 1\n", b"\xef\xbb\xbfa = 9\n", id="UTF-8 with a mark"),
        pytest.param(b"a = 1", b"a = 9", id="no final newline"),
        pytest.param("ü\na = 1\n".encode("utf-16"), "ü\na = 9\n".encode("utf-16"), id="UTF-16"),
        pytest.param("ü\u2028a = 1\n".encode(), "ü\u2028a = 9\n".encode(), id="line separators of Unicode"),
        pytest.param(b"x\x0c\x0b\x1c\x85a = 1\n", b"x\x0c\x0b\x1c\x85a = 9\n", id="other separators"),
        pytest.param(b"\ra = 1\r", b"\ra = 9\r", id="carriage returns alone"),
    ],
)
def test_every_other_byte_stays(before: bytes, after: bytes) -> None:
    assert edit(before, "a = 1", "a = 9") == after


def test_binary_files_are_refused() -> None:
    with pytest.raises(ToolFailed, match="binary"):
        edit(b"a = 1\0\xff", "a = 1", "a = 9")


def test_lines_may_end_as_they_like() -> None:
    """Old and new text have line feeds, the file keeps what it has: of the part that is replaced, else around it."""
    assert edit(b"a\r\nb\r\nc\n", "a\nb", "x\ny\nz") == b"x\r\ny\r\nz\r\nc\n"
    assert edit(b"a\nb\r\nc\r\n", "a\nb", "x\ny") == b"x\ny\r\nc\r\n"
    assert edit(b"1\r\nb\r\n", "b", "x\ny") == b"1\r\nx\r\ny\r\n"
    assert edit(b"b\r\n", "b", "x\ny") == b"x\r\ny\r\n"
    assert edit(b"b", "b", "x\ny") == b"x\ny"
    assert edit(b"a\nb\n", "a\r\nb", "x\r\ny") == b"x\ny\n"


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40)


@given(TEXT, TEXT, st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), min_size=1, max_size=8), TEXT)
def test_what_is_before_and_behind_is_not_touched(before: str, behind: str, old: str, new: str) -> None:
    data = f"{before}{old}{behind}".encode()
    document = Document.of(data)
    if document.text.count(old) != 1 or "\n" in old or old == new or "\r" in new or "\n" in new:
        return
    assert edit(data, old, new) == f"{before}{new}{behind}".encode() if data[:2] not in (b"\xff\xfe",) else True


@given(st.binary(max_size=60).filter(lambda data: b"\0" not in data), st.binary(max_size=60))
def test_no_byte_of_any_file_is_lost(before: bytes, behind: bytes) -> None:
    data = before + b"@old@" + behind.replace(b"\0", b"")
    if data.count(b"@old@") != 1 or data.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        return
    assert edit(data, "@old@", "@new text@") == before + b"@new text@" + behind.replace(b"\0", b"")


def test_more_than_one_is_refused_with_their_lines() -> None:
    with pytest.raises(ToolFailed, match=r"there 3 times, not once: in lines 1, 3, 3\. Take more") as caught:
        edit(b"a\nb\na a\n", "a", "x")
    assert "say how many" in str(caught.value)


def test_a_count_is_checked() -> None:
    assert edit(b"a\nb\na\n", "a", "x", count=2) == b"x\nb\nx\n"
    assert edit(b"a\nb\na\n", "a", "x", count=None) == b"x\nb\nx\n"
    with pytest.raises(ToolFailed, match="2 times, not 3 times"):
        edit(b"a\nb\na\n", "a", "x", count=3)


@pytest.mark.parametrize(
    ("data", "old", "words"),
    [
        ("def f():  \n    return 1\n", "def f():\n    return 1", "Line 1 differs only in spaces at the ends of lines"),
        (
            "if x:\n\treturn 1\n",
            "if x:\n    return 1",
            "Line 2 differs only in tabs and spaces in the indentation:\n1\tif x:\n2\t\treturn 1",
        ),
        ("say “hi”\n", 'say "hi"', "Line 1 differs only in quotes:"),
        ("a=1\n", "a = 1", "Line 1 differs only in spaces within lines:"),
        ("Hello\n", "hello", "Line 1 differs only in upper and lower case"),
        ("one\ntwo three four\n", "two three fuor", "The nearest is at line 2:\n2\ttwo three four"),
        ("x\ny\n", "completely different", "Nothing in the file is like it"),
        ("a\nnew text\n", "old text", "The new text is: perhaps it was changed already, in line 2"),
    ],
)
def test_what_is_not_there_is_explained(data: str, old: str, words: str) -> None:
    with pytest.raises(ToolFailed) as caught:
        edit(data.encode(), old, "new text")
    assert words in str(caught.value)


def test_what_cannot_be_written_is_refused() -> None:
    with pytest.raises(ToolFailed, match="'ö' cannot be written into this file: unknown encoding"):
        edit(b"\xe9\na\n", "a", "ö")
    assert edit(b"\xe9\na\n", "a", "b") == b"\xe9\nb\n"


@pytest.mark.parametrize(("old", "new", "words"), [("", "x", "is empty"), ("a", "a", "are the same")])
def test_a_change_that_is_none(old: str, new: str, words: str) -> None:
    with pytest.raises(ToolFailed, match=words):
        edit(b"a\n", old, new)
