"""Attempts on the kernel: mounts, namespaces, tracing, keyrings, modules, sockets of odd families, terminals."""

from __future__ import annotations

import ctypes
import errno
import fcntl
import mmap
import os
import pty
import re
import signal
import socket
import time

from massgen_sandbox_docker.audit.probes.probe import (
    Facts,
    attempt,
    buffer,
    call,
    device,
    main,
    opened,
    own_kernel,
    read,
    tries,
    trying,
)

_NAMESPACES = {"mount": 1 << 17, "pid": 1 << 29, "net": 1 << 30, "uts": 1 << 26, "ipc": 1 << 27, "cgroup": 1 << 25}
_NEW_USER = 1 << 28
_REMOUNT = 32
_MINUS_ONE = -1


@attempt("mount-tmpfs")
def mount_tmpfs() -> Facts:
    return tries({"mount -t tmpfs": call("mount", b"x", b"/mnt", b"tmpfs", 0, 0)})


@attempt("mount-kernel-filesystems")
def mount_kernel_filesystems() -> Facts:
    return tries(
        {
            "mount -t proc": call("mount", b"x", b"/mnt", b"proc", 0, 0),
            "mount -t sysfs": call("mount", b"x", b"/mnt", b"sysfs", 0, 0),
            "mount -t cgroup2": call("mount", b"x", b"/mnt", b"cgroup2", 0, 0),
            "fsopen": call("fsopen", b"proc", 0),
            "open_tree": call("open_tree", -100, b"/", 1),
        }
    )


@attempt("remount")
def remount() -> Facts:
    return tries(
        {
            "remount / writable": call("mount", b"x", b"/", b"", _REMOUNT, 0),
            "remount /proc/sys writable": call("mount", b"x", b"/proc/sys", b"", _REMOUNT | 4096, 0),
            "umount /proc/kcore": call("umount2", b"/proc/kcore", 0),
            "pivot_root": call("pivot_root", b"/", b"/"),
        }
    )


@attempt("chroot-escape")
def chroot_escape() -> Facts:
    return tries({"chroot": call("chroot", b"/tmp")})


@attempt("crash-the-host")
def crash_the_host() -> Facts:
    paths = ("/proc/sysrq-trigger", "/proc/sys/kernel/panic", "/proc/sys/vm/panic_on_oom")
    return tries({f"open {path}": opened(path) for path in paths})


@attempt("core-pattern")
def core_pattern() -> Facts:
    helpers = ("/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe", "/sys/kernel/uevent_helper")
    return tries({f"open {path}": opened(path) for path in helpers})


@attempt("sysctl")
def sysctl() -> Facts:
    knobs = ("vm/drop_caches", "kernel/randomize_va_space", "kernel/hostname", "fs/suid_dumpable")
    return tries({f"open {knob}": opened(f"/proc/sys/{knob}") for knob in knobs})


@attempt("kernel-memory")
def kernel_memory() -> Facts:
    paths = ("/proc/kcore", "/dev/mem", "/dev/kmem", "/dev/port", "/proc/kmsg")
    return {"found": [path for path in paths if opened(path, os.O_RDONLY) == "ok"]}


@attempt("kernel-secrets")
def kernel_secrets() -> Facts:
    paths = ("/proc/keys", "/proc/timer_list", "/proc/sched_debug", "/proc/interrupts", "/proc/latency_stats")
    found = [path for path in paths if read(path)]
    if re.search(r"^(?!0+ )[0-9a-f]{8,} ", read("/proc/kallsyms", 65536), re.MULTILINE):
        found.append("addresses in /proc/kallsyms")
    return {"found": found}


@attempt("kernel-log")
def kernel_log() -> Facts:
    address = buffer(4096)
    results = {"syslog": call("syslog", 3, address, 4096), "open /dev/kmsg": opened("/dev/kmsg", os.O_RDONLY)}
    if own_kernel():  # it tells jokes there, and nothing of the host
        results.pop("syslog")
    return tries(results)


@attempt("firmware")
def firmware() -> Facts:
    folders = ("/sys/firmware", "/proc/acpi", "/proc/scsi", "/sys/devices/virtual/powercap")
    return {"found": [f"{path}/{name}" for path in folders if os.path.isdir(path) for name in _listed(path)[:3]]}


