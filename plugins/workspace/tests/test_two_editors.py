"""Two programs that edit one tree at once: as if one had come after the other, or refused; nothing is lost.

Each of their edits replaces a line that nothing else is like. So what every file held after every change is known to
the line, from the order in which the journal has them and what the two say of their edits.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import two_editors
from massgen_workspace.history.journal import Entry
from massgen_workspace.history.workspace import Workspace

from massgen_core.jail.place import Jail
from massgen_core.jail.roots import Grant

Edit = dict[str, Any]


class Editors:
    """A tree, and programs that edit it."""

    def __init__(self, folder: Path) -> None:
        self.work = folder / "work"
        self.state = folder / "state"
        self.work.mkdir()
        self.first = two_editors.begin(self.work)

    def run(self, *editors: Sequence[object]) -> list[list[Edit]]:
        """Start all, let them go at once, and return what each says of its edits."""
        running = [self._started(*each) for each in editors]
        for program in running:
            assert program.stdout is not None
            assert program.stdout.readline() == "ready\n", program.communicate()[1]
        for program in running:
            assert program.stdin is not None
            program.stdin.write("go\n")
            program.stdin.flush()
        said = [program.communicate(timeout=100) for program in running]
        self.codes = [program.returncode for program in running]
        assert all(code in (0, -9) for code in self.codes), said
        return [_edits(out.splitlines()) for out, _ in said]

    def _started(self, *words: object) -> subprocess.Popen[str]:
        command = [sys.executable, two_editors.__file__, str(self.work), str(self.state), *map(str, words)]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)

    def demand_in_order(self, edits: Sequence[Edit]) -> Sequence[Entry]:
        """Each change begins with what the one before it has left, and does what its editor says that it does."""
        (state,) = (path for path in self.state.iterdir() if path.is_dir())
        lines = {name: set(texts) for name, texts in self.first.items()}
        contents: dict[str, str] = {}
        with (
            Jail([Grant(target="/workspace", source=self.work, write=True)]) as jail,
            Workspace(jail, jail.roots[0], state, durable=False) as workspace,
        ):
            done = [entry for entry in reversed(workspace.journal.last(10_000)) if entry.outcome in ("done", "undone")]
            for entry in done:
                edit = _edit_of(entry, edits, workspace)
                for name, old, new in edit["swaps"]:
                    assert old in lines[name], (entry, edit)
                    lines[name] = (lines[name] - {old}) | {new}
                for change in entry.changes:
                    name = change.path.decode()
                    assert contents.get(name, change.before.content) == change.before.content, (entry, edit)
                    contents[name] = change.after.content
                    after = (workspace.content(change.after) or b"").decode().splitlines()
                    assert sorted(after) == sorted(lines[name]), (entry, edit)
        found = {name: sorted((self.work / name).read_text().splitlines()) for name in lines}
        assert found == {name: sorted(texts) for name, texts in lines.items()}
        assert sorted(path.name for path in self.work.iterdir()) == sorted(two_editors.FILES)
        return done


def _edits(said: Sequence[str]) -> list[Edit]:
    """What was to be done with how it came out; without an id where it did not."""
    found: list[Edit] = []
    for line in map(json.loads, said):
        if "swaps" in line:
            found.append(line)
        else:
            found[-1] |= line
    return found


def _edit_of(entry: Entry, edits: Sequence[Edit], workspace: Workspace) -> Edit:
    """The edit that an entry is of; one whose editor was killed is known by what it writes."""
    told = [edit for edit in edits if edit.get("id") == entry.id]
    if not told:
        written = b"".join(workspace.content(change.after) or b"" for change in entry.changes).decode().splitlines()
        told = [edit for edit in edits if "id" not in edit and all(new in written for _, _, new in edit["swaps"])]
    (edit,) = told
    return edit


@pytest.fixture
def editors(tmp_path: Path) -> Editors:
    return Editors(tmp_path)


def test_two_programs_at_once(editors: Editors) -> None:
    one, other = editors.run(("one", 1, 120), ("other", 2, 120))
    done = editors.demand_in_order([*one, *other])
    for edits in (one, other):
        came_out = {(edit["tool"], edit["id"] is not None) for edit in edits}
        assert {tool for tool, well in came_out if well} == {"edit_file", "write_file", "apply_patch", "undo_change"}
        assert {tool for tool, well in came_out if not well}, "nothing was ever refused"
    ours = {edit["id"] for edit in one}
    turns = [entry.id in ours for entry in done]
    assert sum(a != b for a, b in pairwise(turns)) > 10, "one came after the other"


@pytest.mark.parametrize("step", [11, 27, 35])
def test_one_is_killed_in_the_middle_and_the_other_goes_on(editors: Editors, step: int) -> None:
    """What the killed one has begun is there as a whole or not at all, before the other one changes anything more."""
    killed, other = editors.run(("killed", step, 3, step), ("other", 100 + step, 60))
    assert editors.codes == [-9, 0]
    assert "id" not in killed[-1]
    editors.demand_in_order([*killed, *other])
