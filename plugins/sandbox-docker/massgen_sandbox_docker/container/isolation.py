"""What a running container is really held to, as the engine and the kernel tell it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from massgen_core.errors import SandboxError
from massgen_core.sandbox import AllowList, ExecResult, Finding, Isolation, Mount, SandboxLimits
from massgen_sandbox_docker.container.runtimes import WANTED, Family, default_of, family, listed_name
from massgen_sandbox_docker.container.watchman import disk_findings
from massgen_sandbox_docker.engine.api import container, table
from massgen_sandbox_docker.engine.client import Engine

_MIB = 1024 * 1024
_LOOK_INSIDE = 5.0
_NAMESPACES = ("IpcMode", "PidMode", "UTSMode", "UsernsMode", "CgroupnsMode")


class Looked(Protocol):
    """The part of a sandbox that is needed to look at it."""

    @property
    def id(self) -> str:
        """The container's id."""
        ...

    async def exec(self, command: Sequence[str], *, deadline: float | None = None) -> ExecResult:
        """Run a command in it."""
        ...


async def inspect_isolation(
    engine: Engine, sandbox: Looked, limits: SandboxLimits, later: Sequence[Mount] = ()
) -> Isolation:
    """Inspect a container from outside and, where its image has ``cat``, from inside.

    Of the ``limits`` that it was started with only those count that nothing but this program holds it to. ``later``
    are folders that were mounted while it ran, of which the engine does not know.
    """
    async with engine.control("inspect the container") as docker:
        shown = await container(docker, sandbox.id).show()
    info = await engine.info()
    inside, routed = await _status_inside(sandbox), await _routes_inside(sandbox)
    kind = family(str(shown["HostConfig"].get("Runtime") or default_of(info)))
    findings = [
        *_from_outside(shown, later),
        *disk_findings(shown, limits.disk, local=engine.endpoint.local, later=later),
        *_from_engine(shown, info),
        *_from_runtime(shown, info),
        *_from_inside(inside, kind),
        *_network(shown, limits, routed),
    ]
    return Isolation(backend="docker", limits=limits_of(shown, limits), findings=findings)


def limits_of(shown: Mapping[str, Any], limits: SandboxLimits) -> dict[str, str]:
    """The figures that people look for, from an inspected container; what its gate lets through, from its limits."""
    host = shown["HostConfig"]
    listed = limits.network if isinstance(limits.network, AllowList) and _closed(shown) else None
    return {
        "memory": _size(host.get("Memory")),
        "cpus": f"{(host.get('NanoCpus') or 0) / 1e9:g}" if host.get("NanoCpus") else "unlimited",
        "pids": str(host.get("PidsLimit") or "unlimited"),
        "user": shown["Config"].get("User") or "root",
        "network": str(listed or host.get("NetworkMode")),
        "root": "read-only" if host.get("ReadonlyRootfs") else "writable",
        "tmpfs": ", ".join(sorted(host.get("Tmpfs") or {})) or "none",
        "runtime": str(host.get("Runtime") or "default"),
    }


def _size(value: Any) -> str:
    return f"{value / _MIB:g} MiB" if isinstance(value, int) and value > 0 else "unlimited"


def _from_outside(shown: Mapping[str, Any], later: Sequence[Mount]) -> Iterator[Finding]:
    host, config = shown["HostConfig"], shown["Config"]
    yield from _privileges(host, str(config.get("User") or ""))
    yield from _resources(host)
    yield _folders(shown, later)
    yield from _reach(host)


def _privileges(host: Mapping[str, Any], user: str) -> Iterator[Finding]:
    options = [str(option) for option in host.get("SecurityOpt") or ()]
    dropped = "ALL" in (host.get("CapDrop") or ()) and not host.get("CapAdd")
    yield _finding("capabilities", dropped, "all dropped" if dropped else "some are kept", "Drop ALL, add none.")
    yield _finding("privileged", not host.get("Privileged"), "no" if not host.get("Privileged") else "yes", "Never.")
    nnp = any(option in ("no-new-privileges", "no-new-privileges:true") for option in options)
    yield _finding("no-new-privileges", nnp, "set" if nnp else "not set", "Set `no-new-privileges:true`.")
    filtered = any(option.startswith("seccomp={") for option in options)
    yield _finding("seccomp", filtered, "own profile" if filtered else "not ours", "Give the profile as JSON text.")
    root = user.split(":")[0] in ("", "0", "root")
    yield _finding("user", not root, user or "root", "Name a numeric user above 0.")


