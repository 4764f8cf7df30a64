"""Whether folders can be mounted into containers that run: one answer for everybody who wants to know."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from massgen_sandbox_docker.container.runtimes import family
from massgen_sandbox_docker.engine.kind import EngineKind

_SINCE = (5, 12)
_SYS_ADMIN = 21
_WHOLE_FOLDER = "Name the folder in `mounts` of the spec: it is mounted when the sandbox starts."


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """This program, as far as mounting goes."""

    platform: str
    kernel: str
    capabilities: int

    @classmethod
    def now(cls) -> Rights:
        """This process's."""
        posix = sys.platform != "win32"
        return cls(
            platform=sys.platform,
            kernel=os.uname().release if posix else "",
            capabilities=_capabilities(Path("/proc/self/status")),
        )


def why_not(kind: EngineKind, rights: Rights) -> str | None:
    """Why no container of this engine can have a folder mounted later, with the cure; None where it can."""
    tests: Mapping[str, Callable[[], bool]] = {
        f"the engine is {kind}, and this needs Docker Engine on this machine": lambda: (
            (kind.product, kind.users, kind.files) == ("Docker", "same", "here")
        ),
        "SELinux is on, and only the engine gives folders a label": lambda: not kind.selinux,
        "this needs Linux": lambda: rights.platform == "linux",
        f"this needs Linux 5.12, and the kernel is {rights.kernel}": lambda: _version(rights.kernel) >= _SINCE,
        "this needs root with CAP_SYS_ADMIN": lambda: bool(rights.capabilities >> _SYS_ADMIN & 1),
        "no Python executable is known": lambda: bool(sys.executable),
    }
    problem = next((words for words, passed in tests.items() if not passed()), None)
    return problem and f"{problem}\n  {_WHOLE_FOLDER}"


def why_not_runtime(runtime: str) -> str | None:
    """The same for one OCI runtime: what is not a folder of this kernel inside cannot have one moved over it."""
    if family(runtime) == "runc":
        return None
    return f"its OCI runtime {runtime!r} has file systems of its own\n  {_WHOLE_FOLDER}"


def _version(release: str) -> tuple[int, int]:
    found = re.match(r"(\d+)\.(\d+)", release)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _capabilities(status: Path) -> int:
    """The effective ones, as the bits of a number; none where there is no such file."""
    try:
        lines = status.read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1], 16) for line in lines if line.startswith("CapEff:")), 0)
