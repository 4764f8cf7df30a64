"""A gate inside the sandbox's own container, for runtimes whose network stack is their own (gVisor, Kata).

There the sandbox's user could end the gate or speak in its place. That closes its own way out, and opens none: what is
allowed is decided at our end of the stream.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

import anyio

from massgen_core.errors import SandboxError, SandboxUnavailable
from massgen_core.sandbox.output import ByteRing
from massgen_sandbox_docker.container.run import DockerSandbox
from massgen_sandbox_docker.container.runtimes import family
from massgen_sandbox_docker.engine.api import container
from massgen_sandbox_docker.engine.client import Engine
from massgen_sandbox_docker.engine.frames import STDOUT, FrameError, FrameParser
from massgen_sandbox_docker.engine.framing import FramingError
from massgen_sandbox_docker.engine.hijack import HijackedStream
from massgen_sandbox_docker.network.companion import gate_command, opened
from massgen_sandbox_docker.network.layout import PROXY, Layout
from massgen_sandbox_docker.network.mux import GateBroken, Mux, Serve

_KEPT_STDERR = 4096

_WAIT = f"""
import os, socket, sys, time
for _ in range(2000):
    try:
        socket.create_connection({PROXY!r}, 1).close()
        break
    except OSError:
        time.sleep(0.02)
os.execvp(sys.argv[1], sys.argv[1:])
"""
"""Becomes the sandbox's program as soon as the gate listens; what came on stdin meanwhile is left for it."""


def waiting(command: Sequence[str]) -> Sequence[str]:
    """A command that begins when there is a way out, for programs that connect to something first of all."""
    return ("python3", "-I", "-S", "-c", _WAIT, *command)


def own_network_stack(runtime: str) -> bool:
    """Whether loopback in one container of an OCI runtime is another one's, even in a shared network namespace."""
    return family(runtime) != "runc"


class ExecCarrier:
    """The stdin and stdout of an attached exec; its last words on stderr are kept."""

    def __init__(self, stream: HijackedStream) -> None:
        self._stream = stream
        self._parser = FrameParser()
        self._frames = iter(())
        self.stderr = ByteRing(_KEPT_STDERR)

    async def send(self, data: bytes) -> None:
        """Write to stdin."""
        await self._stream.send(data)

    async def receive(self) -> bytes:
        """The next bytes of stdout."""
        while True:
            for number, piece in self._frames:
                if number == STDOUT:
                    return piece
                self.stderr.add(piece)
            try:
                self._frames = self._parser.feed(await self._stream.receive())
            except FrameError as error:
                raise GateBroken(str(error)) from error


@asynccontextmanager
async def gate_inside(
    engine: Engine, sandbox: DockerSandbox, user: str, layout: Layout, serve: Serve
) -> AsyncGenerator[Mux]:
    """Start a gate in a running sandbox.

    Raises:
        SandboxUnavailable: Its image has no python3, or its network is not closed.
    """
    stream = await _begun(engine, sandbox, user)
    try:
        carrier = ExecCarrier(stream)
        mux = Mux(carrier, serve)
        try:
            await opened(mux, [], layout.listen)
        except (GateBroken, FramingError) as error:
            said = carrier.stderr.bytes().decode("utf-8", "replace").strip()
            raise _not_there(said or str(error)) from error
        yield mux
    finally:
        with anyio.CancelScope(shield=True):
            await stream.aclose()


async def _begun(engine: Engine, sandbox: DockerSandbox, user: str) -> HijackedStream:
    try:
        async with engine.control("prepare the sandbox's gate") as docker:
            target = container(docker, sandbox.id)
            made = await target.exec(gate_command(), stdin=True, user=user, environment=(), workdir="/")
        path = f"/exec/{made.id}/start"
        return await engine.hijack("start the sandbox's gate", path, {"Detach": False, "Tty": False})
    except SandboxError as error:  # its program could not begin: the one that waits for the gate is in python3, too
        raise _not_there(sandbox.main.stderr_tail().strip()[-500:] or str(error)) from error


def _not_there(said: str) -> SandboxUnavailable:
    return SandboxUnavailable(
        f"the sandbox's gate did not start: {said}\n  "
        "Under this runtime it runs inside the sandbox, whose image needs python3 for it."
    )
