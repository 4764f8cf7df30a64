"""A PDF file from blocks: pages with their numbers, an outline, facts about itself; the same bytes every time."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO

from massgen_core.errors import ToolFailed
from massgen_document.blocks import Block, Heading, all_text, plain
from massgen_document.writing.pdf.flow import Flow
from massgen_document.writing.pdf.fonts import Fonts, choose, font_folders, installed
from massgen_document.writing.pdf.style import BOTTOM, HAIRLINE, MARGIN, QUIET, TOP, Styles, page_size
from massgen_document.writing.request import Job

_platypus: Any = import_module("reportlab.platypus")
_Template: Any = _platypus.BaseDocTemplate
_PlainCanvas: Any = import_module("reportlab.pdfgen.canvas").Canvas
_errors: Any = import_module("reportlab.platypus.doctemplate")


def write_pdf(blocks: Sequence[Block], job: Job, out: BinaryIO) -> dict[str, Any]:
    """Write a PDF; returns how many pages it has.

    Raises:
        ToolFailed: Letters that no font draws, a picture that cannot be read.
    """
    text = "".join((all_text(blocks), job.about.title, job.about.author))
    fonts, instead = choose(text, lambda: installed([*font_folders(), *map(Path, job.fonts)]))
    for sign, name in instead.items():
        if name:
            job.warn(f"no font here draws {sign}: it is shown as {name}")
    width, height = page_size(job.paper)
    styles = Styles(fonts, cjk=_is_east_asian(text))
    flow = Flow(job, fonts, styles, instead, (width - 2 * MARGIN, height - TOP - BOTTOM))
    footer = job.about.title or _first_heading(blocks)
    pages = _Pages(job, fonts, footer.translate(str.maketrans(instead)), out, (width, height))
    try:
        pages.build(flow.of(blocks) or [_platypus.Spacer(1, 1)], canvasmaker=pages.canvas)
    except _errors.LayoutError as problem:
        raise ToolFailed("", f"PDF: something does not fit on a page: {str(problem)[:200]}") from None
    return {"pages": pages.page}


def _is_east_asian(text: str) -> bool:
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text[:20_000])
    return wide * 4 > len(text[:20_000])


def _first_heading(blocks: Sequence[Block]) -> str:
    return next((plain(block.line).replace("\n", " ") for block in blocks if isinstance(block, Heading)), "")


class _Pages(_Template):
    """The frame of a page, and an outline of the headings."""

    def __init__(self, job: Job, fonts: Fonts, footer: str, out: BinaryIO, size: tuple[float, float]) -> None:
        about = job.about
        _Template.__init__(
            self,
            out,
            pagesize=size,
            title=about.title or footer,
            author=about.author,
            subject=about.subject,
            keywords=about.keywords,
            creator=about.program,
            producer=f"{about.program} (reportlab)",
            lang=about.language or None,
            invariant=1,
            pageCompression=1,
        )
        width, height = size
        frame = _platypus.Frame(
            MARGIN,
            BOTTOM,
            width - 2 * MARGIN,
            height - TOP - BOTTOM,
            leftPadding=0,
            rightPadding=0,
            topPadding=0,
            bottomPadding=0,
        )
        self.addPageTemplates([_platypus.PageTemplate(id="page", frames=[frame])])
        self._fonts = fonts
        self._footer = footer
        self._size = size
        self._depth = -1
        self._headings = 0

    def canvas(self, *args: Any, **options: Any) -> Any:
        """A canvas that puts "page of pages" under each page when their number is known."""
        return _Canvas(*args, foot=self._foot, **options)

    def afterFlowable(self, flowable: Any) -> None:
        """Enter a heading into the outline."""
        outline = getattr(flowable, "outline", None)
        if outline is None:
            return
        title, level = outline
        self._depth = min(level, self._depth + 1)  # a level that is left out would be an error
        self._headings += 1
        key = f"heading-{self._headings}"
        self.canv.bookmarkPage(key, fit="XYZ", top=self.frame._y + flowable.height + 12, left=0)
        self.canv.addOutlineEntry(title, key, level=self._depth, closed=self._depth > 0)
        self.canv.showOutline()

    def _foot(self, canvas: Any, page: int, pages: int) -> None:
        width, _ = self._size
        canvas.setStrokeColor(HAIRLINE)
        canvas.setLineWidth(0.4)
        canvas.line(MARGIN, 52, width - MARGIN, 52)
        canvas.setFillColor(QUIET)
        number = f"{page} / {pages}"
        canvas.setFont(self._fonts.plain[0], 8)
        canvas.drawRightString(width - MARGIN, 38, number)
        left = MARGIN
        for font, piece in self._fonts.runs(_shortened(self._footer)):
            canvas.setFont(font, 8)
            canvas.drawString(left, 38, piece)
            left += canvas.stringWidth(piece, font, 8)


def _shortened(text: str) -> str:
    return text if len(text) <= 80 else text[:79].rstrip() + "…"


class _Canvas(_PlainCanvas):
    """Keeps the pages until their number is known."""

    def __init__(self, *args: Any, foot: Any, **options: Any) -> None:
        _PlainCanvas.__init__(self, *args, **options)
        self._foot = foot
        self._kept: list[dict[str, Any]] = []

    def showPage(self) -> None:
        self._kept.append(dict(self.__dict__))
        self._doc.pageCounter += 1  # what a bookmark takes for its page
        self._startPage()

    def save(self) -> None:
        self._doc.pageCounter = 1
        for number, page in enumerate(self._kept, 1):
            self.__dict__.update(page)
            self._foot(self, number, len(self._kept))
            _PlainCanvas.showPage(self)
        _PlainCanvas.save(self)
