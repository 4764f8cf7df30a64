"""What the file tools cost on a large tree, beside ripgrep, coreutils, and what other agents are given."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path

import anyio.to_thread

from . import rivals
from .filetree import FILES, NEEDLE, tree
from .table import Comparison, Rows, in_turn_async

ROUNDS = 7
FORKS = 3
MANY = 1000
LINES = 200
NAMES = "*25.py"
"""One file of a hundred: all have to be looked at, and all that are found are told."""
RIPGREP = "ripgrep==14.1.0"

OURS = "massgen-core"
NPM = "MCP filesystem server (npm)"
OPENHANDS = "OpenHands' file editor"
MASSGEN = "MassGen 0.1.4"


def _newer_python() -> str:
    """A Python of 3.12 or newer, which that editor needs; ours where there is none, and then pip says so."""
    if sys.version_info >= (3, 12):
        return sys.executable
    for name in ("python3.12", "python3.13"):
        if (found := shutil.which(name)) and not subprocess.run([found, "--version"], capture_output=True).returncode:
            return found
    return sys.executable


AMONG = (
    rivals.Rival(name=OURS, driver="core_files", packages=()),
    rivals.Rival(
        name=NPM,
        driver="npm_files",
        packages=(),
        note="`@modelcontextprotocol/server-filesystem` as npx gives it, over stdio by the MCP SDK's client. It has no "
        "search of contents, no undo, and one change is one file.",
    ),
    rivals.Rival(
        name=OPENHANDS,
        driver="openhands_files",
        packages=("openhands-aci==0.3.3",),
        python=_newer_python(),
        note="openhands-aci 0.3.3: `OHEditor`, called in its own process. A change is one file, and so is an undo.",
    ),
    rivals.Rival(
        name=MASSGEN,
        driver="massgen_files",
        packages=("fastmcp==2.14.7",),
        bare=rivals.MASSGEN,
        note=f"{rivals.MASSGEN[0]}: the functions of its workspace tools, without the server around them; its fork is "
        "the `copytree` of `save_snapshot`. It has no search, edit or undo of its own.",
    ),
)

Ask = Callable[[], Awaitable[float]]


async def measure() -> AsyncIterator[Comparison | Rows]:
    """One table for each operation, and one of memory."""
    root = await anyio.to_thread.run_sync(tree)
    program = await anyio.to_thread.run_sync(ripgrep)
    os.environ["PATH"] = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
    notes: list[str] = []
    async with rivals.opened(str(root), notes, AMONG) as others:
        asked = _Asked({rival.name: driver for rival, driver in others.items()})
        files = {rival.name: _edited(10 * number) for number, rival in enumerate(AMONG)}
        rg = _timed(root, str(program))
        with tempfile.TemporaryDirectory(dir=root.parent) as aside:
            yield await _table(
                f"`{NAMES}` among {FILES:,} files",
                {
                    OURS: asked.by(OURS, "glob", NAMES),
                    "`rg --files`": rg("--files"),
                    f"`rg --files -g '{NAMES}'`": rg("--files", "-g", NAMES),
                    NPM: asked.by(NPM, "glob", NAMES),
                },
            )
            yield await _table(
                f"A text in {FILES:,} files",
                {OURS: asked.by(OURS, "search", NEEDLE), "`rg -F`": rg("-F", NEEDLE, ".")},
            )
            yield await _table(
                f"The last {LINES} lines of 0.5 GB",
                {
                    OURS: asked.by(OURS, "window", "large.log"),
                    "`tail -n`": _timed(root, "tail")("-n", str(LINES), "large.log"),
                    NPM: asked.by(NPM, "window", "large.log"),
                },
            )
            yield await _table(
                "The same in a new session, which indexes the log first",
                {
                    OURS: asked.by(OURS, "index", "large.log"),
                    "`wc -l`": _timed(root, "wc")("-l", "large.log"),
                },
                rounds=3,
            )
            yield await _table(
                "Ten edits, one file each",
                {name: asked.by(name, "edits", *files[name]) for name in (OURS, NPM, OPENHANDS)},
            )
            yield await _table(
                "Ten edits taken back",
                {name: asked.after(name, ("edits", *files[name]), "undo") for name in (OURS, OPENHANDS)},
            )
            yield await _table(
                f"{MANY:,} new files",
                {
                    f"{OURS}, all or nothing, on disk": asked.by(OURS, "many", "made", str(MANY)),
                    "plain writes, each on disk": functools.partial(_plainly, Path(aside)),
                    **{name: asked.by(name, "many", "made", str(MANY)) for name in (NPM, OPENHANDS, MASSGEN)},
                },
                rounds=3,
                notes=[*filter(None, notes), "On disk: fsync before it counts; the rivals leave that to the system."],
            )
            yield await _table(
                f"A fork of the tree with {FILES:,} files",
                {
                    f"{OURS}, layers": asked.by(OURS, "fork", "overlay"),
                    "`cp -al`": functools.partial(_links, root, Path(aside)),
                    f"{OURS}, plain folders": asked.by(OURS, "fork", "copy"),
                },
                rounds=FORKS,
            )
        yield asked.memory()
    shutil.rmtree(root / "made", ignore_errors=True)


class _Asked:
    """The contenders that are there, and what each holds in memory for each thing that it is asked."""

    def __init__(self, drivers: Mapping[str, rivals.Driver]) -> None:
        self._drivers = drivers
        self._peaks: dict[tuple[str, str], int] = {}

    def by(self, name: str, *command: str) -> Ask | None:
        """How to ask one; None where it is not there."""
        driver = self._drivers.get(name)
        return None if driver is None else functools.partial(self._ask, name, driver, command)

    def after(self, name: str, first: tuple[str, ...], *command: str) -> Ask | None:
        """The same, with something done before that is not timed."""
        one, other = self.by(name, *first), self.by(name, *command)
        if one is None or other is None:
            return None

        async def both() -> float:
            await one()
            return await other()

        return both

    async def _ask(self, name: str, driver: rivals.Driver, command: tuple[str, ...]) -> float:
        driver.peak = 0
        taken = await driver.run(command)
        key = (name, command[0])
        self._peaks[key] = max(self._peaks.get(key, 0), driver.peak)
        return taken

    def memory(self) -> Rows:
        """The most memory that each contender's process held."""
        names = [name for name in self._drivers if any(key[0] == name for key in self._peaks)]
        acts = list(dict.fromkeys(key[1] for key in self._peaks))
        rows = [[act, *(_mebibytes(self._peaks.get((name, act))) for name in names)] for act in acts]
        note = "Of the process that is called; the npm server's own is Node.js beside it, so that column is its client."
        return Rows(title="Most memory held (VmHWM)", head=["", *names], rows=rows, notes=[note])


