"""Why a text is not there, in words that say what to do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from massgen_workspace.edit.document import Document
from massgen_workspace.edit.hints import hint
from massgen_workspace.edit.nearest import nearest


def told(data: str, old: str, new: str = "") -> str:
    return hint(Document.of(data.encode()), old, new)


@pytest.mark.parametrize(
    ("data", "old", "words"),
    [
        ("x\nsay “hi”\n", 'say "hi"', "Line 2 differs only in quotes:\n2\tsay “hi”\nTake it as it is there."),
        ("a – b\n", "a - b", "Line 1 differs only in dashes"),
        ("a\u00a0b\n", "a b", "Line 1 differs only in special spaces"),
        ("a b  \n", "a b\n", "Line 1 differs only in spaces at the ends of lines"),
        ("if a:\n        b\n", "if a:\n    b\n", "Line 2 differs only in indentation"),
        ("if a:\n\tb\n", "if a:\n    b\n", "Line 2 differs only in tabs and spaces in the indentation"),
        ("f(a,b)\n", "f(a, b)", "Line 1 differs only in spaces within lines"),
        ("  “Say”\n", 'say" ', "Line 1 differs only in quotes"),
        ("one\n\n\ntwo\n", "one\n\ntwo", "Lines 1 to 4 differ only in where lines break"),
        ("Hello\n", "hello", "Line 1 differs only in upper and lower case"),
        ("  a = “1”\n", 'a = "1"  ', "quotes"),
        ("one\ntwo\n", "1\tone\n2\ttwo", "without the line numbers that `read_file` puts before each line"),
        ("one\ntwo\n", "   12→one\n", "without the line numbers"),
        ("a = 'x\ty'\n", "a = \\'x\\ty\\'", "It is in line 1, without the backslashes"),
        ("one\ntwo\n", "one\\ntwo", "It is in line 1, without the backslashes"),
        ('print("a\\nb")\n', 'print("a\nb")', "without real line breaks or tabs"),
        ("a < b\n", "a &lt; b", "without the names of letters as in HTML"),
        ("one\ntwo\nthree\n", "one\n...\nthree", "It leaves lines out with `...`"),
        ("one\ntwo\nthree\n", "one\n# ... rest of the code\nthree", "It leaves lines out with `...`"),
        ("x\ny\n", "completely different", "Nothing in the file is like it: read it again."),
    ],
)
def test_the_reason_is_named(data: str, old: str, words: str) -> None:
    assert words in told(data, old)


def test_what_was_done_already_is_said() -> None:
    assert "perhaps it was changed already, in line 2" in told("a\nnew text\n", "old text", "new text")
    assert "perhaps it was changed already, in line 1" in told("Old(1)\n", "old(1)", "Old(1)")
    assert "already" not in told("a\nx\n", "the old text", "x"), "a letter is there by chance"


def test_the_nearest_lines_say_in_what_they_differ() -> None:
    data = "".join(f"line {number}\n" for number in range(30)) + "def f(a):\n    return a + 1\n\nlast\n"
    said = told(data, "def f(a):\n    return a + 2\n")
    assert "The nearest is at line 31:\n31\tdef f(a):\n32\t    return a + 1" in said
    assert "Line 32 is '    return a + 1', not '    return a + 2'." in said
    assert "read_file with first=26 and lines=12 shows more." in said


def test_the_place_is_that_of_all_lines() -> None:
    """Where one line is in many places, those around it decide."""
    data = "".join(f"def f{number}():\n    return compute(everything)\n" for number in range(50))
    assert "The nearest is at line 61" in told(data, "def f30(x):\n    return compute(everything)\n")


LETTERS = st.text(st.sampled_from('ab \t\n“"-–\u00a0\\n.1…'), max_size=40)


@given(LETTERS, LETTERS.filter(bool), LETTERS)
def test_there_is_always_something_to_say(data: str, old: str, new: str) -> None:
    assert told(data, old, new)


@given(st.lists(st.text("abc", min_size=6, max_size=12), min_size=3, max_size=20, unique=True), st.data())
def test_a_line_that_is_there_is_nearest_to_itself(lines: list[str], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(lines) - 2))
    assert nearest(lines, lines[at : at + 2]) == at


def test_what_is_looked_at_is_bounded() -> None:
    """Hang guards: a text of one line, and one of a million that are alike."""
    assert told("x" * 20_000_000, "hello world, this is it")
    assert told("    value = compute(alpha)\n" * 1_000_000, "    valeu = compute(alpha, beta)")
