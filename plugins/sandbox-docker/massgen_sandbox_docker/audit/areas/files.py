"""Attempts on files, from inside."""

from __future__ import annotations

from massgen_sandbox_docker.audit.judges import MISSING, nothing_found, refused
from massgen_sandbox_docker.audit.model import Attempt, Judge, attempt
from massgen_sandbox_docker.audit.scenes import probing

_SCENE = probing("files")


def _attempt(name: str, title: str, expected: str, refs: str, judge: Judge) -> Attempt:
    return attempt("files", name, title, expected, refs, _SCENE, judge)


ATTEMPTS = (
    _attempt(
        "engine-socket",
        "find the socket of an engine (Docker, containerd, Podman, CRI-O)",
        "There is none.",
        "CIS 5.32, OWASP Docker Rule 1, ATT&CK T1610",
        nothing_found("none is there"),
    ),
    _attempt(
        "unix-sockets",
        "find any Unix socket in the file system",
        "There is none.",
        "CIS 5.32, OWASP Docker Rule 1, ATT&CK T1613",
        nothing_found("none is there"),
    ),
    _attempt(
        "host-mounts",
        "find a mount that is neither the image's nor the kernel's nor one of the engine's own three files",
        "There is none but what the profile asks for.",
        "CIS 5.6, OWASP MCP §3, ATT&CK T1005",
        nothing_found("nothing of the host is mounted"),
    ),
    _attempt(
        "devices",
        "find a device of the host in /dev",
        "Only null, zero, full, random, urandom, tty and terminals are there.",
        "CIS 5.18, ATT&CK T1006",
        nothing_found("only the usual ones"),
    ),
    _attempt(
        "block-device",
        "make a node for a disk, or open one",
        "Refused.",
        "CIS 5.4, CIS 5.18, ATT&CK T1006",
        refused(*MISSING),
    ),
    _attempt(
        "character-device",
        "make a character device",
        "Refused.",
        "CIS 5.4, CIS 5.18, ATT&CK T1611",
        refused(*MISSING),
    ),
    _attempt(
        "cgroup-release-agent",
        "open a cgroup's release_agent, a program that the host runs as root",
        "There is none, or it is read-only.",
        "CIS 5.4, CIS 5.25, ATT&CK T1611",
        refused(*MISSING),
    ),
    _attempt(
        "cgroup-limits",
        "open the limits of the own cgroup, to raise them",
        "They are read-only or not there.",
        "CIS 5.25, OWASP Docker Rule 7, ATT&CK T1562.001",
        refused(*MISSING),
    ),
    _attempt(
        "write-root",
        "write into every folder of the image",
        "Refused.",
        "CIS 5.13, OWASP Docker Rule 8, ATT&CK T1562.001",
        refused(*MISSING),
    ),
    _attempt(
        "overwrite-programs",
        "overwrite the own interpreter, its library, the shell and the list of users",
        "Refused.",
        "CIS 5.13, OWASP Docker Rule 8, ATT&CK T1562.001",
        refused("ETXTBSY", *MISSING),
    ),
    _attempt(
        "engine-files",
        "open the engine's files that lie on the host (hosts, resolv.conf, the init) for writing",
        "Refused.",
        "CIS 5.13, ATT&CK T1611, CVE-2024-21626",
        refused("ETXTBSY", *MISSING),
    ),
    _attempt(
        "execute-written",
        "run a program that the sandbox itself has written",
        "Refused in every place that takes files.",
        "OWASP Docker Rule 8, ATT&CK T1570",
        refused(),
    ),
    _attempt(
        "setuid-zero", "become root by setuid, setgid and setgroups", "Refused.", "CIS 4.1, CIS 5.4", refused("EINVAL")
    ),
    _attempt(
        "setuid-programs",
        "run every setuid program of the image, and look at whom it runs as",
        "None of them runs as root.",
        "CIS 4.8, CIS 5.26, OWASP Docker Rule 4, ATT&CK T1548.001",
        nothing_found("none runs as root"),
    ),
    _attempt(
        "readable-secrets",
        "read /etc/shadow, /root and private keys of the image",
        "Refused.",
        "CIS 4.1, OWASP Docker Rule 2, ATT&CK T1552.001",
        nothing_found("none can be read"),
    ),
)
