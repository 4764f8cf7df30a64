"""What is told about a sandbox: how a process ended, what a command left behind, what holds the sandbox."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class ExitStatus:
    """How a process ended; ``reason`` says it in words (``out of memory (limit 512 MiB)``)."""

    code: int | None
    reason: str
    out_of_memory: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What a command used, from the kernel's counters of the sandbox while it ran; what else ran there counts too.

    ``cpu_seconds`` is user and system time, ``read_bytes`` and ``written_bytes`` what reached block devices (with
    cgroup v1 only what passes around the page cache). ``memory_peak`` (bytes) and ``pids_peak`` (processes and
    threads) are the highest marks of the kernel: of this command where a mark can be set back, else of the sandbox so
    far, so never less than the command's own. None where neither the kernel nor the engine tells.
    """

    cpu_seconds: float | None = None
    memory_peak: int | None = None
    read_bytes: int | None = None
    written_bytes: int | None = None
    pids_peak: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandEnd:
    """How a command ended: its exit code (128 and the number for a signal, as shells count), and what it used.

    ``left_running`` counts processes that it had started and that were ended with it.
    """

    exit_code: int
    usage: Usage | None = None
    left_running: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecResult:
    """What a command left behind; output is kept up to the caller's limit, and counted in full.

    After a time-out ``timed_out`` is true, ``exit_code`` is None and the output is what had arrived.
    ``tree_killed`` is false only when something that the command started could not be shown to be gone.
    ``left_running`` counts processes that it had started and that were ended with it.
    """

    exit_code: int | None
    stdout: bytes = field(repr=False)
    stderr: bytes = field(repr=False)
    stdout_bytes: int
    stderr_bytes: int
    duration: float
    timed_out: bool = False
    tree_killed: bool = True
    left_running: int = 0
    usage: Usage | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One fact about isolation as it was found by looking: what, whether it holds, and what would mend it."""

    name: str
    ok: bool
    detail: str
    cure: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Isolation:
    """What a running sandbox is really held to, read back from the engine, never from the config.

    ``score`` is the share of findings that hold, 0 to 100. ``limits`` are the few figures that people look for
    (``memory``, ``cpus``, ``pids``, ``user``, ``network`` …), as text.
    """

    backend: str
    limits: Mapping[str, str]
    findings: Sequence[Finding]

    @property
    def score(self) -> int:
        """The share of findings that hold, 0 to 100."""
        return round(100 * sum(f.ok for f in self.findings) / len(self.findings)) if self.findings else 0
