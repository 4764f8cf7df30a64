"""What a sandboxed program may not do, tried from inside, and what the engine says about it from outside."""

from __future__ import annotations

import json
import platform
from typing import Any

import pytest
from docker_support import MakeSpec
from massgen_sandbox_docker.backend import DockerBackend
from massgen_sandbox_docker.container.seccomp import load_profile
from massgen_sandbox_docker.engine.api import container

from massgen_core.errors import ConfigError

pytestmark = [pytest.mark.anyio, pytest.mark.docker]

x86_64 = pytest.mark.skipif(
    platform.machine() != "x86_64", reason="the probes name system calls by their x86-64 numbers"
)

either = pytest.mark.usefixtures("runtime")
"""Runs under runc and under gVisor; the rest is about the filter of the host's kernel, which gVisor does not use."""

PROBES = r"""
import ctypes, errno, json, os, pty, socket
libc = ctypes.CDLL(None, use_errno=True)
found = {}
def call(name, number, *arguments):
    ctypes.set_errno(0)
    result = libc.syscall(ctypes.c_long(number), *(ctypes.c_ulong(a) if isinstance(a, int) else a for a in arguments))
    if result == 0 and name.startswith("clone "):
        os._exit(0)
    found[name] = "ok" if result >= 0 else errno.errorcode[ctypes.get_errno()]
buffer = ctypes.create_string_buffer(256)
address = ctypes.addressof(buffer)
NAMESPACES = dict(user=1 << 28, mount=1 << 17, pid=1 << 29, net=1 << 30, uts=1 << 26, ipc=1 << 27, cgroup=1 << 25)
for name, flag in NAMESPACES.items():
    call(f"unshare {name}", 272, flag)
    call(f"clone {name}", 56, flag | 17, 0, 0, 0, 0)
call("clone3", 435, address, 88)
call("setns", 308, 0, 0)
call("mount", 165, b"x", b"/mnt", b"tmpfs", 0, 0)
call("umount2", 166, b"/proc", 0)
call("pivot_root", 155, b"/", b"/")
call("chroot", 161, b"/tmp")
call("fsopen", 430, b"proc", 0)
call("open_tree", 428, 0, b"/", 1)
call("ptrace", 101, 16, 1, 0, 0)
call("process_vm_readv", 310, 1, 0, 0, 0, 0, 0)
call("process_vm_writev", 311, 1, 0, 0, 0, 0, 0)
call("kcmp", 312, 1, 1, 0, 0, 0)
call("pidfd_getfd", 438, 0, 0, 0)
call("add_key", 248, b"user", b"x", b"x", 1, -3 & (1 << 64) - 1)
call("request_key", 249, b"user", b"x", 0, 0)
call("keyctl", 250, 0, 0)
call("bpf", 321, 0, address, 120)
call("perf_event_open", 298, address, 0, -1 & (1 << 64) - 1, -1 & (1 << 64) - 1, 0)
call("userfaultfd", 323, 0)
call("io_uring_setup", 425, 8, address)
call("init_module", 175, address, 1, b"")
call("kexec_load", 246, 0, 0, 0, 0)
call("reboot", 169, 0, 0, 0, 0)
call("swapon", 167, b"/x", 0)
call("acct", 163, 0)
call("settimeofday", 164, address, 0)
call("sethostname", 170, b"x", 1)
call("open_by_handle_at", 304, 0, address, 0)
call("personality", 135, 0x0400000)
call("modify_ldt", 154, 0, address, 16)
call("iopl", 172, 3)
call("syslog", 103, 3, address, 16)
def sock(name, *arguments):
    try:
        socket.socket(*arguments).close()
        found[name] = "ok"
    except OSError as error:
        found[name] = errno.errorcode[error.errno]
sock("AF_PACKET", 17, 3, 0)
sock("AF_ALG", 38, 5, 0)
sock("AF_VSOCK", 40, 1, 0)
sock("AF_BLUETOOTH", 31, 1, 0)
sock("AF_TIPC", 30, 1, 0)
sock("netlink uevent", 16, 3, 15)
sock("AF_INET raw", 2, 3, 1)
call("AF_PACKET with high bits", 41, 0x1_0000_0011, 3, 0)
leader, follower = pty.openpty()
for name, request in dict(TIOCSTI=0x5412, TIOCLINUX=0x541C).items():
    call(name, 16, follower, request, b"x")
    call(f"{name} with high bits", 16, follower, 0x1_0000_0000 | request, b"x")
allowed = {}
found, allowed = allowed, found
sock("AF_UNIX", 1, 1, 0)
sock("AF_INET", 2, 1, 0)
sock("AF_INET6", 10, 1, 0)
sock("netlink route", 16, 3, 0)
call("window size", 16, follower, 0x5413, address)
call("terminal settings", 16, follower, 0x5401, address)
call("memfd_create", 319, b"x", 0)
call("getrandom", 318, address, 8, 0)
call("inotify_init1", 294, 0)
call("epoll_create1", 291, 0)
call("statx", 332, 0, b"/", 0, 0xfff, address)
print(json.dumps([allowed, found]))
"""


