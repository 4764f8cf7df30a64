"""Commits that are killed at every step: ``crash_commits.py FOLDER SCENARIO``, one line of JSON for each.

Each step is a call into C that touches a file or the journal. A child of this program counts them and kills itself
before the n-th; another one, which knows nothing of it, recovers; for some n that one is killed as well, and a third
recovers. Then what is there is told.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from massgen_workspace.history.plan import Plan
from massgen_workspace.history.workspace import Workspace

from massgen_core.jail.place import Jail
from massgen_core.jail.roots import Grant

STEPS = frozenset(
    ("open", "mkdir", "rename", "replace", "unlink", "rmdir", "symlink", "write", "fsync", "fchmod", "fchown")
) | {"chmod", "chown", "execute", "executemany", "link", "setxattr"}
FILES = {"a": 0o755, "gone": 0o600, "d/f": 0o640, "d/g": 0o644, "same": 0o444}


def make(folder: Path) -> None:
    """What is there before."""
    (folder / "work" / "d").mkdir(parents=True)
    (folder / "work" / "d").chmod(0o770)
    for name, mode in FILES.items():
        (folder / "work" / name).write_text(f"old {name}\n")
        (folder / "work" / name).chmod(mode)
    (folder / "work" / "link").symlink_to("a")


def everything(folder: Path) -> dict[str, list[Any]]:
    """Content or target, and rights, of all that is there."""
    found: dict[str, list[Any]] = {}
    for path in sorted((folder / "work").rglob("*")):
        content = f"-> {path.readlink()}" if path.is_symlink() else "" if path.is_dir() else path.read_text()
        found[str(path.relative_to(folder / "work"))] = [content, path.lstat().st_mode]
    return found


def change(plan: Plan) -> None:
    """Files changed, made and removed, and one in place of a folder."""
    plan.write(plan.place("a"), b"new a\n")
    plan.write(plan.place("n/m/file"), b"new\n")
    for name in ("gone", "d/f", "d/g", "d"):
        plan.delete(plan.place(name))
    plan.write(plan.place("d"), b"now a file\n", mode=0o711)


def opened(folder: Path) -> Workspace:
    jail = Jail([Grant(target="/workspace", source=folder / "work", write=True)])
    return Workspace(jail, jail.roots[0], folder / "state", durable=False)


SCENARIOS: dict[str, tuple[int, Callable[[Workspace], object]]] = {
    "change": (0, lambda workspace: workspace.change("change", change)),
    "undo": (1, lambda workspace: workspace.undo(workspace.journal.last(1)[0].id)),
    "redo": (2, lambda workspace: workspace.undo(workspace.journal.last(1)[0].id)),
}


def prepare(folder: Path, times: int) -> None:
    """What the scenario begins with."""
    make(folder)
    with opened(folder) as workspace:
        for name in ("change", "undo")[:times]:
            SCENARIOS[name][1](workspace)


def in_child(act: Callable[[], object], dies_before: int) -> bool:
    """Whether a child came to its end, or was killed before one of its steps."""
    child = os.fork()
    if not child:
        left = dies_before

        def count(_: object, event: str, what: Any) -> None:
            nonlocal left
            if event == "c_call" and what.__name__ in STEPS:
                left -= 1
                if left < 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.setprofile(count)
        act()
        sys.setprofile(None)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if not os.WIFSIGNALED(status) and os.waitstatus_to_exitcode(status):
        raise RuntimeError(f"ended with {status}")
    return not os.WIFSIGNALED(status)


def attempt(base: Path, scenario: str, number: int) -> dict[str, Any]:
    """One commit that is killed before a step."""
    folder = base / str(number)
    shutil.copytree(base / "first", folder, symlinks=True)
    act = SCENARIOS[scenario][1]

    def commit() -> None:
        with opened(folder) as workspace:
            act(workspace)

    def recover() -> None:
        with opened(folder) as workspace:
            workspace.recover()

    whole = in_child(commit, number)
    if number % 3 == 0:
        in_child(recover, 20 + number % 41)
    in_child(recover, sys.maxsize)
    temporary = [str(path) for path in (folder / "work").rglob(".massgen-*")]
    found = everything(folder)
    shutil.rmtree(folder)
    return {"step": number, "whole": whole, "found": found, "temporary": temporary}


def main() -> None:
    base, scenario = Path(sys.argv[1]), sys.argv[2]
    os.umask(0o022)
    prepare(base / "first", SCENARIOS[scenario][0])
    print(json.dumps(everything(base / "first")))
    number, whole = 0, False
    while not whole:
        told = attempt(base, scenario, number)
        print(json.dumps(told), flush=True)
        number, whole = number + 1, told["whole"]


if __name__ == "__main__":
    main()
