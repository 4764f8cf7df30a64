"""Whose container it is: labels that let anyone tell whether the program that made it still runs.

A process is known by the machine's boot, its PID namespace, its PID and its start time, so that a PID that was used
again is not mistaken for its owner. Where `/proc` is missing (macOS), only the expiry counts.
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

OWNER = "massgen.owner"
HOST = "massgen.owner.host"
PID = "massgen.owner.pid"
START = "massgen.owner.start"
EXPIRES = "massgen.expires"

Verdict = Literal["mine", "alive", "dead", "expired", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """One open backend of one process; ``host`` is empty where processes cannot be told apart from outside."""

    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    host: str = ""
    pid: int = 0
    start: str = ""

    @classmethod
    def current(cls) -> Owner:
        """This process, under a new id."""
        start = _start_time(os.getpid())
        return cls(host=_host() if start else "", pid=os.getpid(), start=start or "")

    def labels(self, *, lifetime: float) -> dict[str, str]:
        """The labels for a new container; others may remove it after ``lifetime`` seconds if they cannot see us."""
        expires = str(int(time.time() + lifetime))
        return {OWNER: self.id, HOST: self.host, PID: str(self.pid), START: self.start, EXPIRES: expires}


def judge(labels: Mapping[str, str], *, here: Owner, now: float | None = None) -> Verdict:
    """What is known about the owner of a container with these labels; a living owner wins over the expiry."""
    if labels.get(OWNER) == here.id:
        return "mine"
    if here.host and labels.get(HOST) == here.host and labels.get(PID, "").isdigit():
        return "alive" if _start_time(int(labels[PID])) == labels.get(START) else "dead"
    expires = labels.get(EXPIRES, "")
    if expires.isdigit() and int(expires) < (time.time() if now is None else now):
        return "expired"
    return "unknown"


def _host() -> str:
    """The boot and the PID namespace, in which a PID means one process."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}/{Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return ""


def _start_time(pid: int) -> str | None:
    """Field 22 of ``/proc/PID/stat`` (proc(5)); None for a process that is gone, or a zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in ("Z", "X") else fields[19]