async def probe(backend: DockerBackend, spec: MakeSpec) -> tuple[dict[str, str], dict[str, str]]:
    async with backend.start(spec("cat")) as sandbox:
        result = await sandbox.exec(["python3", "-c", PROBES], deadline=60)
    assert result.exit_code == 0, result.stderr.decode()
    refused, allowed = json.loads(result.stdout)
    return refused, allowed


@x86_64
async def test_dangerous_system_calls_are_refused(backend: DockerBackend, spec: MakeSpec) -> None:
    """Namespaces, mounts, tracing, keyrings, bpf, io_uring, odd sockets and TIOCSTI: EPERM, or ENOSYS where libraries
    then fall back; and what servers need still works.
    """
    refused, allowed = await probe(backend, spec)
    answers_enosys = {"clone3", "io_uring_setup"}
    assert refused == {name: "ENOSYS" if name in answers_enosys else "EPERM" for name in refused}
    assert len(refused) > 50
    assert allowed == dict.fromkeys(allowed, "ok")


@x86_64
@pytest.mark.parametrize(
    "code",
    [
        "libc.syscall(ctypes.c_long(0x40000000 | 39))",
        "f = mmap.mmap(-1, 4096, prot=7); f.write(bytes.fromhex('b814000000cd80c3')); "
        "ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(f)))()",
    ],
    ids=["x32", "int 0x80"],
)
async def test_other_architectures_entry_points_are_fatal(backend: DockerBackend, spec: MakeSpec, code: str) -> None:
    """A call through the x32 or the 32-bit entry point, where other numbers mean other calls, ends the process."""
    script = f"import ctypes, mmap; libc = ctypes.CDLL(None); {code}; print('alive')"
    async with backend.start(spec("cat")) as sandbox:
        result = await sandbox.exec(["python3", "-c", script], deadline=20)
    assert b"alive" not in result.stdout
    assert result.exit_code != 0


@either
async def test_the_kernel_confirms_it(backend: DockerBackend, spec: MakeSpec, runtime: str) -> None:
    """/proc/self/status of the main process and of a command: no capability, no new privileges, a filter.

    A gVisor has none of the filter, and its older versions do not tell of new privileges.
    """
    script = "grep -E '^(Cap|NoNewPrivs|Seccomp:|Uid)' /proc/self/status"
    async with backend.start(spec("sh", "-c", f"{script}; echo end; exec cat")) as sandbox:
        main = b""
        while not main.endswith(b"end\n"):
            main += await sandbox.main.receive()
        command = (await sandbox.exec(["sh", "-c", script])).stdout
    assert main == command + b"end\n"
    status = dict(line.split(":\t") for line in command.decode().splitlines())
    assert {value for name, value in status.items() if name.startswith("Cap")} == {"0" * 16}
    assert status["Uid"] == "65532\t65532\t65532\t65532"
    if runtime == "runc":
        assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")


@either
@pytest.mark.parametrize(
    "attempt",
    [
        "echo c > /proc/sysrq-trigger",
        "echo x > /proc/sys/kernel/core_pattern",
        "echo 1 > /proc/sys/vm/drop_caches",
        "echo max > /sys/fs/cgroup/pids.max || echo max > /sys/fs/cgroup/pids/pids.max",
        "touch /x",
        "touch /etc/x",
        "mknod /tmp/sda b 8 0 && head -c 1 /tmp/sda",
        "cp /bin/true /tmp/t && chmod 755 /tmp/t && /tmp/t",
        "[ -s /proc/kcore ]",
        "[ -s /proc/keys ]",
        "ls /sys/firmware/*",
        "ls /var/run/docker.sock",
        "[ -e /dev/sda ] || [ -e /dev/mem ] || [ -e /dev/kmsg ]",
        "python3 -c 'import os; os.setuid(0)'",
        "head -c 70000000 /dev/zero > /tmp/x",
        "head -c 20000000 /dev/zero > /dev/shm/x",
        "ulimit -n 100000",
        "python3 -c 'import urllib.request as u; u.urlopen(\"http://169.254.169.254\", timeout=3)'",
        "[ $(ls /sys/class/net) != lo ]",
    ],
)
async def test_attempts_fail(backend: DockerBackend, spec: MakeSpec, attempt: str) -> None:
    """Well-known ways out or up, tried as the sandbox's user."""
    async with backend.start(spec("cat")) as sandbox:
        assert (await sandbox.exec(["sh", "-c", attempt], deadline=20)).exit_code not in (0, None)


