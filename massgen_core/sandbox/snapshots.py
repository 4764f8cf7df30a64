"""The files of a sandbox at one moment, kept for others to begin with."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import anyio

if TYPE_CHECKING:
    from massgen_core.sandbox.protocols import Sandbox, SandboxBackend
    from massgen_core.sandbox.spec import SandboxSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Files that a backend keeps: its identifier there, the sandbox it was made of, when (seconds since 1970).

    ``size`` is in bytes, None where the backend does not tell.
    """

    backend: str
    id: str
    name: str
    created: float
    size: int | None = None


@asynccontextmanager
async def fork(backend: SandboxBackend, sandbox: Sandbox, spec: SandboxSpec) -> AsyncGenerator[Sandbox]:
    """Start a sandbox that begins with the files of another one, which goes on; nothing is kept beyond the context.

    Raises:
        SandboxUnavailable: The backend cannot, or the files have no place in what the spec allows.
    """
    snapshot = await sandbox.snapshot()
    try:
        async with backend.start(replace(spec, image="", snapshot=snapshot)) as forked:
            yield forked
    finally:
        with anyio.CancelScope(shield=True):
            await backend.drop(snapshot)
