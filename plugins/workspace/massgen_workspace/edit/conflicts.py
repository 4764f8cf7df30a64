"""Changes that cannot be merged, and such as were: shown with the lines of both sides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from massgen_workspace.edit.compare import unified
from massgen_workspace.edit.hints import numbered
from massgen_workspace.edit.merge import Conflict, lines_of
from massgen_workspace.text.encoding import UNKNOWN, Encoding, judge

_SHOWN = 3
_DIFF_LINES = 40


def told_conflicts(conflicts: Sequence[Conflict], *, ours: bytes, theirs: bytes) -> str:
    """The lines of both sides, as they are now and as somebody would have them."""
    mine, yours = _Side(ours), _Side(theirs)
    shown = [
        line
        for each in conflicts[:_SHOWN]
        for line in (
            *yours.told("As it is now", each.theirs_at, len(each.theirs)),
            *mine.told("As you would have it", each.ours_at, len(each.ours)),
        )
    ]
    more = len(conflicts) - _SHOWN
    return "\n".join([*shown, *([f"… and {more} more places"] if more > 0 else [])])


def meanwhile(base: bytes, now: bytes) -> str:
    """What somebody else has changed, as a diff; empty for what has no lines."""
    before, after = _Side(base), _Side(now)
    if before.binary or after.binary:
        return ""
    lines = list(islice(unified(before.texts(), after.texts(), around=1), _DIFF_LINES + 1))
    return "\n".join([*lines[:_DIFF_LINES], "…"] if len(lines) > _DIFF_LINES else lines)


class _Side:
    """One version of a file, in lines that are shown."""

    def __init__(self, data: bytes) -> None:
        found = judge(data, whole=True)
        self.binary = found is None
        self._encoding: Encoding = found or UNKNOWN
        self._lines = lines_of(data)

    def texts(self) -> list[str]:
        """All of them, without their ends."""
        lines = self._text(0, len(self._lines)).split("\n")
        return [line.removesuffix("\r") for line in (lines if lines[-1] else lines[:-1])]

    def told(self, head: str, at: int, count: int) -> Iterator[str]:
        """Some of them with their numbers; of none, the place where they were."""
        number = self._text(0, at).count("\n")
        if not count:
            yield f"{head}: nothing, behind line {number}"
            return
        text = self._text(at, at + count)
        lines = text.removesuffix("\n").split("\n")
        yield f"{head}:"
        yield numbered(lines, number)

    def _text(self, start: int, end: int) -> str:
        data = b"".join(self._lines[start:end])
        if not start:
            data = data.removeprefix(self._encoding.bom)
        return data.decode(self._encoding.name, "replace")
