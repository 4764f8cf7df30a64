"""What else runs commands in containers: each in an environment of its own, driven over a pipe.

The environments stay in the user's cache folder. What cannot run here is said in words beneath the table.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import anyio
import anyio.abc

from . import compose
from .cache import cached, folder

DRIVERS = Path(__file__).parent / "drivers"
ANSWER_SECONDS = 240.0
START_SECONDS = 120.0

REX = ("swe-rex==1.4.0", "aiohttp==3.14.5")  # it imports aiohttp without naming it
INSPECT = ("inspect_ai==0.3.285",)
MASSGEN = ("massgen==0.1.4",)
DOCKER_SDK = ("docker==7.2.0",)


class RivalProblem(Exception):
    """It cannot run here, or could not do what was asked; the text is for readers of the table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rival:
    """One rival: its name in the table, its driver, what its environment holds, and what is to be said of it.

    ``bare`` is installed without what it depends on; ``python`` is what its environment is
    made of. ``short_only`` says why it is not asked for much output.
    """

    name: str
    driver: str
    packages: Sequence[str]
    bare: Sequence[str] = ()
    python: str = sys.executable
    inside: bool = False
    composes: bool = False
    note: str = ""
    short_only: str = ""


RIVALS = (
    Rival(
        name="SWE-ReX, `execute`",
        driver="swerex_execute",
        packages=REX,
        inside=True,
        note=f"{REX[0]}: its `DockerDeployment` on our base image with {REX[0]} installed in it, open network (it "
        "publishes a port).",
    ),
    Rival(
        name="SWE-ReX, shell session",
        driver="swerex_session",
        packages=REX,
        inside=True,
        note="The same, in one shell for all commands, as SWE-agent uses it.",
        short_only="SWE-ReX's shell session had not given 100 MB after 90 seconds, and was not asked again.",
    ),
    Rival(
        name="MassGen 0.1.4, `DockerManager`",
        driver="massgen_docker",
        packages=DOCKER_SDK,
        bare=MASSGEN,
        note=f"{MASSGEN[0]} with {DOCKER_SDK[0]}: the module of its `DockerManager` alone, on our base image.",
    ),
    Rival(
        name="inspect_ai, Docker sandbox",
        driver="inspect_docker",
        packages=INSPECT,
        composes=True,
        note=f"{INSPECT[0]} with Debian 13's Docker Compose, by `sample_init` and `exec` (`task_init` would ask for "
        "Docker Engine 24). It keeps the last 10 MiB of what a command says.",
    ),
)


class Driver:
    """A rival that has a sandbox open."""

    def __init__(self, rival: Rival, process: anyio.abc.Process) -> None:
        self._rival = rival
        self._process = process
        self._unread = b""
        self.peak: int = 0
        """Bytes of memory that its process held at most during any run."""

    async def run(self, command: Sequence[str], times: int = 1) -> float:
        """Milliseconds for so many runs, one after the other, as taken beside the rival's own call.

        Raises:
            RivalProblem: It could not.
        """
        assert self._process.stdin is not None
        await self._process.stdin.send(json.dumps({"command": command, "times": times}).encode() + b"\n")
        said = await self.answer(ANSWER_SECONDS)
        self.peak = max(self.peak, int(str(said.get("peak", 0))))
        return float(str(said["ms"]))

    async def answer(self, seconds: float) -> Mapping[str, object]:
        """The next line that it says."""
        assert self._process.stdout is not None
        with anyio.move_on_after(seconds):
            try:
                while b"\n" not in self._unread:
                    self._unread += await self._process.stdout.receive()
            except anyio.EndOfStream:
                raise RivalProblem(f"{self._rival.name} ended") from None
            line, _, self._unread = self._unread.partition(b"\n")
            said: dict[str, object] = json.loads(line)
            if "problem" in said:
                raise RivalProblem(f"{self._rival.name}: {said['problem']}")
            return said
        raise RivalProblem(f"{self._rival.name} had not answered after {seconds:g} seconds")


