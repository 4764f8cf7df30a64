"""Building the base image from Debian packages: run the tool, turn its output into a layer, load the image."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import tempfile
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from subprocess import DEVNULL
from tarfile import TarError

import anyio
import anyio.to_thread
from anyio.abc import ByteReceiveStream, Process
from anyio.streams.text import TextReceiveStream

from massgen_core.errors import ImageError
from massgen_core.sandbox import Progress
from massgen_sandbox_docker.config import DockerConfig
from massgen_sandbox_docker.engine.client import Engine
from massgen_sandbox_docker.images import daemon
from massgen_sandbox_docker.images.archive import image_archive, image_config
from massgen_sandbox_docker.images.rootfs import BIN_FOLDERS, ENV, USER, Recipe, recipe, write_layer
from massgen_sandbox_docker.images.single import cache_folder
from massgen_sandbox_docker.images.stages import Stages

_ENV = {**ENV, "PATH": f"{BIN_FOLDERS}:/usr/local/bin:/usr/bin:/bin"}
_TERM_GRACE = 15.0
_CURE = "Check the network and `suite` and `mirror` under [plugins.sandbox-docker], or name a registry image: `base`."
_NO_PACKAGE = re.compile(r"(?:Unable to locate package |Couldn't find these debs: |Package ')([a-z0-9+.-]+)")
_NO_ROOT = "unable to pick chroot mode"
_NO_ROOT_CURE = (
    "Without root, mmdebstrap needs the package uidmap (`sudo apt-get install uidmap`) and a line for you in "
    "/etc/subuid and in /etc/subgid; or name a registry image: `base` under [plugins.sandbox-docker]."
)


async def build_debian(
    engine: Engine,
    config: DockerConfig,
    reference: str,
    *,
    labels: Mapping[str, str],
    system: Sequence[str] = (),
    progress: Progress,
) -> None:
    """Build the base image and load it into the engine.

    Raises:
        ImageError: No tool to build with, or it failed; the message holds its last lines.
    """
    uv = await anyio.to_thread.run_sync(find_uv)
    async with _scratch() as scratch:
        how = recipe(config.suite, config.mirror, scratch, system)
        what = f"a base image with {', '.join(system)}" if system else "the base image"
        progress(f"building {what} from Debian {config.suite} with {how.tool} (once, about a minute)")
        layer = scratch / "layer.tar"
        digest = await _bootstrap(how, layer, uv, progress, config.build_timeout)
        progress("loading the base image into the engine")
        settings = image_config(digest, env=_ENV, labels={**labels, "massgen.suite": config.suite}, user=USER)
        async with aclosing(image_archive(layer, settings, reference)) as archive:
            await daemon.load(engine, archive, timeout=config.build_timeout)


def find_uv() -> Path:
    """The uv program for the base image: the one installed beside this package, or the one in PATH.

    Raises:
        ImageError: There is none.
    """
    try:
        from uv import find_uv_bin

        return Path(find_uv_bin())
    except (ImportError, FileNotFoundError):
        path = shutil.which("uv")
    if path is None:
        raise ImageError("the base image needs uv, which is not installed\n  Install it: `python3 -m pip install uv`.")
    return Path(path)


@asynccontextmanager
async def _scratch() -> AsyncGenerator[Path]:
    parent = await anyio.to_thread.run_sync(cache_folder)
    path = Path(await anyio.to_thread.run_sync(lambda: tempfile.mkdtemp(prefix="base-", dir=parent)))
    try:
        yield path
    finally:
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(lambda: shutil.rmtree(path, ignore_errors=True))


async def _bootstrap(how: Recipe, layer: Path, uv: Path, progress: Progress, seconds: float) -> str:
    """Run the tool, its output on a pipe that a thread turns into the layer; return the layer's SHA-256."""
    stages = Stages(progress)
    reading, writing = os.pipe()
    conversion = _Conversion(layer, uv)
    status: int | None = None
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(anyio.to_thread.run_sync, conversion.run, reading)
        with anyio.move_on_after(seconds):
            status = await _run(how, writing, stages)
    if isinstance(conversion.failure, OSError):
        raise ImageError(f"cannot write the base image to {layer.parent}: {conversion.failure}\n  Free some space.")
    if status is None:
        raise ImageError(f"{how.tool} took longer than {seconds:g} s\n  Raise `build_timeout`.\n{stages.tail}")
    if status == 0 and conversion.failure is not None:
        raise ImageError(f"{how.tool} wrote no root file system: {conversion.failure}\n  {_CURE}")
    if status != 0:
        cure = _cure(stages.tail)
        raise ImageError(f"{how.tool} failed to build the base image (exit code {status}):\n{stages.tail}\n  {cure}")
    return conversion.digest


def _cure(tail: str) -> str:
    if _NO_ROOT in tail:
        return _NO_ROOT_CURE
    if missing := _NO_PACKAGE.findall(tail):
        return f"The suite has no package {' and no '.join(missing)}: correct the server's `system`, or set `suite`."
    return _CURE


class _Conversion:
    """The thread's work and what came of it."""

    def __init__(self, layer: Path, uv: Path) -> None:
        self._layer = layer
        self._uv = uv
        self.digest = ""
        self.failure: Exception | None = None

    def run(self, reading: int) -> None:
        try:
            with open(reading, "rb") as source, self._layer.open("wb") as target:
                self.digest = write_layer(source, target, uv=self._uv)
        except (TarError, OSError) as error:
            self.failure = error


async def _run(how: Recipe, writing: int, stages: Stages) -> int:
    try:
        process = await anyio.open_process(how.command, stdin=DEVNULL, stdout=writing, start_new_session=True)
    finally:
        os.close(writing)
    try:
        assert process.stderr is not None
        await _read_lines(process.stderr, stages)
        return await process.wait()
    finally:
        with anyio.CancelScope(shield=True):
            await _end(process)
            await process.aclose()


async def _read_lines(stderr: ByteReceiveStream, stages: Stages) -> None:
    rest = ""
    async for text in TextReceiveStream(stderr, errors="replace"):
        *lines, rest = (rest + text).replace("\r", "\n").split("\n")
        for line in lines:
            stages.line(line)
        rest = rest[-1000:]
    stages.line(rest)


async def _end(process: Process) -> None:
    """Ask the tool and its children to clean up after themselves, then make sure."""
    if process.returncode is not None:
        return
    for number, grace in ((signal.SIGTERM, _TERM_GRACE), (signal.SIGKILL, _TERM_GRACE)):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with anyio.move_on_after(grace):
            await process.wait()
            return
