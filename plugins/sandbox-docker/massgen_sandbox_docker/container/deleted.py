"""Files that were deleted and are still open: no walk through folders finds them, and they still take up the disk.

Seen in ``/proc/PID/fd`` of the container's processes, for which this program must be root on the engine's machine. A
file that is only mapped, or on its way through a socket, is not seen; so this is a watch, and no quota.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from massgen_sandbox_docker.container.diskuse import Enough, Tally

_PROC = Path("/proc")
_IN_MEMORY = frozenset({"tmpfs", "ramfs", "devtmpfs", "proc", "sysfs", "mqueue", "hugetlbfs"})


def measure_deleted(
    pids: Sequence[int], limit: int, check_cancelled: Callable[[], object] = lambda: None, proc: Path = _PROC
) -> int:
    """Bytes of deleted files that processes have open, on file systems that are not in memory; stops at the limit.

    Raises:
        Unmeasurable: There are too many open files to be looked at in time.
    """
    tally, seen = Tally(limit=limit), set[tuple[int, int]]()
    try:
        for pid in pids:
            check_cancelled()
            disks = _disks(proc / str(pid))
            for found in _open_files(proc / str(pid)):
                known = (found.st_dev, found.st_ino) in seen
                if found.st_nlink == 0 and found.st_dev in disks and not known:
                    seen.add((found.st_dev, found.st_ino))
                    tally.add(found)
    except Enough:
        pass
    return tally.used


def can_look_at(pid: int, proc: Path = _PROC) -> bool:
    """Whether the open files of another user's process are ours to see."""
    return os.access(proc / str(pid) / "fd", os.R_OK | os.X_OK)


def _open_files(process: Path) -> Iterator[os.stat_result]:
    try:
        names = os.listdir(process / "fd")
    except OSError:  # it has ended, or is not ours to see
        return
    for name in names:
        try:
            found = os.stat(process / "fd" / name)
        except OSError:
            continue
        if stat.S_ISREG(found.st_mode):
            yield found


def _disks(process: Path) -> frozenset[int]:
    """The devices of file systems that a process sees mounted and that are not in memory."""
    try:
        lines = (process / "mountinfo").read_text(errors="replace").splitlines()
    except OSError:
        return frozenset()
    return frozenset(device for kind, device in map(_mounted, lines) if kind not in _IN_MEMORY)


def _mounted(line: str) -> tuple[str, int]:
    """Kind and device of one line of mountinfo (`man 5 proc`): ``36 35 98:0 / /mnt rw - ext4 /dev/root rw``."""
    before, _, after = line.partition(" - ")
    major, _, minor = before.split()[2].partition(":")
    return after.split()[0], os.makedev(int(major), int(minor))
