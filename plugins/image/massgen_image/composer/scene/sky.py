"""Skies: light that changes from top to bottom, stars, clouds."""

from __future__ import annotations

import random
from collections.abc import Sequence

from massgen_image.composer.motifs.sky import puff
from massgen_image.composer.pen import Pen, dot
from massgen_image.composer.scene.frame import Box, covering
from massgen_image.composer.scene.mood import Mood
from massgen_image.composer.tones import Tone, mix

STRIPS = 56  # flat bands look like a gradient, and are drawn and packed much faster than one


def bands(pen: Pen, width: float, top: float, foot: float, above: str, below: str, strips: int = STRIPS) -> None:
    """Flat bands from one colour to another."""
    step = (foot - top) / strips
    pen.parts.append('<g shape-rendering="crispEdges">')
    for i in range(strips):
        y = round(top + i * step)
        pen.box(-2, y, width + 4, min(step + 3, foot - y), mix(above, below, i / (strips - 1)))  # laps over the next
    pen.parts.append("</g>")


def stars(pen: Pen, dice: random.Random, width: float, foot: float, count: int) -> None:
    """Small stars, fewer towards the horizon."""
    spots: list[str] = []
    for _ in range(count):
        x, y = dice.uniform(0, width), foot * dice.random() ** 1.3
        r = dice.choice((1.3, 1.8, 2.4))
        spots.append(dot(x, y, r))
    pen.parts.append(f'<path d="{"".join(spots)}" fill="#fdf6d8"/>')
    for _ in range(max(3, count // 14)):
        x, y, r = dice.uniform(0, width), dice.uniform(0, foot * 0.8), dice.uniform(5, 8)
        with pen.at(x, y, r / 8):
            pen.poly("0,-8 1.8,-1.8 8,0 1.8,1.8 0,8 -1.8,1.8 -8,0 -1.8,-1.8", "#fff3c4")


def clouds(
    pen: Pen, dice: random.Random, mood: Mood, width: float, horizon: float, count: int, lamps: Sequence[Box] = ()
) -> None:
    """Soft clouds behind everything, spread over the width; none is before a sun or a moon."""
    tone = Tone(mix(mood.cloud, mood.low, 0.3))
    for i in range(count):
        size = dice.uniform(0.8, 1.5) * min(width, 1200) / 1000
        x = (i + dice.uniform(0.1, 0.7)) * width / count - 50 * size
        y = horizon * dice.uniform(0.08, 0.5)
        if not any(covering((x, y, x + 120 * size, y + 70 * size), lamp) for lamp in lamps):
            with pen.at(x, y, size):
                puff(pen, tone)


def glow(pen: Pen, mood: Mood, x: float, y: float, r: float) -> None:
    """Rings of light around a sun or a moon."""
    for i, share in ((2.1, 0.16), (1.55, 0.3)):
        pen.circle(x, y, r * i, mix(mood.low, "#fff4cf", share) + "5a")
