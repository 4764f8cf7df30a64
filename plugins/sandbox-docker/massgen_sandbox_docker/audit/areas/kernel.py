"""Attempts on the kernel."""

from __future__ import annotations

from massgen_sandbox_docker.audit.judges import MISSING, NO_FAMILY, namespaces_of_users, nothing_found, refused
from massgen_sandbox_docker.audit.model import Attempt, Judge, attempt
from massgen_sandbox_docker.audit.scenes import probing

_SCENE = probing("kernel")
_OWN_NAMESPACE = "a namespace of the sandbox's own kernel, not of the host's"
_OWN_TRACING = "traced by the sandbox's own kernel, which shows it no other sandbox's process"


def _attempt(name: str, title: str, expected: str, refs: str, judge: Judge) -> Attempt:
    return attempt("kernel", name, title, expected, refs, _SCENE, judge)


_NO = "Refused."

ATTEMPTS = (
    _attempt("mount-tmpfs", "mount a tmpfs", _NO, "CIS 5.4, CIS 5.22, ATT&CK T1611", refused("ENODEV")),
    _attempt(
        "mount-kernel-filesystems",
        "mount proc, sysfs and cgroup anew, also by the newer system calls",
        _NO,
        "CIS 5.4, CIS 5.22, ATT&CK T1611",
        refused("ENODEV"),
    ),
    _attempt(
        "remount",
        "remount / and /proc/sys writable, unmount what hides files, change the root",
        _NO,
        "CIS 5.4, CIS 5.13, ATT&CK T1611",
        refused(),
    ),
    _attempt("chroot-escape", "call chroot, the first step out of one", _NO, "CIS 5.4, ATT&CK T1611", refused()),
    _attempt(
        "crash-the-host",
        "open sysrq-trigger and the settings of panics for writing, by which the host can be crashed",
        "They are read-only or hidden.",
        "CIS 5.5, ATT&CK T1529",
        refused(*MISSING),
    ),
    _attempt(
        "core-pattern",
        "open core_pattern, modprobe and uevent_helper, by which the host's kernel starts programs",
        "They are read-only or hidden.",
        "CIS 5.5, ATT&CK T1611",
        refused(*MISSING),
    ),
    _attempt(
        "sysctl",
        "open sysctls of the host for writing (drop_caches, randomize_va_space …)",
        "They are read-only or hidden.",
        "CIS 5.5, ATT&CK T1562.001",
        refused(*MISSING),
    ),
    _attempt(
        "kernel-memory",
        "open /proc/kcore, /dev/mem and others that hold the kernel's memory",
        "None can be opened.",
        "CIS 5.18, ATT&CK T1003.007",
        nothing_found("none can be opened"),
    ),
    _attempt(
        "kernel-secrets",
        "read keys, timers and addresses of the kernel in /proc",
        "They are hidden or empty.",
        "OWASP Docker Rule 6, ATT&CK T1082",
        nothing_found("hidden or empty"),
    ),
    _attempt(
        "kernel-log",
        "read the host kernel's log by syslog(2) and /dev/kmsg",
        _NO,
        "CIS 5.4, ATT&CK T1082",
        refused(*MISSING),
    ),
    _attempt(
        "firmware",
        "list the firmware's tables, ACPI, SCSI and power meters",
        "They are hidden or empty.",
        "OWASP Docker Rule 6, ATT&CK T1082",
        nothing_found("hidden or empty"),
    ),
    _attempt(
        "user-namespace",
        "become root in a new user namespace, and mount, remount and make raw sockets there",
        "Refused; or nothing is gained, where the kernel is the sandbox's own.",
        "CIS 5.22, CIS 5.31, ATT&CK T1611",
        namespaces_of_users,
    ),
    _attempt(
        "clone-namespaces",
        "make processes in new namespaces by clone and clone3",
        _NO,
        "CIS 5.22, ATT&CK T1611",
        refused(own_kernel=_OWN_NAMESPACE),
    ),
    _attempt(
        "unshare-namespaces",
        "leave the mount, pid, net, uts, ipc and cgroup namespaces by unshare",
        _NO,
        "CIS 5.4, CIS 5.22, ATT&CK T1611",
        refused("EINVAL", own_kernel=_OWN_NAMESPACE),
    ),
    _attempt(
        "setns",
        "enter the namespaces of process 1",
        _NO,
        "CIS 5.4, CIS 5.22, ATT&CK T1611",
        refused("ENOTSUP", *MISSING),
    ),
    _attempt(
        "ptrace",
        "trace and compare processes by ptrace and kcmp",
        _NO,
        "CIS 5.22, ATT&CK T1055.008",
        refused(own_kernel=_OWN_TRACING),
    ),
    _attempt(
        "process-memory",
        "read and write another process by process_vm_readv, process_vm_writev and pidfd_getfd",
        _NO,
        "CIS 5.22, ATT&CK T1055.009",
        refused(),
    ),
    _attempt(
        "keyring",
        "use the kernel's keyrings, which are shared by all containers of a user",
        _NO,
        "CIS 5.22, ATT&CK T1003.007",
        refused(),
    ),
    _attempt("bpf", "load something into the kernel by bpf", _NO, "CIS 5.22, ATT&CK T1014", refused()),
    _attempt("perf-events", "observe the kernel by perf_event_open", _NO, "CIS 5.22, ATT&CK T1068", refused("ENODEV")),
    _attempt(
        "userfaultfd",
        "hold the kernel up by userfaultfd, as exploits do",
        _NO,
        "CIS 5.22, ATT&CK T1068",
        refused(),
    ),
    _attempt(
        "io-uring",
        "pass the system-call filter by io_uring",
        _NO,
        "CIS 5.22, ATT&CK T1068",
        refused(own_kernel="an io_uring of the sandbox's own kernel"),
    ),
    _attempt(
        "replace-kernel",
        "load and unload a kernel module, load another kernel, reboot",
        _NO,
        "CIS 5.4, CIS 5.22, ATT&CK T1547.006, ATT&CK T1529",
        refused(),
    ),
    _attempt("clock", "set the host's clock", _NO, "CIS 5.4, CIS 5.22, ATT&CK T1562.001", refused()),
    _attempt(
        "host-administration",
        "switch on swap and accounting, change the host's name, reach I/O ports",
        _NO,
        "CIS 5.4, CIS 5.22, ATT&CK T1562.001",
        refused(),
    ),
    _attempt(
        "personality",
        "switch off address randomisation, make all memory executable, change the descriptor table",
        _NO,
        "CIS 5.22, ATT&CK T1068",
        refused("EINVAL"),
    ),
    _attempt(
        "other-entry-points",
        "make a system call by the 32-bit entry point, past rules that know only the 64-bit numbers",
        "It ends the process, or is refused.",
        "CIS 5.22, ATT&CK T1068",
        lambda facts: refused()({"tries": {facts["none"]: "ENOSYS"}} if "none" in facts else facts),
    ),
    _attempt(
        "terminal-injection",
        "push keystrokes into a terminal by TIOCSTI and TIOCLINUX, also with high bits that some filters miss",
        _NO,
        "CIS 5.22, ATT&CK T1611",
        refused("EIO", "ENOTTY", "EINVAL"),
    ),
    _attempt(
        "odd-sockets",
        "open sockets of families that no server needs (crypto, vsock, Bluetooth, TIPC, audit, netfilter)",
        _NO,
        "CIS 5.22, ATT&CK T1068",
        refused(*NO_FAMILY),
    ),
    _attempt(
        "open-by-handle",
        "open the host's files by handle, as the exploit shocker did",
        _NO,
        "CIS 5.4, CIS 5.22, ATT&CK T1611",
        refused("EOPNOTSUPP", "ENOTSUP"),
    ),
)
