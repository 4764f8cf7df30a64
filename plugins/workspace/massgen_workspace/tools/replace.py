"""The tool that replaces in files: a preview with ids, then all of it or what was chosen, as one change."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated, Any

from pydantic import Field

from massgen_core.errors import ToolFailed
from massgen_core.jail.real import real_folder, real_place
from massgen_core.result import Text, ToolResult
from massgen_core.tools import Role, Tool, ToolContext, tool
from massgen_workspace.desk import Desk, run
from massgen_workspace.edit.document import Change, Document
from massgen_workspace.edit.endings import plain
from massgen_workspace.edit.seen import Preview
from massgen_workspace.edit.substitution import Matcher, Substitution
from massgen_workspace.find.names import Names
from massgen_workspace.tools.common import Desks
from massgen_workspace.tools.replacing import Matched, Scan, Where, replace_all, replace_some
from massgen_workspace.tools.telling import Teller

_SECONDS = 60.0
_MARGIN = 1.0
"""Seconds that are left of a call's own time for answering."""
_SHOWN_LETTERS = 200
_SHOWN_LINES = 6
_DOLLAR = re.compile(r"\$(\d|\{)")


def replace_tools(desks: Desks) -> Iterator[Tool]:
    """The tool."""

    @tool
    async def replace_in_files(
        pattern: Annotated[str, Field(min_length=1, description="A regular expression as Python has them.")],
        replacement: Annotated[str, Field(description="What takes its place; groups are `\\1` or `\\g<name>`.")],
        context: ToolContext,
        path: Annotated[str, Role("read"), Role("write"), Field(description="File, or folder of the files.")] = ".",
        names: Annotated[
            list[str] | None, Field(description="Names as in `.gitignore`: `*.py`, `!*_test.py` to leave out.")
        ] = None,
        literal: Annotated[bool, Field(description="Both are texts: no expression, no groups.")] = False,
        ignore_case: Annotated[bool, Field(description="Upper and lower case are the same.")] = False,
        multiline: Annotated[bool, Field(description="A match may reach over lines; `(?s)` lets `.` do so.")] = False,
        ignored: Annotated[bool, Field(description="What `.gitignore` files leave out, too.")] = False,
        preview: Annotated[bool, Field(description="Change nothing, but show what would be, with ids.")] = True,
        expected_count: Annotated[
            int | None, Field(ge=0, description="How many there are; where it is another number, nothing is done.")
        ] = None,
        occurrences: Annotated[
            list[str] | None, Field(min_length=1, description="Ids from a preview: these alone are replaced.")
        ] = None,
        after: Annotated[str | None, Field(description="Go on with a preview behind this id.")] = None,
        limit: Annotated[int, Field(gt=0, le=2000, description="Occurrences that a preview shows.")] = 100,
    ) -> ToolResult:
        """Replace in many files, as one change that can be undone; first a preview, then with preview=false.

        Each line is compared by itself, unless `multiline`. Binary files are left out.
        """
        desk = await desks.of(context)
        seconds = min(_SECONDS, max(0.1, (context.deadline or _SECONDS) - _MARGIN))
        wanted = Substitution(
            pattern=plain(pattern),  # as the files are compared: with line feeds alone
            replacement=replacement,
            literal=literal,
            ignore_case=ignore_case,
            multiline=multiline or (literal and "\n" in pattern),
            seconds=seconds,
        )
        ask = _Ask(desk=desk, wanted=wanted, path=path, names=names, ignored=ignored, tick=Teller(context, "files"))
        if preview:
            return await run(partial(ask.preview, after, limit))
        return await run(partial(ask.apply, expected_count, occurrences))

    yield replace_in_files


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ask:
    """What is replaced by what, and where; its methods block."""

    desk: Desk
    wanted: Substitution
    path: str
    names: Sequence[str] | None
    ignored: bool
    tick: Teller

    def apply(self, expected: int | None, ids: Sequence[str] | None) -> ToolResult:
        """Replace all, or what was chosen."""
        if ids is None:
            done = replace_all(self.desk, self._scan, self.wanted, self._where(), expected)
        elif expected is not None and expected != len(set(ids)):
            raise ToolFailed("", f"{len(set(ids))} occurrences are named, not {expected}. Nothing was done.")
        else:
            done = replace_some(self.desk, self._scan, self.wanted, self._where(), ids)
        return done if done.structured["id"] is not None else self._nothing()

    def preview(self, after: str | None, limit: int) -> ToolResult:
        """Show what would be replaced."""
        scan, page = self._scan(), _Page(after=after, limit=limit, budget=int(self.desk.config.shown))
        with Matcher(self.wanted) as matcher:
            for matched in scan.all(matcher):
                page.add(matched, scan.at(matched.path).text)
                assert matched.document is not None
                self.desk.previews.keep(matched.key, Preview(matched.path, matched.version))
                self.desk.seen.keep(matched.version, matched.document.data)
        if after is not None and page.waiting:
            raise ToolFailed("", f"{after!r} is no id of an occurrence that is there now; begin again without `after`")
        if not page.total:
            return self._nothing(scan)
        notes = [*page.notes(), *self._notes(scan)]
        data = {
            "count": page.total,
            "files": page.files,
            "occurrences": page.data,
            "skipped": dict(scan.skipped),
            "more": page.more,
        }
        return ToolResult(content=(Text(text="\n".join([*page.lines, *notes])),), structured=data)

    def _nothing(self, scan: Scan | None = None) -> ToolResult:
        skipped = dict(scan.skipped) if scan is not None else {}
        notes = list(self._notes(scan))
        if "\\n" in self.wanted.pattern and not self.wanted.multiline:
            notes.append("[each line is compared by itself: for a match over several set multiline=true]")
        data = {"id": None, "changes": [], "notes": notes, "count": 0, "files": 0, "occurrences": []}
        text = "\n".join(["Nothing matches.", *notes])
        return ToolResult(content=(Text(text=text),), structured={**data, "skipped": skipped, "more": None})

    def _notes(self, scan: Scan | None) -> Iterator[str]:
        if scan is not None and scan.skipped:
            yield f"[left out: {', '.join(f'{count} {why}' for why, count in sorted(scan.skipped.items()))}]"
        if not self.wanted.literal and _DOLLAR.search(self.wanted.replacement):
            yield "[`$1` is put in as it stands here: groups are written \\1, or \\g<name>]"

    def _scan(self) -> Scan:
        return Scan(self.desk, self._where(), self.wanted, self.tick)

    def _where(self) -> Where:
        place = self.desk.place(self.path)
        self.desk.history(place)  # says where nothing may be changed
        if not stat.S_ISDIR(place.stat().st_mode):
            return Where(desk=self.desk, place=real_place(place), single=True)
        names = Names(self.names) if self.names else None
        return Where(desk=self.desk, place=real_folder(place), single=False, names=names, ignored=self.ignored)


