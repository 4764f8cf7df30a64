"""Fonts: Roboto, which comes with the plugin, and the system's for letters that Roboto has not."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from functools import lru_cache
from importlib import import_module
from typing import Literal

from PIL import ImageFont

from massgen_image.problems import refuse

Weight = Literal["light", "regular", "medium", "bold", "black"]

NUMBERS: dict[Weight, int] = {"light": 300, "regular": 400, "medium": 500, "bold": 700, "black": 900}
"""CSS weights."""

_FILES: dict[Weight, str] = {weight: f"Roboto-{weight.capitalize()}.ttf" for weight in NUMBERS}
_SYSTEM = ("/usr/share/fonts", "/usr/local/share/fonts", "/Library/Fonts", "/System/Library/Fonts", "C:/Windows/Fonts")
_MOST_FILES = 600
_NO_LETTER = "\U0010ffff"
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\ufe0e\ufe0f"


def font_file(weight: Weight = "regular") -> str:
    """The path of a weight of Roboto (Apache-2.0; Latin, Greek and Cyrillic)."""
    return os.path.join(_folder(), _FILES[weight])


@lru_cache(maxsize=1)
def _folder() -> str:
    return os.path.join(os.path.dirname(import_module("font_roboto").__file__ or ""), "files")


def all_files() -> list[str]:
    """All weights of Roboto that are drawn with."""
    return [font_file(weight) for weight in _FILES]


@lru_cache(maxsize=32)
def font(weight: Weight, size: int) -> ImageFont.FreeTypeFont:
    """A weight of Roboto at a size in pixels."""
    return ImageFont.truetype(font_file(weight), size)


def files_for(text: str) -> tuple[list[str], str]:
    """The font files that a text needs beside Roboto, and the letters that no font here has."""
    lacking = _lacking(font("regular", 16), text)
    found: list[str] = []
    for path in _system_fonts() if lacking else ():
        rest = _lacking(_opened(path), lacking)
        if len(rest) < len(lacking):
            found.append(path)
            lacking = rest
        if not lacking:
            break
    return found, lacking


def judge_letters(text: str) -> tuple[list[str], list[str]]:
    """The same as `files_for`, with the lacking letters as a list of warnings."""
    found, lacking = files_for(text)
    if not lacking:
        return found, []
    shown = " ".join(lacking[:12])
    return found, [f"no font here has these letters, they are drawn as boxes: {shown}; install a font that has them"]


def opened_font(path: str) -> str:
    """The path of somebody's own font, judged.

    Raises:
        ToolFailed: It is no font.
    """
    if _opened(path) is None:
        raise refuse("the font cannot be read: give a TrueType or OpenType file (.ttf, .otf, .ttc)")
    return path


def _lacking(face: ImageFont.FreeTypeFont | None, text: str) -> str:
    """The letters of a text that a font shows as a box."""
    wanted = sorted({letter for letter in text if letter not in _INVISIBLE and letter.isprintable() and letter != " "})
    if face is None:
        return "".join(wanted)
    return "".join(letter for letter in wanted if not _has(face, letter))


def _has(face: ImageFont.FreeTypeFont, letter: str) -> bool:
    if letter.isascii():
        return True
    box = face.getmask(_NO_LETTER)
    seen = face.getmask(letter)
    return seen.size != box.size or bytes(seen) != bytes(box)  # pyright: ignore[reportArgumentType]


@lru_cache(maxsize=256)
def _opened(path: str) -> ImageFont.FreeTypeFont | None:
    try:
        return ImageFont.truetype(path, 16)
    except (OSError, ValueError):
        return None


@lru_cache(maxsize=1)
def _system_fonts() -> tuple[str, ...]:
    """The system's fonts, plain ones before bold and slanted ones."""
    found = [path for _, path in zip(range(_MOST_FILES), _font_files(_SYSTEM), strict=False)]
    return tuple(sorted(found, key=lambda path: (_special(path), path)))


def _special(path: str) -> bool:
    name = os.path.basename(path).lower()
    return any(word in name for word in ("bold", "italic", "oblique", "mono", "light", "condensed", "thin"))


def _font_files(folders: Iterable[str]) -> Iterator[str]:
    for folder in folders:
        for at, _, names in os.walk(folder):
            yield from (os.path.join(at, name) for name in sorted(names) if name.endswith((".ttf", ".otf", ".ttc")))
