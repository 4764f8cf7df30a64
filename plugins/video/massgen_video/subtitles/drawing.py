"""Text drawn into pictures: subtitles at the bottom, white with a dark edge."""

from __future__ import annotations

import bisect
from collections.abc import Sequence

from PIL import Image, ImageDraw

from massgen_video.lettering import font_for, wrapped
from massgen_video.subtitles.cues import Cue, broken

_SHARE = 0.052
"""A letter's height of the film's."""
_OVERLAPPING = 5
"""Cues that are looked back at."""


class Showing:
    """The cues of a film, asked for what is to be seen at a moment."""

    def __init__(self, cues: Sequence[Cue]) -> None:
        self._cues = sorted(cues)
        self._starts = [cue.start for cue in self._cues]

    def at(self, moment: float) -> str | None:
        """The text of the cue that has begun last, if it has not ended."""
        place = bisect.bisect_right(self._starts, moment + 1e-6)
        near = self._cues[max(0, place - _OVERLAPPING) : place]
        return next((cue.text for cue in reversed(near) if moment < cue.end), None)


def drawn(text: str, width: int, height: int) -> Image.Image:
    """A subtitle alone, on nothing."""
    size = max(11, round(min(height * _SHARE, width * 0.06)))
    text = text if "\n" in text else broken(text)
    font = font_for(text, size)
    lines = "\n".join(wrapped(text, font, round(width * 0.88)))
    layer = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    draw = ImageDraw.Draw(layer)
    edge = max(1, round(size * 0.09))
    place = (width / 2, height - max(4, round(height * 0.05)))
    draw.multiline_text(
        place, lines, font=font, fill="white", anchor="md", align="center",
        stroke_width=edge, stroke_fill=(0, 0, 0, 230), spacing=round(size * 0.25),
    )  # fmt: skip
    return layer
