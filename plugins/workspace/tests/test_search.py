"""Finding by content: all readers say the same, as plain counting does, and leave nothing behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from massgen_workspace.find import contents, sieve
from massgen_workspace.find.question import Files, Hit, Question, Seen, needed_text
from massgen_workspace.find.search import Engine, engine_for, ripgrep, search
from massgen_workspace.find.walk import batches

from massgen_core.errors import ToolFailed
from massgen_core.jail.roots import Grant, Root

PLAIN = pytest.param("plain")
PROGRAMS = [
    pytest.param("python"),
    pytest.param("ripgrep", marks=pytest.mark.skipif(ripgrep() is None, reason="there is no ripgrep here")),
]


@contextmanager
def searched(folder: Path, question: Question, engine: Engine | None = None, **more: Any) -> Iterator[Generator[Hit]]:
    with (
        Root(Grant(target="/workspace", source=folder)) as root,
        closing(batches(root)) as every,
        closing(search(files_of(every), question, engine=engine, **more)) as hits,
    ):
        yield hits


def files_of(every: Any) -> Iterator[Files]:
    for batch in every:
        yield Files(batch.folder, batch.prefix, batch.files())


def hits(folder: Path, question: Question, engine: Engine | None = None, **more: Any) -> list[Hit]:
    with searched(folder, question, engine, **more) as found:
        return list(found)


def make(folder: Path, **files: str) -> None:
    for name, text in files.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, newline="")


@pytest.mark.parametrize("engine", [PLAIN, *PROGRAMS])
def test_lines_are_found_where_they_are(tmp_path: Path, engine: Engine) -> None:
    make(tmp_path, a="one\ntwo\n", b="", c="two", d__e="x\r\nTWO\r\n")
    (tmp_path / "binary").write_bytes(b"two\0")
    found = hits(tmp_path, Question(pattern="two", literal=True), engine)
    assert [(hit.path, hit.line, hit.text) for hit in found] == [(b"a", 2, "two"), (b"c", 1, "two")]
    assert hits(tmp_path, Question(pattern="t.o", literal=True), engine) == []


@pytest.mark.parametrize("engine", PROGRAMS)
def test_expressions_are_for_whole_lines(tmp_path: Path, engine: Engine) -> None:
    make(tmp_path, a="one\ntwo\n", c="two", d__e="x\r\nTWO\r\n")
    found = hits(tmp_path, Question(pattern="^t.o$", case="ignore"), engine)
    assert [hit.path for hit in found] == [b"a", b"c", b"d/e"]


@pytest.mark.parametrize("engine", [PLAIN, *PROGRAMS])
def test_lines_around_are_of_the_same_file(tmp_path: Path, engine: Engine) -> None:
    make(tmp_path, a="1\n2\n", b="hit\n3\n4\n5\nhit\n", c="6\n")
    found = hits(tmp_path, Question(pattern="hit", around=1), engine)
    assert [(hit.path, hit.line, hit.matches) for hit in found] == [
        (b"b", 1, True),
        (b"b", 2, False),
        (b"b", 4, False),
        (b"b", 5, True),
    ]


LINE = st.text(st.sampled_from("abAB x.ßéK\u212a\u0130_1\u00a0\t"), max_size=6)
TEXTS = st.lists(
    st.tuples(st.lists(LINE, max_size=8), st.sampled_from(["\n", "\r\n"]), st.booleans()), min_size=1, max_size=5
)
PLAINS = st.text(st.sampled_from("abAB x.é"), min_size=1, max_size=2)
ATOM = st.sampled_from(
    ["a", "b", "A", ".", "[ab]", "[^a]", r"\w", r"\s", r"\.", r"\d", "é", "(?:a|B)", "^", "$", r"\b"]
)
EXPRESSIONS = st.lists(st.tuples(ATOM, st.sampled_from(["", "", "?", "*", "+"])).map("".join), min_size=1, max_size=4)
EXPRESSION = EXPRESSIONS.map("".join).filter(lambda text: not re.search(r"(\^|\$|\\b)[?*+]", text))


@settings(max_examples=50, deadline=None)
@given(TEXTS, PLAINS, st.integers(0, 2))
def test_the_same_as_looking_at_every_line(texts: list[tuple[list[str], str, bool]], plain: str, around: int) -> None:
    """Whoever looks for a text: with and without lines around."""
    with tempfile.TemporaryDirectory() as made:
        folder, expected = Path(made), list[tuple[bytes, int, str, bool]]()
        for number, (lines, end, final) in enumerate(texts):
            whole = list(lines)
            while whole and not final and not whole[-1]:  # without an end of its own, an empty line is none
                whole.pop()
            make(folder, **{str(number): end.join(whole) + (end if final and whole else "")})
            matching = {at for at, line in enumerate(whole) if plain in line}
            near = {at for at in range(len(whole)) if any(abs(at - each) <= around for each in matching)}
            expected += [(str(number).encode(), at + 1, whole[at], at in matching) for at in sorted(near)]
        engines: list[Engine] = ["plain", "python", "ripgrep"] if ripgrep() else ["plain", "python"]
        for engine in engines:
            found = hits(folder, Question(pattern=plain, literal=True, around=around), engine)
            assert [(hit.path, hit.line, hit.text, hit.matches) for hit in found] == expected, engine


@pytest.mark.skipif(ripgrep() is None, reason="there is no ripgrep here")
@settings(max_examples=60, deadline=None)
@given(TEXTS, EXPRESSION, st.sampled_from(["exact", "smart"]), st.integers(0, 1))
def test_ripgrep_and_our_own_reader_agree(
    texts: list[tuple[list[str], str, bool]], pattern: str, case: Any, around: int
) -> None:
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        for number, (lines, end, final) in enumerate(texts):
            make(folder, **{str(number): end.join(lines) + (end if final else "")})
        question = Question(pattern=pattern, case=case, around=around)
        assert hits(folder, question, "python") == hits(folder, question, "ripgrep")


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("needle", "needle"),
        ("need.e here", "e here"),
        ("colou?r", "colo"),
        ("ab+c", "ab"),
        (r"^def \w+\(self", "(self"),
        (r"a\.b\.c", "a.b.c"),
        ("(abc)def", "def"),
        ("x{2}yyy", "yyy"),
        ("[abc]def?", "de"),
        ("one|two", ""),
        ("(?i)one", ""),
        (r"\x41bcd", ""),
        (r"\bword\b", "word"),
    ],
)
def test_what_every_match_holds(expression: str, text: str) -> None:
    assert needed_text(expression) == text


@settings(max_examples=200, deadline=None)
@given(EXPRESSION, LINE)
def test_a_line_that_matches_holds_what_every_match_does(expression: str, line: str) -> None:
    if re.search(expression, line):
        assert needed_text(expression) in line


def test_many_files_are_looked_through_by_several_programs(tmp_path: Path) -> None:
    """In the same order, also where one of them is ended meanwhile."""
    make(tmp_path, **{f"{number % 40:02}__f{number:05}": f"{number}\n" for number in range(6000)})
    make(tmp_path, **{f"{folder:02}__g": "hit it\n" for folder in range(40)})
    before = len(os.listdir("/proc/self/fd"))
    expected = [f"{folder:02}/g".encode() for folder in range(40)]
    for question in (Question(pattern="hit"), Question(pattern="hit.it"), Question(pattern="hi+t")):
        with searched(tmp_path, question) as found:
            paths = [next(found).path]
            for child in _children():
                os.kill(child, signal.SIGKILL)
            paths += [hit.path for hit in found]
        assert paths == expected
    assert _children() == []
    assert len(os.listdir("/proc/self/fd")) == before


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="programs need a second core")
def test_nobody_waits_for_a_long_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told first all the same, as it comes first."""
    monkeypatch.setattr(sieve, "LONG", 1_000_000)
    make(tmp_path, **{f"{number:02}__f": "hit\n" if number % 3 else "miss\n" for number in range(60)})
    make(tmp_path, **{"00__a": "miss\n" * 1_000_000 + "hit\n"})
    with searched(tmp_path, Question(pattern="hit")) as found:
        first = next(found)
        assert len(_children()) > 1
        rest = [hit.path for hit in found]
    assert (first.path, first.line) == (b"00/a", 1_000_001)
    assert rest == [f"{number:02}/f".encode() for number in range(60) if number % 3]
    assert _children() == []


