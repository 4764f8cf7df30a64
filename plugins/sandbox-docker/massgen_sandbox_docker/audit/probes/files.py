"""Attempts on files: what can be seen of the host, written, executed, and turned into a device or a way up."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import time
from functools import cache

from massgen_sandbox_docker.audit.probes.probe import (
    Facts,
    attempt,
    device,
    main,
    opened,
    own_kernel,
    parameters,
    tries,
    trying,
)

_ENGINE_SOCKETS = (
    "/var/run/docker.sock",
    "/run/docker.sock",
    "/run/containerd/containerd.sock",
    "/run/podman/podman.sock",
    "/run/crio/crio.sock",
    "/run/docker/plugins",
    "/run/dbus/system_bus_socket",
)
_USUAL_DEVICES = frozenset(
    ("console", "core", "fd", "full", "fuse", "mqueue", "net", "null", "ptmx", "pts", "random", "shm", "stderr")
).union(("stdin", "stdout", "tty", "urandom", "zero"))
_ENGINE_FILES = frozenset(("/etc/hosts", "/etc/hostname", "/etc/resolv.conf"))
_INIT = ("/sbin/docker-init", "/usr/sbin/docker-init", "/dev/init", "/run/podman-init", "/dev/.massgen-init")
_KERNEL_FILESYSTEMS = frozenset(
    ("overlay", "proc", "sysfs", "tmpfs", "devtmpfs", "devpts", "mqueue", "cgroup", "cgroup2", "fuse.fuse-overlayfs")
)
_SKIPPED = ("/proc", "/sys", "/dev")


@attempt("engine-socket")
def engine_socket() -> Facts:
    return {"found": [path for path in _ENGINE_SOCKETS if os.path.exists(path)]}


@attempt("unix-sockets")
def unix_sockets() -> Facts:
    found = [path for path, mode in everything() if stat.S_ISSOCK(mode)]
    return {"found": found[:5]}


@attempt("host-mounts")
def host_mounts() -> Facts:
    """What is mounted and is neither the image, nor the kernel's, nor one of the engine's three files."""
    expected = {*_ENGINE_FILES, *_INIT, *parameters().get("mounts", ())}
    found: list[str] = []
    with open("/proc/self/mountinfo") as lines:
        for line in lines:
            before, _, after = line.partition(" - ")
            target, kind = before.split()[4], after.split()[0]
            if target != "/" and kind not in _KERNEL_FILESYSTEMS and target not in expected:
                found.append(f"{target} ({kind})")
    return {"found": found}


@attempt("devices")
def devices() -> Facts:
    found = set(os.listdir("/dev")) - _USUAL_DEVICES
    if os.path.exists("/dev/fuse") and not own_kernel():
        found.add("fuse")
    return {"found": sorted(found)[:10]}


@attempt("block-device")
def block_device() -> Facts:
    disk = os.makedev(8, 0)
    results = {
        f"mknod in {folder}": device(os.path.join(folder, "massgen-audit-disk"), 0o60600, disk)
        for folder in ("/tmp", "/dev", "/dev/shm", "/")
    }
    for name in ("sda", "vda", "nvme0n1", "mapper/control"):
        if os.path.exists(f"/dev/{name}"):
            results[f"open /dev/{name}"] = opened(f"/dev/{name}", os.O_RDONLY)
    return tries(results)


@attempt("character-device")
def character_device() -> Facts:
    """A node for the kernel's memory."""
    memory = os.makedev(1, 1)
    return tries(
        {
            f"mknod in {folder}": device(os.path.join(folder, "massgen-audit-memory"), 0o20600, memory)
            for folder in ("/tmp", "/dev", "/dev/shm")
        }
    )


@attempt("cgroup-release-agent")
def cgroup_release_agent() -> Facts:
    results: dict[str, str] = {}
    for folder, _, names in os.walk("/sys/fs/cgroup"):
        for name in {"release_agent", "notify_on_release"}.intersection(names):
            results[f"open {name}"] = _worst(results.get(f"open {name}"), opened(os.path.join(folder, name)))
    return tries(results or {"look for release_agent": "ENOENT"})


@attempt("cgroup-limits")
def cgroup_limits() -> Facts:
    wanted = {"memory.limit_in_bytes", "memory.max", "pids.max", "cpu.max", "cpu.cfs_quota_us", "cgroup.procs"}
    results: dict[str, str] = {}
    for folder, _, names in os.walk("/sys/fs/cgroup"):
        for name in wanted.intersection(names):
            results[f"open {name}"] = _worst(results.get(f"open {name}"), opened(os.path.join(folder, name)))
    return tries(results or {"look for limits": "ENOENT"})


def _worst(before: str | None, now: str) -> str:
    return "ok" if "ok" in (before, now) else now