@asynccontextmanager
async def opened(
    image: str, notes: list[str], among: Sequence[Rival] = RIVALS
) -> AsyncGenerator[Mapping[Rival, Driver]]:
    """All rivals that can run here, each with a sandbox of an image; what is to be said of each goes into ``notes``.

    Those that work on files are given a folder instead of an image.
    """
    async with AsyncExitStack() as stack:
        drivers: dict[Rival, Driver] = {}
        for rival in among:
            _progress(f"opening {rival.name}")
            try:
                drivers[rival] = await stack.enter_async_context(_driver(rival, image))
            except RivalProblem as error:
                notes.append(f"{rival.name} is not in the table: {error}")
            else:
                notes.append(rival.note)
        yield drivers


@asynccontextmanager
async def _driver(rival: Rival, image: str) -> AsyncGenerator[Driver]:
    python = await anyio.to_thread.run_sync(environment, rival)
    shown = await anyio.to_thread.run_sync(_with_rex, image, python) if rival.inside else image
    env = {**os.environ, **(await anyio.to_thread.run_sync(compose.environment) if rival.composes else {})}
    log = cached("logs") / f"{rival.driver}.txt"
    async with await anyio.open_file(log, "wb") as errors:
        command = [python, DRIVERS / f"{rival.driver}.py", shown]
        process = await anyio.open_process(command, stderr=errors.wrapped, env=env)
    driver = Driver(rival, process)
    try:
        await driver.answer(START_SECONDS)
        yield driver
    except RivalProblem as error:
        raise RivalProblem(f"{error} ({_last_line(log)})") from error
    finally:
        await _end(process)


async def _end(process: anyio.abc.Process) -> None:
    """The end of its stdin makes it tidy up."""
    assert process.stdin is not None
    with anyio.CancelScope(shield=True):
        await process.stdin.aclose()
        with anyio.move_on_after(60):
            await process.wait()
        await process.aclose()


def environment(rival: Rival) -> Path:
    """The Python of its environment, made the first time; ours where it needs none of its own."""
    if not rival.packages:
        return Path(sys.executable)
    made = folder("-".join((*rival.bare, *rival.packages)))
    python = made / "bin" / "python"
    if (made / "complete").exists():
        return python
    _progress(f"installing {', '.join((*rival.bare, *rival.packages))}")
    shutil.rmtree(made, ignore_errors=True)
    _call([rival.python, "-m", "venv", made])
    pip = [python, "-m", "pip", "install", "-q"]
    _call([*pip, *rival.packages])
    if rival.bare:
        _call([*pip, "--no-deps", *rival.bare])
    (made / "complete").touch()
    return python


def _with_rex(image: str, python: Path) -> str:
    """An image with SWE-ReX's server beside what the other one holds."""
    made = f"massgen-bench/swe-rex:{image.rpartition(':')[2]}"
    if subprocess.run(["docker", "image", "inspect", made], capture_output=True).returncode == 0:
        return made
    _progress(f"building {made}")
    context = cached("swe-rex-image")
    kinds = ("--only-binary=:all:", "--python-version=3.13", *(f"--platform={each}" for each in _PLATFORMS))
    _call([python, "-m", "pip", "download", "-q", "-d", context / "wheels", *kinds, REX[0]])
    (context / "Dockerfile").write_text(_DOCKERFILE.format(image=image, package=REX[0]))
    _call(["docker", "build", "-q", "-t", made, context], env={**os.environ, "DOCKER_BUILDKIT": "0"})
    return made


_PLATFORMS = (f"manylinux_2_28_{os.uname().machine}", f"manylinux2014_{os.uname().machine}", "any")
_DOCKERFILE = """
FROM {image}
USER root
COPY wheels /wheels
RUN uv pip install --system --break-system-packages --no-index --find-links=/wheels {package} && rm -r /wheels
USER 65532:65532
"""


def _call(command: Sequence[str | Path], env: Mapping[str, str] | None = None) -> None:
    done = subprocess.run(command, capture_output=True, text=True, env=env)
    if done.returncode:
        raise RivalProblem(f"`{command[0]} {command[1]} …` failed: {done.stderr.strip().splitlines()[-1:]}")


def _last_line(log: Path) -> str:
    return log.read_text(errors="replace").strip().rpartition("\n")[2].strip() or "it says no more"


def _progress(line: str) -> None:
    print(f"  {line}", file=sys.stderr)
