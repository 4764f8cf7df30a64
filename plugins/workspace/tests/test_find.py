"""Finding by name and by content: the same as plain counting, and never outside of the root."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from shutil import which

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from massgen_workspace.find.names import matcher
from massgen_workspace.find.search import Engine, Hit, Question, search
from massgen_workspace.find.walk import walk
from massgen_workspace.jail.roots import Grant, Root

from massgen_core.errors import ToolFailed

ENGINES = [
    pytest.param("python"),
    pytest.param("ripgrep", marks=pytest.mark.skipif(which("rg") is None, reason="there is no ripgrep here")),
]


@contextmanager
def root_of(folder: Path) -> Iterator[Root]:
    with Root(Grant(target="/workspace", source=folder)) as root:
        yield root


def paths(folder: Path, *, ignored: bool = False) -> list[str]:
    with root_of(folder) as root:
        return [os.fsdecode(each.path) for each in walk(root, ignored=ignored) if each.kind == "file"]


def make(folder: Path, **files: str) -> None:
    for name, text in files.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_what_a_project_ignores_is_left_out(tmp_path: Path) -> None:
    """As git itself sees it, with rules in several folders."""
    make(tmp_path, a="", b__c="", b__skip__d="", b__keep="", build__x="", b__build__y="", z__log="", e="")
    (tmp_path / ".gitignore").write_text("/build\nskip/\nkeep\n*.tmp\n")
    (tmp_path / "b" / ".gitignore").write_text("!keep\n")
    (tmp_path / "z" / ".gitignore").write_text("*\n!.gitignore\n")
    (tmp_path / "x.tmp").write_text("")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    seen = subprocess.run(
        ["git", "ls-files", "--others", "--exclude-standard"], cwd=tmp_path, check=True, capture_output=True
    )
    assert sorted(paths(tmp_path)) == sorted(seen.stdout.decode().split())
    assert "build/x" in paths(tmp_path, ignored=True)
    assert not any(path.startswith(".git/") for path in paths(tmp_path, ignored=True))


def test_rules_around_the_start_count_as_well(tmp_path: Path) -> None:
    make(tmp_path, b__skip__d="", b__c__e="")
    (tmp_path / ".gitignore").write_text("skip/\n")
    with root_of(tmp_path) as root:
        assert [each.path for each in walk(root, b"b")] == [b"b/c", b"b/c/e"]


@pytest.mark.parametrize("line", ["[z-a]", "!", "keep\\", "*a" * 20 + "b", "**/a/" * 20 + "b"])
def test_a_rule_that_is_none_leaves_nothing_out_and_holds_nobody_up(tmp_path: Path, line: str) -> None:
    """Whoever wrote the tree writes its rules: they may be wrong, or take for ever."""
    name = "a" * 200
    make(tmp_path, **{name: "hit\n", "skip": "hit\n"})
    (tmp_path / ".gitignore").write_text(f"skip\n{line}\n")
    assert paths(tmp_path) == [".gitignore", name]
    assert [hit.path.decode() for hit in hits(tmp_path, Question(pattern="hit"), "python")] == [name]


@pytest.mark.parametrize("pattern", ["[z-a]", "*a" * 20 + "b", "{a,b}" * 24, "!" + "*a" * 20])
def test_a_pattern_for_names_that_is_none_is_said(pattern: str) -> None:
    with pytest.raises(ToolFailed, match="patterns?"):
        matcher([pattern])


def test_the_order_is_that_of_names_and_links_are_not_followed(tmp_path: Path) -> None:
    make(tmp_path, b="", a__b="", a__a="", c__x="")
    (tmp_path / "ab").symlink_to("/etc")
    with root_of(tmp_path) as root:
        found = [(each.path.decode(), each.kind) for each in walk(root)]
        assert [each.path.decode() for each in walk(root, deepest=1)] == ["a", "ab", "b", "c"]
    assert found == [
        ("a", "folder"),
        ("a/a", "file"),
        ("a/b", "file"),
        ("ab", "link"),
        ("b", "file"),
        ("c", "folder"),
        ("c/x", "file"),
    ]


@pytest.mark.parametrize(
    ("patterns", "found"),
    [
        (["*.py"], {"a.py", "s/b.py", "s/t/c.py"}),
        (["/*.py"], {"a.py"}),
        (["s/*.py"], {"s/b.py"}),
        (["s/**/*.py"], {"s/b.py", "s/t/c.py"}),
        (["*.{py,ts}"], {"a.py", "s/b.py", "s/t/c.py", "s/d.ts"}),
        (["*.py", "!s/t/"], {"a.py", "s/b.py"}),
        (["!*.py"], {"s/d.ts"}),
        (["c.py"], {"s/t/c.py"}),
    ],
)
def test_patterns_for_names(patterns: list[str], found: set[str]) -> None:
    matches = matcher(patterns)
    assert {path for path in ("a.py", "s/b.py", "s/t/c.py", "s/d.ts") if matches(path.encode())} == found


def hits(folder: Path, question: Question, engine: Engine) -> list[Hit]:
    with root_of(folder) as root:
        files = [each.path for each in walk(root) if each.kind == "file"]
        return list(search(root, files, question, engine=engine))


@pytest.mark.parametrize("engine", ENGINES)
def test_lines_are_found_where_they_are(tmp_path: Path, engine: Engine) -> None:
    make(tmp_path, a="one\ntwo\n", b="", c="two", d__e="x\r\nTWO\r\n")
    (tmp_path / "binary").write_bytes(b"two\0")
    found = hits(tmp_path, Question(pattern="two"), engine)
    assert [(hit.path, hit.line, hit.text) for hit in found] == [(b"a", 2, "two"), (b"c", 1, "two")]
    found = hits(tmp_path, Question(pattern="^t.o$", ignore_case=True), engine)
    assert [hit.path for hit in found] == [b"a", b"c", b"d/e"]
    assert hits(tmp_path, Question(pattern="t.o", literal=True), engine) == []


@pytest.mark.parametrize("engine", ENGINES)
def test_lines_around_are_of_the_same_file(tmp_path: Path, engine: Engine) -> None:
    make(tmp_path, a="1\n2\n", b="hit\n3\n4\n5\nhit\n", c="6\n")
    found = hits(tmp_path, Question(pattern="hit", around=1), engine)
    assert [(hit.path, hit.line, hit.matches) for hit in found] == [
        (b"b", 1, True),
        (b"b", 2, False),
        (b"b", 4, False),
        (b"b", 5, True),
    ]


TEXTS = st.lists(
    st.lists(st.sampled_from(["ab", "b", "", "abc", "x"]), max_size=8).map("\n".join), min_size=1, max_size=6
)


@pytest.mark.parametrize("engine", ENGINES)
@settings(max_examples=25, deadline=None)
@given(TEXTS, st.integers(0, 2))
def test_the_same_as_looking_at_every_line(engine: Engine, texts: list[str], around: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        expected: list[tuple[bytes, int, bool]] = []
        for number, text in enumerate(texts):
            (Path(folder) / str(number)).write_text(text)
            lines = text.split("\n")[: None if not text.endswith("\n") else -1] if text else []
            matching = {at for at, line in enumerate(lines) if re.search("ab", line)}
            near = {at for at in range(len(lines)) if any(abs(at - each) <= around for each in matching)}
            expected += [(str(number).encode(), at + 1, at in matching) for at in sorted(near)]
        found = hits(Path(folder), Question(pattern="ab", around=around), engine)
        assert [(hit.path, hit.line, hit.matches) for hit in found] == expected


@pytest.mark.parametrize("engine", ENGINES)
def test_an_expression_that_makes_no_sense(tmp_path: Path, engine: Engine) -> None:
    make(tmp_path, a="x")
    with pytest.raises(ToolFailed, match=r"'\(' is no expression that can be searched for"):
        hits(tmp_path, Question(pattern="("), engine)


def test_one_that_never_ends_can_be_left(tmp_path: Path) -> None:
    """It costs a process, which is ended; nothing waits for it."""
    make(tmp_path, a="hit\n" + "a" * 60 + "b\n")
    before = threading.active_count()
    with (
        root_of(tmp_path) as root,
        closing(search(root, [b"a"], Question(pattern="hit|(a*)*c"), engine="python")) as found,
    ):
        assert next(iter(found)).line == 1
    assert threading.active_count() == before


def test_one_that_never_ends_runs_out_of_time(tmp_path: Path) -> None:
    make(tmp_path, a="a" * 60 + "b\n")
    with pytest.raises(ToolFailed, match="simpler expression"):
        hits(tmp_path, Question(pattern="(a*)*c", seconds=0.5), "python")


@pytest.mark.parametrize("engine", ENGINES)
def test_a_search_that_runs_out_of_memory_does_not_look_like_one_that_found_nothing(
    tmp_path: Path, engine: Engine
) -> None:
    make(tmp_path, a="x" * 100_000, b="hit\n")
    with (tmp_path / "a").open("r+b") as file:
        file.truncate(2 << 30)
    with pytest.raises(ToolFailed, match="in a: a line there may be too long"):
        hits(tmp_path, Question(pattern="hit"), engine)


@pytest.mark.parametrize("engine", ENGINES)
def test_an_expression_with_a_nul_is_refused(tmp_path: Path, engine: Engine) -> None:
    with pytest.raises(ToolFailed, match="NUL"):
        hits(tmp_path, Question(pattern="a\0b"), engine)


@pytest.mark.parametrize("engine", ENGINES)
def test_leaving_early_ends_it(tmp_path: Path, engine: Engine) -> None:
    make(tmp_path, **{f"f{number}": "hit\n" * 1000 for number in range(50)})
    before = threading.active_count()
    with root_of(tmp_path) as root:
        files = [each.path for each in walk(root)]
        with closing(search(root, files, Question(pattern="hit"), engine=engine)) as found:
            assert len(list(islice(found, 3))) == 3
    assert threading.active_count() == before


@pytest.mark.parametrize("engine", ENGINES)
def test_a_line_without_an_end_is_shown_in_part(tmp_path: Path, engine: Engine) -> None:
    make(tmp_path, a="hit" + "x" * 100_000)
    (hit,) = hits(tmp_path, Question(pattern="hit"), engine)
    assert hit.text.endswith("… [99503 bytes more]")


def test_the_searcher_needs_nothing_of_ours() -> None:
    """It runs with nothing but the standard library."""
    program = Path(sys.modules[search.__module__].__file__ or "").with_name("searcher.py")
    done = subprocess.run(
        [sys.executable, "-I", "-S", program, "--", "b"], input=b"a\nb\n", capture_output=True, check=True
    )
    assert done.stdout == b"2:b\n"
