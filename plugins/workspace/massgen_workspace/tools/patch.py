"""Changing files by a patch: any number of them, all or none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Annotated

from pydantic import Field

from massgen_core.errors import ToolFailed
from massgen_core.jail.place import Place
from massgen_core.result import ToolResult
from massgen_core.tools import Role, Tool, ToolContext, tool
from massgen_workspace.edit.document import Document
from massgen_workspace.patch import unified, v4a
from massgen_workspace.patch.apply import apply_hunks
from massgen_workspace.patch.model import FilePatch
from massgen_workspace.tools.common import Desks
from massgen_workspace.tools.pen import Pen, changed


def patch_tools(desks: Desks) -> Iterator[Tool]:
    """The tool that applies patches."""

    @tool
    async def apply_patch(
        patch: Annotated[
            str,
            Role("write"),
            Role("delete"),
            Field(min_length=1, description="`*** Begin Patch` … `*** End Patch`, or a unified diff."),
        ],
        context: ToolContext,
    ) -> ToolResult:
        """Change, add, move and delete files by a patch: all of it, or nothing."""
        files = v4a.parse(patch) if v4a.BEGIN in patch else unified.parse(patch)
        named = ", ".join(dict.fromkeys(file.path for file in files))
        return await changed(desks, context, f"patch {named}", files[0].path, partial(_patch, files))

    yield apply_patch


def _patch(files: Sequence[FilePatch], pen: Pen) -> None:
    for file in files:
        try:
            _ACTS[file.act](file, pen.place(file.path), pen)
        except ToolFailed as error:
            named = str(error).startswith((f"{file.path}: ", f"{file.move_to}: "))
            raise ToolFailed("", str(error) if named else f"{file.path}: {error}") from error


def _add(file: FilePatch, place: Place, pen: Pen) -> None:
    if pen.plan.state(place):
        raise ToolFailed("", f"line {file.line} of the patch: it is there already; update it, or delete it first")
    text = "\n".join(file.lines) + ("\n" if file.final_newline and file.lines else "")
    runs = file.mode is not None and bool(file.mode & 0o100)
    pen.plan.write(place, text.encode(), mode=0o755 if runs else 0)


def _delete(file: FilePatch, place: Place, pen: Pen) -> None:
    """A diff has all lines of what it deletes: where the file has others, somebody would lose them."""
    data = pen.plan.read(place)
    if file.hunks:
        document = Document.of(data)
        if document.changed(apply_hunks(document, file.hunks).changes) != document.encoding.bom:
            raise ToolFailed(
                "", f"line {file.line} of the patch: it deletes the file, which has lines that are not in it"
            )
    pen.plan.delete(place)


def _update(file: FilePatch, place: Place, pen: Pen) -> None:
    data = _patched(file, pen.plan.read(place), pen)
    had = pen.plan.state(place).mode
    mode = _rights(file.mode, had)
    target = place if file.move_to is None else pen.place(file.move_to)
    if target.path != place.path and pen.plan.state(target):
        raise ToolFailed("", f"line {file.line} of the patch: {file.move_to} is there already")
    if target.path == place.path:
        pen.put(place, data, mode=mode if mode != had else 0)
        return
    if not file.copied:
        pen.plan.delete(place)
    pen.plan.write(target, data, mode=mode)


def _patched(file: FilePatch, data: bytes, pen: Pen) -> bytes:
    """What the hunks make of a file; one without any may be binary, and is moved or gets other rights."""
    if not file.hunks:
        return data
    document = Document.of(data)
    applied = apply_hunks(document, file.hunks)
    pen.notes += [f"{note[0]}{file.path}: {note[1:]}" for note in applied.notes]
    return document.changed(applied.changes)


def _rights(wanted: int | None, has: int) -> int:
    """A file's rights where a patch says whether it may be run: by all who may read it, as git does it."""
    if wanted is None or bool(wanted & 0o100) == bool(has & 0o100):
        return has
    return has | (has & 0o444) >> 2 if wanted & 0o100 else has & ~0o111


_ACTS = {"add": _add, "delete": _delete, "update": _update}
