"""Whose private folders are whose: a mark in each, by which a later program knows what a killed one has left.

A process is known by the machine's boot, its PID namespace, its PID and its start time, so that a PID that was used
again is not mistaken for the owner.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

PREFIX = "massgen-local-"

_MARK = "owner"


def mark(root: Path) -> None:
    """Say in a folder that it is this process's."""
    (root / _MARK).write_text(json.dumps(_process(os.getpid())))


def left_behind() -> Iterator[Path]:
    """Private folders of this user whose program does not run any more; another user's are not looked at."""
    for root in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        try:
            there = root.lstat()
            owner = json.loads((root / _MARK).read_text()) if there.st_uid == os.geteuid() else None
        except (OSError, ValueError):
            continue
        if isinstance(owner, dict) and _has_ended(owner):  # pyright: ignore[reportUnknownArgumentType]
            yield root


def _has_ended(owner: dict[str, object]) -> bool:
    """True only when it can be known."""
    here = _process(os.getpid())
    if owner.get("host") != here["host"] or not isinstance(pid := owner.get("pid"), int):
        return False
    try:
        return _process(pid) != owner
    except OSError:
        return True


def _process(pid: int) -> dict[str, object]:
    """See proc(5); raises `OSError` when there is none."""
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    host = f"{boot}/{os.readlink('/proc/self/ns/pid')}"
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return {"host": host, "pid": pid, "start": "" if fields[0] in ("Z", "X") else fields[19]}
