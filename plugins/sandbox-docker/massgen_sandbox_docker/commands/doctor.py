"""`massgen-core docker doctor`: what the engine is, and what it can hold a container to."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import anyio.to_thread

from massgen_core.sandbox import Finding
from massgen_sandbox_docker.commands.capacity import ability_findings
from massgen_sandbox_docker.config import DockerConfig
from massgen_sandbox_docker.engine.client import Engine, version_text
from massgen_sandbox_docker.engine.kind import EngineKind, Here, judge
from massgen_sandbox_docker.engine.kind import findings as kind_findings

ENGINE_MUST = frozenset({"memory limit", "pids limit", "cpu limit", "seccomp", "runc", "disk"})
"""Findings about the engine that end the check with a failure."""

SERVER_MUST = frozenset(
    {"capabilities", "privileged", "no-new-privileges", "seccomp", "user", "memory limit", "pids limit", "namespaces"}
)
"""Findings about a server's container that end the check with a failure."""

_GIB = 1024**3
_LEAST_FREE = 2 * _GIB

_RUNC_FIXED: Sequence[tuple[int, int, int]] = ((1, 2, 8), (1, 3, 3), (1, 4, 0))
"""The first versions of each line without CVE-2025-31133, CVE-2025-52565 and CVE-2025-52881."""

_RUNC_ESCAPE = (1, 1, 12)
"""The first version without CVE-2024-21626, by which images leave the container."""


async def examine(engine: Engine, config: DockerConfig) -> tuple[Mapping[str, str], Sequence[Finding]]:
    """Facts about the engine, and findings about what it can enforce."""
    info = await engine.info()
    kind = await anyio.to_thread.run_sync(judge, engine.endpoint, engine.version, info, Here.now())
    facts = _facts(engine, info, kind)
    findings = [*_limits(info), *_protection(info), *kind_findings(kind, info), _runc(engine.version)]
    findings += ability_findings(info, kind)
    disk = await anyio.to_thread.run_sync(_disk, kind.files == "here", str(info.get("DockerRootDir", "")))
    return facts, [*findings, *([disk] if disk else []), await _base(engine, config)]


def _facts(engine: Engine, info: Mapping[str, Any], kind: EngineKind) -> dict[str, str]:
    return {
        "engine": str(engine.version.get("Version", "?")),
        "kind": str(kind),
        "endpoint": f"{engine.endpoint} ({engine.endpoint.source})",
        "API version": f"{version_text(engine.api_version)} (the engine's newest: {engine.version.get('ApiVersion')})",
        "system": f"{info.get('OperatingSystem', '?')}, kernel {info.get('KernelVersion', '?')}",
        "storage driver": str(info.get("Driver", "?")),
        "cgroups": f"v{info.get('CgroupVersion', '1')}, driver {info.get('CgroupDriver', '?')}",
        "runtimes": ", ".join(sorted(info.get("Runtimes") or ())),
        "security": ", ".join(_options(info)) or "none",
    }


def _options(info: Mapping[str, Any]) -> list[str]:
    """``seccomp`` of ``name=seccomp,profile=default``."""
    return [str(option).removeprefix("name=").partition(",")[0] for option in info.get("SecurityOptions") or ()]


def _limits(info: Mapping[str, Any]) -> Iterator[Finding]:
    for key, name, cure in (
        ("MemoryLimit", "memory limit", "Enable the memory cgroup (`cgroup_enable=memory` at boot)."),
        ("SwapLimit", "swap limit", "Boot with `swapaccount=1`, or use cgroup v2."),
        ("PidsLimit", "pids limit", "Use a kernel with the pids cgroup."),
        ("CpuCfsQuota", "cpu limit", "Use a kernel with CFS bandwidth control."),
    ):
        yield _finding(name, bool(info.get(key)), "enforced" if info.get(key) else "not enforced", cure)


def _protection(info: Mapping[str, Any]) -> Iterator[Finding]:
    options = _options(info)
    yield _finding(
        "seccomp", "seccomp" in options, "supported" if "seccomp" in options else "missing", "Change kernel."
    )
    control = next((name for name in ("apparmor", "selinux") if name in options), None)
    cure = "Enable AppArmor or SELinux on the engine's host."
    yield _finding("mandatory access control", control is not None, control or "none", cure)
    mapped = next((name for name in ("rootless", "userns") if name in options), None)
    cure = "Run rootless Docker, or set `userns-remap` in daemon.json."
    yield _finding("user namespace", mapped is not None, mapped or "root inside is root outside", cure)


def _runc(version: Mapping[str, Any]) -> Finding:
    """Known escapes by version; a distribution's own build may have them mended under an old number."""
    components = cast("list[Mapping[str, Any]]", version.get("Components") or [])
    text = next((str(each.get("Version", "")) for each in components if each.get("Name") == "runc"), "")
    match = re.match(r"(\d+)\.(\d+)\.(\d+)(.*)", text)
    if match is None:
        return _finding("runc", True, text or "not used", "")
    number, suffix = (int(match[1]), int(match[2]), int(match[3])), match[4]
    holes = runc_holes(number)
    if holes and suffix and not suffix.startswith("-rc"):
        cure = "Keep it updated (`apt-get upgrade runc`): distributions mend these under the old number."
        return Finding(name="runc (distribution's build)", ok=False, detail=f"{text}; upstream had {holes}", cure=cure)
    return _finding(
        "runc", not holes, f"{text} has {holes}" if holes else text, "Upgrade runc to 1.2.8, 1.3.3 or newer."
    )


def runc_holes(number: tuple[int, int, int]) -> str:
    """The container escapes that an upstream version of runc is known for."""
    mended = any(number[:2] == fixed[:2] and number >= fixed for fixed in _RUNC_FIXED) or number >= _RUNC_FIXED[-1]
    holes = ["CVE-2025-31133, CVE-2025-52565, CVE-2025-52881"] if not mended else []
    return ", ".join(["CVE-2024-21626", *holes] if number < _RUNC_ESCAPE else holes)


def _disk(local: bool, folder: str) -> Finding | None:
    """Free space where the engine keeps images, if that is on this machine."""
    if not local or not folder or not Path(folder).is_dir():
        return None
    free = shutil.disk_usage(folder).free
    return _finding("disk", free >= _LEAST_FREE, f"{free / _GIB:.1f} GiB free in {folder}", "Free at least 2 GiB.")


async def _base(engine: Engine, config: DockerConfig) -> Finding:
    from massgen_sandbox_docker.images import base_reference, present

    reference = base_reference(config)
    there = await present(engine, reference)
    detail = reference if there else "not built yet"
    return _finding("base image", there, detail, "`massgen-core docker build` makes it; so does the first server.")


def _finding(name: str, ok: bool, detail: str, cure: str) -> Finding:
    return Finding(name=name, ok=ok, detail=detail, cure=None if ok else cure)