@dataclass(slots=True, kw_only=True)
class _Page:
    """The part of a preview that is shown."""

    after: str | None
    limit: int
    budget: int
    lines: list[str] = field(default_factory=list[str])
    data: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    total: int = 0
    files: int = 0
    more: str | None = None
    waiting: bool = field(init=False)
    """For the occurrence behind which it begins."""
    _full: bool = False

    def __post_init__(self) -> None:
        self.waiting = self.after is not None

    def add(self, matched: Matched, name: str) -> None:
        """One more file."""
        self.files += 1
        self.total += len(matched.changes)
        named = False
        for id, change in zip(matched.ids, matched.changes, strict=True):
            if self.waiting:
                self.waiting = id != self.after
                continue
            if self._full:
                return
            if len(self.data) == self.limit or self.budget <= 0:
                self._full, self.more = True, self.data[-1]["id"]
                return
            if not named:
                self._say(name)
                named = True
            self._show(id, change, matched, name)

    def notes(self) -> Iterator[str]:
        """How many there are, and how to go on."""
        yield f"[{self.total} occurrences in {self.files} files; nothing was changed]"
        if self.more is not None:
            yield f"[{len(self.data)} of them are shown; go on with after={self.more}]"

    def _show(self, id: str, change: Change, matched: Matched, name: str) -> None:
        document = matched.document
        assert document is not None
        line, before, after = _lines(document, change)
        self.data.append({"id": id, "path": name, "line": line, "before": before, "after": after})
        self._say(f"[{id}] {line}")
        for text, sign in ((before, "-"), (after, "+")):
            lines = text.split("\n")
            for each in lines[:_SHOWN_LINES]:
                self._say(f"{sign}\t{each}")
            if len(lines) > _SHOWN_LINES:
                self._say(f"{sign}\t… {len(lines) - _SHOWN_LINES} more lines")

    def _say(self, line: str) -> None:
        self.lines.append(line)
        self.budget -= len(line) + 1


def _lines(document: Document, change: Change) -> tuple[int, str, str]:
    """The number of the line of an occurrence, its lines as they are, and as they would be."""
    text = document.text
    start = text.rfind("\n", 0, change.start) + 1
    end = text.find("\n", change.end)
    end = len(text) if end < 0 else end
    first, last = max(start, change.start - _SHOWN_LETTERS), min(end, change.end + _SHOWN_LETTERS)
    head, tail = text[first : change.start], text[change.end : last].removesuffix("\r")
    head, tail = ("…" if first > start else "") + head, tail + ("…" if last < end else "")
    old = text[change.start : change.end]
    return document.line_of(change.start), f"{head}{_cut(old)}{tail}", f"{head}{_cut(change.new)}{tail}"


def _cut(text: str) -> str:
    return text if len(text) <= 5 * _SHOWN_LETTERS else f"{text[: 5 * _SHOWN_LETTERS]}…"
