"""Changing files: text for text, lines put in, whole files; each call is one change that can be undone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from massgen_core.errors import ToolFailed
from massgen_core.jail.errors import AlreadyThere
from massgen_core.result import ToolResult
from massgen_core.tools import Tool, ToolContext, tool
from massgen_workspace.edit.document import Change, Document
from massgen_workspace.edit.endings import ending_at, with_ending
from massgen_workspace.edit.replace import Replacement, replaced
from massgen_workspace.tools.common import Desks, Version, WritePath
from massgen_workspace.tools.pen import Pen, changed


class Edit(BaseModel):
    """One text for another."""

    model_config = ConfigDict(extra="forbid")

    old: str = Field(min_length=1, description="Text that is there, exactly; a few lines, so that it is there once.")
    new: str = Field(description="Text that takes its place.")
    count: int | None = Field(default=1, ge=1, description="How often it is there; null for wherever it is.")


def edit_tools(desks: Desks) -> Iterator[Tool]:
    """What changes the text of one file."""

    @tool
    async def edit_file(
        path: WritePath,
        edits: Annotated[list[Edit], Field(min_length=1, description="Made one after the other, all or none.")],
        context: ToolContext,
        version: Version = None,
    ) -> ToolResult:
        """Replace texts in a file; line endings, encoding and everything else of it stay as they are."""
        return await changed(desks, context, f"edit {path}", path, partial(_edit, path, edits, version))

    @tool
    async def insert_lines(
        path: WritePath,
        line: Annotated[int, Field(ge=0, description="Line after which they come; 0 is the beginning.")],
        text: str,
        context: ToolContext,
        version: Version = None,
    ) -> ToolResult:
        """Insert lines into a file after one of its lines."""
        return await changed(desks, context, f"insert into {path}", path, partial(_insert, path, line, text, version))

    @tool
    async def write_file(
        path: WritePath,
        content: str,
        context: ToolContext,
        version: Version = None,
        create_only: Annotated[bool, Field(description="Fail where something is there already.")] = False,
    ) -> ToolResult:
        """Write a whole file, new or in place of the old one; folders on the way are made.

        What others have changed in it since it was read is merged.
        """
        act = partial(_create, path, content) if create_only else partial(_write, path, content, version)
        return await changed(desks, context, f"write {path}", path, act)

    yield edit_file
    yield insert_lines
    yield write_file


def _edit(path: str, edits: Sequence[Edit], version: str | None, pen: Pen) -> None:
    pen.revise(pen.place(path), version, partial(_edited, path, edits))


def _edited(path: str, edits: Sequence[Edit], data: bytes) -> bytes:
    for number, each in enumerate(edits, 1):
        try:
            document = Document.of(data)
            wanted = Replacement(old=each.old, new=each.new, count=each.count)
            data = document.changed(replaced(document, wanted))
        except ToolFailed as error:
            which = f"edit {number} of {len(edits)}: " if len(edits) > 1 else ""
            raise ToolFailed("", f"{path}: {which}{error}") from error
    return data


def _insert(path: str, line: int, text: str, version: str | None, pen: Pen) -> None:
    place = pen.place(path)
    known, current = pen.known(place), pen.current(place)
    if version is None and current and known not in (None, current):
        raise ToolFailed(
            "",
            f"{path}: it was changed since it was read as version {known}, so its lines may have other numbers. "
            f"Give version={known} for a line as it was read, or version={current} for one as it is now.",
        )
    pen.revise(place, version, partial(_inserted, path, line, text))


def _inserted(path: str, line: int, text: str, data: bytes) -> bytes:
    try:
        document = Document.of(data)
        return document.changed([_insertion(document.text, line, text)])
    except ToolFailed as error:
        raise ToolFailed("", f"{path}: {error}") from error


def _insertion(text: str, line: int, new: str) -> Change:
    lines = text.split("\n")
    total = len(lines) - (not lines[-1])
    if line > total:
        raise ToolFailed("", f"it has {total} lines, so nothing can come after line {line}")
    at = sum(len(each) + 1 for each in lines[:line])
    ending = ending_at(text, min(at, len(text)), min(at, len(text)))
    new = with_ending(new if new.endswith("\n") else f"{new}\n", ending)
    if at > len(text):  # behind a last line without an ending, which goes on to be so
        at, new = len(text), ending + new.removesuffix(ending)
    return Change(at, at, new)


def _create(path: str, content: str, pen: Pen) -> None:
    place = pen.place(path)
    if pen.plan.state(place):
        cure = "Change it with edit_file, or write it without create_only to take its place."
        raise AlreadyThere(path, f"it is there already, so it was not created. {cure}")
    pen.put_all(place, content.encode())


def _write(path: str, content: str, version: str | None, pen: Pen) -> None:
    place = pen.place(path)
    known, state = pen.known(place), pen.plan.state(place)
    if not state:
        if version:
            raise ToolFailed("", f"{path}: it was read as version {version}, and is not there any more")
        if known:
            pen.notes.append(f"[{path} was deleted since it was read, and is there again]")
        pen.put_all(place, content.encode())
        return
    now, current = pen.plan.read(place), pen.current(place)
    if version is None and known is None:
        _demand_overwriting(path, current, pen)
    read = version or known or current
    if read == current:
        pen.put_all(place, _whole(path, content, now))
        return
    base = pen.base(place, read)
    pen.put(place, pen.merged(place, read, base=base, ours=_whole(path, content, base)))


def _demand_overwriting(path: str, current: str, pen: Pen) -> None:
    if not pen.desk.config.overwrite_unread:
        raise ToolFailed(
            "",
            f"{path}: it is there already, and was not read in this session. Read it first, change it with edit_file, "
            f"or give version={current} to take its place.",
        )
    pen.notes.append(f"[{path} was there already, and had not been read: undo_change brings it back]")


def _whole(path: str, content: str, old: bytes) -> bytes:
    """A text in place of all that a file holds, in its encoding and with its line endings."""
    try:
        document = Document.of(old)
    except ToolFailed:
        return content.encode()  # a text takes the place of a binary file
    ending = ending_at(document.text, 0, len(document.text))
    text = with_ending(content, ending) if ending == "\r\n" else content
    try:
        return document.changed([Change(0, len(document.text), text)])
    except ToolFailed as error:
        raise ToolFailed("", f"{path}: {error}") from error