def test_programs_that_do_not_start_are_done_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sieve, "FEW", 10)
    monkeypatch.setattr(sys, "executable", "/bin/false")
    make(tmp_path, **{f"{number:03}__f": "hit\n" for number in range(200)})
    before = len(os.listdir("/proc/self/fd"))
    assert [hit.path for hit in hits(tmp_path, Question(pattern="hit"))] == [
        f"{number:03}/f".encode() for number in range(200)
    ]
    assert len(os.listdir("/proc/self/fd")) == before


def _children() -> list[int]:
    """The programs of this kind that this process has started."""
    found = list[int]()
    for task in Path("/proc/self/task").iterdir():
        for child in map(int, (task / "children").read_text().split()):
            if b"sifter.py" in Path(f"/proc/{child}/cmdline").read_bytes():
                found.append(child)
    return found


@pytest.mark.parametrize("engine", PROGRAMS)
def test_an_expression_that_makes_no_sense(tmp_path: Path, engine: Engine) -> None:
    make(tmp_path, a="x")
    with pytest.raises(ToolFailed, match=r"'\(' is no expression that can be searched for"):
        hits(tmp_path, Question(pattern="("), engine)


@pytest.mark.parametrize(
    ("pattern", "why"), [("a\0b", "NUL"), ("a\\nb", "multiline"), ("a\nb", "multiline"), ("\ud800", "half a letter")]
)
def test_what_can_match_nothing_is_refused(tmp_path: Path, pattern: str, why: str) -> None:
    with pytest.raises(ToolFailed, match=why):
        hits(tmp_path, Question(pattern=pattern))


