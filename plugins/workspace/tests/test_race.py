"""Whoever swaps links, folders and files meanwhile gains nothing: no byte outside of a root is read or written.

So many rounds as `MASSGEN_RACE_ROUNDS` says, each one read or one write; a few thousand where it says nothing.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import massgen_workspace.plugin
import pytest
from massgen_workspace.files.atomic import replace
from massgen_workspace.find.walk import walk
from massgen_workspace.history.plan import Plan
from massgen_workspace.history.workspace import Workspace
from tree_arena import FOLDERS, INSIDE, PATHS, SECRET, SHARED, Arena

from massgen_core.errors import ToolFailed
from massgen_core.jail import openat2
from massgen_core.jail.place import Jail
from massgen_core.jail.real import real_folder, real_place
from massgen_core.jail.roots import Grant
from massgen_core.testing import open_test_runtime

ROUNDS = int(os.environ.get("MASSGEN_RACE_ROUNDS", "3000"))

pytestmark = pytest.mark.timeout(7200 if "MASSGEN_RACE_ROUNDS" in os.environ else 120)


@pytest.fixture(params=["openat2", "walk"], autouse=True)
def opened_by(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """By the kernel's own call, and name by name as where there is none."""
    if request.param == "walk":
        monkeypatch.setattr(openat2, "available", lambda: False)
    elif not openat2.available():
        pytest.skip("this kernel has no openat2")
    return request.param


@pytest.fixture
def arena(tmp_path: Path) -> Iterator[Arena]:
    made = Arena(tmp_path)
    before = len(os.listdir("/proc/self/fd"))
    yield made
    made.demand_untouched()
    assert len(os.listdir("/proc/self/fd")) <= before + 4  # a worker thread's pipes may be there by now
    for path in (tmp_path / "state").rglob("*"):
        assert not path.is_file() or SECRET not in path.read_bytes()


class Reader:
    """Everything that looks."""

    def __init__(self, jail: Jail) -> None:
        self.jail = jail

    def file(self) -> None:
        with self.jail.place(random.choice(PATHS)).file() as file:
            assert os.read(file, 1000).startswith((INSIDE, SHARED))

    def folder(self) -> None:
        with self.jail.place(random.choice(FOLDERS)).folder() as folder:
            listed = os.listdir(folder)
            assert "theirs" not in listed

    def status(self) -> None:
        place = self.jail.place(random.choice(PATHS))
        assert place.stat().st_size != len(SECRET)

    def real(self) -> None:
        path = real_place(self.jail.place(random.choice(PATHS))).path
        assert not path.startswith((b"/", b"../"))
        assert b"deleted" not in path

    def below(self) -> None:
        place = real_folder(self.jail.place(random.choice(FOLDERS)))
        assert not any(each.path.endswith(b"theirs") for each in walk(place.root, place.path))


class Writer:
    """Everything that changes."""

    def __init__(self, jail: Jail, workspace: Workspace) -> None:
        self.jail = jail
        self.workspace = workspace
        self.content = b""

    def spot(self) -> None:
        with self.jail.place(random.choice(PATHS)).to_write() as spot:
            try:
                replace(spot, [self.content])
            except OSError:  # somebody else's folder, pipe or nothing by now
                return

    def files(self) -> None:
        paths = random.sample(PATHS, 2)

        def decide(plan: Plan) -> None:
            for path in paths:
                plan.write(plan.place(path), self.content)

        self.workspace.change("write", decide)

    def content_of_a_file(self) -> None:
        path = random.choice(PATHS)

        def decide(plan: Plan) -> None:
            place = plan.place(path)
            old = plan.read(place)
            assert old.startswith((INSIDE, SHARED))
            plan.write(place, INSIDE + old[-5:] + self.content)

        self.workspace.change("edit", decide)

    def nothing_there(self) -> None:
        path = random.choice(PATHS)
        self.workspace.change("delete", lambda plan: plan.delete(plan.place(path)))

    def back(self) -> None:
        if last := self.workspace.journal.last(1):
            self.workspace.undo(last[0].id)


def test_one_who_swaps_what_is_read_and_written(arena: Arena, tmp_path: Path) -> None:
    came_out = Counter[str]()
    with (
        Jail([Grant(target="/workspace", source=arena.root, write=True, protected=["kept"])]) as jail,
        Workspace(jail, jail.roots[0], tmp_path / "state", durable=False) as workspace,
        arena.swapped(),
    ):
        reader, writer = Reader(jail), Writer(jail, workspace)
        reads: list[Callable[[], None]] = [reader.file, reader.folder, reader.status, reader.real, reader.below]
        writes: list[Callable[[], None]] = [writer.spot, writer.files, writer.content_of_a_file]
        writes += [writer.nothing_there, writer.back]
        for number in range(ROUNDS):
            writer.content = INSIDE + b" %d" % number
            act = random.choice(writes if number % 2 else reads)
            try:
                act()
            except ToolFailed:
                came_out[f"{act.__name__} refused"] += 1
            else:
                came_out[f"{act.__name__} done"] += 1
    assert len(came_out) == 2 * (len(reads) + len(writes)), came_out


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_one_who_swaps_what_tools_work_on(arena: Arena, tmp_path: Path, anyio_backend: str) -> None:
    """The same through a session; whatever a tool says, it tells nothing of the outside, and is no fault of ours."""
    config = {"plugins": {"workspace": {"state": str(tmp_path / "state"), "durable": False}}}
    came_out = Counter[bool]()
    async with (
        open_test_runtime(("workspace", massgen_workspace.plugin), config=config) as runtime,
        runtime.session(workspace=arena.root) as session,
    ):
        with arena.swapped():
            for number in range(ROUNDS // 10):
                name, arguments = _call(number)
                result = await session.call(name, arguments)
                assert SECRET.decode() not in result.text
                assert "Error:" not in result.text, (name, arguments, result.text)
                came_out[result.is_error] += 1
    assert came_out[True]
    assert came_out[False]


def _call(number: int) -> tuple[str, dict[str, object]]:
    path, folder = random.choice(PATHS), random.choice(FOLDERS)
    text = f"{INSIDE.decode()} {number}"
    calls: list[tuple[str, dict[str, object]]] = [
        ("read_file", {"path": path}),
        ("read_files", {"paths": [path, "file"]}),
        ("write_file", {"path": path, "content": text}),
        ("edit_file", {"path": path, "edits": [{"old": INSIDE.decode(), "new": text, "count": None}]}),
        ("insert_lines", {"path": path, "line": 0, "text": text}),
        ("list_folder", {"path": folder, "depth": 3}),
        ("find_files", {"names": ["*"], "path": folder}),
        ("search_files", {"pattern": "secret|inside", "path": folder}),
        ("apply_patch", {"patch": f"*** Begin Patch\n*** Add File: {path}\n+{text}\n*** End Patch\n"}),
        ("apply_patch", {"patch": f"*** Begin Patch\n*** Delete File: {path}\n*** End Patch\n"}),
    ]
    return random.choice(calls)