def _listed(path: str) -> list[str]:
    try:
        return sorted(os.listdir(path))
    except OSError:
        return []


@attempt("user-namespace")
def user_namespace() -> Facts:
    """Some kernels of sandboxes have namespaces of their own; then it counts what can be done inside one."""
    facts = tries({"unshare user": call("unshare", _NEW_USER)})
    if facts["tries"]["unshare user"] == "ok":
        call("unshare", _NAMESPACES["mount"])
        facts["inside"] = {
            "mount -t tmpfs": call("mount", b"x", b"/mnt", b"tmpfs", 0, 0),
            "remount / writable": call("mount", b"x", b"/", b"", _REMOUNT, 0),
            "disk": device("/tmp/massgen-audit-disk", 0o60600, os.makedev(8, 0)),
            "kernel memory": device("/tmp/massgen-audit-memory", 0o20600, os.makedev(1, 1)),
            "write to /etc": opened("/etc/audit", os.O_WRONLY | os.O_CREAT),
        }
    return facts


@attempt("clone-namespaces")
def clone_namespaces() -> Facts:
    results = {f"clone {name}": call("clone", flag | 17, 0, 0, 0, 0) for name, flag in _NAMESPACES.items()}
    results["clone user"] = call("clone", _NEW_USER | 17, 0, 0, 0, 0)
    address = buffer(88)
    results["clone3"] = call("clone3", address, 88)
    return tries(results)


@attempt("unshare-namespaces")
def unshare_namespaces() -> Facts:
    return tries({f"unshare {name}": call("unshare", flag) for name, flag in _NAMESPACES.items()})


@attempt("setns")
def setns() -> Facts:
    results: dict[str, str] = {}
    for name in ("mnt", "net", "pid", "user"):
        try:
            number = os.open(f"/proc/1/ns/{name}", os.O_RDONLY)
        except OSError as error:
            results[f"open {name} of process 1"] = trying(lambda error=error: _raise(error))
        else:
            results[f"setns {name}"] = call("setns", number, 0)
    return tries(results)


def _raise(error: OSError) -> None:
    raise error


@attempt("ptrace")
def ptrace() -> Facts:
    """On a process of its own, which it would be allowed if anything were."""
    child = _sleeper()
    results = {"ptrace": call("ptrace", 0x4206, child, 0, 0), "kcmp": call("kcmp", child, child, 0, 0, 0)}
    os.kill(child, signal.SIGKILL)
    return tries(results)


@attempt("process-memory")
def process_memory() -> Facts:
    child = _sleeper()
    address = buffer(64)
    vector = (ctypes.c_void_p * 2)(address, 16)
    place = ctypes.addressof(vector)
    results = {name: call(name, child, place, 1, place, 1, 0) for name in ("process_vm_readv", "process_vm_writev")}
    results["pidfd_getfd"] = trying(lambda: _taken_from(child))
    os.kill(child, signal.SIGKILL)
    return tries(results)


def _taken_from(child: int) -> None:
    answer = call("pidfd_getfd", os.pidfd_open(child), 0, 0)
    if answer != "ok":
        raise OSError(getattr(errno, answer, errno.EPERM), answer)


def _sleeper() -> int:
    child = os.fork()
    if child == 0:
        time.sleep(30)
        os._exit(0)
    return child


@attempt("keyring")
def keyring() -> Facts:
    return tries(
        {
            "add_key": call("add_key", b"user", b"massgen-audit", b"x", 1, -2),
            "request_key": call("request_key", b"user", b"massgen-audit", 0, 0),
            "keyctl": call("keyctl", 0, -3, 0),
        }
    )


@attempt("bpf")
def bpf() -> Facts:
    address = buffer()
    ctypes.memmove(address, (ctypes.c_uint32 * 4)(2, 4, 8, 1), 16)  # an array of one element
    return tries({"bpf": call("bpf", 0, address, 72)})


@attempt("perf-events")
def perf_events() -> Facts:
    address = buffer()
    ctypes.memmove(address, (ctypes.c_uint32 * 2)(1, 120), 8)  # a software event
    return tries({"perf_event_open": call("perf_event_open", address, 0, _MINUS_ONE, _MINUS_ONE, 0)})


