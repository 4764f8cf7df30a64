"""Fonts: Roboto for Latin, Greek and Cyrillic letters, the system's for all others."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import lru_cache
from importlib import import_module
from typing import TypeAlias

from PIL import ImageFont

Font: TypeAlias = ImageFont.FreeTypeFont

_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "/Library/Fonts", "/System/Library/Fonts", "C:/Windows/Fonts")
_MOST_FILES = 400
_NO_LETTER = "\U0010ffff"
_SPECIAL = ("bold", "italic", "oblique", "mono", "light", "condensed", "thin", "black")


@lru_cache(maxsize=64)
def font_for(text: str, size: int, *, bold: bool = False) -> Font:
    """The font that has most of a text's letters, at a size in pixels."""
    own = ImageFont.truetype(_roboto("Bold" if bold else "Medium"), size)
    lacking = _lacking(own, text)
    best, fewest = own, len(lacking)
    for path in _system_fonts() if lacking else ():
        found = _opened(path, size)
        rest = len(_lacking(found, text)) if found is not None else fewest
        if found is not None and rest < fewest:
            best, fewest = found, rest
        if not fewest:
            break
    return best


def _roboto(weight: str) -> str:
    """A weight of Roboto (Apache-2.0), which comes with the plugin."""
    return os.path.join(os.path.dirname(import_module("font_roboto").__file__ or ""), "files", f"Roboto-{weight}.ttf")


def lacking_letters(text: str) -> str:
    """The letters of a text that no font here has."""
    return _lacking(font_for(text, 16), text)


def wrapped(text: str, font: Font, width: int) -> list[str]:
    """A text in lines that are no wider than so many pixels; a word that is wider is cut."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in (part for each in paragraph.split() for part in _parts(each, font, width)):
            longer = f"{line} {word}".strip()
            if line and font.getlength(longer) > width:
                lines.append(line)
                line = word
            else:
                line = longer
        lines.append(line)
    return lines


def _parts(word: str, font: Font, width: int) -> Iterator[str]:
    while word and font.getlength(word) > width:
        fits = next((end for end in range(len(word) - 1, 1, -1) if font.getlength(word[:end]) <= width), 1)
        yield word[:fits]
        word = word[fits:]
    if word:
        yield word


def _lacking(font: Font, text: str) -> str:
    letters = sorted({letter for letter in text if not letter.isascii() and letter.isprintable()})
    if not letters:
        return ""
    box = font.getmask(_NO_LETTER)
    return "".join(letter for letter in letters if _is_box(font, letter, box))


def _is_box(font: Font, letter: str, box: object) -> bool:
    seen = font.getmask(letter)
    return getattr(seen, "size", None) == getattr(box, "size", None) and bytes(seen) == bytes(box)  # pyright: ignore[reportArgumentType]


@lru_cache(maxsize=64)
def _opened(path: str, size: int) -> Font | None:
    try:
        return ImageFont.truetype(path, size)
    except (OSError, ValueError):
        return None


@lru_cache(maxsize=1)
def _system_fonts() -> tuple[str, ...]:
    """The system's fonts, plain ones first."""
    found = [path for _, path in zip(range(_MOST_FILES), _font_files(), strict=False)]
    return tuple(sorted(found, key=lambda path: (any(word in path.lower() for word in _SPECIAL), path)))


def _font_files() -> Iterator[str]:
    for folder in _FOLDERS:
        for at, _, names in os.walk(folder):
            yield from (os.path.join(at, name) for name in sorted(names) if name.endswith((".ttf", ".otf", ".ttc")))
