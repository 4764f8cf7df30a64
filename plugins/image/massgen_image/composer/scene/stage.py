"""What every place is drawn with: the size of the picture, its horizon, its colours and its chance."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from massgen_image.composer.motif import Look
from massgen_image.composer.motifs import MOTIFS
from massgen_image.composer.pen import Pen, blob_path, num
from massgen_image.composer.scene.mood import Mood
from massgen_image.composer.tones import mix


@dataclass(frozen=True, slots=True)
class Stage:
    """A scene that is being drawn; its shorter side is 1000 units."""

    pen: Pen
    width: float
    height: float
    horizon: float
    mood: Mood
    dice: random.Random
    night: bool
    names: frozenset[str] = frozenset()  # of what is drawn in front
    busy: tuple[tuple[float, float, float, float], ...] = ()  # where things stand

    def freer(self, size: float, *spots: tuple[float, float]) -> tuple[float, float]:
        """The one of some spots (middles of squares of ``size``) that things cover least."""

        def covered(spot: tuple[float, float]) -> float:
            half = size / 2
            sides = (
                (
                    min(b[2], spot[0] + half) - max(b[0], spot[0] - half),
                    min(b[3], spot[1] + half) - max(b[1], spot[1] - half),
                )
                for b in self.busy
            )
            return sum(w * h for w, h in sides if w > 0 and h > 0)

        return min(spots, key=covered)

    def land(self, y: float, swing: float, colour: str, waves: int = 3) -> None:
        """Land with a soft upper edge around ``y``, down to the foot of the picture."""
        count = max(2, round(waves * self.width / 1000)) + 2
        step = self.width * 1.1 / (count - 1)
        crest = [(-0.05 * self.width + i * step, y + self.dice.uniform(-swing, swing)) for i in range(count)]
        edge = " ".join(f"{num(x)},{num(v)}" for x, v in crest)
        d, _ = blob_path(f"-120,{num(self.height + 60)} {edge} {num(self.width + 120)},{num(self.height + 60)}", 0.17)
        self.pen.path(d, colour)

    def stamp(
        self, name: str, x: float, foot: float, height: float, look: Look | None = None, flip: bool = False
    ) -> None:
        """One of the drawings as part of the backdrop, ``height`` high."""
        motif = MOTIFS.by_name[name]
        scale = height / motif.h
        with self.pen.at(x + (motif.w * scale / 2 if flip else -motif.w * scale / 2), foot - height, scale, flip=flip):
            inner = Pen()
            motif.draw(inner, look or Look(night=self.night))
            self.pen.parts.append(graded(inner.svg, self.mood))

    def spread(self, count: int, margin: float = 0.0) -> list[float]:
        """Places across the width, one in each of ``count`` equal parts."""
        part = (self.width - 2 * margin) / max(1, count)
        return [margin + part * (i + self.dice.uniform(0.2, 0.8)) for i in range(count)]


LIGHTS = frozenset({"#ffe08a", "#fff0bd"})  # lit windows stay bright
Backdrop = Callable[[Stage], None]


def graded(svg: str, mood: Mood) -> str:
    """A drawing in the light of a scene."""
    if not mood.share:
        return svg
    share = mood.share * 0.5
    return recolour(svg, lambda colour: colour if colour in LIGHTS else mix(colour, mood.tint, share))


def recolour(svg: str, change: Callable[[str], str]) -> str:
    """Every colour of a piece of SVG, changed; transparency stays."""
    parts = svg.split("#")
    out = [parts[0]]
    for part in parts[1:]:
        hexed = part[:6]
        known = len(hexed) == 6 and all(char in "0123456789abcdef" for char in hexed)
        out.append(change("#" + hexed)[1:] + part[6:] if known else part)
    return "#".join(out)
