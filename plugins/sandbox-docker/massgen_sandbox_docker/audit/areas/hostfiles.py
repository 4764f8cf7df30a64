"""Attempts to get the host's own files into a sandbox by what a config asks for: sockets, homes, tricks with paths."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import anyio.to_thread

from massgen_core.errors import MassgenError
from massgen_core.sandbox import Mount, MountSettings
from massgen_core.sandbox.mounting import Wanted, checked_mounts
from massgen_sandbox_docker.audit.judges import refused
from massgen_sandbox_docker.audit.model import Attempt, Facts, Scene, attempt
from massgen_sandbox_docker.audit.stage import Stage

_TARGET = "/mnt/audit"
_TARGETS = ("/etc/passwd:rw", "/data:ro,shared", "/data/../opt", "/proc/audit", "relative")


async def _engine_socket(stage: Stage, attempts: tuple[Attempt, ...]) -> Mapping[str, Facts]:
    """By its own path, by those of folders above it, and by links, `..` and magic links that lead there."""
    socket = stage.backend.engine.endpoint.socket
    if socket is None or not await anyio.Path(socket).exists():
        return {attempts[0].id: {"unable": "the engine has no socket on this machine"}}
    with tempfile.TemporaryDirectory(prefix="massgen-audit-") as name:
        link, folder = Path(name) / "link", Path(name) / "folder"
        link.symlink_to(socket)
        folder.symlink_to(Path(socket).parent, target_is_directory=True)
        up = os.path.join(Path(socket).parent, "..", Path(socket).parent.name, Path(socket).name)
        texts = (socket, str(Path(socket).parent), str(link), str(folder), up, f"/proc/self/root{socket}")
        return {attempts[0].id: {"tries": await _all_asked(stage, texts)}}


async def _system_folders(stage: Stage, attempts: tuple[Attempt, ...]) -> Mapping[str, Facts]:
    texts = ("/", "/etc", "/proc", "/sys", "/dev", "~", "~/..", "/etc/shadow", "//etc")
    return {attempts[0].id: {"tries": await _all_asked(stage, texts)}}


async def _smuggled(stage: Stage, attempts: tuple[Attempt, ...]) -> Mapping[str, Facts]:
    """Places inside that say more than a place, as the flag `-v` would read them."""
    with tempfile.TemporaryDirectory(prefix="massgen-audit-") as name:
        try:
            await anyio.to_thread.run_sync(_mounts, stage.weak, name, _TARGET)
        except MassgenError as error:  # then a refusal would say nothing
            return {attempts[0].id: {"unable": f"a harmless folder is refused as well: {error}"}}
        tries = {target: await _asked(stage, name, target) for target in _TARGETS}
    return {attempts[0].id: {"tries": tries}}


async def _swapped(stage: Stage, attempts: tuple[Attempt, ...]) -> Mapping[str, Facts]:
    """A harmless folder when it is checked, a link to /etc when it is mounted."""
    with tempfile.TemporaryDirectory(prefix="massgen-audit-") as name:
        folder = Path(name) / "work"
        folder.mkdir()
        mounts = await anyio.to_thread.run_sync(_mounts, stage.weak, str(folder), _TARGET)
        folder.rmdir()
        folder.symlink_to("/etc", target_is_directory=True)
        return {attempts[0].id: {"tries": {"start with what was checked before": await _started(stage, mounts)}}}


async def _nested(stage: Stage, attempts: tuple[Attempt, ...]) -> Mapping[str, Facts]:
    """A folder to be protected, inside one that may be written: its parent could be renamed, and another put there."""
    with tempfile.TemporaryDirectory(prefix="massgen-audit-") as name:
        inner = Path(name) / ".git" / "hooks"
        inner.mkdir(parents=True)
        places = {"/workspace": (name, True), "/workspace/.git/hooks": (str(inner), False)}
        return {attempts[0].id: {"tries": {"/workspace and /workspace/.git/hooks": await _asked_for(stage, places)}}}


async def _through_another(stage: Stage, attempts: tuple[Attempt, ...]) -> Mapping[str, Facts]:
    """What one sandbox may write and another one mounts a part of: the first could put a link in the way."""
    with tempfile.TemporaryDirectory(prefix="massgen-audit-") as name:
        folder, link = Path(name) / "folder", Path(name) / "link"
        folder.mkdir()
        link.symlink_to("/opt", target_is_directory=True)
        ways = {each.name: {_TARGET: (str(each), False)} for each in (folder, link)}
        tries = {f"a {way} in it": await _asked_for(stage, places, written=name) for way, places in ways.items()}
    return {attempts[0].id: {"tries": tries}}


async def _asked_for(stage: Stage, places: Mapping[str, tuple[str, bool]], *, written: str | None = None) -> str:
    """Ask for several paths at once, each with whether it may be written."""
    try:
        mounts = await anyio.to_thread.run_sync(_all_mounts, stage.weak, places, written)
    except MassgenError:
        return "EPERM"
    return await _started(stage, mounts)


def _all_mounts(naive: bool, places: Mapping[str, tuple[str, bool]], written: str | None) -> Sequence[Mount]:
    if naive:
        return [Mount(source=Path(source), target=target, write=write) for target, (source, write) in places.items()]
    settings = {target: MountSettings(source=source, write=write) for target, (source, write) in places.items()}
    others = [(written, "servers.other.workspace")] if written else []
    return checked_mounts(Wanted.of(None, settings, folder=Path("/nowhere"), key="audit", written=others))


async def _all_asked(stage: Stage, texts: Sequence[str]) -> Mapping[str, str]:
    """Ask for each; where nobody refuses, two will do."""
    return {text: await _asked(stage, text) for text in (texts[:2] if stage.weak else texts)}


async def _asked(stage: Stage, source: str, target: str = _TARGET) -> str:
    """Ask for a path of the host as a config does: refused by our checks, by the engine, or mounted."""
    try:
        mounts = await anyio.to_thread.run_sync(_mounts, stage.weak, source, target)
    except MassgenError:
        return "EPERM"
    return await _started(stage, mounts)


def _mounts(naive: bool, source: str, target: str) -> Sequence[Mount]:
    if naive:
        return [Mount(source=Path(os.path.expanduser(source)), target=target)]
    wanted = Wanted.of(None, {target: MountSettings(source=source)}, folder=Path(tempfile.gettempdir()), key="audit")
    return checked_mounts(wanted)


async def _started(stage: Stage, mounts: Sequence[Mount]) -> str:
    try:
        async with stage.sandbox(mounts=mounts):
            return "ok"
    except MassgenError:
        return "EPERM"


def _attempt(name: str, title: str, refs: str, scene: Scene) -> Attempt:
    return attempt("host files", name, title, "Refused, before a container is started.", refs, scene, refused())


ATTEMPTS = (
    _attempt(
        "mount-engine-socket",
        "ask for the engine's socket as a mount: its path, its folder, links, `..`, /proc/self/root",
        "CIS 5.32, OWASP Docker Rule 1, ATT&CK T1610",
        _engine_socket,
    ),
    _attempt(
        "mount-system-folders",
        "ask for /, /etc, /proc, /sys, /dev, a home folder as a mount",
        "CIS 5.6, OWASP MCP §3, ATT&CK T1552.001",
        _system_folders,
    ),
    _attempt(
        "mount-smuggling",
        "ask for a place inside that says more than a place (`:rw`, options, `..`, /proc)",
        "CIS 5.6, OWASP MCP §5, ATT&CK T1611",
        _smuggled,
    ),
    _attempt(
        "mount-swapped",
        "swap a folder for a link to /etc after it was checked",
        "CIS 5.6, OWASP MCP §3, ATT&CK T1611",
        _swapped,
    ),
    _attempt(
        "mount-nested",
        "ask for a read-only folder inside a writable one, whose parent can be renamed from inside",
        "CIS 5.6, OWASP MCP §3, ATT&CK T1562.001",
        _nested,
    ),
    _attempt(
        "mount-through-another",
        "ask for a path through a folder that another sandbox may write, and for a link that it has put there",
        "CIS 5.6, OWASP MCP §7, ATT&CK T1611",
        _through_another,
    ),
)
