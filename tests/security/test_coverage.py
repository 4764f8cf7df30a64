"""The audit makes every attempt that is usually made on sandboxes: what it is about, and which of ours make it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from massgen_sandbox_docker.audit.suite import ATTEMPTS

FROM_INSIDE: Mapping[str, str] = {
    "mount a file system": "mount-tmpfs",
    "mount proc anew, new mount API": "mount-kernel-filesystems",
    "unmount and remount": "remount",
    "engine sockets": "engine-socket",
    "any Unix socket": "unix-sockets neighbour-abstract-socket",
    "sysrq": "crash-the-host",
    "core_pattern": "core-pattern core-dump",
    "sysctls": "sysctl",
    "/proc/kcore, keys, timers": "kernel-memory kernel-secrets",
    "firmware, ACPI": "firmware",
    "release_agent": "cgroup-release-agent",
    "raise the own limits": "cgroup-limits",
    "make and read block devices": "block-device character-device",
    "devices in /dev": "devices",
    "setuid programs and setuid(0)": "setuid-programs setuid-zero",
    "make a setuid program": "setuid-programs no-new-privileges",
    "capabilities, no_new_privs": "capabilities no-new-privileges root-user",
    "new namespaces": "user-namespace clone-namespaces unshare-namespaces",
    "enter namespaces": "setns",
    "ptrace, memory and environment of process 1": "ptrace environment",
    "process_vm_readv": "process-memory",
    "keyrings": "keyring",
    "bpf, perf, userfaultfd, io_uring": "bpf perf-events userfaultfd io-uring",
    "modules, kexec, reboot, swap, clock": "replace-kernel clock host-administration",
    "personality, modify_ldt": "personality other-entry-points",
    "TIOCSTI": "terminal-injection",
    "odd sockets": "raw-sockets odd-sockets",
    "cloud metadata": "metadata",
    "gateway, host, other sandboxes": "host-directly internet neighbour-loopback",
    "DNS tunnels": "datagrams name-servers",
    "past the proxy's rules": "gate-forbidden-host gate-other-port gate-other-name gate-plain-text gate-fronting "
    "gate-inspected-fronting gate-redirect gate-private-address gate-huge-head gate-slow-heads",
    "processes without end": "fork-bomb thread-bomb zombies",
    "memory without end": "memory-bomb memfd-bomb tmpfs-fill shm-fill lock-memory",
    "disk and inodes without end": "disk-fill tmpfs-files folder-growth folder-many-files",
    "descriptors, threads, watches": "open-files thread-bomb kernel-quotas",
    "processor": "cpu-spin priority",
    "outlive a time-out": "outlive-timeout",
    "kill or stop the main process": "kill-main stop-main",
}
"""What a program in a sandbox does."""

TO_ITS_READERS: Mapping[str, str] = {
    "links that host programs follow": "folder-odd-entries mount-swapped mount-through-another build-leavings",
    "hard links and renames of what is protected": "read-only-folder mount-nested folder-odd-entries",
    "pipes, sockets, endless files": "folder-odd-entries build-leavings",
    "hostile names and depths": "folder-odd-entries folder-deep",
    "hostile archives": "build-archive build-leavings",
    "floods of stdout": "stdout-flood terminal-escapes",
    "floods of stderr": "stderr-flood",
    "floods of the log": "log-flood",
    "hostile MCP servers": "garbage endless-line nested-json notification-flood other-ids answers-twice answers-ahead "
    "question-flood exit-in-message no-answer",
    "huge commands": "huge-command",
}
"""What it does to whoever reads what it leaves and says."""

OUT_OF_ITS_NETWORK: Mapping[str, str] = {
    "connect directly": "interfaces routes host-directly internet metadata",
    "other sandboxes and their proxies": "neighbour-loopback gate-foreign-list",
    "ignore the proxy": "raw-sockets gate-other-name gate-plain-text",
    "allowed name, other server name": "gate-other-name gate-inspected-fronting",
    "allowed name, private address": "gate-private-address",
    "redirect": "gate-redirect",
    "DNS": "datagrams name-servers",
    "IPv6": "ipv6",
    "another sandbox's secret": "gate-foreign-placeholder",
    "secrets in processes": "environment gate-secret-inside",
    "the engine's socket as a mount": "mount-engine-socket",
    "options in a mount": "mount-smuggling",
}
"""What it does to get out of a network that is closed, or to a secret."""

LISTS = {"from inside": FROM_INSIDE, "to its readers": TO_ITS_READERS, "out of its network": OUT_OF_ITS_NETWORK}


@pytest.mark.parametrize("about", LISTS)
def test_every_usual_attempt_is_made(about: str) -> None:
    """Each has at least one attempt of ours, by a name that exists."""
    known = {attempt.id for attempt in ATTEMPTS}
    unknown = {what: set(names.split()) - known for what, names in LISTS[about].items()}
    assert {what: names for what, names in unknown.items() if names} == {}
    assert all(LISTS[about].values())


def test_there_are_48_of_them() -> None:
    """Those from inside, and those on its readers."""
    assert len(FROM_INSIDE) + len(TO_ITS_READERS) == 48
