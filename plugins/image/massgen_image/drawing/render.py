"""A drawing turned into pixels by resvg, which fetches nothing and runs nothing."""

from __future__ import annotations

import io
import re

import resvg_py
from PIL import Image

from massgen_image.lettering.fonts import all_files, judge_letters
from massgen_image.opening.bounds import Bounds, judge_output
from massgen_image.problems import refuse

_LETTERS = re.compile(r">([^<>]+)<")
LARGEST = Bounds(pixels=40_000_000)
"""resvg ends the process where it gets no memory: it is never asked for more than this."""


def rendered(
    svg: str, natural: tuple[float, float], scale: float = 1.0, *, fonts: tuple[str, ...] = ()
) -> tuple[Image.Image, list[str]]:
    """The drawing as an ``RGBA`` picture, and warnings about letters.

    ``natural`` is its own size in pixels; ``fonts`` are font files beside Roboto.

    Raises:
        ToolFailed: It is too large, or resvg cannot read it.
    """
    wide, high = max(1, round(natural[0] * scale)), max(1, round(natural[1] * scale))
    judge_output(wide, high, LARGEST)
    more, warnings = judge_letters("".join(_LETTERS.findall(svg)))
    try:
        png = resvg_py.svg_to_bytes(
            svg_string=svg,
            width=wide,
            height=high,
            skip_system_fonts=True,
            font_files=[*all_files(), *fonts, *more],
            font_family="Roboto",
            sans_serif_family="Roboto",
            serif_family="Roboto",
        )
    except ValueError as error:
        raise refuse(f"the SVG cannot be drawn: {error}") from None
    return Image.open(io.BytesIO(png)).convert("RGBA"), warnings
