"""A poster as SVG: a title as large as it can be, and everything else in its place."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from massgen_image.colour import mixed, rgb
from massgen_image.drawing.writing import document, element, line, lines
from massgen_image.lettering.measure import CAPITAL, fitting, shortened
from massgen_image.problems import refuse


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """The ground, the ink on it, and the colour of what stands out."""

    ground: str
    ink: str
    accent: str


PALETTES: dict[str, Palette] = {
    "paper": Palette(ground="#f5efe3", ink="#1d2733", accent="#d9482b"),
    "night": Palette(ground="#141b2d", ink="#f4f1ea", accent="#f2b441"),
    "forest": Palette(ground="#17392f", ink="#f3efe2", accent="#e9c46a"),
    "sea": Palette(ground="#e6f1f3", ink="#12384a", accent="#0f8a9d"),
    "sunrise": Palette(ground="#ffe6d3", ink="#43203a", accent="#ee6352"),
    "mono": Palette(ground="#ffffff", ink="#111418", accent="#111418"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Poster:
    """The words of a poster, its size in pixels, its colours; ``seed`` picks the figure where there is no picture."""

    title: str
    subtitle: str = ""
    body: str = ""
    kicker: str = ""
    footer: str = ""
    width: int = 1080
    height: int = 1350
    palette: Palette = field(default_factory=lambda: PALETTES["paper"])
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Drawn:
    """The drawing, and where a picture belongs in it (left, top, width, height), if anywhere."""

    svg: str
    picture: tuple[int, int, int, int] | None
    warnings: list[str]


def drawn(poster: Poster, *, pictured: bool = False) -> Drawn:
    """The poster; with ``pictured`` its upper part stays clear for a picture.

    Raises:
        ToolFailed: There is no title, or the poster is too small for words.
    """
    if not poster.title.strip():
        raise refuse("a poster needs a title")
    if min(poster.width, poster.height) < 240:
        raise refuse(f"a poster of {poster.width}x{poster.height} has no room for words: make it 240x240 at least")
    wide = pictured and poster.width > poster.height * 1.15
    picture = _picture_place(poster, wide=wide) if pictured else None
    words = _Words(poster, picture, wide=wide)
    words.set()
    ground = element("rect", width=poster.width, height=poster.height, fill=poster.palette.ground)
    figure = "" if pictured else _figure(poster, words.corner())
    hole = _clear(picture) if picture else ""
    svg = document(poster.width, poster.height, [hole or ground + figure, *words.marks], title=poster.title)
    if picture:
        svg = svg.replace(hole, _around(poster, picture), 1)
    return Drawn(svg, picture, words.warnings)


def _picture_place(poster: Poster, *, wide: bool) -> tuple[int, int, int, int]:
    if wide:
        across = round(poster.width * 0.52)
        return poster.width - across, 0, across, poster.height
    return 0, 0, poster.width, round(poster.height * 0.56)


def _clear(picture: tuple[int, int, int, int]) -> str:
    return f"<!--{picture}-->"


def _around(poster: Poster, picture: tuple[int, int, int, int]) -> str:
    """The ground without the picture's part, which stays clear."""
    left, top, across, down = picture
    if left:
        return element("rect", width=left, height=poster.height, fill=poster.palette.ground)
    return element("rect", y=top + down, width=across, height=poster.height - down, fill=poster.palette.ground)


