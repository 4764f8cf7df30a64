"""SVG elements as text; every value is escaped and every number short."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal
from xml.sax.saxutils import escape, quoteattr

from massgen_image.lettering.fonts import NUMBERS, Weight
from massgen_image.lettering.measure import CAPITAL

FAMILY = "Roboto, Helvetica, Arial, sans-serif"
Align = Literal["start", "middle", "end"]
Point = tuple[float, float]


def number(value: float) -> str:
    """A number with two places at most."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def element(name: str, *inside: str, **attributes: str | float | None) -> str:
    """An element; ``_`` in a name stands for ``-``, a trailing one is dropped, and `None` leaves it out."""
    written = "".join(
        f" {key.rstrip('_').replace('_', '-')}={quoteattr(value if isinstance(value, str) else number(value))}"
        for key, value in attributes.items()
        if value is not None
    )
    body = "".join(inside)
    return f"<{name}{written}>{body}</{name}>" if body else f"<{name}{written}/>"


def document(width: float, height: float, inside: Iterable[str], *, title: str = "") -> str:
    """A whole drawing."""
    words = [element("title", escape(_clean(title)))] if title else []
    return element(
        "svg",
        *words,
        *inside,
        xmlns="http://www.w3.org/2000/svg",
        width=width,
        height=height,
        viewBox=f"0 0 {number(width)} {number(height)}",
    )


def line(
    words: str,
    x: float,
    y: float,
    size: float,
    colour: str,
    *,
    align: Align = "start",
    weight: Weight = "regular",
    turned: float = 0,
    opacity: float | None = None,
    spacing: float | None = None,
) -> str:
    """A line of text; ``y`` is the line that letters stand on."""
    return element(
        "text",
        escape(_clean(words)),
        x=x,
        y=y,
        font_family=FAMILY,
        font_size=size,
        font_weight=str(NUMBERS[weight]) if weight != "regular" else None,
        fill=colour,
        text_anchor=align if align != "start" else None,
        transform=f"rotate({number(turned)} {number(x)} {number(y)})" if turned else None,
        fill_opacity=opacity,
        letter_spacing=spacing,
    )


def middle_line(words: str, x: float, y: float, size: float, colour: str, **more: object) -> str:
    """A line of text whose capitals are centred on ``y``."""
    return line(words, x, y + size * CAPITAL / 2, size, colour, **more)  # pyright: ignore[reportArgumentType]


def lines(
    texts: Sequence[str],
    x: float,
    y: float,
    size: float,
    colour: str,
    *,
    leading: float = 1.2,
    align: Align = "start",
    weight: Weight = "regular",
) -> str:
    """Lines below each other; ``y`` is the top of the first one's capitals."""
    first = y + size * CAPITAL
    return "".join(
        line(text, x, first + number_ * size * leading, size, colour, align=align, weight=weight)
        for number_, text in enumerate(texts)
    )


def block_height(count: int, size: float, leading: float = 1.2) -> float:
    """Pixels from the top of the first line's capitals to the last one's foot."""
    return 0.0 if count < 1 else size * CAPITAL + (count - 1) * size * leading


def path(points: Iterable[Point], *, closed: bool = False) -> str:
    """The data of a path through points."""
    text = " ".join(f"{'L' if place else 'M'}{number(x)} {number(y)}" for place, (x, y) in enumerate(points))
    return f"{text}Z" if closed else text


def _clean(text: str) -> str:
    """Without the characters that XML has no room for."""
    return "".join(letter for letter in text if letter >= " " or letter == "\t")
