"""The container in which a package is installed: open network, writable files, the host's settings in memory only."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Literal

import anyio.to_thread

from massgen_core.errors import ImageError
from massgen_core.sandbox import ExecResult, Progress, Sandbox, SandboxLimits, SandboxSpec
from massgen_sandbox_docker.config import DockerConfig
from massgen_sandbox_docker.images.hostfiles import FOLDER, HostFiles, host_files

Start = Callable[[SandboxSpec], AbstractAsyncContextManager[Sandbox]]

CACHE = "/var/tmp/massgen"
"""Caches and temporary files of a build: on disk in the container, and not copied out of it."""

_LIMITS: Mapping[str, object] = {
    "memory": "2GiB",
    "cpus": 2,
    "pids": 1024,
    "tmpfs": {"/tmp": "256MiB", FOLDER: "16MiB"},
    "read_only_root": False,
    "network": "open",
}
_MAX_OUTPUT = 16 * 1024 * 1024
_LONGEST_LINE = 200
_PROGRESS = re.compile(r"Downloading|Building|Prepared|Installed|added ")
_ANSI = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


class _Lines:
    """Puts output together again to lines, and passes on those that tell of progress."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._rest = b""

    def feed(self, data: bytes) -> None:
        *lines, rest = (self._rest + data).split(b"\n")
        self._rest = rest[-_LONGEST_LINE:]
        for line in lines:
            if _PROGRESS.match(text := printable(line).strip()):
                self._progress(text[:_LONGEST_LINE])


class Workshop:
    """A running build container."""

    def __init__(self, sandbox: Sandbox, config: DockerConfig, host: HostFiles, progress: Progress) -> None:
        self.sandbox = sandbox
        self.config = config
        self._env = {**host.env, "HOME": CACHE, "TMPDIR": CACHE, "XDG_CACHE_HOME": f"{CACHE}/cache", "NO_COLOR": "1"}
        self._progress = progress

    async def run(
        self,
        command: Sequence[str],
        *,
        stdin: bytes | None = None,
        env: Mapping[str, str] | None = None,
        workdir: str = CACHE,
    ) -> ExecResult:
        """Run a command to its end, whatever its exit code; its stderr is shown as progress.

        Raises:
            ImageError: It took longer than ``build_timeout``, or is not in the base image.
        """

        lines = _Lines(self._progress)

        async def show(stream: Literal["stdout", "stderr"], data: bytes) -> None:
            if stream == "stderr":
                lines.feed(data)

        result = await self.sandbox.exec(
            command,
            stdin=stdin,
            env={**self._env, **(env or {})},
            workdir=workdir,
            deadline=self.config.build_timeout,
            max_output=_MAX_OUTPUT,
            on_output=show,
        )
        if result.timed_out:
            raise ImageError(
                f"`{command[0]}` took longer than {self.config.build_timeout:g} s\n  "
                "Raise `build_timeout` under [plugins.sandbox-docker], or check the network."
            )
        if result.exit_code in (126, 127):
            raise ImageError(
                f"the base image cannot run `{command[0]}`: {printable(result.stderr).strip()[-500:]}\n  "
                "It needs python3 and uv for `uvx:` packages, node and npm for `npx:` packages."
            )
        return result

    async def read(self, path: str) -> bytes:
        """The beginning of a file of the container, 16 MiB at most; empty when it is not there, or no file."""
        script = f'test ! -f "$0" || head -c {_MAX_OUTPUT} -- "$0"'  # it may be a hole of a terabyte
        return (await self.run(["sh", "-c", script, path])).stdout

    async def write(self, path: str, data: bytes) -> None:
        """Write a small file in the container."""
        await self.check(["sh", "-c", 'cat > "$0"', path], stdin=data)

    async def check(self, command: Sequence[str], *, stdin: bytes | None = None, workdir: str = CACHE) -> bytes:
        """Run one of our own small steps, which is not expected to fail; return its stdout.

        Raises:
            ImageError: It failed all the same.
        """
        result = await self.run(command, stdin=stdin, workdir=workdir)
        if result.exit_code != 0:
            raise ImageError(f"a step of the image build failed ({' '.join(command)[:200]}):\n{tail(result)}")
        return result.stdout


@asynccontextmanager
async def workshop(
    start: Start, base: str, name: str, config: DockerConfig, progress: Progress
) -> AsyncGenerator[Workshop]:
    """Start a build container; it and all that it holds is gone when the context ends."""
    host = await anyio.to_thread.run_sync(host_files, config)
    limits = SandboxLimits.model_validate(_LIMITS)
    spec = SandboxSpec(name=f"build-{name}", image=base, command=("cat",), workdir="/", limits=limits)
    async with start(spec) as sandbox:
        await _furnish(sandbox, host)
        yield Workshop(sandbox, config, host, progress)


async def _furnish(sandbox: Sandbox, host: HostFiles) -> None:
    script = f"mkdir -p {CACHE} && umask 077 && tar -xf - -C {FOLDER}"
    result = await sandbox.exec(["sh", "-c", script], stdin=host.archive(), deadline=60)
    if result.exit_code != 0:
        raise ImageError(f"the base image cannot be built in (it needs sh and tar):\n{tail(result)}")


def tail(result: ExecResult, lines: int = 15) -> str:
    """The last lines that a command wrote to stderr, or to stdout where it wrote none."""
    text = printable(result.stderr).strip() or printable(result.stdout).strip() or f"exit code {result.exit_code}"
    return "\n".join(f"    {line[:500]}" for line in text.splitlines()[-lines:])


def printable(data: bytes) -> str:
    """Output as text: undecodable bytes replaced, terminal controls removed."""
    text = _ANSI.sub("", data.decode(errors="replace")).replace("\r", "\n")
    return "".join(char for char in text if char.isprintable() or char in "\n\t")
