"""What holds a sandbox on this machine, looked at from inside, and what does not."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager

import anyio

from massgen_core.errors import SandboxError
from massgen_core.sandbox import Finding, Isolation, SandboxSpec
from massgen_sandbox_local.tree import Tree

Run = Callable[..., AbstractAsyncContextManager[Tree]]

_LOOK_SECONDS = 10.0
_NAMESPACES = ("user", "pid", "ipc", "uts", "net", "mnt")
_LOOK = r"""
grep -E "^(Cap(Eff|Bnd)|NoNewPrivs|Seccomp):" /proc/self/status
for each in user pid ipc uts net mnt; do echo ns-$each: $(readlink /proc/self/ns/$each); done
echo root: $(grep -E "^[0-9]+ [0-9]+ [^ ]+ [^ ]+ / " /proc/self/mountinfo | cut -d " " -f 6)
echo nproc: $(grep "Max processes" /proc/self/limits)
"""
_ENGINE = "Use the Docker backend: an engine's control groups bound a sandbox as a whole."


async def bwrap_isolation(run: Run, spec: SandboxSpec, keeps_userns: bool) -> Isolation:
    """What a command of the sandbox tells about itself, and what bubblewrap cannot do."""
    seen = await _look(run)
    root = seen.get("root", "")
    findings = [
        *_seen_namespaces(seen, spec),
        _finding("no capabilities", seen.get("CapEff", "1").strip("0") == "", f"effective {seen.get('CapEff')}"),
        _finding("no new privileges", seen.get("NoNewPrivs") == "1", f"NoNewPrivs is {seen.get('NoNewPrivs')}"),
        _finding("read-only root", "ro" in root.split(","), f"mounted as {root or 'unknown'}"),
        _finding(
            "no further user namespaces",
            not keeps_userns,
            "this bubblewrap cannot forbid them" if keeps_userns else "forbidden",
            "Install bubblewrap 0.8 or newer.",
        ),
        _finding("system calls are filtered", seen.get("Seccomp") == "2", f"Seccomp is {seen.get('Seccomp')}", _ENGINE),
        *_resources(spec, processes=str(spec.limits.pids) in seen.get("nproc", "").split()),
    ]
    return Isolation(backend="local", limits=_limits(spec, "bwrap"), findings=findings)


def plain_isolation(spec: SandboxSpec) -> Isolation:
    """Plain processes: nearly nothing holds."""
    cure = 'Install bubblewrap, and leave `isolation = "none"` out of the config.'
    detail = "the command is a plain process of this machine, with the rights of its user"
    findings = [
        *(_finding(f"own {name} namespace", False, detail, cure) for name in _NAMESPACES),
        _finding("read-only root", False, detail, cure),
        _finding("no capabilities", True, "it does not run as root"),
        *_resources(spec, processes=False),
    ]
    return Isolation(backend="local", limits={**_limits(spec, "none"), "network": "open"}, findings=findings)


async def _look(run: Run) -> Mapping[str, str]:
    said = b""
    try:
        with anyio.move_on_after(_LOOK_SECONDS):
            async with run(["sh", "-c", _LOOK], env={}, workdir="/", stdin=False) as tree:
                while True:
                    said += await tree.receive_stdout()
    except (SandboxError, anyio.EndOfStream):
        pass
    lines = (line.partition(":") for line in said.decode("utf-8", "replace").splitlines())
    return {name: value.strip() for name, _, value in lines}


def _seen_namespaces(seen: Mapping[str, str], spec: SandboxSpec) -> Iterator[Finding]:
    for name in _NAMESPACES:
        inside, outside = seen.get(f"ns-{name}", ""), os.readlink(f"/proc/self/ns/{name}")
        own = bool(inside) and inside != outside
        cure = 'Leave out `network = "open"`.' if name == "net" and spec.limits.network == "open" else None
        yield _finding(f"own {name} namespace", own, f"{inside or 'unknown'} inside, {outside} outside", cure)


def _resources(spec: SandboxSpec, *, processes: bool) -> Iterator[Finding]:
    limits = spec.limits
    yield _finding(
        "processes are limited",
        processes,
        f"{limits.pids} for each command, not for the sandbox" if processes else "nothing limits them",
        None if processes else _ENGINE,
    )
    yield _finding("open files are limited", True, f"{limits.open_files} in each process")
    yield _finding(
        "memory is limited", False, f"{limits.memory.human_readable()} of data in each process at most, no sum", _ENGINE
    )
    yield _finding("processor time is limited", False, "a sandbox may use every core", _ENGINE)
    yield _finding("private folders are limited", False, "they lie on the host's disk, without a size", _ENGINE)


def _limits(spec: SandboxSpec, held: str) -> dict[str, str]:
    limits = spec.limits
    return {
        "memory": "unlimited",
        "cpus": "unlimited",
        "pids": f"{limits.pids} per command" if held == "bwrap" else "unlimited",
        "user": limits.user,
        "network": str(limits.network),
        "root": "read-only" if held == "bwrap" and limits.read_only_root else "writable",
        "runtime": held,
    }


def _finding(name: str, ok: bool, detail: str, cure: str | None = None) -> Finding:
    return Finding(name=name, ok=ok, detail=detail, cure=None if ok else cure)
