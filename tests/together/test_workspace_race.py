"""A container swaps what is in the mounted workspace while this side's tools read and write: it gains nothing by it.

So many rounds as `MASSGEN_RACE_ROUNDS` says, each one call of a tool; a few hundred where it says nothing.
"""

from __future__ import annotations

import os
import random
import tempfile
from collections import Counter
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import tree_arena
from tree_arena import FOLDERS, INSIDE, PATHS, SECRET, Arena

import massgen_core
from massgen_core import Session

ROUNDS = int(os.environ.get("MASSGEN_RACE_ROUNDS", "300"))
SWAPPER = Path(tree_arena.__file__).with_name("tree_swapper.py")
OWNER = 1234

pytestmark = [
    pytest.mark.docker,
    pytest.mark.anyio,
    pytest.mark.timeout(7200 if "MASSGEN_RACE_ROUNDS" in os.environ else 120),
]

Arguments = dict[str, Any]


@pytest.fixture
def arena() -> Iterator[Arena]:
    """A workspace that does not belong to root, with an outside that anybody on this machine may read and write."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        made = Arena(Path(folder))
        if os.geteuid() == 0:
            for path in (made.root, *made.root.rglob("*")):
                os.chown(path, OWNER, OWNER, follow_symlinks=False)
        yield made


@pytest.fixture(params=["beside", "within"])
def state(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """Where the history is; on another disk than the workspace the trash is within it, where a container gets at it."""
    if request.param == "beside":
        yield tmp_path / "state"
        return
    if not os.access("/dev/shm", os.W_OK):
        pytest.skip("there is no second disk")
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        yield Path(folder)


@pytest.mark.usefixtures("base_image")
async def test_a_container_that_swaps_what_tools_work_on(arena: Arena, state: Path) -> None:
    """No byte outside is read or written, and a refusal says why: no failure of ours."""
    plugin = {"state": str(state), "durable": False}
    came_out = Counter[tuple[str, bool]]()
    last: dict[str, Any] = {}
    config = {"shell": {}, "plugins": {"workspace": plugin}}
    async with (
        massgen_core.open_runtime(config) as runtime,
        runtime.session(workspace=arena.root) as session,
        _swapped(session),
    ):
        for number in range(ROUNDS):
            name, arguments = _call(number, last)
            result = await session.call(name, arguments)
            assert SECRET.decode() not in f"{result.text} {result.structured}", (name, arguments)
            assert "Error:" not in result.text, (name, arguments, result.text)
            came_out[name, result.is_error] += 1
            if not result.is_error and "id" in result.structured:
                last["id"] = result.structured["id"]
    arena.demand_outside_untouched()
    assert not [path for path in (*_files(arena.root), *_files(state)) if SECRET in path.read_bytes()]
    if ROUNDS >= 300:
        both = {name for name, failed in came_out if not failed} & {name for name, failed in came_out if failed}
        assert len(both) > 10, came_out


@asynccontextmanager
async def _swapped(session: Session) -> AsyncGenerator[None]:
    """While this is open, a program in the container changes the tree all the time."""
    await session.call("execute_command", {"command": "cat > /tmp/swapper.py", "stdin": SWAPPER.read_text()})
    started = await session.call("process_start", {"command": "python3 /tmp/swapper.py /workspace"})
    id = started.raise_for_error().structured["id"]
    ready = await session.call("process_wait", {"id": id, "until": "ready"})
    assert ready.structured["running"], ready.text
    yield
    said = await session.call("process_output", {"id": id})
    assert said.structured["running"], said.text
    (await session.call("process_signal", {"id": id, "signal": "SIGKILL"})).raise_for_error()
    await session.call("process_wait", {"id": id})


def _files(folder: Path) -> Iterator[Path]:
    """The regular files in a folder; no link is followed."""
    for around, _, names in os.walk(folder):
        for name in names:
            path = Path(around, name)
            if path.is_file() and not path.is_symlink():
                yield path


def _call(number: int, last: dict[str, Any]) -> tuple[str, Arguments]:
    path, other = random.sample(PATHS, 2)
    return random.choice((_reads, _writes, _wholes))(number, path, other, last)


def _reads(number: int, path: str, other: str, last: dict[str, Any]) -> tuple[str, Arguments]:
    folder = random.choice(FOLDERS)
    calls: list[tuple[str, Arguments]] = [
        ("read_file", {"path": path}),
        ("read_files", {"paths": [path, other]}),
        ("read_bytes", {"path": path}),
        ("stat_files", {"paths": [path, other]}),
        ("list_folder", {"path": folder, "depth": 3}),
        ("find_files", {"names": ["*"], "path": folder}),
        ("search_files", {"pattern": "secret|inside", "path": folder}),
        ("compare_files", {"left": path, "right": other}),
        ("compare_folders", {"left": folder, "right": random.choice(FOLDERS), "patch": True}),
    ]
    return random.choice(calls)


def _writes(number: int, path: str, other: str, last: dict[str, Any]) -> tuple[str, Arguments]:
    text = f"{INSIDE.decode()} {number}"
    calls: list[tuple[str, Arguments]] = [
        ("write_file", {"path": path, "content": text}),
        ("edit_file", {"path": path, "edits": [{"old": INSIDE.decode(), "new": text, "count": None}]}),
        ("insert_lines", {"path": path, "line": 0, "text": text}),
        ("apply_patch", {"patch": f"*** Begin Patch\n*** Add File: {path}\n+{text}\n*** End Patch\n"}),
        ("apply_patch", {"patch": f"*** Begin Patch\n*** Delete File: {path}\n*** End Patch\n"}),
        ("replace_in_files", {"pattern": "inside [0-9]+", "replacement": "inside", "preview": False}),
        ("undo_change", {"id": last.get("id", 1)}),
    ]
    return random.choice(calls)


def _wholes(number: int, path: str, other: str, last: dict[str, Any]) -> tuple[str, Arguments]:
    folder = random.choice(FOLDERS)
    small = random.choice(("real", "real/sub", "deep", "gone", "real-link"))  # the whole would double with each copy
    calls: list[tuple[str, Arguments]] = [
        ("move_files", {"items": [{"source": path, "target": other}], "overwrite": True}),
        ("copy_files", {"items": [{"source": small, "target": "copied"}], "overwrite": True}),
        ("copy_files", {"items": [{"source": path, "target": other}], "overwrite": True}),
        ("delete_files", {"paths": [path]}),
        ("undelete_files", {"items": [path]}),
        ("make_folder", {"path": f"{folder}/made"}),
        ("create_archive", {"paths": [small], "target": "packed.tar", "overwrite": True}),
        ("extract_archive", {"path": "packed.tar", "target": "unpacked", "overwrite": True}),
        ("snapshot_workspace", {"label": "race"}),
        ("restore_snapshot", {"snapshot": "race"}),
    ]
    return random.choice(calls)
