"""Changing files: text for text, lines put in, whole files, patches; each call is one change that can be undone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from massgen_core.errors import ToolFailed
from massgen_core.result import ToolResult
from massgen_core.tools import Role, Tool, ToolContext, tool
from massgen_workspace.desk import Desk, run
from massgen_workspace.edit.document import Change, Document
from massgen_workspace.edit.endings import ending_at, with_ending
from massgen_workspace.edit.replace import Replacement, replaced
from massgen_workspace.files.atomic import version_of
from massgen_workspace.history.plan import Plan
from massgen_workspace.jail.place import Place
from massgen_workspace.patch import unified, v4a
from massgen_workspace.patch.apply import apply_hunks
from massgen_workspace.patch.model import FilePatch
from massgen_workspace.tools.common import Desks, Version, WritePath, told


class Edit(BaseModel):
    """One text for another."""

    model_config = ConfigDict(extra="forbid")

    old: str = Field(min_length=1, description="Text that is there, exactly; a few lines, so that it is there once.")
    new: str = Field(description="Text that takes its place.")
    count: int | None = Field(default=1, ge=1, description="How often it is there; null for wherever it is.")


def edit_tools(desks: Desks) -> Iterator[Tool]:
    """Everything that changes the text of files."""
    yield from _on_one_file(desks)
    yield _patching(desks)


def _on_one_file(desks: Desks) -> Iterator[Tool]:
    @tool
    async def edit_file(
        path: WritePath,
        edits: Annotated[list[Edit], Field(min_length=1, description="Made one after the other, all or none.")],
        context: ToolContext,
        version: Version = None,
    ) -> ToolResult:
        """Replace texts in a file; line endings, encoding and everything else of it stay as they are."""
        return await _changed(desks, context, f"edit {path}", path, partial(_edit, path, edits, version))

    @tool
    async def insert_lines(
        path: WritePath,
        line: Annotated[int, Field(ge=0, description="Line after which they come; 0 is the beginning.")],
        text: str,
        context: ToolContext,
        version: Version = None,
    ) -> ToolResult:
        """Insert lines into a file after one of its lines."""
        return await _changed(desks, context, f"insert into {path}", path, partial(_insert, path, line, text, version))

    @tool
    async def write_file(path: WritePath, content: str, context: ToolContext, version: Version = None) -> ToolResult:
        """Write a whole file, new or in place of the old one; folders on the way are made."""
        return await _changed(desks, context, f"write {path}", path, partial(_write, path, content, version))

    yield edit_file
    yield insert_lines
    yield write_file


def _patching(desks: Desks) -> Tool:
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
        files = v4a.parse(patch) if "*** Begin Patch" in patch else unified.parse(patch)
        named = ", ".join(dict.fromkeys(file.path for file in files))
        return await _changed(desks, context, f"patch {named}", files[0].path, partial(_patch, files))

    return apply_patch


async def _changed(
    desks: Desks, context: ToolContext, what: str, path: str, decide: Callable[[Desk, Plan], None]
) -> ToolResult:
    desk = await desks.of(context)

    def change() -> ToolResult:
        entry = desk.change(what, path, partial(decide, desk))
        return told(desk.history(desk.place(path)), entry)

    return await run(change)


def _edit(path: str, edits: Sequence[Edit], version: str | None, desk: Desk, plan: Plan) -> None:
    place = plan.place(path)
    data = _read(desk, plan, place, version)
    for number, each in enumerate(edits, 1):
        document = Document.of(data)
        try:
            wanted = Replacement(old=each.old, new=each.new, count=each.count)
            data = document.changed(replaced(document, wanted))
        except ToolFailed as error:
            which = f"edit {number} of {len(edits)}: " if len(edits) > 1 else ""
            raise ToolFailed("", f"{path}: {which}{error}") from error
    plan.write(place, data)


def _insert(path: str, line: int, text: str, version: str | None, desk: Desk, plan: Plan) -> None:
    place = plan.place(path)
    document = Document.of(_read(desk, plan, place, version))
    lines = document.text.split("\n")
    total = len(lines) - (not lines[-1])
    if line > total:
        raise ToolFailed("", f"{path}: it has {total} lines, so nothing can come after line {line}")
    at = sum(len(each) + 1 for each in lines[:line])
    ending = ending_at(document.text, min(at, len(document.text)), min(at, len(document.text)))
    new = with_ending(text if text.endswith("\n") else f"{text}\n", ending)
    if at > len(document.text):  # behind a last line without an ending, which goes on to be so
        at, new = len(document.text), ending + new.removesuffix(ending)
    plan.write(place, document.changed([Change(at, at, new)]))


def _write(path: str, content: str, version: str | None, desk: Desk, plan: Plan) -> None:
    place = plan.place(path)
    if not plan.state(place):
        if version:
            raise ToolFailed("", f"{path}: it was read as version {version}, and is not there any more")
        plan.write(place, content.encode())
        return
    data = _read(desk, plan, place, version)
    try:
        document = Document.of(data)
    except ToolFailed:
        plan.write(place, content.encode())  # a text takes the place of a binary file
        return
    ending = ending_at(document.text, 0, len(document.text))
    text = with_ending(content, ending) if ending == "\r\n" else content
    plan.write(place, document.changed([Change(0, len(document.text), text)]))


def _patch(files: Sequence[FilePatch], desk: Desk, plan: Plan) -> None:
    for file in files:
        try:
            _patch_file(file, desk, plan)
        except ToolFailed as error:
            raise ToolFailed("", str(error) if file.path in str(error) else f"{file.path}: {error}") from error


def _patch_file(file: FilePatch, desk: Desk, plan: Plan) -> None:
    place = plan.place(file.path)
    if file.act == "add":
        if plan.state(place):
            raise ToolFailed("", f"line {file.line} of the patch: it is there already; update it, or delete it first")
        text = "\n".join(file.lines) + ("\n" if file.final_newline and file.lines else "")
        plan.write(place, text.encode())
        return
    if file.act == "delete":
        _read(desk, plan, place, None)
        plan.delete(place)
        return
    document = Document.of(_read(desk, plan, place, None))
    data = document.changed(apply_hunks(document, file.hunks).changes)
    if file.move_to is None:
        plan.write(place, data)
        return
    target = plan.place(file.move_to)
    if plan.state(target):
        raise ToolFailed("", f"line {file.line} of the patch: {file.move_to} is there already")
    mode = plan.state(place).mode
    plan.delete(place)
    plan.write(target, data, mode=mode)


def _read(desk: Desk, plan: Plan, place: Place, version: str | None) -> bytes:
    data = plan.read(place)
    if version is not None and version_of(data) != version:
        raise ToolFailed("", f"{place.text}: it was changed since it was read as version {version}; read it again")
    return data
