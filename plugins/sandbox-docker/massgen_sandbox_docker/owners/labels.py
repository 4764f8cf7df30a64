"""Whose container it is: labels that let anyone tell whether the program that made it still runs.

A process is known by the machine's boot, its PID namespace, its PID and its start time, so that a PID that was used
again is not mistaken for its owner. Where `/proc` is missing (macOS), only the expiry counts.

A container that was promised to live for a time only says until when; past that anybody may remove it, whether its
owner lives or not.
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

TTL = "massgen.ttl"
"""When the container's own time is over, in seconds since 1970."""

SANDBOX = "massgen.sandbox"
"""The name of the sandbox that the container is, or stands beside."""

_TTL_SLACK = 60
"""Seconds that the owner has for ending it itself, with a reason, before others do."""

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
        start = start_time(os.getpid())
        return cls(host=_host() if start else "", pid=os.getpid(), start=start or "")

    def labels(self, *, lifetime: float, sandbox: str = "", ttl: float | None = None) -> dict[str, str]:
        """The labels for a new container; others may remove it after ``lifetime`` seconds if they cannot see us.

        ``sandbox`` is its name; ``ttl`` the seconds that it may live at all, whoever owns it.
        """
        now = time.time()
        labels = {OWNER: self.id, HOST: self.host, PID: str(self.pid), START: self.start}
        labels[EXPIRES] = str(int(now + lifetime))
        if sandbox:
            labels[SANDBOX] = sandbox
        if ttl is not None:
            labels[TTL] = str(int(now + ttl + _TTL_SLACK))
        return labels


def judge(labels: Mapping[str, str], *, here: Owner, now: float | None = None) -> Verdict:
    """What is known about the owner of a container with these labels.

    A living owner wins over the expiry, and nobody over the container's own time.
    """
    now = time.time() if now is None else now
    if _is_past(labels.get(TTL, ""), now):
        return "expired"
    if labels.get(OWNER) == here.id:
        return "mine"
    if here.host and labels.get(HOST) == here.host and labels.get(PID, "").isdigit():
        return "alive" if start_time(int(labels[PID])) == labels.get(START) else "dead"
    return "expired" if _is_past(labels.get(EXPIRES, ""), now) else "unknown"


def same_machine(labels: Mapping[str, str], *, here: Owner) -> bool | None:
    """Whether the container's owner runs, or ran, under this boot of this machine; None where that is not told."""
    theirs, ours = (host.partition("/")[0] for host in (labels.get(HOST, ""), here.host))
    return theirs == ours if theirs and ours else None


def _is_past(moment: str, now: float) -> bool:
    return moment.isascii() and moment.isdigit() and int(moment) < now


def _host() -> str:
    """The boot and the PID namespace, in which a PID means one process."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}/{Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return ""


def start_time(pid: int) -> str | None:
    """When it began, field 22 of ``/proc/PID/stat`` (proc(5)); None for a process that is gone, or a zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in ("Z", "X") else fields[19]