def _edited(first: int) -> list[str]:
    """Ten files, each contender's own: what one has changed is not what another looks for."""
    return [f"part0/folder{number}/name{number * 100}.py" for number in range(first, first + 10)]


def _mebibytes(size: int | None) -> str:
    return "" if size is None else f"{size / 1024 / 1024:.0f} MiB"


async def _table(
    title: str, contenders: Mapping[str, Ask | None], *, rounds: int = ROUNDS, notes: list[str] | None = None
) -> Comparison:
    """Those that are there and can do it; the others are named beneath the table."""
    able: dict[str, Ask] = {}
    said = list(notes or [])
    for name, ask in contenders.items():
        if ask is None:
            continue
        print(f"  {title}: {name}", file=sys.stderr)
        try:
            await ask()
        except rivals.RivalProblem as error:
            said.append(f"{name} is not in the table: {error}")
        else:
            able[name] = ask
    return await in_turn_async(title, able, rounds=rounds, unit="ms", notes=said, warm_up=False)


def _timed(root: Path, program: str) -> Callable[..., Ask]:
    def asking(*words: str) -> Ask:
        def run() -> float:
            started = time.perf_counter()
            subprocess.run([program, *words], cwd=root, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL, check=True)
            return 1000 * (time.perf_counter() - started)

        return functools.partial(anyio.to_thread.run_sync, run)

    return asking


async def _plainly(aside: Path) -> float:
    """A thousand files as an editor writes one: beside, fsync, rename."""

    def run() -> float:
        inside = Path(tempfile.mkdtemp(dir=aside))
        started = time.perf_counter()
        for number in range(MANY):
            with (inside / "new").open("w") as file:
                file.write("x" * 100)
                file.flush()
                os.fsync(file.fileno())
            (inside / "new").rename(inside / str(number))
        return 1000 * (time.perf_counter() - started)

    return await anyio.to_thread.run_sync(run)


async def _links(root: Path, aside: Path) -> float:
    def run() -> float:
        target = tempfile.mkdtemp(dir=aside)
        started = time.perf_counter()
        subprocess.run(["cp", "-al", str(root), target], check=True)
        taken = 1000 * (time.perf_counter() - started)
        shutil.rmtree(target)
        return taken

    return await anyio.to_thread.run_sync(run)


def ripgrep() -> Path:
    """The program of the wheel of that name, in an environment of its own."""
    rival = rivals.Rival(name="ripgrep", driver="", packages=(RIPGREP,))
    return rivals.environment(rival).with_name("rg")
