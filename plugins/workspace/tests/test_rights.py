"""A file's rights as a part of its changes: given by a patch, kept by all else, and brought back with the bytes."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from massgen_workspace.files.atomic import replace
from massgen_workspace.history.plan import Plan
from massgen_workspace.history.workspace import Workspace
from workspace_calls import CallNow, tools_now

from massgen_core.jail.place import Jail, Spot
from massgen_core.jail.roots import Grant

RUNS, RUNS_NOT = "old mode 100644\nnew mode 100755\n", "old mode 100755\nnew mode 100644\n"
HUNK = "--- a/f\n+++ b/f\n@@ -1 +1 @@\n-one\n+ONE\n"


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "f").write_text("one\ntwo\nthree\n")
    return folder


@pytest.fixture
def call(work: Path) -> Iterator[CallNow]:
    with tools_now(work) as call:
        yield call


def rights(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


def patched(call: CallNow, body: str) -> int:
    done = call("apply_patch", patch=f"diff --git a/f b/f\n{body}")
    assert not done.is_error, done.text
    return int(done.structured["id"])


@pytest.mark.parametrize(
    ("before", "patch", "after"),
    [
        (0o644, RUNS, 0o755),
        (0o640, RUNS, 0o750),
        (0o600, RUNS, 0o700),
        (0o755, RUNS_NOT, 0o644),
        (0o711, RUNS_NOT, 0o600),
        (0o664, RUNS + HUNK, 0o775),
    ],
)
def test_a_patch_says_whether_a_file_runs(call: CallNow, work: Path, before: int, patch: str, after: int) -> None:
    """By all who may read it, as git has it; undone and done again with everything else."""
    (work / "f").chmod(before)
    was = (work / "f").read_bytes()
    id = patched(call, patch)
    became = (work / "f").read_bytes()
    assert rights(work / "f") == after
    undone = call("undo_change", id=id)
    assert (rights(work / "f"), (work / "f").read_bytes()) == (before, was)
    call("undo_change", id=undone.structured["id"])
    assert (rights(work / "f"), (work / "f").read_bytes()) == (after, became)


def test_rights_that_are_as_wanted_are_no_change(call: CallNow, work: Path) -> None:
    (work / "f").chmod(0o755)
    assert call("apply_patch", patch=f"diff --git a/f b/f\n{RUNS}").structured["id"] is None


def test_rights_that_somebody_gave_later_stay(call: CallNow, work: Path) -> None:
    """An undo takes back what its change did: a text, and not the rights that came after it."""
    done = call("edit_file", path="f", edits=[{"old": "one", "new": "ONE"}])
    (work / "f").chmod(0o700)
    call("undo_change", id=done.structured["id"])
    assert (rights(work / "f"), (work / "f").read_text()) == (0o700, "one\ntwo\nthree\n")


def test_rights_and_a_later_edit_are_undone_apart(call: CallNow, work: Path) -> None:
    (work / "f").chmod(0o644)
    id = patched(call, RUNS)
    call("edit_file", path="f", edits=[{"old": "three", "new": "3"}])
    call("undo_change", id=id)
    assert (rights(work / "f"), (work / "f").read_text()) == (0o644, "one\ntwo\n3\n")


def test_both_are_undone_where_a_later_edit_is_elsewhere(call: CallNow, work: Path) -> None:
    (work / "f").chmod(0o644)
    id = patched(call, RUNS + HUNK)
    call("edit_file", path="f", edits=[{"old": "three", "new": "3"}])
    call("undo_change", id=id)
    assert (rights(work / "f"), (work / "f").read_text()) == (0o644, "one\ntwo\n3\n")


def test_other_hard_links_keep_their_rights(call: CallNow, work: Path) -> None:
    (work / "f").chmod(0o644)
    os.link(work / "f", work / "g")
    patched(call, RUNS)
    assert (rights(work / "f"), rights(work / "g")) == (0o755, 0o644)


def test_a_failure_brings_the_rights_back(work: Path, tmp_path: Path) -> None:
    """A change of rights that was made is taken back when a later step of the same change fails."""
    (work / "f").chmod(0o600)
    (work / "inner").mkdir()
    with (
        Jail([Grant(target="/workspace", source=work, write=True)]) as jail,
        Workspace(jail, jail.roots[0], tmp_path / "state", durable=False) as workspace,
    ):

        def decide(plan: Plan) -> None:
            plan.write(plan.place("f"), plan.read(plan.place("f")), mode=0o755)
            plan.write(plan.place("inner/g"), b"x")
            (work / "inner").rmdir()
            (work / "inner").write_text("no folder")

        with pytest.raises(Exception, match="inner/g"):
            workspace.change("both", decide)
    assert rights(work / "f") == 0o600


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_no_new_file_runs_as_its_owner(tmp_path: Path) -> None:
    """Nobody knows whose right that was: what comes back after a deletion, or under a new name, does not have it."""
    folder = os.open(tmp_path, os.O_RDONLY)
    try:
        replace(Spot(folder, b"f"), [b"x"], mode=0o6755)
    finally:
        os.close(folder)
    assert rights(tmp_path / "f") == 0o755


ACTS = st.sampled_from(["write", "edit", "delete", "runs", "runs not", "move there", "move back"])
PATCHES = {
    "delete": "*** Begin Patch\n*** Delete File: f\n*** End Patch",
    "runs": f"diff --git a/f b/f\n{RUNS}",
    "runs not": f"diff --git a/f b/f\n{RUNS_NOT}",
    "move there": "*** Begin Patch\n*** Update File: f\n*** Move to: d/g\n*** End Patch",
    "move back": "diff --git a/d/g b/f\nold mode 100644\nnew mode 100755\nrename from d/g\nrename to f\n",
}


def state(work: Path) -> dict[str, tuple[int, bytes | None]]:
    return {
        str(path.relative_to(work)): (rights(path), path.read_bytes() if path.is_file() else None)
        for path in sorted(work.rglob("*"))
    }


@given(st.integers(0, 0o777).map(lambda mode: mode | 0o600), st.lists(ACTS, min_size=1, max_size=8))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_undo_restores_every_byte_and_mode(call: CallNow, work: Path, mode: int, acts: list[str]) -> None:
    """Each change by itself, the last one first."""
    (work / "f").write_text("one\ntwo\nthree\n")
    (work / "f").chmod(mode)
    made: list[tuple[int, dict[str, tuple[int, bytes | None]]]] = []
    for number, act in enumerate(acts):
        before = state(work)
        if act == "write":
            done = call("write_file", path="f", content=f"one\n{number}\n")
        elif act == "edit":
            done = call("edit_file", path="f", edits=[{"old": "one", "new": f"one {number}"}])
        else:
            done = call("apply_patch", patch=PATCHES[act])
        if done.is_error:
            assert state(work) == before
        elif done.structured["id"]:
            made.append((done.structured["id"], before))
    for id, before in reversed(made):
        assert not call("undo_change", id=id).is_error
        assert state(work) == before
