"""Overlay mounts: made, found again, and taken away; see mount(2) and Documentation/filesystems/overlayfs.

Only with the rights of root. Layers are given by descriptor, so their paths may hold anything, and a link that is put
in their way leads nowhere.
"""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

DEEPEST = 100
"""Layers in one mount: their names have to fit into a page."""

_NOSUID, _NODEV, _RDONLY, _DETACH = 2, 4, 1, 2
_FOLDER = getattr(os, "O_PATH", os.O_RDONLY) | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0)
_PLAIN = "index=off,metacopy=off,redirect_dir=on"
"""Files are whole in the layer that has them; folders can be moved, and say from where: each layer can be copied."""


@dataclass(frozen=True, slots=True)
class Mounted:
    """One mount: where, and what it was called when it was made."""

    point: str
    source: str


def mount(target: Path, name: str, lowers: Sequence[Path], upper: Path | None = None, work: Path | None = None) -> None:
    """Mount layers, the uppermost first, at a folder; without an ``upper`` nothing can be changed there.

    Raises:
        OSError: The kernel, or this user's rights, do not allow it.
    """
    with ExitStack() as stack:
        below = ":".join(_opened(each, stack) for each in lowers)
        options = [f"lowerdir={below}", _PLAIN]
        flags = _NOSUID | _NODEV
        if upper is None or work is None:
            flags |= _RDONLY
        else:
            options += [f"upperdir={_opened(upper, stack)}", f"workdir={_opened(work, stack)}"]
        _call(
            "mount", name.encode(), os.fsencode(target), b"overlay", ctypes.c_ulong(flags), ",".join(options).encode()
        )


def unmount(target: Path) -> None:
    """Take a mount away; one that is still used goes when nobody uses it any more. Nothing happens where none is."""
    if os.geteuid() != 0:
        return  # whoever may not unmount has mounted nothing
    for flags in (0, _DETACH):
        try:
            _call("umount2", os.fsencode(target), flags)
        except OSError as error:
            if error.errno in (errno.EINVAL, errno.ENOENT):
                return
            if error.errno != errno.EBUSY:
                raise
        else:
            return


def mounts(table: str = "/proc/self/mountinfo") -> Iterator[Mounted]:
    """The overlay mounts of this process's view (proc_pid_mountinfo(5)), or of another's."""
    with suppress(OSError), open(table, "rb") as lines:
        for line in lines:
            fields, _, rest = line.decode(errors="surrogateescape").partition(" - ")
            kind, source, *_ = rest.split(" ")
            if kind == "overlay":
                yield Mounted(_plain(fields.split(" ")[4]), _plain(source))


def used_somewhere(name: str) -> bool:
    """Whether any program sees a mount of that name, containers with their own view included."""
    seen: set[str] = set()
    for process in os.listdir("/proc"):
        if process.isdecimal():
            with suppress(OSError):
                view = os.readlink(f"/proc/{process}/ns/mnt")
                if view not in seen:
                    seen.add(view)
                    if any(each.source == name for each in mounts(f"/proc/{process}/mountinfo")):
                        return True
    return False


def _opened(folder: Path, stack: ExitStack) -> str:
    handle = os.open(folder, _FOLDER)
    stack.callback(os.close, handle)
    return f"/proc/self/fd/{handle}"


def _plain(text: str) -> str:
    """Without the escapes of the table: a blank is ``\\040`` there."""
    for code in (" ", "\t", "\n", "\\"):
        text = text.replace(f"\\{ord(code):03o}", code)
    return text


def _call(function: str, *arguments: object) -> None:
    if sys.platform != "linux":
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    library = ctypes.CDLL(None, use_errno=True)
    if getattr(library, function)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{function}: {os.strerror(number)}")
