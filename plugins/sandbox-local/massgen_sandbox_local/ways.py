"""The two ways to run a tree: in bubblewrap, and plainly."""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager

from massgen_core.errors import ConfigError
from massgen_core.sandbox import Isolation, SandboxLimits
from massgen_core.sandbox.shipping import program
from massgen_sandbox_local.bubblewrap import View, arguments, environment, sealed
from massgen_sandbox_local.isolation import bwrap_isolation, plain_isolation
from massgen_sandbox_local.launch import Starter
from massgen_sandbox_local.places import HOME
from massgen_sandbox_local.tree import Tree, tree

_KEEPER = (
    *("massgen_core.sandbox.inside.trees", "massgen_core.sandbox.inside.keeping"),
    "massgen_sandbox_local.keeper",
)
"""In the command line whole: what root becomes may not be able to read the packages."""


class Bubblewrap:
    """Each command in namespaces of its own, over the same private folders."""

    def __init__(self, program: str, view: View) -> None:
        self._program = program
        self._view = view

    @asynccontextmanager
    async def run(
        self, command: Sequence[str], *, env: Mapping[str, str], workdir: str | None, stdin: bool
    ) -> AsyncGenerator[Tree]:
        """Start one."""
        spec, user = self._view.spec, self._view.user
        folder = _absolute(workdir or spec.workdir or HOME)
        descriptor = sealed(arguments(self._view, environment(spec, env), folder))
        starter = Starter(
            argv=lambda tells, waits: [
                *(self._program, "--args", str(descriptor), "--json-status-fd", str(tells)),
                *("--block-fd", str(waits), "--"),
            ],
            passed=(descriptor,),
            held=True,
            limits={**limits(spec.limits), "nproc": spec.limits.pids},
            user=user.outside and user.outside[0],
            group=user.outside and user.outside[1],
        )
        try:
            async with tree(starter, command, stdin=stdin) as running:
                yield running
        finally:
            os.close(descriptor)

    async def inspect(self) -> Isolation:
        """What holds them."""
        return await bwrap_isolation(self.run, self._view.spec, self._view.keeps_userns)


class Plain:
    """Each command as a process of this machine, below a keeper that ends what it starts."""

    def __init__(self, view: View) -> None:
        self._view = view

    @asynccontextmanager
    async def run(
        self, command: Sequence[str], *, env: Mapping[str, str], workdir: str | None, stdin: bool
    ) -> AsyncGenerator[Tree]:
        """Start one."""
        spec, user, places = self._view.spec, self._view.user, self._view.places
        home = str(places.writable[HOME])
        folder = _absolute(workdir or spec.workdir or home)
        own = {"HOME": home, "TMPDIR": str(places.writable["/tmp"])}
        files = {f"{name}_FILE": str(path) for name, path in places.secrets.items()}
        bounds = {name: value for name, value in limits(spec.limits).items() if name != "data"}
        words = json.dumps({"folder": folder, "limits": bounds, "user": user.outside})
        starter = Starter(
            argv=lambda tells, waits: [sys.executable, "-I", "-S", "-c", program(*_KEEPER), str(tells), words],
            env=environment(spec, {**own, **files, **spec.env, **env}),
            held=False,
        )
        async with tree(starter, command, stdin=stdin) as running:
            yield running

    async def inspect(self) -> Isolation:
        """What holds them: little."""
        return plain_isolation(self._view.spec)


def limits(wanted: SandboxLimits) -> dict[str, int]:
    """What the kernel holds each single process to; names as of setrlimit(2)."""
    found = {"nofile": wanted.open_files, "core": 0, "data": math.ceil(wanted.memory)}
    if wanted.file_size is not None:
        found["fsize"] = int(wanted.file_size)
    return found


def _absolute(folder: str) -> str:
    if not folder.startswith("/") or ".." in folder.split("/"):
        raise ConfigError(f"{folder!r} must be an absolute path without `..`", key="workdir")
    return folder