def _resources(host: Mapping[str, Any]) -> Iterator[Finding]:
    memory, swap = host.get("Memory") or 0, host.get("MemorySwap") or 0
    yield _finding("memory limit", memory > 0, _size(memory), "The kernel needs the memory cgroup.")
    swap_ok = memory > 0 and swap == memory
    swap_cure = "Boot with `swapaccount=1`, or use cgroup v2."
    yield _finding("swap limit", swap_ok, "no swap" if swap_ok else "swap is not limited", swap_cure)
    cpus = host.get("NanoCpus") or 0
    yield _finding("cpu limit", cpus > 0, f"{cpus / 1e9:g} cores", "The kernel needs CFS bandwidth control.")
    pids = host.get("PidsLimit") or 0
    yield _finding("pids limit", pids > 0, str(pids), "The kernel needs the pids cgroup.")
    names = {limit.get("Name") for limit in host.get("Ulimits") or ()}
    yield _finding("ulimits", {"nofile", "core"} <= names, ", ".join(sorted(map(str, names))), "Set nofile and core.")
    log = str(host["LogConfig"].get("Type") if host.get("LogConfig") else None)
    yield _finding("log driver", log == "none", log, "Use `none`: output must not fill the engine's disk.")


def _folders(shown: Mapping[str, Any], later: Sequence[Mount]) -> Finding:
    """What it sees of the host: as the engine shows it, and what was mounted, and looked at, while it ran."""
    binds = [mount for mount in shown.get("Mounts") or () if mount.get("Type") == "bind"]
    seen = [f"{each['Destination']}{' (writable)' if each.get('RW') else ''}" for each in binds]
    seen += [f"{each.target} ({'writable, ' if each.write else ''}mounted later)" for each in later]
    writable = any(each.get("RW") for each in binds) or any(each.write for each in later)
    return _finding("host folders", not writable, ", ".join(seen) or "none", "Let it write only where it must.")


def _reach(host: Mapping[str, Any]) -> Iterator[Finding]:
    yield _finding(
        "read-only root", bool(host.get("ReadonlyRootfs")), "yes" if host.get("ReadonlyRootfs") else "no", "Set it."
    )
    shared = [
        name for name in ("IpcMode", "PidMode", "UTSMode", "UsernsMode", "CgroupnsMode") if host.get(name) == "host"
    ]
    yield _finding(
        "namespaces", not shared, f"shared with the host: {', '.join(shared)}" if shared else "own", "Unset."
    )
    devices = bool(host.get("Devices") or host.get("DeviceRequests"))
    yield _finding("devices", not devices, "some" if devices else "none", "Pass none.")


def _network(shown: Mapping[str, Any], limits: SandboxLimits, routed: Sequence[str] | None) -> Iterator[Finding]:
    """How closed the network is: as the engine shows it, and by the routes that a process in there has."""
    mode = str(shown["HostConfig"].get("NetworkMode"))
    detail = f"closed but for a gate: {limits.network}" if isinstance(limits.network, AllowList) else mode
    cure = "Use `none`, or a list of hosts, unless the server needs everything."
    yield _finding(
        "network", _closed(shown), detail if _closed(shown) else f"{mode}: all that the engine reaches", cure
    )
    if routed is not None:
        detail = f"routes: {', '.join(routed)}" if routed else "loopback alone"
        yield _finding("network, seen inside", not routed, detail, cure)


def _closed(shown: Mapping[str, Any]) -> bool:
    """Whether it has no network of its own; that of a gate was looked at before anything was started in it."""
    mode = str(shown["HostConfig"].get("NetworkMode"))
    return mode == "none" or mode.startswith("container:")


