"""Tables of the Linux kernel that say where programs listen and what is mounted; empty on other systems."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

_LISTENING = 0x10000
_STREAM = 1

_SOCKET = re.compile(
    r"[0-9a-f]+: \S+ \S+ (?P<flags>[0-9A-F]{8}) (?P<type>[0-9A-F]{4}) \S+ +\d+ (?P<path>[^@].*)", re.DOTALL
)


def listened_at() -> Iterator[str]:
    """The Unix sockets that programs of this host listen at, as they named them; nothing on other systems.

    The kernel lists what was given to bind(2), which may be a relative path; abstract names are no files.
    """
    for line in lines_of("/proc/net/unix"):
        found = _SOCKET.fullmatch(line)  # not the heading, nor the rest of a path with a line end in it
        if found and (int(found["type"], 16) != _STREAM or int(found["flags"], 16) & _LISTENING):
            yield found["path"]


def mount_points() -> Iterator[Path]:
    """Where something is mounted on this host; nothing on other systems."""
    for line in lines_of("/proc/self/mountinfo"):
        yield Path(unescaped(line.split(" ", 5)[4]))


def lines_of(table: str) -> list[str]:
    """The lines of a table of the kernel, which end in nothing but a line feed; none where it cannot be read."""
    try:
        text = Path(table).read_bytes().decode("utf-8", "surrogateescape")
    except OSError:
        return []
    return [line for line in text.split("\n") if line]


def unescaped(text: str) -> str:
    r"""A path of ``/proc/…/mountinfo``, where blanks are ``\040`` and such."""
    for code, letter in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        text = text.replace(code, letter)
    return text
