"""Sizes and rates as they are asked for."""

from __future__ import annotations

import re
from fractions import Fraction

from massgen_video.bounds import LONGEST_SIDE_MADE, MOST_FPS, MOST_PIXELS_MADE
from massgen_video.problems import refuse
from massgen_video.reading.shaping import Size, even

RESOLUTIONS = {"360p": 360, "480p": 480, "540p": 540, "720p": 720, "1080p": 1080, "1440p": 1440, "2160p": 2160}
"""The shorter side of a picture, in pixels."""


def size_of(asked: str | None, width: int, height: int) -> Size:
    """The size of a film: ``1280x720``, ``720p``, ``640x`` or ``x360`` of one that has a size already; even numbers.

    Raises:
        ToolFailed: It is none of these, or too large.
    """
    wanted = _asked(asked.strip().lower(), width / height) if asked else _at_most(width, height)
    size = Size(even(wanted[0]), even(wanted[1]))
    if max(size.width, size.height) > LONGEST_SIDE_MADE or size.width * size.height > MOST_PIXELS_MADE:
        raise refuse(f"a film of {size.width}x{size.height} is too large: at most {LONGEST_SIDE_MADE} pixels a side")
    if min(size.width, size.height) < 16:
        raise refuse(f"a film of {size.width}x{size.height} is too small: at least 16 pixels a side")
    return size


def rate_of(asked: float | None, own: Fraction) -> Fraction:
    """Frames a second, as asked for or the film's own.

    Raises:
        ToolFailed: They are none that a film has.
    """
    if asked is None:
        return own.limit_denominator(1001) if own >= 1 else Fraction(max(own, Fraction(1, 10))).limit_denominator(100)
    if not 0.1 <= asked <= MOST_FPS:
        raise refuse(f"{asked:g} frames a second: from 0.1 to {MOST_FPS} are possible")
    near = Fraction(round(asked) * 1000, 1001)  # 29.97 is 30000/1001
    return (
        near if asked != round(asked) and abs(float(near) - asked) < 0.005 else Fraction(asked).limit_denominator(1001)
    )


def _asked(asked: str, aspect: float) -> tuple[float, float]:
    if asked in RESOLUTIONS:
        short = RESOLUTIONS[asked]
        return (short * aspect, short) if aspect >= 1 else (short, short / aspect)
    found = re.fullmatch(r"(\d{0,5})x(\d{0,5})", asked)
    if found is None or not any(found.groups()):
        known = ", ".join(RESOLUTIONS)
        raise refuse(f"{asked!r} is no size: give WIDTHxHEIGHT (1280x720, 640x for a height that fits), or {known}")
    width, height = (int(each) if each else None for each in found.groups())
    if width is None or height is None:
        return (width, width / aspect) if width is not None else ((height or 0) * aspect, height or 0)
    return width, height


def _at_most(width: int, height: int) -> tuple[float, float]:
    factor = min(1.0, LONGEST_SIDE_MADE / max(width, height))
    return width * factor, height * factor
