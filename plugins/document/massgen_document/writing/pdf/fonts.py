"""Which font draws which character: one family that is the same everywhere, what the system has for all else.

Text is set in Roboto, which draws Latin, Greek and Cyrillic; code in the Courier that every reader has (ISO 32000-1,
9.6.2.2). A text with other letters is set in a family of the system that draws more of them, and single signs are
taken from wherever they are; all that is embedded. Nothing is dropped: a sign that no font has is named in brackets,
a letter is refused.
"""

from __future__ import annotations

import os
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from massgen_core.errors import ToolFailed
from massgen_document.writing.pdf.sfnt import Face, faces_of

_roboto: Any = import_module("font_roboto")
_metrics: Any = import_module("reportlab.pdfbase.pdfmetrics")
_truetype: Any = import_module("reportlab.pdfbase.ttfonts")

_MONO = ("Courier", "Courier-Bold", "Courier-Oblique", "Courier-BoldOblique")

_PREFERRED = ("Noto Sans", "Source Sans", "Open Sans", "Inter", "Roboto", "Liberation Sans", "DejaVu Sans", "Arial")
_MOST_FILES = 5000
_UNSEEN = set("\u200d\ufe0e\ufe0f\u00ad\n\t\r ")

_JOINED = ((0x0590, 0x08FF), (0x0900, 0x0DFF), (0x0F00, 0x109F), (0x1780, 0x17FF), (0xFB1D, 0xFEFC))
"""Scripts that run from right to left or whose letters change with their neighbours: they need a shaping engine."""


def font_folders() -> list[Path]:
    """Where this system keeps fonts."""
    home = Path.home()
    match sys.platform:
        case "darwin":
            return [Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library/Fonts"]
        case "win32":
            return [Path(os.environ.get("WINDIR", r"C:\Windows")) / "Fonts"]
        case _:
            return [Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), home / ".local/share/fonts"]


def installed(folders: Iterable[Path]) -> list[Face]:
    """The TrueType fonts in folders, in a fixed order."""
    paths: list[Path] = []
    for folder in folders:
        paths += [Path(where, name) for where, _, names in os.walk(folder) for name in names]
    wanted = sorted(path for path in paths[:_MOST_FILES] if path.suffix.lower() in (".ttf", ".ttc", ".otf"))
    return [face for path in wanted for face in faces_of(path)]


def roboto() -> tuple[Face, ...]:
    """The family that comes with this plugin: upright, bold, italic, bold italic."""
    folder = Path(_roboto.font_directory)
    names = ("Regular", "Bold", "Italic", "BoldItalic")
    return tuple(face for name in names for face in faces_of(folder / f"Roboto-{name}.ttf"))


@dataclass(slots=True)
class Fonts:
    """The fonts of one document: four of the family, four for code, and others for single characters."""

    main: tuple[Face, ...]
    others: list[Face] = field(default_factory=list[Face])
    mono: tuple[str, str, str, str] = _MONO
    names: dict[tuple[Path, int], str] = field(default_factory=dict[tuple[Path, int], str])
    chosen: dict[tuple[str, int, bool], str] = field(default_factory=dict[tuple[str, int, bool], str])

    @property
    def plain(self) -> tuple[str, ...]:
        """The names of the family's four fonts."""
        return tuple(self.register(face) for face in self.main)

    def runs(
        self, text: str, *, bold: bool = False, italic: bool = False, code: bool = False
    ) -> Iterator[tuple[str, str]]:
        """The text in pieces, each with the name of the font that draws it."""
        style = bold + 2 * italic
        name, start = "", 0
        for at, character in enumerate(text):
            font = name if character in " \n" and name else self._font(character, style, code)
            if font != name:
                if at > start:
                    yield name, text[start:at]
                name, start = font, at
        if start < len(text):
            yield name, text[start:]

    def _font(self, character: str, style: int, code: bool) -> str:
        key = character, style, code
        if key not in self.chosen:
            self.chosen[key] = self._chosen(character, style, code)
        return self.chosen[key]

    def _chosen(self, character: str, style: int, code: bool) -> str:
        if code and is_standard(character):
            return self.mono[style]
        if self.main[style].draws(character):
            return self.register(self.main[style])
        face = next((face for face in self.others if face.draws(character)), self.main[style])
        return self.register(face)

    def register(self, face: Face) -> str:
        """The name under which the face is known to reportlab."""
        key = face.path, face.index
        if key not in self.names:
            name = f"F{len(self.names)}"
            _metrics.registerFont(_truetype.TTFont(name, str(face.path), subfontIndex=face.index, shapable=False))
            self.names[key] = name
        return self.names[key]


