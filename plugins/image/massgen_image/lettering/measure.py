"""How wide a text is, where it breaks, and how large it may be."""

from __future__ import annotations

from functools import lru_cache

from massgen_image.lettering.fonts import Weight, font

_AT = 128
"""Pixels of the size that is measured at."""

ASCENT, CAPITAL, DESCENT = 0.93, 0.711, 0.24
"""Shares of the size: from the line up, the height of a capital, and down (Roboto)."""


@lru_cache(maxsize=4096)
def width(text: str, size: float, weight: Weight = "regular") -> float:
    """Pixels that a line takes; letters that Roboto has not count as wide as they are high."""
    return font(weight, _AT).getlength(text) * size / _AT + size * 0.5 * sum(ord(letter) > 0x2E7F for letter in text)


def wrapped(text: str, size: float, room: float, weight: Weight = "regular") -> list[str]:
    """The lines of a text that is as wide as the room at most; a word that is wider is broken."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in _pieces(paragraph.split(), size, room, weight):
            longer = f"{line} {word}" if line else word
            if line and width(longer, size, weight) > room:
                lines.append(line)
                line = word
            else:
                line = longer
        lines.append(line)
    return lines


def balanced(text: str, size: float, room: float, weight: Weight = "regular") -> list[str]:
    """As few lines as `wrapped` makes, about equally long; as a title is set."""
    lines = wrapped(text, size, room, weight)
    if len(lines) < 2 or "\n" in text:
        return lines
    low, high = 0.0, room
    for _ in range(12):
        middle = (low + high) / 2
        if len(wrapped(text, size, middle, weight)) > len(lines):
            low = middle
        else:
            high = middle
    return wrapped(text, size, high, weight)


def shortened(text: str, size: float, room: float, weight: Weight = "regular") -> str:
    """The text, or as much of its beginning as fits with an ellipsis."""
    if width(text, size, weight) <= room:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if width(text[:middle].rstrip() + "…", size, weight) <= room:
            low = middle
        else:
            high = middle - 1
    return text[:low].rstrip() + "…"


def fitting(
    text: str,
    room: tuple[float, float],
    sizes: tuple[float, float],
    *,
    weight: Weight = "regular",
    leading: float = 1.2,
    whole_words: bool = False,
) -> tuple[float, list[str]]:
    """The largest size between two (least, most) at which the text fits into a room, and its lines.

    Where even the least is too large, as many lines as fit, the last one with an ellipsis.
    """
    least, most = sizes
    size = most
    while size > least and not _fits(text, size, room, weight, leading, whole_words=whole_words):
        size = max(least, size * 0.96)
    lines = balanced(text, size, room[0], weight)
    can = max(1, int((room[1] + size * (leading - 1)) / (size * leading) + 1e-6))
    if len(lines) > can:
        lines = [*lines[: can - 1], shortened(f"{lines[can - 1]}…", size, room[0], weight)]
    return size, lines


def _fits(
    text: str, size: float, room: tuple[float, float], weight: Weight, leading: float, *, whole_words: bool
) -> bool:
    if whole_words and any(width(word, size, weight) > room[0] for word in text.split()):
        return False
    lines = wrapped(text, size, room[0], weight)
    return len(lines) * size * leading - size * (leading - 1) <= room[1]


def _pieces(words: list[str], size: float, room: float, weight: Weight) -> list[str]:
    pieces: list[str] = []
    for word in words:
        while width(word, size, weight) > room and len(word) > 1:
            cut = _break(word, size, room, weight)
            pieces.append(word[:cut])
            word = word[cut:]
        pieces.append(word)
    return pieces


def _break(word: str, size: float, room: float, weight: Weight) -> int:
    """How many letters of a word fit; one at least."""
    low, high = 1, len(word) - 1
    while low < high:
        middle = (low + high + 1) // 2
        if width(word[:middle], size, weight) <= room:
            low = middle
        else:
            high = middle - 1
    return low