@attempt("write-root")
def write_root() -> Facts:
    """Every folder of the image, whoever it belongs to."""
    places = ("/", "/etc", "/usr", "/usr/bin", "/usr/lib", "/var", "/var/tmp", "/opt", "/home", "/root", "/srv", "/run")
    results: dict[str, str] = {}
    for folder in places:
        if os.path.isdir(folder):
            path = os.path.join(folder, "massgen-audit")
            results[f"create in {folder}"] = opened(path, os.O_WRONLY | os.O_CREAT)
            if results[f"create in {folder}"] == "ok":
                os.unlink(path)
    return tries(results)


@attempt("overwrite-programs")
def overwrite_programs() -> Facts:
    """The interpreter that runs this, its library, and what every process loads."""
    library = os.__file__
    paths = (os.path.realpath("/proc/self/exe"), library, "/etc/passwd", "/etc/ld.so.cache", "/bin/sh")
    return tries({f"open {path}": opened(path) for path in paths if os.path.exists(path)})


@attempt("engine-files")
def engine_files() -> Facts:
    """The files that the engine mounts into every container, which lie in its own folder on the host."""
    paths = sorted(_ENGINE_FILES) + [path for path in _INIT if os.path.exists(path)]
    return tries({f"open {path}": opened(path) for path in paths})


@attempt("execute-written")
def execute_written() -> Facts:
    """Run a program that was written by the sandbox itself, in every place that takes files."""
    results: dict[str, str] = {}
    for folder in ("/tmp", "/dev/shm", "/dev", "/var/tmp", "/run"):
        path = os.path.join(folder, "massgen-audit-true")
        try:
            shutil.copyfile("/bin/true", path)
            os.chmod(path, 0o755)
        except OSError:
            continue
        results[f"run from {folder}"] = trying(lambda path=path: subprocess.run([path], check=False))
        os.unlink(path)
    return tries(results or {"write a program": "EROFS"})


@attempt("setuid-zero")
def setuid_zero() -> Facts:
    results = {"setuid": trying(lambda: os.setuid(0)), "setgid": trying(lambda: os.setgid(0))}
    results["setgroups"] = trying(lambda: os.setgroups([0]))
    return tries(results)


@attempt("setuid-programs")
def setuid_programs() -> Facts:
    """Run what carries the bit, and one made for the purpose, and look at whom it runs as."""
    if os.getuid() == 0:
        _give_up_root()
    programs = [path for path, mode in everything() if stat.S_ISREG(mode) and mode & 0o6000][:12]
    became = {path: _runs_as(path) for path in programs}
    return {"programs": len(programs), "found": [path for path, user in became.items() if user == 0]}


def _give_up_root() -> None:
    """Where the sandbox is root already: make a program with the bit, then go on as somebody else."""
    try:
        shutil.copyfile("/bin/sleep", "/usr/local/bin/massgen-audit-sleep")
        os.chmod("/usr/local/bin/massgen-audit-sleep", 0o4755)
    except OSError:
        pass
    os.setgid(65532)
    os.setuid(65532)


def _runs_as(path: str) -> int | None:
    """The effective user of a program, read while it starts or waits for its input."""
    arguments = [path, "5"] if path.endswith("sleep") else [path]
    quiet = subprocess.DEVNULL
    try:
        process = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=quiet, stderr=quiet)
    except OSError:
        return None
    users = {_effective(process.pid)}
    for _ in range(20):
        if 0 in users or process.poll() is not None:
            break
        time.sleep(0.005)
        users.add(_effective(process.pid))
    trying(process.kill)
    return 0 if 0 in users else None


def _effective(pid: int) -> int | None:
    try:
        with open(f"/proc/{pid}/status") as lines:
            return next(int(line.split()[2]) for line in lines if line.startswith("Uid:"))
    except (OSError, StopIteration):
        return None


@attempt("readable-secrets")
def readable_secrets() -> Facts:
    """Files of the image or the host that only root should read."""
    paths = ("/etc/shadow", "/root/.ssh", "/root/.aws", "/root/.docker", "/etc/ssl/private")
    found = [path for path in paths if trying(lambda path=path: _looked_into(path)) == "ok"]
    return {"found": found}


def _looked_into(path: str) -> object:
    return os.listdir(path) if os.path.isdir(path) else open(path, "rb").read(1)


@cache
def everything() -> list[tuple[str, int]]:
    """Every path on the disks that the sandbox sees, with its mode."""
    found: list[tuple[str, int]] = []
    for folder, folders, names in os.walk("/"):
        folders[:] = [name for name in folders if os.path.join(folder, name) not in _SKIPPED]
        for name in names:
            path = os.path.join(folder, name)
            try:
                found.append((path, os.lstat(path).st_mode))
            except OSError:
                continue
    return found


if __name__ == "__main__":
    everything()  # before the attempts, which run in children that would each have to look again
    main()
