"""QR codes by segno (ISO/IEC 18004)."""

from __future__ import annotations

import io
from typing import Any, Literal, cast

import segno

from massgen_image.colour import contrast, rgb
from massgen_image.problems import refuse

ErrorLevel = Literal["low", "medium", "quartile", "high"]
_LEVELS: dict[ErrorLevel, str] = {"low": "L", "medium": "M", "quartile": "Q", "high": "H"}


def qr_svg(
    text: str, *, level: ErrorLevel = "medium", border: int = 4, dark: str = "#000000", light: str = "#ffffff"
) -> tuple[str, int]:
    """The code as SVG of one unit a module, and its side in modules with the border.

    Raises:
        ToolFailed: The text is empty or too long, or the colours do not stand apart.
    """
    if not text:
        raise refuse("a QR code needs a text")
    clear = light == "transparent"
    if not clear and contrast(rgb(dark), rgb(light)) < 3:
        raise refuse("the colours of the code are too alike to be read: dark on light, with a contrast of 3 at least")
    try:
        code: Any = cast(Any, segno).make_qr(text, error=_LEVELS[level], boost_error=False, **_letters(text))
    except segno.DataOverflowError:
        raise refuse(
            f"{len(text.encode())} bytes are too many for a QR code of level {level}: shorten it, or take low"
        ) from None
    out = io.BytesIO()
    ground = None if clear else light
    code.save(
        out, kind="svg", border=border, dark=dark, light=ground, scale=1, xmldecl=False, svgns=True, omitsize=False
    )
    return out.getvalue().decode(), int(code.symbol_size(border=border)[0])


def _letters(text: str) -> dict[str, Any]:
    """Other letters than ASCII are UTF-8, and the code says so (ECI 26): else readers have to guess."""
    return {} if text.isascii() else {"encoding": "utf-8", "eci": True}
