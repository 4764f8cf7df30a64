"""What a motif is: a thing that can be drawn, under the words that name it."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from massgen_image.composer.pen import Pen
from massgen_image.composer.tones import Tone, hue_distance

Where = Literal["ground", "floor", "table", "air", "sky", "water", "deep", "wall"]
Spot = tuple[float, float, float]  # x, y and width of a place on a drawing, in its own units


@dataclass(frozen=True, slots=True)
class Look:
    """How one thing is to look: its colours, its variation, its pose.

    ``colours`` are those of the prompt for this thing; ``avoid`` are those that belong to other things of the prompt,
    so that where a car is said to be red, no roof is.
    """

    colours: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()
    seed: int = 0
    pose: Literal["", "sit", "hold"] = ""
    night: bool = False

    def tone(self, *usual: str) -> Tone:
        """The colour the prompt gives, or one of the usual ones, by the seed."""
        return Tone(self.colours[0]) if self.colours else self.own(*usual)

    def second(self, *usual: str) -> Tone:
        """The prompt's second colour ("black and white"), or one of the usual ones."""
        return Tone(self.colours[1]) if len(self.colours) > 1 else self.own(*usual)

    def own(self, *usual: str) -> Tone:
        """One of the usual colours, by the seed, whatever the prompt says about the main one."""
        taken = (*self.avoid, *self.colours[:1])
        free = [colour for colour in usual if all(hue_distance(colour, other) > 0.13 for other in taken)] or usual
        return Tone(free[self.seed % len(free)])

    @property
    def dice(self) -> random.Random:
        """Chance that the seed decides: the same each time it is asked for."""
        return random.Random(self.seed)


Draw = Callable[[Pen, Look], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Motif:
    """A thing that can be drawn.

    The drawing fills a box of ``w`` by ``h`` units and stands on its lower edge; ``tall`` is the height of the thing in
    metres. ``spots`` are the places of a drawing where other things go: ``top``, ``seat``, ``hand``, ``head``,
    ``inside``, ``under``.
    """

    name: str
    words: tuple[str, ...]
    draw: Draw
    w: float
    h: float
    tall: float
    where: Where
    subject: str
    paints: str = ""
    spots: Mapping[str, Spot] = field(default_factory=dict[str, Spot])


class Motifs:
    """The drawings by name, filled by the modules in ``motifs``."""

    def __init__(self) -> None:
        self.by_name: dict[str, Motif] = {}

    def add(
        self,
        words: str,
        box: tuple[float, float],
        tall: float,
        where: Where,
        *,
        paints: str = "",
        spots: Mapping[str, Spot] | None = None,
    ) -> Callable[[Draw], Draw]:
        """Register a drawing: its name and, after it, other words for it, separated by commas."""

        def keep(draw: Draw) -> Draw:
            name, *more = [word.strip() for word in words.split(",")]
            if name in self.by_name:
                raise ValueError(f"two drawings are called {name!r}")
            self.by_name[name] = Motif(
                name=name, words=tuple(more), draw=draw, w=box[0], h=box[1], tall=tall, where=where,
                subject=draw.__module__.rpartition(".")[2], paints=paints, spots=spots or {},
            )  # fmt: skip
            return draw

        return keep


MOTIFS = Motifs()
motif = MOTIFS.add
