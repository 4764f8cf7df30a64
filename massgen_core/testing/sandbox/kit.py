"""What the parts of the kit share: the fixtures that a backend's author overrides, and features that may be lacking."""

from __future__ import annotations

import os
import secrets
from collections.abc import AsyncGenerator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import anyio
import pytest

from massgen_core.sandbox import Command, Process, Sandbox, SandboxBackend, SandboxSpec

FEATURES: Mapping[str, str] = {
    "exact-kill": "what a command started is ended even if it hid its environment and lost its parent",
    "mounts": "folders of the host can be seen inside, read-only unless told otherwise",
    "no-network": "network `none` leaves no way out",
    "private-files": "what one sandbox writes to /tmp is not seen by another",
}
"""What a backend may lack, if it says so."""

PATIENCE = 30.0
"""Seconds after which something that should happen is taken not to."""

_SOMEBODY = 1000
_PROCESSES = 'for each in /proc/[0-9]*/cmdline; do tr "\\0" " " <"$each" && echo; done 2>/dev/null; :'
_CONNECT = "import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), 5)"


class Kit:
    """The overridable part of `SandboxConformance`."""

    lacks: ClassVar[Mapping[str, str]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if unknown := sorted(set(cls.lacks) - set(FEATURES)):
            raise TypeError(f"{cls.__name__}.lacks names {unknown}; a backend may lack {sorted(FEATURES)}, no more")
        if silent := sorted(feature for feature, reason in cls.lacks.items() if not reason.strip()):
            raise TypeError(f"{cls.__name__}.lacks gives no reason for {silent}")

    @pytest.fixture
    def sandbox_backend(self) -> SandboxBackend:
        """An open backend; it may be an async fixture that closes the backend again."""
        raise NotImplementedError("override the fixture `sandbox_backend` with one that gives an open SandboxBackend")

    @pytest.fixture
    def sandbox_spec(self) -> SandboxSpec:
        """The sandbox that most tests start; it keeps running by itself while commands are run in it."""
        raise NotImplementedError("override the fixture `sandbox_spec` with one that gives a SandboxSpec to start")

    @pytest.fixture
    async def sandbox(self, sandbox_backend: SandboxBackend, sandbox_spec: SandboxSpec) -> AsyncGenerator[Sandbox]:
        """A running sandbox."""
        async with sandbox_backend.start(sandbox_spec) as started:
            yield started

    @pytest.fixture
    def shared_folder(self, tmp_path: Path) -> Path:
        """A folder of the host that the sandbox's user may be given; where root runs the tests, an ordinary user's."""
        tmp_path.chmod(0o755)
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            os.chown(tmp_path, _SOMEBODY, _SOMEBODY)
        return tmp_path

    @pytest.fixture
    def word(self) -> str:
        """A number that stands in the command lines of one test alone."""
        return str(10**7 + secrets.randbelow(10**7))

    async def running(self, sandbox: Sandbox, word: str) -> Sequence[str]:
        """The command lines in the sandbox that hold a word; override it where commands do not see each other."""
        listed = await sandbox.exec(["sh", "-c", _PROCESSES], deadline=PATIENCE)
        return [line for line in listed.stdout.decode("utf-8", "replace").splitlines() if word in line]

    def connector(self, host: str, port: int) -> Sequence[str]:
        """The command that ends with 0 when it could make a TCP connection, from inside."""
        return ["python3", "-c", _CONNECT, host, str(port)]

    def needs(self, feature: str) -> None:
        """Skip a test whose feature the backend openly lacks."""
        assert feature in FEATURES, feature
        if feature in self.lacks:
            pytest.skip(f"the backend lacks {feature!r} ({FEATURES[feature]}): {self.lacks[feature]}")


async def receive_until(source: Command | Process, text: bytes) -> bytes:
    """What a command says, until it has said ``text``."""
    said = b""
    with anyio.fail_after(PATIENCE):
        while text not in said:
            piece = await source.receive()
            said += piece if isinstance(piece, bytes) else piece[1]
    return said


async def receive_all(command: Command) -> Mapping[str, bytes]:
    """All that a command still says, by stream."""
    said = {"stdout": b"", "stderr": b""}
    with anyio.fail_after(PATIENCE):
        while True:
            try:
                stream, piece = await command.receive()
            except anyio.EndOfStream:
                return said
            said[stream] += piece


async def send_on(command: Command) -> None:
    """Write until it is refused: what is on its way to a command may not know yet of its end."""
    while True:
        await command.send(b"x" * 65536)
