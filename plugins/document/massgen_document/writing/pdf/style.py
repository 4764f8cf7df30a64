"""The look of a PDF page: one scale of sizes, one dark colour, one accent, hairlines."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from massgen_document.writing.pdf.fonts import Fonts
from massgen_document.writing.request import Paper

_styles: Any = import_module("reportlab.lib.styles")
_colors: Any = import_module("reportlab.lib.colors")
_sizes: Any = import_module("reportlab.lib.pagesizes")

INK: Any = _colors.HexColor("#1f2933")
DARK: Any = _colors.HexColor("#14304f")
ACCENT: Any = _colors.HexColor("#1c6dd0")
QUIET: Any = _colors.HexColor("#6b7785")
HAIRLINE: Any = _colors.HexColor("#d5dbe1")
SHADE: Any = _colors.HexColor("#f4f6f8")

MARGIN = 68.0
"""Points left and right: lines of about 80 characters."""
TOP, BOTTOM = 72.0, 76.0

_HEADINGS = {1: (22, 28, 4, 10), 2: (15.5, 20, 18, 6), 3: (12.5, 17, 14, 4), 4: (10.8, 15, 12, 3)}
"""Size, leading, space before and after."""


def page_size(paper: Paper) -> tuple[float, float]:
    """Width and height in points."""
    return _sizes.A4 if paper == "A4" else _sizes.letter


class Styles:
    """The paragraph styles of one document."""

    def __init__(self, fonts: Fonts, *, cjk: bool) -> None:
        wrap = "CJK" if cjk else None
        self.body: Any = _styles.ParagraphStyle(
            "body",
            fontName=fonts.plain[0],
            fontSize=10.3,
            leading=15.2,
            textColor=INK,
            spaceAfter=8,
            wordWrap=wrap,
            splitLongWords=1,
            allowWidows=0,
            allowOrphans=0,
        )
        self.item: Any = self._like(self.body, "item", spaceAfter=3)
        self.cell: Any = self._like(self.body, "cell", fontSize=9.2, leading=12.6, spaceAfter=0)
        self.head: Any = self._like(self.cell, "head", fontName=fonts.plain[1], textColor=DARK)
        self.quote: Any = self._like(self.body, "quote", textColor=QUIET, spaceAfter=6)
        self.caption: Any = self._like(
            self.body, "caption", fontSize=8.6, leading=12, textColor=QUIET, spaceBefore=4, spaceAfter=12, alignment=1
        )
        self.code: Any = self._like(
            self.body, "code", fontName=fonts.mono[0], fontSize=8.6, leading=12.2, spaceAfter=0, wordWrap=None
        )
        self._headings = {level: self._heading(fonts, level) for level in range(1, 7)}

    def heading(self, level: int) -> Any:
        """The style of a heading."""
        return self._headings[level]

    def aligned(self, style: Any, align: str) -> Any:
        """The same style, set left, centred or right."""
        code = {"center": 1, "right": 2}.get(align, 0)
        return self._like(style, f"{style.name}-{code}", alignment=code) if code else style

    def _heading(self, fonts: Fonts, level: int) -> Any:
        size, leading, before, after = _HEADINGS[min(level, 4)]
        return self._like(
            self.body,
            f"heading{level}",
            fontName=fonts.plain[1],
            fontSize=size,
            leading=leading,
            spaceBefore=before,
            spaceAfter=after,
            textColor=DARK if level < 5 else QUIET,
            keepWithNext=1,
        )

    def _like(self, parent: Any, name: str, **changes: Any) -> Any:
        return _styles.ParagraphStyle(name, parent=parent, **changes)
