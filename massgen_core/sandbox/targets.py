"""Where a sandbox sees a path of the host: plain, absolute, and over nothing that holds the sandbox together."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Sequence

from massgen_core.errors import ConfigError

CLOSED = (
    *("/proc", "/sys", "/dev", "/etc", "/run", "/var/run", "/boot", "/bin", "/sbin", "/lib", "/lib32", "/lib64"),
    *("/usr/bin", "/usr/sbin", "/usr/lib", "/usr/lib64"),
)
"""Nothing is mounted here, below or above: the kernel's trees, accounts and name resolution, secrets, programs."""

_LONGEST = 4095
_SEPARATORS = frozenset(":,\\\"'")


def check_target(target: str, key: str) -> None:
    """Refuse a target that is not plain, or that would cover what the sandbox is made of.

    Colons, commas and quotes separate options in other spellings of a mount, so no backend has to guess at them.

    Raises:
        ConfigError: It is no good; the message says why.
    """
    for problem in _problems(target):
        raise ConfigError(
            f"{target!r} {problem}", key=key, cure="Name an absolute path such as `/workspace` or `/data`."
        )


def _problems(target: str) -> Iterable[str]:
    if not target.startswith("/") or target.startswith("//"):
        yield "is no absolute path"
    if len(target.encode("utf-8", "surrogatepass")) > _LONGEST:
        yield "is too long for a path"
    if any(not letter.isprintable() or letter in _SEPARATORS for letter in target):
        yield "holds a colon, a comma, a quote, a backslash or a letter that cannot be printed"
    if posixpath.normpath(target) != target:
        yield "is not plain: it has `.`, `..`, doubled slashes, or one at its end"
    for closed in CLOSED:
        if lies_in(target, closed) or lies_in(closed, target):
            yield f"would cover {closed}" if lies_in(closed, target) else f"lies in {closed}, where nothing is mounted"


def check_layout(targets: Sequence[tuple[str, str]], tmpfs: Iterable[str]) -> None:
    """Refuse two things at one place, and one inside another; ``targets`` are pairs of target and key.

    What is mounted inside another mount would have to be made there first: on the host, by the engine, as root.

    Raises:
        ConfigError: Two overlap.
    """
    taken = [(path, f"the in-memory folder `tmpfs.{path}`") for path in tmpfs]
    for target, key in targets:
        for other, what in taken:
            if target == other:
                raise ConfigError(f"{what} is at {target} already", key=key, cure="Choose another place.")
            if lies_in(target, other) or lies_in(other, target):
                raise ConfigError(
                    f"{target} and {other} ({what}) overlap", key=key, cure="Choose places beside each other."
                )
        taken.append((target, f"`{key}`"))


def lies_in(path: str, folder: str) -> bool:
    """Whether a plain absolute path is a folder or lies in it."""
    return path == folder or path.startswith(folder.rstrip("/") + "/")
