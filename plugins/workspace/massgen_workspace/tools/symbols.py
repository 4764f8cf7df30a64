"""What is defined in source files: outlines, and where a name is defined."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from contextlib import closing
from functools import partial
from typing import Annotated, Any

from pydantic import Field

from massgen_core.jail.errors import PathRefused
from massgen_core.jail.place import Place
from massgen_core.result import Text, ToolResult
from massgen_core.tools import Role, Tool, ToolContext, tool
from massgen_workspace.desk import Desk, run
from massgen_workspace.find.question import Files, Question
from massgen_workspace.find.search import search
from massgen_workspace.find.walk import batches
from massgen_workspace.symbols.languages import EXTRA, available, language_of
from massgen_workspace.symbols.outline import LARGEST, NoOutline, Outliner, Symbol
from massgen_workspace.text.lines import pieces
from massgen_workspace.tools.common import Desks
from massgen_workspace.tools.places import Folder, Ignored, Limit, folder_of, told_path
from massgen_workspace.tools.telling import Teller

_MOST_FILES = 50
_MOST_CANDIDATES = 1000
_SECONDS = 60.0


def symbol_tools(desks: Desks) -> Iterator[Tool]:
    """Outline files, find a definition."""
    yield _outline_files(desks)
    yield _find_symbol(desks)


def _outline_files(desks: Desks) -> Tool:
    @tool
    async def outline_files(
        paths: Annotated[
            list[str], Role("read"), Field(min_length=1, max_length=_MOST_FILES, description="Source files.")
        ],
        context: ToolContext,
        depth: Annotated[int, Field(gt=0, le=20, description="1 for what stands in nothing else, 2 for methods …")] = 3,
    ) -> ToolResult:
        """Show what is defined in source files: classes, functions, methods, with the lines that each has."""
        desk = await desks.of(context)
        return await run(partial(_outlined, desk, paths, depth, Teller(context, "files outlined")))

    return outline_files


def _find_symbol(desks: Desks) -> Tool:
    @tool
    async def find_symbol(
        name: Annotated[
            str, Field(min_length=1, max_length=500, description="Of a class, function …, or `Class.method`.")
        ],
        context: ToolContext,
        path: Folder = ".",
        ignored: Ignored = False,
        limit: Limit = 50,
    ) -> ToolResult:
        """Find where something is defined in source files, by its exact name."""
        desk = await desks.of(context)
        return await run(partial(_defined, desk, path, name, ignored, limit, Teller(context, "files searched")))

    return find_symbol


def _outlined(desk: Desk, paths: list[str], depth: int, tick: Teller) -> ToolResult:
    lines, data, room = list[str](), list[dict[str, Any]](), int(desk.config.shown)
    with Outliner(lambda: tick(len(data))) as outliner:
        for path in paths:
            try:
                symbols = [each for each in _symbols(desk.place(path), outliner) if each.depth < depth]
            except (NoOutline, PathRefused) as error:
                problem = error.reason if isinstance(error, PathRefused) else str(error)
                lines += [f"== {path}", problem]
                data.append({"path": path, "problem": problem})
                continue
            own, room = _within(list(map(_line, symbols)), room)
            lines += [f"== {path}", *(own or ["nothing is defined in it"])]
            data.append({"path": path, "symbols": [_as_data(each) for each in symbols[: len(own)]]})
    failed = all("problem" in each for each in data)
    return ToolResult(content=(Text(text="\n".join(lines)),), structured={"files": data}, is_error=failed)


def _defined(desk: Desk, path: str, name: str, ignored: bool, limit: int, tick: Teller) -> ToolResult:
    start = folder_of(desk, path)
    last = name.rpartition(".")[2] or name
    question = Question(pattern=last, literal=True, once=True, seconds=_SECONDS)
    lines, data, missing, more = list[str](), list[dict[str, Any]](), set[str](), False
    with (
        closing(_sources(start, ignored)) as files,
        closing(search(files, question, tick=lambda seen: tick(seen.files))) as hits,
        Outliner(lambda: tick(0)) as outliner,
    ):
        for number, hit in enumerate(hits):
            if number == _MOST_CANDIDATES or len(data) >= limit:
                more = True
                break
            try:
                symbols = _symbols(Place(start.root, hit.path, os.fsdecode(hit.path)), outliner)
            except (NoOutline, PathRefused) as error:
                missing.add(str(error)) if EXTRA in str(error) else None
                continue
            for each in symbols:
                if each.name == name or each.full == name or each.full.endswith(f".{name}"):
                    told = told_path(desk, start.root, hit.path)
                    lines.append(f"{told}:{each.first}-{each.last}\t{each.kind} {each.full}\t{each.signature}")
                    data.append({"path": told} | _as_data(each))
    notes = ["[there may be more: search a smaller folder, or raise the limit]"] if more else []
    text = "\n".join([*(lines or [f"Nothing is defined by the name {name}."]), *notes, *sorted(missing)])
    return ToolResult(content=(Text(text=text),), structured={"symbols": data, "more": more})


def _sources(start: Place, ignored: bool) -> Generator[Files]:
    with closing(batches(start.root, start.path, ignored=ignored)) as every:
        for batch in every:
            yield Files(batch.folder, batch.prefix, [name for name in batch.files() if language_of(name)])


def _symbols(place: Place, outliner: Outliner) -> list[Symbol]:
    language = language_of(place.text)
    if language is None:
        raise NoOutline("there are no outlines of such files: use search_files or read_file")
    if not available(language):
        raise NoOutline(f"outlines of {language} need more than is installed: `pip install '{EXTRA}'`")
    with place.file() as file:
        size = os.fstat(file).st_size
        if size > LARGEST:
            raise NoOutline(f"it has {size} bytes, and outlines are made of up to {LARGEST}")
        data = b"".join(pieces(file, 0, size))
    return outliner.outline(language, data)


def _line(symbol: Symbol) -> str:
    return f"{'  ' * symbol.depth}{symbol.first}-{symbol.last}\t{symbol.kind} {symbol.name}\t{symbol.signature}"


def _as_data(symbol: Symbol) -> dict[str, Any]:
    return {
        "name": symbol.full,
        "kind": symbol.kind,
        "first": symbol.first,
        "last": symbol.last,
        "signature": symbol.signature,
    }


def _within(lines: list[str], room: int) -> tuple[list[str], int]:
    """As many lines as there is room for, and the room that is left."""
    for number, line in enumerate(lines):
        room -= len(line.encode("utf-8", "replace")) + 1
        if room < 0:
            return [*lines[:number], f"… {len(lines) - number:,} more definitions: ask for a smaller depth"], 0
    return lines, room