def is_standard(character: str) -> bool:
    """Whether the standard fonts draw it (Windows code page 1252)."""
    try:
        character.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


def choose(text: str, system: Callable[[], list[Face]]) -> tuple[Fonts, dict[str, str]]:
    """The fonts for a text, and what stands for the signs that no font has; ``system`` is asked only where needed.

    Raises:
        ToolFailed: It holds letters that cannot be set; which ones, and what to do.
    """
    fonts = Fonts(main=roboto())
    strange = sorted(sign for sign in set(text) - _UNSEEN if not fonts.main[0].draws(sign))
    if joined := [sign for sign in strange if any(a <= ord(sign) <= z for a, z in _JOINED)]:
        raise ToolFailed("", f"PDF: {_shown(joined)} belong to a script that is not set here; write .docx or .html")
    if not strange:
        return fonts, {}
    faces = system()
    if letters := [sign for sign in strange if sign.isalpha()]:
        fonts.main = _family(faces, letters) or fonts.main
    missing = [sign for sign in strange if not any(face.draws(sign) for face in (*fonts.main, *faces))]
    if unreadable := [sign for sign in missing if unicodedata.category(sign)[0] in "LMN"]:
        raise ToolFailed(
            "",
            f"PDF: no font on this machine draws {_shown(unreadable)}. Install one with TrueType outlines that does, "
            "name its folder in `plugins.document.fonts`, or write .docx or .html",
        )
    fonts.others = sorted(faces, key=lambda face: (face.is_bold or face.is_italic, _rank(face)))
    return fonts, {sign: _named(sign) for sign in missing}


def _family(faces: list[Face], letters: list[str]) -> tuple[Face, ...]:
    """The family that draws most of the letters, and Latin ones too; none where there is none."""
    families: dict[str, list[Face]] = {}
    for face in faces:
        families.setdefault(face.family, []).append(face)

    def worth(family: str) -> tuple[int, int, int, str]:
        members = families[family]
        upright = _member(members, bold=False, italic=False)
        drawn = sum(upright.draws(letter) for letter in letters)
        return drawn, -_rank(upright), len({(face.is_bold, face.is_italic) for face in members}), family

    able = [family for family, members in families.items() if not members[0].is_mono and _is_latin(members)]
    if not able or worth(best := max(able, key=worth))[0] == 0:
        return ()
    members = families[best]
    return tuple(_member(members, bold=bold, italic=italic) for italic in (False, True) for bold in (False, True))


def _is_latin(members: list[Face]) -> bool:
    return all(members[0].draws(character) for character in "aZ0.,")


def _member(members: list[Face], *, bold: bool, italic: bool) -> Face:
    return min(members, key=lambda face: (face.is_bold != bold) + (face.is_italic != italic))


def _rank(face: Face) -> int:
    return next((at for at, name in enumerate(_PREFERRED) if face.family == name), len(_PREFERRED))


def _shown(characters: list[str]) -> str:
    some = " ".join(characters[:12])
    return f"{some} … ({len(characters)} different ones)" if len(characters) > 12 else some


def _named(character: str) -> str:
    name = unicodedata.name(character, f"U+{ord(character):04X}").lower()
    return "" if unicodedata.category(character) in ("Cf", "Mn") else f"[{name}]"
