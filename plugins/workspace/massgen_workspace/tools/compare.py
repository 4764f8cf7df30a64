"""In what files and folders differ, for a model to read and as a patch to apply."""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Annotated, Any

from pydantic import Field

from massgen_core.errors import ToolFailed
from massgen_core.jail.names import shown
from massgen_core.result import Text, ToolResult
from massgen_core.tools import Role, Tool, ToolContext, tool
from massgen_workspace.comparing.contents import first_difference, hunks, lines_of
from massgen_workspace.comparing.folders import Delta, Side, deltas
from massgen_workspace.comparing.patch import patch_of
from massgen_workspace.comparing.renames import with_renames
from massgen_workspace.desk import Desk, run
from massgen_workspace.files.meter import Meter, sized
from massgen_workspace.files.versions import version_of_content
from massgen_workspace.history.plan import real_folder
from massgen_workspace.tools.common import Desks
from massgen_workspace.tools.progress import meter_of

_MOST = 100_000
"""Differences that are looked at."""

Left = Annotated[str, Role("read"), Field(min_length=1, description="The old one.")]
Right = Annotated[str, Role("read"), Field(min_length=1, description="The new one.")]


def compare_tools(desks: Desks) -> Iterator[Tool]:
    """Compare two files, or two folders."""

    @tool
    async def compare_files(
        left: Left,
        right: Right,
        context: ToolContext,
        around: Annotated[int, Field(ge=0, le=50, description="Lines around each difference.")] = 3,
    ) -> ToolResult:
        """Show in what two files differ: lines as a unified diff, binary files by their first differing byte."""
        desk = await desks.of(context)
        return await run(partial(_files, desk, left, right, around, meter_of(context)))

    @tool
    async def compare_folders(
        left: Left,
        right: Right,
        context: ToolContext,
        ignored: Annotated[bool, Field(description="What `.gitignore` files leave out, too.")] = False,
        patch: Annotated[bool, Field(description="As a patch, for `apply_patch` or `git apply`.")] = False,
        limit: Annotated[int, Field(gt=0, le=10_000, description="Differences at most.")] = 500,
    ) -> ToolResult:
        """List in what two folders differ, all the way down and by content; files that were renamed are found."""
        desk = await desks.of(context)
        return await run(partial(_folders, desk, left, right, ignored, patch, limit, meter_of(context)))

    yield compare_files
    yield compare_folders


def _files(desk: Desk, left: str, right: str, around: int, meter: Meter) -> ToolResult:
    with desk.place(left).file() as one, desk.place(right).file() as other:
        data: dict[str, Any] = {"left": _fact(one, meter), "right": _fact(other, meter)}
        at = first_difference(one, other, meter)
        data |= {"same": at is None, "first_difference": at, "diff": None}
        if at is None:
            return ToolResult(content=(Text(text="Both have the same content."),), structured=data)
        old, new = lines_of(one), lines_of(other)
    if old is None or new is None:
        sizes = f"{data['left']['size']} and {data['right']['size']} bytes"
        text = f"They differ from byte {at} on (the first is 0); {sizes}. They are not compared by lines."
        return ToolResult(content=(Text(text=text),), structured=data)
    whole = hunks(old, new, around=around)
    most = int(desk.config.shown)
    text, more = _cut(f"--- {left}\n+++ {right}\n{whole}", most)
    data |= {"diff": text, "more": more}
    note = f"\n[the diff goes on for {more} more letters: fewer lines `around` make it shorter]" if more else ""
    return ToolResult(content=(Text(text=text + note),), structured=data)


def _fact(file: int, meter: Meter) -> dict[str, Any]:
    found = os.fstat(file)
    return {
        "size": found.st_size,
        "mode": f"{stat.S_IMODE(found.st_mode):04o}",
        "version": version_of_content(file, meter),
    }


def _folders(desk: Desk, left: str, right: str, ignored: bool, patch: bool, limit: int, meter: Meter) -> ToolResult:
    sides = [Side(place.root, place.path.strip(b"/")) for place in (real_folder(desk.place(p)) for p in (left, right))]
    found: list[Delta] = []
    for delta in deltas(sides[0], sides[1], ignored=ignored, meter=meter):
        found.append(delta)
        if len(found) > _MOST:
            raise ToolFailed("", f"they differ in more than {_MOST} places: compare folders in them")
    found = with_renames(found, sides[0], sides[1], meter)
    counts = dict(Counter(delta.what for delta in found))
    data: dict[str, Any] = {
        "counts": counts,
        "total": len(found),
        "differences": [_data(each) for each in found[:limit]],
    }
    if not found:
        return ToolResult(content=(Text(text="Both have the same content."),), structured=data)
    if patch:
        return _as_patch(found, sides, data, int(desk.config.shown))
    more = [f"[and {len(found) - limit} more]"] if len(found) > limit else []
    head = ", ".join(f"{count} {what}" for what, count in counts.items())
    text = "\n".join([head, *map(_line, found[:limit]), *more])
    return ToolResult(content=(Text(text=text),), structured=data)


def _as_patch(found: Sequence[Delta], sides: Sequence[Side], data: dict[str, Any], most: int) -> ToolResult:
    made = patch_of(found, sides[0], sides[1], most=most)
    data |= {"patch": made.text, "left_out": [{"path": shown(path), "why": why} for path, why in made.left_out]}
    notes = [Text(text="\n".join(f"[not in the patch: {shown(path)}: {why}]" for path, why in made.left_out))]
    return ToolResult(content=(Text(text=made.text), *(notes if made.left_out else [])), structured=data)


def _cut(text: str, most: int) -> tuple[str, int]:
    if len(text) <= most:
        return text, 0
    end = text.rfind("\n", 0, most) + 1
    return text[:end], len(text) - end


def _data(delta: Delta) -> dict[str, Any]:
    modes = [None if mode is None else f"{mode:04o}" for mode in delta.modes]
    return {
        "what": delta.what,
        "path": shown(delta.path),
        "old": shown(delta.old) if delta.old is not None else None,
        "kind": delta.kind,
        "sizes": list(delta.sizes),
        "modes": modes,
        "same_content": delta.same_content,
    }


def _line(delta: Delta) -> str:
    old = f"{shown(delta.old)} → " if delta.old is not None else ""
    slash = "/" if delta.kind == "folder" else ""
    sizes = " → ".join(sized(size) for size in delta.sizes if size is not None)
    modes = f"{delta.modes[0]:04o} → {delta.modes[1]:04o}" if delta.what == "mode" else ""
    kind = delta.kind if delta.what == "type" else ""
    return "  ".join(word for word in (delta.what, f"{old}{shown(delta.path)}{slash}", sizes, modes, kind) if word)
