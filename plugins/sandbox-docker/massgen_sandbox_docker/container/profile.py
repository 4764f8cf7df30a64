"""What a `SandboxSpec` becomes: the body of a create request, hardened throughout.

The settings follow the CIS Docker Benchmark (section 5), the OWASP Docker and MCP security cheat sheets, and NIST SP
800-190 (4.4). Field names are those of ``POST /containers/create``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from massgen_core.errors import ConfigError
from massgen_core.sandbox import SandboxLimits, SandboxSpec
from massgen_sandbox_docker.container.seccomp import profile_text

MASKED_PATHS = (
    "/proc/acpi",
    "/proc/asound",
    "/proc/interrupts",
    "/proc/kcore",
    "/proc/keys",
    "/proc/latency_stats",
    "/proc/sched_debug",
    "/proc/scsi",
    "/proc/timer_list",
    "/proc/timer_stats",
    "/sys/devices/virtual/powercap",
    "/sys/firmware",
)
"""Paths that are hidden: newer engines' default, written out for older ones."""

READ_ONLY_PATHS = ("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger")

AWAITING = "ro,nosuid,nodev,noexec,mode=0555,size=4096,nr_inodes=2"
"""Mount options of an empty folder that something is mounted over later."""

_INODES_PER_MIB = 256
_FEWEST_INODES = 1024
_SOFT_OPEN_FILES = 1024
_BEYOND_DISK = 1024 * 1024


def create_body(spec: SandboxSpec, labels: Mapping[str, str]) -> dict[str, Any]:
    """The create request's body; ``labels`` (ownership) win over the spec's own.

    Raises:
        ConfigError: The working directory is not a plain absolute path.
    """
    body: dict[str, Any] = {
        "Image": spec.image,
        "User": spec.limits.user,
        "Env": [f"{checked_variable(name)}={value}" for name, value in spec.env.items()],
        "Labels": {**spec.labels, **labels},
        "Tty": False,
        "OpenStdin": True,
        "StdinOnce": True,
        "AttachStdin": True,
        "AttachStdout": True,
        "AttachStderr": True,
        "StopTimeout": spec.limits.stop_timeout,
        "Healthcheck": {"Test": ["NONE"]},
        "HostConfig": host_config(spec.limits),
    }
    body["HostConfig"]["Tmpfs"].update(dict.fromkeys(spec.awaits, AWAITING))
    if spec.command:
        body["Entrypoint"] = [spec.command[0]]
        body["Cmd"] = list(spec.command[1:])
    if spec.workdir is not None:
        body["WorkingDir"] = checked_workdir(spec.workdir)
    return body


def host_config(limits: SandboxLimits) -> dict[str, Any]:
    """The part of the body that confines the container."""
    config: dict[str, Any] = {
        "NetworkMode": network_mode(limits),
        "CapDrop": ["ALL"],
        "CapAdd": [],
        "SecurityOpt": ["no-new-privileges:true", f"seccomp={profile_text()}"],
        "Privileged": False,
        "ReadonlyRootfs": limits.read_only_root,
        "Tmpfs": {path: tmpfs_options(size) for path, size in limits.tmpfs.items()},
        "Memory": int(limits.memory),
        "MemorySwap": int(limits.memory),
        "NanoCpus": int(limits.cpus * 1_000_000_000),
        "PidsLimit": limits.pids,
        "Ulimits": _ulimits(limits),
        "ShmSize": int(limits.shm),
        "IpcMode": "private",
        "CgroupnsMode": "private",
        "Init": limits.init,
        "OomScoreAdj": 500,
        "LogConfig": {"Type": "none", "Config": {}},
        "RestartPolicy": {"Name": "no", "MaximumRetryCount": 0},
        "AutoRemove": False,
        "PublishAllPorts": False,
        "MaskedPaths": list(MASKED_PATHS),
        "ReadonlyPaths": list(READ_ONLY_PATHS),
    }
    if limits.network != "open":
        config |= {
            "Dns": ["127.0.0.1"],
            "DnsSearch": ["."],
        }  # nobody answers there: the host's servers need not be told
    if limits.runtime is not None:
        config["Runtime"] = limits.runtime.name
    return config


def network_mode(limits: SandboxLimits) -> str:
    """The engine's word for the network; a list of hosts begins as no network at all, and a gate is the way out."""
    return "bridge" if limits.network == "open" else "none"


def tmpfs_options(size: int) -> str:
    """Mount options of a writable folder: sized in bytes and files, and nothing in it can be executed or setuid.

    ``noexec`` is also the engine's own default; programs belong into the image.
    """
    inodes = max(_FEWEST_INODES, size // (1024 * 1024) * _INODES_PER_MIB)
    return f"rw,nosuid,nodev,noexec,mode=1777,size={int(size)},nr_inodes={inodes}"


def checked_variable(name: str) -> str:
    """A variable's name, refused where the engine would read another one, or none."""
    if not name or "=" in name or "\0" in name:
        raise ConfigError(f"{name!r} cannot be the name of a variable", key="env")
    return name


def checked_workdir(workdir: str) -> str:
    """The working directory, refused below /proc and /sys, where file descriptors of the runtime have leaked.

    See CVE-2024-21626.
    """
    parts = workdir.split("/")
    if not workdir.startswith("/") or ".." in parts or parts[1] in ("proc", "sys", "dev"):
        raise ConfigError(
            f"{workdir!r} must be an absolute path outside /proc, /sys and /dev, without `..`", key="workdir"
        )
    return workdir


def _ulimits(limits: SandboxLimits) -> list[dict[str, Any]]:
    soft = min(limits.open_files, _SOFT_OPEN_FILES)
    found: list[dict[str, Any]] = [
        {"Name": "nofile", "Soft": soft, "Hard": limits.open_files},
        {"Name": "core", "Soft": 0, "Hard": 0},
    ]
    sizes = [int(limits.file_size)] if limits.file_size is not None else []
    if limits.disk is not None:  # a little more, so that whoever fills the disk with one file is told why it ends
        sizes.append(int(limits.disk) + _BEYOND_DISK)
    if sizes:
        found.append({"Name": "fsize", "Soft": min(sizes), "Hard": min(sizes)})
    return found
