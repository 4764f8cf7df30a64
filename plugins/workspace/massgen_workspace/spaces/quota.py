"""How much a workspace may hold: what the tools write is held to it, before it is written.

What programs in a container write goes past this, and is counted when it is looked at: a write of ours that comes later
is refused. The sandbox's own limit `disk` is what ends such a program. Where the kernel itself is to hold a limit, give
the folder of workspaces a project quota (xfs, ext4: xfs_quota(8), setquota(8)).
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock

from pydantic import ByteSize

from massgen_core.errors import ToolFailed
from massgen_core.jail.names import shown
from massgen_core.jail.roots import Root
from massgen_workspace.files.measure import Amount
from massgen_workspace.history.plan import Plan, Step
from massgen_workspace.spaces.stack import Layer, Stack
from massgen_workspace.spaces.views import everything

_LARGEST = 5
_LEAST_PAUSE = 10.0
_TIMES = 20
"""A workspace is counted again when this many times as long has passed as counting takes."""


class QuotaExceeded(ToolFailed):
    """A write would make the workspace larger than it may be; nothing was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What a folder holds: bytes of its files, how many files and links, and the bytes in each folder at its top."""

    bytes: int
    files: int
    folders: Counter[bytes]


def usage(root: Root) -> Usage:
    """Count a folder, all of it; what cannot be opened counts as nothing."""
    size = files = 0
    folders = Counter[bytes]()
    for node in everything(Stack([Layer("", root.folder)])):
        if node.kind != "folder":
            size += node.size
            files += 1
            folders[node.path.partition(b"/")[0] if b"/" in node.path else b"."] += node.size
    return Usage(bytes=size, files=files, folders=folders)


class Quota:
    """What one workspace may hold, and holds: counted at the first write, now and then, and before a refusal."""

    def __init__(self, root: Root, most_bytes: int | None, most_files: int | None) -> None:
        self._root = root
        self._most_bytes = most_bytes
        self._most_files = most_files
        self._lock = Lock()
        self._usage: Usage | None = None
        self._until = 0.0
        self._grown = (0, 0)

    def guarded(self, root: Root, decide: Callable[[Plan], None]) -> Callable[[Plan], None]:
        """The same plan, refused where it would exceed the quota; another root has none."""
        if root is not self._root or (self._most_bytes is None and self._most_files is None):
            return decide

        def guard(plan: Plan) -> None:
            decide(plan)
            self.admit(plan.steps, plan.arrange.incoming())

        return guard

    def admit(self, steps: Sequence[Step], incoming: Sequence[Amount] = ()) -> None:
        """Let a change pass, and count it; ``incoming`` is what comes whole: copied, unpacked, or out of the trash.

        Raises:
            QuotaExceeded: There would be too much; a change that makes the workspace smaller always passes.
        """
        grows = [growth(step) for step in steps]
        more = sum(size for size, _ in grows) + sum(each.bytes for each in incoming)
        files = sum(count for _, count in grows) + sum(each.entries for each in incoming)
        with self._lock:
            if self._excess(more, files):
                self._until = 0.0  # counted anew before it is refused: something may have been deleted
            if excess := self._excess(more, files):
                raise QuotaExceeded("", self._told(self._counted(), excess))
            self._grown = (self._grown[0] + more, self._grown[1] + files)

    def _excess(self, more: int, files: int) -> str:
        """How much there would be of what may be; empty where that is not too much."""
        now = self._counted()
        size, count = now.bytes + self._grown[0] + more, now.files + self._grown[1] + files
        if more > 0 and self._most_bytes is not None and size > self._most_bytes:
            return f"{_sized(size)} of {_sized(self._most_bytes)}"
        if files > 0 and self._most_files is not None and count > self._most_files:
            return f"{count} of {self._most_files} files"
        return ""

    def _counted(self) -> Usage:
        started = time.monotonic()
        if self._usage is None or started >= self._until:
            self._usage, self._grown = usage(self._root), (0, 0)
            ended = time.monotonic()
            self._until = ended + max(_LEAST_PAUSE, _TIMES * (ended - started))
        return self._usage

    def _told(self, now: Usage, much: str) -> str:
        largest = ", ".join(f"{shown(name)} {_sized(size)}" for name, size in now.folders.most_common(_LARGEST) if size)
        return (
            f"the workspace would hold {much} that it may; nothing was written. "
            f"The largest in it: {largest or 'nothing'}. Delete what is not needed, then try again"
        )


def growth(step: Step) -> tuple[int, int]:
    """By how many bytes and files one step makes a tree larger."""
    before = _size(step)
    after = len(step.data) if step.data is not None and step.after.kind == "file" else None
    if after is None:
        after = before if step.after.kind == "file" else 0
    files = int(step.after.kind in ("file", "link")) - int(step.before.kind in ("file", "link"))
    return after - before, files


def _size(step: Step) -> int:
    if step.before.kind != "file":
        return 0
    try:
        return step.place.stat(follow=False).st_size
    except (ToolFailed, OSError):
        return 0


def _sized(count: int) -> str:
    return ByteSize(count).human_readable(separator=" ")