@pytest.mark.parametrize(
    ("question", "engine"),
    [
        (Question(pattern="two words"), "plain"),
        (Question(pattern="a.b", literal=True), "plain"),
        (Question(pattern="Two", case="smart"), "plain"),
        (Question(pattern="a(?=b)"), "python"),
        (Question(pattern=r"(a)\1"), "python"),
        (Question(pattern="a", multiline=True), "python"),
        (Question(pattern="a.b"), "ripgrep" if ripgrep() else "python"),
        (Question(pattern="two", case="smart"), "ripgrep" if ripgrep() else "python"),
    ],
)
def test_who_answers(question: Question, engine: Engine) -> None:
    assert engine_for(question) == engine


def test_what_ripgrep_knows_nothing_of_is_found_all_the_same(tmp_path: Path) -> None:
    make(tmp_path, a="abc\nabab\n")
    assert [hit.line for hit in hits(tmp_path, Question(pattern=r"(ab)\1"))] == [2]
    assert [hit.line for hit in hits(tmp_path, Question(pattern="ab(?!c)"))] == [2]


def test_a_match_over_several_lines_stays_in_its_file(tmp_path: Path) -> None:
    make(tmp_path, a="x\nbegin\n", b="end\nbegin\r\n  more\nend\n", c="begin", d="end\n")
    found = hits(tmp_path, Question(pattern=r"begin$(?s:.*)^end", multiline=True))
    assert [(hit.path, hit.line, hit.text) for hit in found] == [
        (b"b", 2, "begin"),
        (b"b", 3, "  more"),
        (b"b", 4, "end"),
    ]
    found = hits(tmp_path, Question(pattern="begin\nend", multiline=True))
    assert found == []
    assert [hit.line for hit in hits(tmp_path, Question(pattern="more\nend", multiline=True, around=1))] == [2, 3, 4]


@pytest.mark.parametrize(
    ("case", "pattern", "found"),
    [("exact", "ab", [1]), ("ignore", "ab", [1, 2]), ("smart", "ab", [1, 2]), ("smart", "AB", [2])],
)
def test_upper_and_lower_case(tmp_path: Path, case: Any, pattern: str, found: list[int]) -> None:
    make(tmp_path, a="ab\nAB\n")
    assert [hit.line for hit in hits(tmp_path, Question(pattern=pattern, case=case))] == found


@pytest.mark.parametrize("engine", [PLAIN, *PROGRAMS])
def test_one_line_of_each_file_is_enough(tmp_path: Path, engine: Engine) -> None:
    make(tmp_path, a="hit\nhit\n", b="", c="x\nhit\nhit\n")
    found = hits(tmp_path, Question(pattern="hit", once=True), engine)
    assert [(hit.path, hit.line) for hit in found] == [(b"a", 1), (b"c", 2)]


@pytest.mark.parametrize("engine", [PLAIN, *PROGRAMS])
@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-8-sig"])
def test_wide_letters_and_marks_are_searched_as_text(tmp_path: Path, engine: Engine, encoding: str) -> None:
    (tmp_path / "a").write_bytes("süß\r\nzwei\n".encode(encoding))
    assert [(hit.line, hit.text) for hit in hits(tmp_path, Question(pattern="zwei"), engine)] == [(2, "zwei")]
    assert [(hit.line, hit.text) for hit in hits(tmp_path, Question(pattern="süß"), engine)] == [(1, "süß")]


