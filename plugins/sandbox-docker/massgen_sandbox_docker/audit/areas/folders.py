"""Attempts on whoever reads what a sandbox leaves in a folder of the host: here the watch over its use of the disk."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread

from massgen_core.errors import SandboxExited
from massgen_core.sandbox import Mount
from massgen_core.sandbox.mounts import WORKSPACE
from massgen_sandbox_docker.audit.judges import refused
from massgen_sandbox_docker.audit.model import Attempt, Facts, Judgement, attempt, held, hole
from massgen_sandbox_docker.audit.naive import used_by
from massgen_sandbox_docker.audit.scenes import aftermath
from massgen_sandbox_docker.audit.stage import Stage
from massgen_sandbox_docker.container.diskuse import Unmeasurable, measure
from massgen_sandbox_docker.container.run import DockerSandbox
from massgen_sandbox_docker.container.watchman import INTERVAL

_MIB = 1024 * 1024
_LIMIT = 4 * _MIB
_LARGE = 64 * _MIB
_SLACK = 64 * 1024
"""Folders themselves, which take a block or more, depending on their names."""
_READ_ONLY = "/mnt/audit"
_PATIENCE = 30.0
_NOTICE = 3 * INTERVAL
_FILES = 100_000
_DEPTH = 5_000
_NO_LIMIT = 1 << 60


@asynccontextmanager
async def _folders() -> AsyncGenerator[Path]:
    """A folder of the host for the folders of one sandbox; what a sandbox leaves in it may be too deep for Python."""
    folder = Path(await anyio.to_thread.run_sync(tempfile.mkdtemp, None, "massgen-audit-"))
    try:
        yield folder
    finally:
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(_delete, folder)


def _delete(folder: Path) -> None:
    subprocess.run(["rm", "-rf", "--", str(folder)], check=False, stderr=subprocess.DEVNULL)


def _made(stage: Stage, folder: Path, name: str) -> Path:
    """A folder that a sandbox can be made for: it does not run as root."""
    made = folder / name
    made.mkdir(mode=0o755)
    if os.geteuid() == 0:
        user, group = map(int, stage.limits.user.split(":"))
        os.chown(made, user, group)
    return made


async def _odd(stage: Stage, attempts: tuple[Attempt, ...]) -> Mapping[str, Facts]:
    """Leave them there, and measure; the sandbox must not be ended for what they lead to."""
    async with _folders() as folder:
        workspace, large = _made(stage, folder, "workspace"), folder / "large"
        large.write_bytes(bytes(_LARGE))
        mounts = [Mount(source=workspace, target=WORKSPACE, write=True)]
        async with stage.sandbox(mounts=mounts, disk=_limit(stage)) as sandbox:
            found = await stage.probe(sandbox, "folders", [attempts[0].id], large=str(large))
            facts = {**found[attempts[0].id], **await _measured(stage, workspace)}
            ended = await _ended(sandbox, _NOTICE / 2)
            problems = await aftermath(stage, sandbox)
    return {attempts[0].id: {**facts, "ended": ended, "aftermath": problems}}


async def _measured(stage: Stage, workspace: Path) -> dict[str, Any]:
    if stage.weak:
        return {"used": await anyio.to_thread.run_sync(used_by, workspace)}
    try:
        return {"used": await anyio.to_thread.run_sync(measure, str(workspace), _NO_LIMIT)}
    except Unmeasurable as error:
        return {"used": None, "why": str(error)}


async def _filled(stage: Stage, attempts: tuple[Attempt, ...]) -> Mapping[str, Facts]:
    """Each in a sandbox of its own, all at once: each must be ended, with the reason."""
    facts: dict[str, Facts] = {}

    async def one(name: str) -> None:
        facts[name] = await _fill(stage, name)

    async with anyio.create_task_group() as tasks:
        for attempt in attempts:
            tasks.start_soon(one, attempt.id)
    return facts


async def _fill(stage: Stage, name: str) -> Facts:
    async with _folders() as folder:
        workspace = _made(stage, folder, "workspace")
        mounts = [Mount(source=workspace, target=WORKSPACE, write=True)]
        async with stage.sandbox(mounts=mounts, disk=_limit(stage)) as sandbox:
            with suppress(SandboxExited):
                await stage.probe(sandbox, "folders", [name], **_counts(stage))
            ended = await _ended(sandbox, _NOTICE if stage.weak else _PATIENCE)
            return {"ended": ended, "aftermath": await aftermath(stage, sandbox)}


def _limit(stage: Stage) -> int | None:
    return None if stage.weak else _LIMIT


def _counts(stage: Stage) -> Mapping[str, int]:
    """How far to go: less where nobody stops it, for it has to be cleared away again."""
    return {"files": _FILES // 20, "depth": _DEPTH // 10} if stage.weak else {"files": _FILES, "depth": _DEPTH}


async def _ended(sandbox: DockerSandbox, seconds: float) -> str | None:
    with anyio.move_on_after(seconds):
        return (await sandbox.main.wait()).reason
    return None


async def _protected(stage: Stage, attempts: tuple[Attempt, ...]) -> Mapping[str, Facts]:
    """A folder that may only be read, beside one that may be written; the host looks at both afterwards."""
    async with _folders() as folder:
        workspace, context = _made(stage, folder, "workspace"), _made(stage, folder, "context")
        protected = context / "protected"
        protected.write_bytes(b"protected")
        protected.chmod(0o666)
        mounts = [
            Mount(source=workspace, target=WORKSPACE, write=True),
            Mount(source=context, target=_READ_ONLY, write=stage.weak),
        ]
        async with stage.sandbox(mounts=mounts) as sandbox:
            found = await stage.probe(sandbox, "folders", [attempts[0].id])
            problems = await aftermath(stage, sandbox)
        left = protected.read_bytes() if protected.exists() else b""
        if left != b"protected" or protected.stat().st_nlink != 1:
            problems.append("the file on the host is not what it was")
    return {attempts[0].id: {**found[attempts[0].id], "aftermath": problems}}


def judge_measured(facts: Facts) -> Judgement:
    """What the entries themselves take, and nothing of what they lead to; the sandbox goes on."""
    least, used = int(facts["least"]), facts["used"]
    if used is None:
        return hole(f"it could not be measured: {facts.get('why')}")
    odd = [name.strip("_") for name, answer in facts["odd"].items() if answer == "ok"]
    text = f"{facts['entries']} entries, {', '.join(odd)} and 51 names of 1 MiB measured as {used / _MIB:.2f} MiB"
    if facts["ended"]:
        return hole(f"{text}; the sandbox ended: {facts['ended']}")
    return (held if least <= used <= least + _SLACK else hole)(text)


def judge_ended(facts: Facts) -> Judgement:
    """The watch has ended it, and says so."""
    reason = facts["ended"]
    return (held if reason and "(`disk`)" in reason else hole)(str(reason or "it went on"))


_attempt = partial(attempt, "host files")


_ENDED = f"The watch ends the sandbox, with `disk` as the reason; it may use {_LIMIT // _MIB} MiB."

ATTEMPTS = (
    _attempt(
        "folder-odd-entries",
        "leave links in a writable folder (/etc, /proc/self/root, /dev/zero, a large file of the host, loops), a pipe, "
        "a socket, holes, 51 names of one file, names with newlines, escapes, 255 bytes, no text",
        "The watch over the disk neither hangs nor follows; it counts the entries, and nothing that they lead to.",
        "OWASP MCP §3, ATT&CK T1499.001",
        _odd,
        judge_measured,
    ),
    _attempt(
        "folder-deep",
        f"nest folders {_DEPTH:,} deep in a writable folder, where a reader may give up",
        _ENDED,
        "OWASP Docker Rule 7, ATT&CK T1499.001",
        _filled,
        judge_ended,
    ),
    _attempt(
        "folder-many-files",
        f"make {_FILES:,} empty files in a writable folder, which take no bytes",
        _ENDED,
        "OWASP Docker Rule 7, ATT&CK T1499.001",
        _filled,
        judge_ended,
    ),
    _attempt(
        "folder-growth",
        "write 24 MiB in small files to a writable folder",
        _ENDED,
        "OWASP Docker Rule 7, ATT&CK T1499.001",
        _filled,
        judge_ended,
    ),
    _attempt(
        "read-only-folder",
        "change a file of a read-only folder by another name: a hard link or a rename between it and a writable one, a "
        "link, a rename of the folder or of its parent",
        "Refused; the file on the host is what it was.",
        "CIS 5.6, OWASP Docker Rule 8, ATT&CK T1562.001",
        _protected,
        refused("EXDEV", "EBUSY", "EINVAL"),
    ),
)
