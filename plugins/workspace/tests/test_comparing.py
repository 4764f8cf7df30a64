"""In what files and folders differ is told exactly, and the patch of it makes one the other."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path

import pytest
from file_sessions import Opened
from hypothesis import given, settings
from hypothesis import strategies as st
from massgen_workspace.comparing.folders import Side, deltas
from massgen_workspace.comparing.patch import patch_of
from massgen_workspace.comparing.renames import with_renames
from massgen_workspace.files.meter import Meter

from massgen_core.jail.place import Jail
from massgen_core.jail.roots import Grant


def grow(top: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        path = top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def everything(top: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(path.relative_to(top)): (stat.S_IMODE(path.stat().st_mode) & 0o100, path.read_bytes())
        for path in sorted(top.rglob("*"))
        if path.is_file() and ".git" not in path.parts
    }


def compared(left: Path, right: Path) -> tuple[dict[str, str], str]:
    """What differs by path, and the patch."""
    with Jail([Grant(target="/l", source=left), Grant(target="/r", source=right)]) as jail:
        one, other = (Side(root, b"") for root in jail.roots)
        found = with_renames(list(deltas(one, other, ignored=True, meter=Meter())), one, other, Meter())
        made = patch_of(found, one, other, most=10**7)
    assert not made.left_out
    return {os.fsdecode(each.path): each.what for each in found}, made.text


OLD: dict[str, bytes] = {
    "same": b"same\n",
    "changed": b"".join(b"line %d\n" % n for n in range(50)),
    "crlf": b"one\r\ntwo\r\nthree\r\n",
    "no newline": b"a\nb",
    "gets newline": b"a\nb",
    "gone/old file": b"x\n",
    "empty gone": b"",
    "moved/\u00e4 b": b"".join(b"kept %d\n" % n for n in range(20)),
    "moved/edited": b"".join(b"edited %d\n" % n for n in range(20)),
    "run": b"#!/bin/sh\n",
}
NEW: dict[str, bytes] = {
    "same": b"same\n",
    "changed": OLD["changed"].replace(b"line 3\n", b"LINE 3\nmore\n").replace(b"line 44\n", b""),
    "crlf": b"one\r\n2\r\nthree\r\n",
    "no newline": b"a\nB",
    "gets newline": b"a\nb\n",
    "new/\u00fc new": b"1\n2",
    "new/crlf": b"1\r\n2\r\n",
    "empty": b"",
    "to/\u00e4 c": OLD["moved/\u00e4 b"],
    "to/edited": OLD["moved/edited"].replace(b"edited 7\n", b"other\n"),
    "run": b"#!/bin/sh\n",
}
EXPECTED = {
    "changed": "changed",
    "crlf": "changed",
    "no newline": "changed",
    "gets newline": "changed",
    "gone": "removed",
    "gone/old file": "removed",
    "empty gone": "removed",
    "moved": "removed",
    "new": "added",
    "new/\u00fc new": "added",
    "new/crlf": "added",
    "empty": "added",
    "to": "added",
    "to/\u00e4 c": "renamed",
    "to/edited": "renamed",
    "run": "mode",
}


def both(folder: Path) -> tuple[Path, Path]:
    old, new = folder / "old", folder / "new"
    grow(old, OLD)
    grow(new, NEW)
    (new / "run").chmod(0o755)
    return old, new


def test_folders_are_told_apart_by_content(tmp_path: Path) -> None:
    found, _ = compared(*both(tmp_path))
    assert found == EXPECTED
    assert compared(tmp_path / "old", tmp_path / "old") == ({}, "")


def git_apply(folder: Path, patch: str) -> None:
    words = ["git", "-c", "core.autocrlf=false", "apply", "--whitespace=nowarn", "-"]
    env = {**os.environ, "GIT_CEILING_DIRECTORIES": str(folder.parent)}
    done = subprocess.run(words, cwd=folder, input=patch.encode(), capture_output=True, env=env, check=False)
    assert done.returncode == 0, done.stderr.decode() + patch


def test_git_applies_the_patch(tmp_path: Path) -> None:
    old, new = both(tmp_path)
    _, patch = compared(old, new)
    git_apply(old, patch)
    assert everything(old) == everything(new)


@pytest.mark.anyio
async def test_apply_patch_applies_the_patch(opened: Opened, work: Path) -> None:
    old, new = both(work.parent / "both")
    shutil.copytree(old, work, dirs_exist_ok=True)
    _, patch = compared(old, new)
    async with opened() as call:
        done = await call("apply_patch", patch=patch)
        assert not done.is_error, done.text
    assert everything(work) == everything(new)


NAMES = st.sampled_from(["a", "b b", "d/\u00e9", "d/e/f", "z"])
TEXTS = st.text(st.sampled_from("xy\n\r\t "), max_size=12).map(str.encode)
TREES = st.dictionaries(NAMES, TEXTS, max_size=4)


@given(TREES, TREES)
@settings(max_examples=40, deadline=None)
def test_the_patch_of_any_two_folders_makes_one_the_other(left: dict[str, bytes], right: dict[str, bytes]) -> None:
    with tempfile.TemporaryDirectory() as name:
        old, new = Path(name) / "old", Path(name) / "new"
        old.mkdir()
        new.mkdir()
        grow(old, left)
        grow(new, right)
        found, patch = compared(old, new)
        assert (everything(old) == everything(new)) == (not patch)
        if patch:
            git_apply(old, patch)
        assert everything(old) == everything(new)
        assert not found or left != right


@pytest.mark.anyio
async def test_two_files(opened: Opened, work: Path) -> None:
    grow(work, {"a": b"1\n2\n3\n", "b": b"1\nzwei\n3", "c": b"\0\1\2", "d": b"\0\1\3\4", "e": b"\0\1\2"})
    async with opened() as call:
        lines = await call("compare_files", left="a", right="b")
        assert lines.text == ("--- a\n+++ b\n@@ -1,3 +1,3 @@\n 1\n-2\n-3\n+zwei\n+3\n\\ No newline at end of file\n")
        binary = await call("compare_files", left="c", right="d")
        assert binary.text.startswith("They differ from byte 2 on (the first is 0); 3 and 4 bytes.")
        same = await call("compare_files", left="c", right="e")
        assert same.structured["same"]
        assert same.structured["left"]["version"] == same.structured["right"]["version"]
        grow(work, {"long": b"".join(b"%d\n" % n for n in range(5000))})
    async with opened(shown="1KiB") as call:
        cut = await call("compare_files", left="a", right="long")
        assert len(cut.text) < 1200
        assert cut.structured["more"] > 10_000


@pytest.mark.anyio
async def test_two_folders(opened: Opened, work: Path) -> None:
    grow(work, {"l/a": b"1", "l/gone": b"x" * 99, "r/a": b"2", "r/.gitignore": b"*.log\n", "r/x.log": b"1"})
    (work / "l" / "t").mkdir()
    (work / "r" / "t").symlink_to("a")
    (work / "l" / "s").symlink_to("a")
    (work / "r" / "s").symlink_to("b")
    (work / "r" / "bin").write_bytes(b"\0")
    async with opened() as call:
        found = await call("compare_folders", left="l", right="r")
        kinds = {each["path"]: each["what"] for each in found.structured["differences"]}
        assert kinds == {
            ".gitignore": "added",
            "a": "changed",
            "bin": "added",
            "gone": "removed",
            "s": "changed",
            "t": "type",
        }
        assert "type  t  folder → link" in found.text
        whole = await call("compare_folders", left="l", right="r", ignored=True)
        assert whole.structured["total"] == 7
        patch = await call("compare_folders", left="l", right="r", patch=True)
        assert {each["path"] for each in patch.structured["left_out"]} == {"bin", "s", "t"}
        some = await call("compare_folders", left="l", right="r", limit=2)
        assert "[and 4 more]" in some.text
        same = await call("compare_folders", left="l", right="l")
        assert same.text == "Both have the same content."
