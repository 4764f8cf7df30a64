"""Going through trees and finding by name: as git sees it, in a stable order, never outside of the root."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from massgen_workspace.find.names import Names
from massgen_workspace.find.walk import batches, walk

from massgen_core.errors import ToolFailed
from massgen_core.jail.roots import Grant, Root


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


@pytest.mark.parametrize("pattern", ["[z-a]", "*a" * 20 + "b", "{a,b}" * 24, "!" + "*a" * 20])
def test_a_pattern_for_names_that_is_none_is_said(pattern: str) -> None:
    with pytest.raises(ToolFailed, match="patterns?"):
        Names([pattern])


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
    names = Names(patterns)
    paths = [("", "a.py"), ("s/", "b.py"), ("s/t/", "c.py"), ("s/", "d.ts")]
    assert {prefix + name for prefix, name in paths if names.select(prefix, [name], ())} == found


WORD = st.text("ab.", min_size=1, max_size=3).filter(lambda word: word.strip("."))
TREE = st.lists(st.lists(WORD, min_size=1, max_size=4).map("/".join), min_size=1, max_size=12)
PIECE = st.sampled_from(["a", "b", "ab", ".", "*", "?", "[ab]", "[!a]", "**", "\\a", "a*", "*b"])
RULE = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(["", "", "!"]),
    st.sampled_from(["", "/"]),
    st.lists(st.lists(PIECE, min_size=1, max_size=2).map("".join), min_size=1, max_size=3).map("/".join),
    st.sampled_from(["", "/"]),
)


@settings(max_examples=60, deadline=None)
@given(TREE, st.lists(RULE, max_size=5), st.lists(RULE, max_size=2))
@example(["a/a"], ["a", "!/**"], [])
def test_what_is_left_out_is_what_git_leaves_out(tree: list[str], rules: list[str], inner: list[str]) -> None:
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        for path in tree:
            if not any(each.is_file() for each in [folder / path, *(folder / path).parents]):
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                if not (folder / path).exists():
                    (folder / path).write_text("")
        (folder / ".gitignore").write_text("".join(f"{rule}\n" for rule in rules))
        if (folder / "a").is_dir():
            (folder / "a" / ".gitignore").write_text("".join(f"{rule}\n" for rule in inner))
        assert set(paths(folder)) == set(_as_git_sees(folder))


def _as_git_sees(folder: Path) -> list[str]:
    command = ["git", "ls-files", "-z", "--others", "--exclude-standard"]
    for each in (["git", "init", "-q"], command):
        done = subprocess.run(each, cwd=folder, check=True, capture_output=True)
    return done.stdout.decode().split("\0")[:-1]


@settings(max_examples=60, deadline=None)
@given(TREE, st.integers(0, 20))
def test_going_on_behind_a_path_gives_the_rest(tree: list[str], at: int) -> None:
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        for path in tree:
            with_it = folder / path
            if not any(each.is_file() for each in with_it.parents) and not with_it.exists():
                with_it.parent.mkdir(parents=True, exist_ok=True)
                with_it.write_text("")
        with root_of(folder) as root:
            whole = [found.path for found in walk(root)]
            after = whole[min(at, len(whole) - 1)]
            with closing(batches(root, after=after)) as every:
                rest = [batch.path(name) for batch in every for name in batch.names]
        assert rest == whole[whole.index(after) + 1 :]


def test_more_folders_than_can_be_open(tmp_path: Path) -> None:
    """Those around a deep one are closed, and opened again: each has something behind it."""
    deep = tmp_path
    for _ in range(150):
        deep = deep / "d"
        deep.mkdir()
        (deep.parent / "e").write_text("")
    before = len(os.listdir("/proc/self/fd"))
    with root_of(tmp_path) as root:
        found = [each.path for each in walk(root)]
    assert len(found) == 300
    assert found[150:152] == [b"d/" * 149 + b"e", b"d/" * 148 + b"e"]
    assert len(os.listdir("/proc/self/fd")) == before


def test_names_in_other_letters_are_in_the_order_of_their_bytes(tmp_path: Path) -> None:
    names = [b"a", b"\xff", "\uffff".encode(), "\U00010000".encode(), "\u00e9".encode()]
    for name in names:
        (tmp_path / os.fsdecode(name)).write_text("")
    with root_of(tmp_path) as root:
        assert [each.path for each in walk(root)] == sorted(names)
