"""What differs between snapshots, or between one and now, told for people and for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from typing import Any

from massgen_core.jail.names import shown
from massgen_workspace.spaces.changes import Difference, as_data, differences, patch, with_renames
from massgen_workspace.spaces.shelf import Snapshot
from massgen_workspace.spaces.tracked import Tracked
from massgen_workspace.spaces.views import View


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """In what two trees differ: the changes, in the order of paths, and as many lines of a patch as were asked for.

    ``more`` says that there are more lines.
    """

    changes: Sequence[Difference]
    patch: Sequence[str] = ()
    more: bool = False

    def data(self) -> Mapping[str, Any]:
        """For JSON."""
        return {"changes": [dict(as_data(each)) for each in self.changes], "patch": "\n".join(self.patch)}

    def summary(self) -> str:
        """One line for each change."""
        return "\n".join(_line(each) for each in self.changes)


def compare(
    tracked: Tracked,
    a: Snapshot,
    b: Snapshot | None = None,
    *,
    ignored: bool = False,
    paths: Sequence[bytes] | None = None,
    lines: int = 0,
) -> Comparison:
    """From one snapshot to another, or to now.

    What the project ignores counts only if ``ignored``, and only where both hold it. ``lines`` is how many of a patch
    are wanted.
    """
    ignored = ignored and a.ignored and (b is None or b.ignored)
    with ExitStack() as stack:
        old = stack.enter_context(tracked.view(a))
        new: View = stack.enter_context(tracked.view(b) if b else tracked.now())
        found = with_renames(list(differences(old, new, ignored=ignored)), old, new)
        if paths is not None:
            found = [each for each in found if any(_at_or_in(each.path, path) for path in paths)]
        told = list(islice(patch(found, old, new), lines + 1)) if lines else []
        return Comparison(changes=found, patch=told[:lines], more=len(told) > lines)


def _at_or_in(path: bytes, folder: bytes) -> bool:
    wanted = folder.strip(b"/")
    return wanted in (b"", b".") or path == wanted or path.startswith(wanted + b"/")


def _line(each: Difference) -> str:
    name = shown(each.path) + ("/" if each.node.kind == "folder" else "")
    was = f" (was {shown(each.before.path)})" if each.what == "renamed" and each.before else ""
    return f"{each.what}\t{name}{was}"