SETUID = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
os.umask(0)
open("/tmp/plain", "w").close()
ways = {
    "chmod": lambda: libc.chmod(b"/tmp/plain", 0o4755),
    "setgid": lambda: libc.chmod(b"/tmp/plain", 0o2755),
    "fchmod": lambda: libc.fchmod(os.open("/tmp/plain", os.O_RDONLY), 0o6755),
    "fchmodat": lambda: libc.fchmodat(-100, b"/tmp/plain", 0o4755, 0),
    "fchmodat2": lambda: libc.syscall(452, -100, b"/tmp/plain", 0o4755, 0),
    "open": lambda: libc.syscall(2, b"/tmp/a", os.O_CREAT | os.O_WRONLY, 0o4755),
    "openat": lambda: libc.syscall(257, -100, b"/tmp/b", os.O_CREAT | os.O_WRONLY, 0o4755),
    "creat": lambda: libc.syscall(85, b"/tmp/c", 0o4755),
    "tmpfile": lambda: libc.syscall(257, -100, b"/tmp", 0o20200000 | os.O_RDWR, 0o4755),
    "mknod": lambda: libc.syscall(133, b"/tmp/d", 0o104755, 0),
    "mknodat": lambda: libc.syscall(259, -100, b"/tmp/e", 0o104755, 0),
    "openat2": lambda: libc.syscall(437, -100, b"/tmp/f", (ctypes.c_uint64 * 3)(0o101, 0o4755, 0), 24),
}
print(sorted(name for name, way in ways.items() if way() >= 0))
os.chmod("/tmp/plain", 0o1777)
os.close(os.open("/tmp/usual", os.O_CREAT | os.O_RDWR, 0o640))
print(oct(os.stat("/tmp/plain").st_mode), oct(os.stat("/tmp/usual").st_mode))
"""


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the numbers of system calls are those of x86_64")
async def test_no_file_can_be_made_that_runs_as_somebody(backend: DockerBackend, spec: MakeSpec) -> None:
    """A setuid file in a folder of the host would wait there for others; every other mode is as ever."""
    async with backend.start(spec("cat")) as sandbox:
        result = await sandbox.exec(["python3", "-c", SETUID], deadline=20)
    assert (result.stdout + result.stderr).decode().splitlines() == ["[]", "0o101777 0o100640"]


@either
async def test_python_and_node_run(backend: DockerBackend, spec: MakeSpec) -> None:
    """Threads, subprocesses, interfaces and temporary files work in both: the profile is not too tight."""
    python = (
        "import concurrent.futures as c, multiprocessing as m, subprocess, tempfile, asyncio\n"
        "with c.ThreadPoolExecutor(8) as e: assert sum(e.map(abs, range(100))) == 4950\n"
        "assert subprocess.run(['true']).returncode == 0\n"
        "m.Lock()\n"
        "tempfile.TemporaryFile().write(b'x')\n"
        "asyncio.run(asyncio.sleep(0))\n"
        "print('ok')"
    )
    node = (
        "const os = require('os'), fs = require('fs'), {Worker} = require('worker_threads');"
        "os.networkInterfaces(); require('child_process').execSync('true'); fs.writeFileSync('/tmp/x', 'x');"
        "new Worker('process.exit(0)', {eval: true}).on('exit', () => console.log('ok'))"
    )
    async with backend.start(spec("cat")) as sandbox:
        for command in (["python3", "-c", python], ["node", "-e", node]):
            result = await sandbox.exec(command, deadline=60)
            assert (result.stdout, result.exit_code) == (b"ok\n", 0), result.stderr.decode()


async def shown(backend: DockerBackend, container_id: str) -> dict[str, Any]:
    async with backend.engine.control("look") as docker:
        return await container(docker, container_id).show()


async def test_the_settings_as_inspected(backend: DockerBackend, spec: MakeSpec) -> None:
    """Every setting of the profile is what the engine says it is."""
    async with backend.start(spec("cat", memory="64MiB", cpus=0.5, pids=32, file_size="1MiB")) as sandbox:
        found = await shown(backend, sandbox.id)
    host, config = found["HostConfig"], found["Config"]
    expected = {
        "CapDrop": ["ALL"],
        "CapAdd": None,
        "Privileged": False,
        "ReadonlyRootfs": True,
        "Memory": 64 << 20,
        "MemorySwap": 64 << 20,
        "NanoCpus": 500_000_000,
        "PidsLimit": 32,
        "ShmSize": 16 << 20,
        "IpcMode": "private",
        "CgroupnsMode": "private",
        "NetworkMode": "none",
        "PidMode": "",
        "UTSMode": "",
        "UsernsMode": "",
        "Init": True,
        "OomScoreAdj": 500,
        "LogConfig": {"Type": "none", "Config": {}},
        "RestartPolicy": {"Name": "no", "MaximumRetryCount": 0},
        "Binds": None,
        "Devices": None,
        "PublishAllPorts": False,
        "Tmpfs": {"/tmp": "rw,nosuid,nodev,noexec,mode=1777,size=67108864,nr_inodes=16384"},
    }
    assert {name: host[name] or None if host[name] == [] else host[name] for name in expected} == expected
    assert host["SecurityOpt"][0] == "no-new-privileges:true"
    assert host["SecurityOpt"][1].startswith('seccomp={"defaultAction":"SCMP_ACT_ERRNO"')
    assert {limit["Name"]: (limit["Soft"], limit["Hard"]) for limit in host["Ulimits"]} == {
        "nofile": (1024, 4096),
        "core": (0, 0),
        "fsize": (1 << 20, 1 << 20),
    }
    assert (config["User"], config["Tty"], config["OpenStdin"], config["StdinOnce"]) == (
        "65532:65532",
        False,
        True,
        True,
    )


@either
async def test_isolation_is_read_back(backend: DockerBackend, spec: MakeSpec, runtime: str) -> None:
    """The report names figures and findings; only what the host lacks does not hold, with its cure."""
    async with backend.start(spec("cat")) as sandbox:
        report = await sandbox.inspect()
    assert report.limits == {
        "memory": "512 MiB",
        "cpus": "1",
        "pids": "256",
        "user": "65532:65532",
        "network": "none",
        "root": "read-only",
        "tmpfs": "/tmp",
        "runtime": runtime,
    }
    failing = {finding.name for finding in report.findings if not finding.ok}
    assert failing <= {"mandatory access control", "user namespace", "swap limit"}
    assert all(finding.cure for finding in report.findings if not finding.ok)
    assert {"capabilities, seen inside", "seccomp, seen inside"} <= {finding.name for finding in report.findings}
    assert report.score >= 85


async def test_a_weaker_sandbox_scores_less(backend: DockerBackend, spec: MakeSpec) -> None:
    """A writable root and an open network are found, each with what would mend it."""
    async with backend.start(spec("cat", network="open", read_only_root=False)) as sandbox:
        report = await sandbox.inspect()
    failing = {finding.name for finding in report.findings if not finding.ok}
    assert {"network", "read-only root"} <= failing
    assert report.limits["network"] == "bridge"


@pytest.mark.parametrize("workdir", ["relative", "/proc/self/fd/7", "/sys", "/a/../b"])
async def test_odd_working_directories_are_refused(backend: DockerBackend, spec: MakeSpec, workdir: str) -> None:
    """A working directory below /proc has led out of containers; it is refused before anything is created."""
    with pytest.raises(ConfigError, match="outside /proc"):
        async with backend.start(spec("cat", workdir=workdir)):
            pass


def test_the_profile_allows_by_list_only() -> None:
    """The default is to refuse; no rule allows what must never be allowed without a condition."""
    profile = load_profile()
    assert profile["defaultAction"] == "SCMP_ACT_ERRNO"
    assert [arch["subArchitectures"] for arch in profile["archMap"]] == [[], []]
    free = [
        name
        for rule in profile["syscalls"]
        if rule["action"] == "SCMP_ACT_ALLOW" and not rule.get("args")
        for name in rule["names"]
    ]
    assert len(free) == len(set(free))
    never = {
        "mount",
        "unshare",
        "setns",
        "clone",
        "ptrace",
        "bpf",
        "keyctl",
        "socket",
        "ioctl",
        "personality",
        "chroot",
    }
    assert not never & set(free)


@pytest.mark.parametrize("network", ["none", ["web.test:443"]])
async def test_nobody_learns_of_the_hosts_name_servers(backend: DockerBackend, spec: MakeSpec, network: Any) -> None:
    """They could not be reached; now they are not named either."""
    async with backend.start(spec("cat", network=network)) as sandbox:
        result = await sandbox.exec(["cat", "/etc/resolv.conf"])
    assert result.stdout.split() == [b"nameserver", b"127.0.0.1"]


@pytest.mark.parametrize("name", ["", "A=B", "A\0"])
async def test_names_that_are_no_variables(backend: DockerBackend, spec: MakeSpec, name: str) -> None:
    """The engine would make another variable of them."""
    with pytest.raises(ConfigError, match="cannot be the name of a variable"):
        async with backend.start(spec("cat", env={name: "value"})):
            pytest.fail("it started")
