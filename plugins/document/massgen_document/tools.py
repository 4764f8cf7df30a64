"""The tools: each hands its work to a worker process, and tells what came of it."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager
from importlib.metadata import version
from typing import Annotated, Any, Literal

from pydantic import Field

from massgen_core.media import Saving, Studio
from massgen_core.result import Text, ToolResult
from massgen_core.tools import ProviderContext, Role, Secret, Tool, ToolContext, tool
from massgen_core.workers import Limits, Workers
from massgen_document.config import DocumentConfig

_WORKS = "massgen_document.works"
_LOADED = (
    _WORKS,
    *(f"massgen_document.reading.{name}" for name in ("pdf", "word", "deck", "sheet", "text")),
    *(f"massgen_document.writing.{name}" for name in ("pdf.document", "word", "slides.deck", "sheets")),
)
"""What the warm process imports: openpyxl looks at a file of the system then, which work may not."""
_SOFTWARE = f"massgen-document {version('massgen-document')}"
_MOST_TEXT = 4_000_000
_MOST_SHOWN = 200_000

Source = Annotated[str, Role("read"), Field(min_length=1, description="A document of the workspace.")]
Target = Annotated[
    str,
    Role("write"),
    Field(
        min_length=1,
        description="The file to write; its ending says the format: pdf docx pptx xlsx html md txt csv.",
    ),
]
Pictures = Annotated[
    list[str], Role("read"), Field(max_length=100, description="Paths of all pictures that the text shows.")
]
Paper = Annotated[Literal["A4", "letter"] | None, Field(description="Size of a page.")]
Parts = Annotated[
    str | None,
    Field(max_length=500, description="Pages, slides or sheets by number, `1-3,7`, or a sheet by its name; else all."),
]
Named = Annotated[str, Field(max_length=250)]
Overwrite = Annotated[
    bool, Field(description="Take the place of a file that is there; else the new one gets a number.")
]


@asynccontextmanager
async def serve(config: DocumentConfig, context: ProviderContext) -> AsyncGenerator[Sequence[Tool]]:
    """The tools of one runtime, and the processes that do their work."""
    fonts = [folder.expanduser() for folder in config.fonts]
    limits = Limits(memory=config.memory, processor=config.seconds, readable=fonts)
    async with Workers(*_LOADED, limits=limits) as workers:
        desk = _Desk(config, Studio(context, workers, software=_SOFTWARE))
        yield [_write(desk), _read(desk), _info(desk), _convert(desk)]


class _Desk:
    """What all tools share: the config, and the way to the workers."""

    def __init__(self, config: DocumentConfig, studio: Studio) -> None:
        self.config = config
        self.studio = studio

    def look(self, paper: str | None) -> dict[str, Any]:
        """Options that every file is written with."""
        fonts = [os.fspath(folder.expanduser()) for folder in self.config.fonts]
        return {"paper": paper or self.config.paper, "fonts": fonts, "software": _SOFTWARE}

    async def ask(self, context: ToolContext, function: str, path: str, options: Mapping[str, Any]) -> dict[str, Any]:
        """Have a work function look at one file; nothing is written."""
        async with self.studio.job(context) as job:
            with ExitStack() as stack:
                file = stack.enter_context(await self.studio.files.open(context, path))
                named = {**options, "names": [file.name]}
                work = self.studio.work(job, f"{_WORKS}:{function}", named, files=[file.descriptor])
                return await job.run(lambda: work) | {"size": file.size}


def _write(desk: _Desk) -> Tool:
    @tool
    async def document_write(
        path: Target,
        text: Annotated[str, Field(min_length=1, max_length=_MOST_TEXT, description="The whole content.")],
        context: ToolContext,
        syntax: Annotated[
            Literal["markdown", "text", "csv", "json"] | None,
            Field(description="What `text` is written in: Markdown; for xlsx and csv also CSV or JSON, recognised."),
        ] = None,
        pictures: Pictures = [],  # noqa: B006
        title: Named = "",
        author: Named = "",
        subject: Named = "",
        language: Annotated[str, Field(max_length=35, description="BCP 47, like `en` or `de-CH`.")] = "",
        paper: Paper = None,
        formulas: Annotated[bool, Field(description="Cells with `=` in front are formulas, else text.")] = False,
        overwrite: Overwrite = False,
    ) -> ToolResult:
        """Write a PDF, Word, PowerPoint, Excel, HTML, Markdown, text or CSV file from Markdown.

        Headings, lists, tables, quotes, code, links and pictures are set as such. `---` on a line of its own, with an
        empty line before it, ends a page or slide; on slides a heading of the first two levels begins one, and an HTML
        comment is what the speaker says. In xlsx every table is a sheet, under the name of the heading before it.
        """
        from massgen_document.writing.formats import format_of

        options = desk.look(paper) | {
            "text": text,
            "syntax": syntax,
            "format": format_of(path),
            "pictures": pictures,
            "title": title,
            "author": author or desk.config.author,
            "subject": subject,
            "language": language,
            "formulas": formulas,
        }
        saving = Saving(path=path, overwrite=overwrite)
        made = await desk.studio.make(
            context, "document.write", f"{_WORKS}:write", options, files=pictures, saving=saving
        )
        return made.result

    return document_write


def _read(desk: _Desk) -> Tool:
    @tool
    async def document_read(
        path: Source,
        context: ToolContext,
        parts: Parts = None,
        cells: Annotated[str | None, Field(description="A range of a spreadsheet, like `B2:F40`.")] = None,
        formulas: Annotated[bool, Field(description="Show a spreadsheet's formulas instead of their values.")] = False,
        password: Annotated[str | None, Secret(), Field(description="Of an encrypted PDF.")] = None,
        cursor: Annotated[str | None, Field(description="From the last answer, to go on.")] = None,
        max_characters: Annotated[int | None, Field(ge=200, le=_MOST_SHOWN)] = None,
    ) -> ToolResult:
        """Read a document as Markdown: PDF, Word, PowerPoint, Excel, OpenDocument, EPUB, RTF, HTML or any text.

        A long one is shown piece by piece: call again with the `cursor` of the answer. What was left out is said.
        """
        options: dict[str, Any] = {"parts": parts, "cells": cells, "formulas": formulas, "password": password}
        options |= {"cursor": cursor, "max_characters": max_characters or desk.config.shown}
        found = await desk.ask(context, "read", path, options)
        return _shown(path, found)

    return document_read


def _info(desk: _Desk) -> Tool:
    @tool
    async def document_info(
        path: Source,
        context: ToolContext,
        password: Annotated[str | None, Secret(), Field(description="Of an encrypted PDF.")] = None,
    ) -> dict[str, Any]:
        """Tell what a document is, without its text: kind, pages, slides or sheets, title, author, outline."""
        return await desk.ask(context, "info", path, {"password": password})

    return document_info


def _convert(desk: _Desk) -> Tool:
    @tool
    async def document_convert(
        source: Source,
        path: Target,
        context: ToolContext,
        parts: Parts = None,
        pictures: Pictures = [],  # noqa: B006
        title: Named = "",
        author: Named = "",
        paper: Paper = None,
        password: Annotated[str | None, Secret(), Field(description="Of an encrypted PDF.")] = None,
        overwrite: Overwrite = False,
    ) -> ToolResult:
        """Write what is in one document as another format: its text, headings, lists and tables, in a fresh look.

        Layout and pictures of the source are not taken over, but those of Markdown, when they are in `pictures`.
        """
        from massgen_document.writing.formats import format_of

        options = desk.look(paper) | {
            "format": format_of(path),
            "parts": parts,
            "pictures": pictures,
            "title": title,
            "author": author,
            "password": password,
        }
        saving = Saving(path=path, overwrite=overwrite)
        made = await desk.studio.make(
            context, "document.convert", f"{_WORKS}:convert", options, files=[source, *pictures], saving=saving
        )
        return made.result

    return document_convert


def _shown(path: str, found: dict[str, Any]) -> ToolResult:
    """The window as text, with what was left out and how to go on."""
    text = found.pop("text")
    notes = [f"Note: {note}" for note in found["notes"]]
    if found["cursor"]:
        notes.append(f"There is more: call document_read with path={path!r} and cursor={found['cursor']!r}.")
    elif not text.strip():
        notes.append("There is no text in it.")
    content = (Text(text=text), *((Text(text="\n".join(notes)),) if notes else ()))
    return ToolResult(content=content, structured=found)
