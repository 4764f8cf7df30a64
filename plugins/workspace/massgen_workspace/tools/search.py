"""Searching: the lines of files that match, the files, or how many there are in each."""

from __future__ import annotations

import os
import stat
from collections.abc import Generator, Iterable
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated, Any, Literal

from pydantic import Field

from massgen_core.errors import ToolFailed
from massgen_core.jail.place import Place
from massgen_core.result import Text, ToolResult
from massgen_core.tools import Tool, ToolContext, tool
from massgen_workspace.desk import Desk, run
from massgen_workspace.find.names import Names
from massgen_workspace.find.question import Case, Files, Hit, Question, Seen, TookTooLong
from massgen_workspace.find.search import search
from massgen_workspace.find.select import chosen
from massgen_workspace.find.walk import batches
from massgen_workspace.history.plan import real_place
from massgen_workspace.tools.common import Desks
from massgen_workspace.tools.places import After, Folder, Ignored, Limit, behind, below, folder_of, told_path
from massgen_workspace.tools.telling import Teller

Show = Literal["lines", "files", "counts"]
Glob = Annotated[
    list[str] | None, Field(description="Names as in `.gitignore`: `*.py`, `src/**/*.ts`, `!*_test.py` to leave out.")
]

_SECONDS = 60.0
_MARGIN = 1.0
"""Seconds that are left of a call's own time for answering."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Where:
    """The files that are searched, and the line that an earlier answer ended with."""

    desk: Desk
    start: Place
    names: Names | None
    ignored: bool
    line: int = 0
    after: bytes = b""
    single: bool = False

    def files(self) -> Generator[Files]:
        """In order; a file that an earlier answer ended in comes first."""
        if self.single or self.line:
            path = self.after if self.line else self.start.path
            parent, _, name = path.rpartition(b"/")
            with Place(self.start.root, path, self.start.text).spot() as spot:
                yield Files(spot.folder, os.fsdecode(parent + b"/" if parent else b""), [os.fsdecode(name)])
            if self.single:
                return
        top = len(os.fsdecode(self.start.path)) + 1 if self.start.path else 0
        behind_it = below(self.start, self.after) if self.after else b""
        every = batches(self.start.root, self.start.path, ignored=self.ignored, after=behind_it, names=self.names)
        with closing(every):
            for batch in every:
                files = batch.files()
                if self.names is not None:
                    wanted = set(chosen(batch, top, self.names, "file"))
                    files = [name for name in files if name in wanted]
                yield Files(batch.folder, batch.prefix, files)

    def told(self, path: bytes) -> str:
        return told_path(self.desk, self.start.root, path)


def search_tool(desks: Desks) -> Tool:
    """Search the contents of files."""

    @tool
    async def search_files(
        pattern: Annotated[
            str, Field(min_length=1, max_length=10_000, description="A regular expression, for each line.")
        ],
        context: ToolContext,
        path: Folder = ".",
        names: Glob = None,
        literal: Annotated[bool, Field(description="`pattern` is a text, not an expression.")] = False,
        case: Annotated[
            Case, Field(description="`smart` minds upper and lower case only where `pattern` has upper case.")
        ] = "exact",
        multiline: Annotated[bool, Field(description="A match may reach over lines; `(?s)` lets `.` do so.")] = False,
        show: Annotated[Show, Field(description="Lines, files that have one, or how many each has.")] = "lines",
        around: Annotated[int, Field(ge=0, le=20, description="Lines before and after each that are shown.")] = 0,
        ignored: Ignored = False,
        limit: Limit = 200,
        after: After = None,
    ) -> ToolResult:
        """Search the lines of files, in the order of their paths; binary files are left out."""
        desk = await desks.of(context)
        question = Question(
            pattern=pattern,
            literal=literal,
            case=case,
            multiline=multiline,
            around=around if show == "lines" else 0,
            once=show == "files",
            seconds=min(_SECONDS, max(0.1, (context.deadline or _SECONDS) - _MARGIN)),
        )
        tick = Teller(context, "files searched")
        return await run(partial(_searched, desk, path, names, question, show, ignored, limit, after, tick))

    return search_files


def _searched(
    desk: Desk,
    path: str,
    names: list[str] | None,
    question: Question,
    show: Show,
    ignored: bool,
    limit: int,
    after: str | None,
    tick: Teller,
) -> ToolResult:
    where = _where(desk, path, Names(names) if names else None, ignored, after)
    found = _Found(where, show, limit, int(desk.config.shown))
    seen = Seen()
    with (
        closing(where.files()) as files,
        closing(search(files, question, seen=seen, tick=lambda seen: tick(seen.files))) as hits,
    ):
        try:
            found.take(hits)
        except TookTooLong as error:
            if not found.any:
                raise
            found.notes.append(f"[{error}]")
            found.stop()
    found.notes += [f"[{where.told(path)}: only a part of it was searched]" for path in seen.unfinished[:5]]
    return found.answer(again=after is not None)


def _where(desk: Desk, path: str, names: Names | None, ignored: bool, after: str | None) -> _Where:
    place = desk.place(path)
    single = not stat.S_ISDIR(place.stat().st_mode)
    start = real_place(place) if single else folder_of(desk, path)
    line, last = 0, b""
    if after is not None:
        number, sign, rest = after.partition(":")
        if not sign or not number.isdecimal():
            raise ToolFailed("", f"after: {after} is no place in a search: take what an earlier answer has as `more`")
        line, last = int(number), start.path if single else behind(desk, start, rest)
    return _Where(desk=desk, start=start, names=names, ignored=ignored, line=line, after=last, single=single)


@dataclass(slots=True)
class _Found:
    """What is answered: lines of files, files, or counts, until there is enough of it."""

    where: _Where
    show: Show
    limit: int
    room: int
    notes: list[str] = field(default_factory=list[str])
    more: str | None = None
    _lines: list[str] = field(default_factory=list[str])
    _data: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    _last: Hit | None = None

    @property
    def any(self) -> bool:
        return bool(self._data)

    def take(self, hits: Iterable[Hit]) -> None:
        """Take hits until it is full; a full answer knows where to go on."""
        for hit in hits:
            if self.where.line and hit.path == self.where.after and hit.line <= self.where.line:
                continue
            new = self._last is None or hit.path != self._last.path
            if self._full(new):
                self.stop()
                return
            self._add(hit, new)
            self._last = hit

    def stop(self) -> None:
        """There may be more behind what was taken last."""
        if self._last is not None:
            line = self._last.line if self.show == "lines" else 0
            self.more = f"{line}:{self.where.told(self._last.path)}"

    def answer(self, *, again: bool) -> ToolResult:
        """All of it."""
        if self.show == "counts":
            self._lines = [f"{each['count']}\t{each['path']}" for each in self._data]
        nothing = "There is nothing more." if again else "No line matches."
        rest = [f"[there is more: narrow it down, or go on with after={self.more}]"] if self.more else []
        text = "\n".join([*(self._lines or [nothing]), *rest, *self.notes])
        key = {"lines": "hits", "files": "paths", "counts": "counts"}[self.show]
        data = [each["path"] for each in self._data] if self.show == "files" else self._data
        return ToolResult(content=(Text(text=text),), structured={key: data, "more": self.more})

    def _full(self, new: bool) -> bool:
        if self.show == "counts" and not new:
            return False
        return len(self._data) >= self.limit or self.room <= 0

    def _add(self, hit: Hit, new: bool) -> None:
        path = self.where.told(hit.path)
        if self.show == "counts" and not new:
            self._data[-1]["count"] += 1
            return
        if new:
            self._write(path)
        if self.show == "lines":
            self._write(f"{hit.line}{':' if hit.matches else '-'}\t{hit.text}")
            self._data.append({"path": path, "line": hit.line, "text": hit.text, "matches": hit.matches})
        else:
            self._data.append({"path": path} | ({"count": 1} if self.show == "counts" else {}))

    def _write(self, line: str) -> None:
        self._lines.append(line)
        self.room -= len(line.encode("utf-8", "replace")) + 1