@attempt("userfaultfd")
def userfaultfd() -> Facts:
    return tries({"userfaultfd": call("userfaultfd", 1), "userfaultfd of the kernel": call("userfaultfd", 0)})


@attempt("io-uring")
def io_uring() -> Facts:
    address = buffer()
    return tries({"io_uring_setup": call("io_uring_setup", 8, address)})


@attempt("replace-kernel")
def replace_kernel() -> Facts:
    address = buffer()
    return tries(
        {
            "init_module": call("init_module", address, 64, b""),
            "delete_module": call("delete_module", b"massgen-no-such-module", 0o4000),
            "kexec_load": call("kexec_load", 0, 0, 0, 0x100),  # a wrong flag: refused by right or for its value
            "reboot": call("reboot", 0, 0, 0, 0),  # without the magic numbers it cannot succeed
        }
    )


@attempt("clock")
def clock() -> Facts:
    return tries({"settimeofday": call("settimeofday", 0, 0)})  # changes nothing where it is allowed


@attempt("host-administration")
def host_administration() -> Facts:
    return tries(
        {
            "swapon": call("swapon", b"/massgen-no-such-file", 0),
            "acct": call("acct", b"/massgen-no-such-file"),
            "sethostname": call("sethostname", os.uname().nodename.encode(), len(os.uname().nodename)),
            "iopl": call("iopl", 3),
        }
    )


@attempt("personality")
def personality() -> Facts:
    address = buffer()
    results = {"personality READ_IMPLIES_EXEC": call("personality", 0x0400000)}
    results["personality ADDR_NO_RANDOMIZE"] = call("personality", 0x0040000)
    results["modify_ldt"] = call("modify_ldt", 0, address, 16)
    return tries(results)


@attempt("other-entry-points")
def other_entry_points() -> Facts:
    """A call by the 32-bit entry point, where other numbers mean other calls."""
    if os.uname().machine != "x86_64":
        return {"none": f"{os.uname().machine} has no second entry point"}
    results: dict[str, str] = {}
    code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(bytes.fromhex("b814000000cd80c3"))  # mov eax, 20 (getpid); int 0x80; ret
    function = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))
    child = os.fork()
    if child == 0:
        os._exit(0 if function() == os.getpid() else 1)
    status = os.waitpid(child, 0)[1]
    results["int 0x80"] = "killed" if os.WIFSIGNALED(status) else "ok" if status == 0 else "ENOSYS"
    return tries(results)


@attempt("terminal-injection")
def terminal_injection() -> Facts:
    _, follower = pty.openpty()
    results: dict[str, str] = {}
    for name, request in (("TIOCSTI", 0x5412), ("TIOCLINUX", 0x541C)):
        results[name] = trying(lambda request=request: fcntl.ioctl(follower, request, b"x"))
        results[f"{name} with high bits"] = call("ioctl", follower, 0x1_0000_0000 | request, b"x")
    return tries(results)


@attempt("odd-sockets")
def odd_sockets() -> Facts:
    families = {
        "AF_ALG": (38, socket.SOCK_SEQPACKET, 0),
        "AF_VSOCK": (40, socket.SOCK_STREAM, 0),
        "AF_BLUETOOTH": (31, socket.SOCK_RAW, 1),
        "AF_TIPC": (30, socket.SOCK_STREAM, 0),
        "AF_NETLINK audit": (16, socket.SOCK_RAW, 9),
        "AF_NETLINK netfilter": (16, socket.SOCK_RAW, 12),
    }
    return tries({name: _socket(*words) for name, words in families.items()})


def _socket(family: int, kind: int, protocol: int) -> str:
    return trying(lambda: socket.socket(family, kind, protocol).close())


@attempt("open-by-handle")
def open_by_handle() -> Facts:
    """The way by which the exploit `shocker` read the host's files."""
    address = buffer()
    ctypes.memmove(address, (ctypes.c_uint32 * 4)(8, 1, 2, 0), 16)
    return tries({"open_by_handle_at": call("open_by_handle_at", os.open("/etc/hosts", os.O_RDONLY), address, 0)})


if __name__ == "__main__":
    main()