def test_a_text_that_stands_across_two_pieces(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * (1024 * 1024 - 2) + b"hit\n" + b"y" * 1024 * 1024)
    (tmp_path / "b").write_bytes(b"x" * 1024 * 1024)
    assert [(hit.path, hit.line) for hit in hits(tmp_path, Question(pattern="hit"))] == [(b"a", 1)]


def test_one_that_never_ends_can_be_left(tmp_path: Path) -> None:
    """It costs a process, which is ended; nothing waits for it."""
    make(tmp_path, a="hit\n" + "a" * 60 + "b\n")
    before = threading.active_count()
    with searched(tmp_path, Question(pattern="hit|(a*)*c"), "python") as found:
        assert next(found).line == 1
    assert threading.active_count() == before


def test_one_that_never_ends_ends_with_its_call(tmp_path: Path) -> None:
    """What is called now and then may raise, as it does for a cancelled call."""
    make(tmp_path, a="a" * 60 + "b\n")
    before, looks = threading.active_count(), list[int]()

    def tick(seen: Seen) -> None:
        looks.append(seen.files)
        if len(looks) == 5:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        hits(tmp_path, Question(pattern="(a*)*c"), "python", tick=tick)
    assert threading.active_count() == before


def test_one_that_never_ends_runs_out_of_time(tmp_path: Path) -> None:
    make(tmp_path, a="a" * 60 + "b\n")
    with pytest.raises(ToolFailed, match="simpler expression"):
        hits(tmp_path, Question(pattern="(a*)*c", seconds=0.5), "python")


@pytest.mark.parametrize("engine", [PLAIN, *PROGRAMS])
def test_what_follows_a_hole_is_said_to_be_left(tmp_path: Path, engine: Engine) -> None:
    """A file as large as a disk is not, which costs nothing to make."""
    make(tmp_path, a="hit\n" + "x" * 600_000, b="hit\n")
    with (tmp_path / "a").open("r+b") as file:
        file.truncate(8 << 40)
    seen = Seen()
    found = hits(tmp_path, Question(pattern="hit"), engine, seen=seen)
    assert [(hit.path, hit.line) for hit in found] == [(b"a", 1), (b"b", 1)]
    assert seen.unfinished == [b"a"]


@pytest.mark.parametrize("engine", [PLAIN, *PROGRAMS])
def test_a_line_without_end_is_left_before_it_fills_the_memory(
    tmp_path: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contents, "LONGEST", 1_000_000)
    make(tmp_path, a="hit\n" + "x" * 3_000_000, b="hit\n")
    seen = Seen()
    found = hits(tmp_path, Question(pattern="hit"), engine, seen=seen)
    assert [(hit.path, hit.line) for hit in found] == [(b"a", 1), (b"b", 1)]
    assert seen.unfinished == [b"a"]


@pytest.mark.parametrize("engine", [PLAIN, *PROGRAMS])
def test_leaving_early_ends_it(tmp_path: Path, engine: Engine) -> None:
    make(tmp_path, **{f"f{number}": "hit\n" * 1000 for number in range(50)})
    before, opened = threading.active_count(), len(os.listdir("/proc/self/fd"))
    with searched(tmp_path, Question(pattern="hit"), engine) as found:
        assert len(list(islice(found, 3))) == 3
    assert threading.active_count() == before
    assert len(os.listdir("/proc/self/fd")) == opened


@pytest.mark.parametrize("engine", [PLAIN, *PROGRAMS])
def test_a_line_without_an_end_is_shown_in_part(tmp_path: Path, engine: Engine) -> None:
    make(tmp_path, a="hit" + "x" * 100_000)
    (hit,) = hits(tmp_path, Question(pattern="hit"), engine)
    assert hit.text.endswith("… [99503 bytes more]")


def test_what_goes_wrong_while_files_are_sent_is_raised(tmp_path: Path) -> None:
    def broken() -> Iterator[Files]:
        raise RuntimeError("no more files")
        yield

    with (
        pytest.raises(RuntimeError, match="no more files"),
        closing(search(broken(), Question(pattern="a.b"))) as found,
    ):
        list(found)


def test_the_searcher_needs_nothing_of_ours() -> None:
    """It runs with nothing but the standard library."""
    program = Path(sys.modules[search.__module__].__file__ or "").with_name("searcher.py")
    done = subprocess.run(
        [sys.executable, "-I", "-S", program, "--", "b"], input=b"a\nb\n", capture_output=True, check=True
    )
    assert done.stdout == b"2:b\n"
