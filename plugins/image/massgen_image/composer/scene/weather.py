"""Weather in front of the scene: rain, snow, fog, wind."""

from __future__ import annotations

import random

from massgen_image.composer.pen import Pen, dot, num
from massgen_image.composer.scene.mood import Mood


def rain(pen: Pen, dice: random.Random, width: float, height: float) -> None:
    """Slanting drops, one path."""
    count = int(width * height / 7000)
    drops = [
        f"M{num(dice.uniform(0, width + 60))} {num(dice.uniform(-20, height))}l{num(-length * 0.24)} {num(length)}"
        for length in (dice.uniform(16, 34) for _ in range(count))
    ]
    pen.parts.append(
        f'<path d="{"".join(drops)}" stroke="#dcecf8" stroke-opacity=".72" stroke-width="2.6" stroke-linecap="round" '
        'fill="none"/>'
    )


def snow(pen: Pen, dice: random.Random, width: float, height: float) -> None:
    """Flakes of three sizes, one path."""
    count = int(width * height / 8000)
    flakes: list[str] = []
    for _ in range(count):
        r = dice.choice((2.4, 3.4, 4.8))
        flakes.append(dot(dice.uniform(0, width), dice.uniform(0, height), r))
    pen.parts.append(f'<path d="{"".join(flakes)}" fill="#ffffff" fill-opacity=".9"/>')


def fog(pen: Pen, dice: random.Random, mood: Mood, width: float, height: float, horizon: float) -> None:
    """Banks of mist over the ground."""
    for i, y in enumerate((horizon - 90, horizon - 10, horizon + 90)):
        left = dice.uniform(-200, 0)
        pen.parts.append(
            f'<rect x="{num(left)}" y="{num(y)}" width="{num(width * 1.3)}" height="{64 + i * 26}" rx="40" '
            f'fill="#eef3f6" fill-opacity="{(0.5, 0.44, 0.36)[i]}"/>'
        )


def wind(pen: Pen, dice: random.Random, width: float, horizon: float) -> None:
    """Curls of moving air."""
    for i in range(5):
        x, y, w = dice.uniform(0, width * 0.8), horizon * (0.18 + i * 0.16), dice.uniform(110, 190)
        pen.arc(f"M{num(x)} {num(y)}h{num(w)}c34 0 34 -40 6 -40c-20 0 -22 26 -4 26", 5, "#ffffffb0")


def draw(
    pen: Pen, weather: set[str], mood: Mood, dice: random.Random, size: tuple[float, float], horizon: float
) -> None:
    """All the weather that the prompt names."""
    width, height = size
    if "fog" in weather:
        fog(pen, dice, mood, width, height, horizon)
    if weather & {"rain", "storm"}:
        rain(pen, dice, width, height)
    if "snow" in weather:
        snow(pen, dice, width, height)
    if "wind" in weather:
        wind(pen, dice, width, horizon)