def _from_engine(shown: Mapping[str, Any], info: Mapping[str, Any]) -> Iterator[Finding]:
    options = [str(option) for option in info.get("SecurityOptions") or ()]
    profile = str(shown.get("AppArmorProfile") or "")
    mac = (profile not in ("", "unconfined")) or any("name=selinux" in option for option in options)
    mac_cure = "Install and enable AppArmor or SELinux on the engine's host."
    yield _finding("mandatory access control", mac, profile or ("selinux" if mac else "none"), mac_cure)
    mapped = any("name=userns" in option or "name=rootless" in option for option in options)
    mapped_cure = "Run rootless Docker, or set `userns-remap` in daemon.json."
    yield _finding("user namespace", mapped, "mapped" if mapped else "root inside is root outside", mapped_cure)


def _from_runtime(shown: Mapping[str, Any], info: Mapping[str, Any]) -> Iterator[Finding]:
    """Whether the container got the runtime that was asked for."""
    wanted = table(shown, "Config", "Labels").get(WANTED)
    if wanted is None:
        return
    used = str(shown["HostConfig"].get("Runtime") or default_of(info))
    ok = used == listed_name(str(wanted), info)
    detail = used if ok else f"{used}: the engine has no {wanted!r}"
    yield _finding("runtime", ok, detail, f"Install {wanted!r}, and name it in the engine's daemon.json.")


async def _status_inside(sandbox: Looked) -> dict[str, str]:
    """``/proc/self/status`` of a process in the container; empty where it cannot be read."""
    try:
        result = await sandbox.exec(["cat", "/proc/self/status"], deadline=_LOOK_INSIDE)
    except SandboxError:
        return {}
    pairs = (line.partition(":") for line in result.stdout.decode("utf-8", "replace").splitlines())
    return {name: value.strip() for name, _, value in pairs} if result.exit_code == 0 else {}


async def _routes_inside(sandbox: Looked) -> Sequence[str] | None:
    """The interfaces behind the routes of IPv4 and the addresses of IPv6; None where it cannot be read."""
    try:
        command = ["cat", "/proc/net/route", "/proc/net/if_inet6"]
        result = await sandbox.exec(command, deadline=_LOOK_INSIDE)
    except SandboxError:
        return None
    if not result.stdout:
        return None
    rows = [line.split() for line in result.stdout.decode("utf-8", "replace").splitlines()]
    names = {row[0] if len(row) > 6 else row[-1] for row in rows if row and row[0] != "Iface"}
    return sorted(names - {"lo"})


def _from_inside(status: Mapping[str, str], kind: Family) -> Iterator[Finding]:
    """What the kernel says about a process there, where it could be asked."""
    if not status:
        return
    held = {name: value for name, value in status.items() if name.startswith("Cap")}  # gVisor knows no CapAmb
    empty = "CapEff" in held and all(value.strip("0") == "" for value in held.values())
    shown = "none" if empty else ", ".join(f"{name}={value}" for name, value in held.items()) or "not told"
    yield _finding("capabilities, seen inside", empty, shown, "The runtime adds some: check its settings.")
    nnp, mode = status.get("NoNewPrivs"), status.get("Seccomp")
    if nnp is not None or kind != "gvisor":  # whose older versions do not tell
        yield _finding("no-new-privileges, seen inside", nnp == "1", f"NoNewPrivs {nnp}", "The runtime ignores it.")
    yield _seccomp_inside(mode, kind)
    uids = status.get("Uid", "").split()
    yield _finding("user, seen inside", "0" not in uids, f"uid {' '.join(uids)}", "Name a numeric user above 0.")


def _seccomp_inside(mode: str | None, kind: Family) -> Finding:
    """A gVisor's own kernel stands in for the filter, and takes it too when it is told to (``--oci-seccomp``)."""
    if mode != "2" and kind == "gvisor":
        detail = "not applied; system calls reach gVisor's kernel, not the host's"
        return Finding(name="seccomp, seen inside", ok=True, detail=detail)
    cure = "The engine's kernel or runtime lacks seccomp."
    return _finding("seccomp, seen inside", mode == "2", f"mode {mode}", cure)


def _finding(name: str, ok: bool, detail: str, cure: str) -> Finding:
    return Finding(name=name, ok=ok, detail=detail, cure=None if ok else cure)
