"""One build at a time for one image, among tasks and among programs on this machine."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import anyio.to_thread

from massgen_core.errors import SandboxError
from massgen_core.sandbox import Progress

_POLL = 0.25


def cache_folder(environ: Mapping[str, str] | None = None) -> Path:
    """The folder of this user for locks and unfinished layers, made when it is not there.

    Raises:
        SandboxError: It cannot be made.
    """
    environ = os.environ if environ is None else environ
    parent = environ.get("XDG_CACHE_HOME") or environ.get("LOCALAPPDATA") or Path.home() / ".cache"
    folder = Path(parent) / "massgen-sandbox-docker"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise SandboxError(f"cannot make the folder for image builds: {error}\n  Set XDG_CACHE_HOME.") from None
    return folder


@asynccontextmanager
async def single_flight(key: str, progress: Progress) -> AsyncGenerator[None]:
    """Hold the lock named ``key``; whoever comes second waits, and says so once. A killed holder's lock is free."""
    path = await anyio.to_thread.run_sync(cache_folder) / f"{re.sub('[^a-z0-9.-]+', '-', key)}.lock"
    handle = await anyio.to_thread.run_sync(os.open, path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
    try:
        if not _try_lock(handle):
            progress("waiting for another build of the same image")
            while not _try_lock(handle):  # noqa: ASYNC110  (another program holds it: there is no event to wait for)
                await anyio.sleep(_POLL)
        yield
    finally:
        os.close(handle)


def _try_lock(handle: int) -> bool:
    """Lock the open file without waiting; closing it unlocks."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
