"""The seccomp profile that every container runs under: a list of what is allowed, everything else is refused.

``seccomp.json`` holds it in the engine's format (https://docs.docker.com/engine/security/seccomp/). What it does on
purpose, beyond leaving out system calls that a server has no use for:

- only the native architecture: the 32-bit entry points would let a program pass around the rules on arguments;
- no new namespaces, no tracing or reading of other processes, no keyrings, no io_uring, bpf, userfaultfd or perf;
- sockets of the families UNIX, INET and INET6, and the routing netlink that listing interfaces needs;
- terminal ioctls by list, compared on the low 32 bits as the kernel does: TIOCSTI and TIOCLINUX are not on it;
- no file becomes setuid or setgid, whichever call would do it (``openat2`` hides its mode and answers ENOSYS);
- ``clone3`` and io_uring answer ENOSYS, on which libraries fall back.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any, cast


def load_profile() -> dict[str, Any]:
    """The profile as the engine's API takes it."""
    text = files("massgen_sandbox_docker.container").joinpath("seccomp.json").read_text(encoding="utf-8")
    return cast("dict[str, Any]", json.loads(text))


def profile_text() -> str:
    """The profile as one line of JSON without its comments, for ``SecurityOpt``."""
    profile = load_profile()
    for rule in profile["syscalls"]:
        rule.pop("comment", None)
    return json.dumps(profile, separators=(",", ":"))