class _Words:
    """Sets the words from the top down and from the foot up; what is between is the body's."""

    def __init__(self, poster: Poster, picture: tuple[int, int, int, int] | None, *, wide: bool) -> None:
        self.poster: Poster = poster
        self.marks: list[str] = []
        self.warnings: list[str] = []
        short = min(poster.width, poster.height)
        self.pad: float = short * 0.075
        self.short: float = short
        below = picture is not None and not wide
        self.left: float = self.pad
        self.right: float = picture[0] - self.pad * 0.8 if picture and wide else poster.width - self.pad
        self.top: float = (picture[1] + picture[3] if picture and below else 0) + self.pad * (0.8 if below else 1)
        self.bottom: float = poster.height - self.pad
        self.beside: float = self.left + self.room * 0.3
        self._pictured = picture is not None

    @property
    def room(self) -> float:
        return self.right - self.left

    def set(self) -> None:
        poster, accent = self.poster, self.poster.palette.accent
        if poster.kicker:
            size = self.short * 0.026
            words = shortened(poster.kicker.upper(), size, self.room * 0.86, "bold")
            self._say_if_cut(words, poster.kicker.upper())
            self.marks.append(
                line(words, self.left, self.top + size * CAPITAL, size, accent, weight="bold", spacing=size * 0.1)
            )
            self.top += size * 2.3
        if poster.footer:
            self._footer()
        tall = self.bottom - self.top
        share = 0.5 if not (poster.body or poster.subtitle) else 0.46 if self._pictured else 0.42
        self._block(poster.title, (self.short * 0.035, self.short * 0.17), tall * share, weight="black", leading=1.04)
        self.top += self.short * 0.03
        if poster.subtitle:
            soft = mixed(poster.palette.ink, poster.palette.ground, 0.12)
            share = 0.45 if poster.body else 0.9
            self._block(
                poster.subtitle, (self.short * 0.02, self.short * 0.044), (self.bottom - self.top) * share, ink=soft
            )
            self.top += self.short * 0.025
        if poster.body:
            self._body()

    def _block(
        self, text: str, sizes: tuple[float, float], tall: float, *, weight: str = "regular", leading: float = 1.25,
        ink: str | None = None,
    ) -> None:  # fmt: skip
        size, rows = fitting(
            text, (self.room, tall), sizes, weight=weight, leading=leading, whole_words=True  # pyright: ignore[reportArgumentType]
        )  # fmt: skip
        self._say_if_cut(" ".join(rows), text)
        self.marks.append(
            lines(rows, self.left, self.top, size, ink or self.poster.palette.ink, weight=weight, leading=leading)  # pyright: ignore[reportArgumentType]
        )
        self.top += size * (CAPITAL + 0.16) + (len(rows) - 1) * size * leading

    def corner(self) -> tuple[float, float]:
        """How far a figure may reach from the lower right corner: to the body's column and to the words above."""
        return self.poster.width - self.beside, self.bottom - self.top - self.short * 0.04

    def _body(self) -> None:
        """The body at the foot, in a narrower column beside the figure."""
        column = self.room if self._pictured else self.room * 0.54
        size, rows = fitting(
            self.poster.body, (column, self.bottom - self.top), (self.short * 0.016, self.short * 0.027), leading=1.45
        )
        self._say_if_cut(" ".join(rows), self.poster.body)
        high = size * CAPITAL + (len(rows) - 1) * size * 1.45
        top = self.top if self._pictured else self.bottom - high
        self.beside = self.left + column + self.short * 0.03
        self.marks.append(lines(rows, self.left, top, size, self.poster.palette.ink, leading=1.45))

    def _footer(self) -> None:
        size = self.short * 0.024
        words = shortened(self.poster.footer, size, self.room, "medium")
        self._say_if_cut(words, self.poster.footer)
        self.marks.append(line(words, self.left, self.bottom, size, self.poster.palette.ink, weight="medium"))
        self.bottom -= size * 1.9
        self.marks.append(
            element(
                "rect",
                x=self.left,
                y=self.bottom,
                width=self.room,
                height=max(1.0, self.short * 0.002),
                fill=mixed(self.poster.palette.ink, self.poster.palette.ground, 0.6),
            )
        )
        self.bottom -= size * 1.3

    def _say_if_cut(self, shown: str, whole: str) -> None:
        if shown.endswith("…") and not whole.rstrip().endswith("…"):
            self.warnings.append(
                f"there is no room for all of {whole[:40]!r}…: it was cut; make it shorter or the poster larger"
            )


def _figure(poster: Poster, room: tuple[float, float]) -> str:
    """A figure at the lower right, above the footer's line where there is one."""
    foot = poster.height - (min(poster.width, poster.height) * 0.1206 if poster.footer else 0.0)
    reach = min(*room, poster.height * 0.5)
    if reach < min(poster.width, poster.height) * 0.08:
        return ""
    clip = element("clipPath", element("rect", width=poster.width, height=foot), id="above")
    return clip + element("g", _FIGURES[poster.seed % len(_FIGURES)](poster, foot, reach), clip_path="url(#above)")


def _rings(poster: Poster, foot: float, reach: float) -> str:
    """Quarter rings around the corner."""
    ground, accent = poster.palette.ground, poster.palette.accent
    marks: list[str] = []
    for share, colour in ((1.0, 0.68), (0.84, 1.0), (0.68, 0.4), (0.52, 1.0), (0.36, 0.0), (0.2, 1.0)):
        marks.append(element("circle", cx=poster.width, cy=foot, r=reach * share, fill=mixed(accent, ground, colour)))
    return "".join(marks)


def _sun(poster: Poster, foot: float, reach: float) -> str:
    """A disc that is cut by lines towards its foot."""
    radius = reach * 0.56
    x, y = poster.width - radius * 0.78, foot - radius * 0.86
    marks = [element("circle", cx=x, cy=y, r=radius, fill=poster.palette.accent)]
    for place in range(5):
        top = y + radius * (0.02 + place * 0.19)
        high = radius * (0.025 + place * 0.018)
        marks.append(element("rect", x=x - radius, y=top, width=2 * radius, height=high, fill=poster.palette.ground))
    return "".join(marks)


def _dots(poster: Poster, foot: float, reach: float) -> str:
    """Dots that grow towards the corner."""
    step = reach / 9.2
    marks: list[str] = []
    for row in range(9):
        for column in range(9):
            near = 1 - math.hypot(row, column) / 9.5
            if near > 0.12:
                x, y = poster.width - step * (column + 0.8), foot - step * (row + 0.8)
                marks.append(element("circle", cx=x, cy=y, r=step * 0.46 * near, fill=poster.palette.accent))
    return "".join(marks)


_FIGURES: tuple[Callable[[Poster, float, float], str], ...] = (_rings, _sun, _dots)


def palette_of(name: str | None, ground: str | None, ink: str | None, accent: str | None) -> Palette:
    """A palette by name, with colours of one's own in it.

    Raises:
        ToolFailed: There is no palette of that name, or a colour is none.
    """
    found = PALETTES.get(name or "paper")
    if found is None:
        raise refuse(f"there is no palette {name!r}: choose one of {', '.join(PALETTES)}")
    for colour in (ground, ink, accent):
        if colour:
            rgb(colour)
    return Palette(ground=ground or found.ground, ink=ink or found.ink, accent=accent or found.accent)
