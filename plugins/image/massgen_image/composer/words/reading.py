"""What a prompt says, as data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Relation = Literal[
    "on", "under", "below", "beside", "left", "right", "behind", "front", "above", "over", "between", "in", "with",
    "at", "ride", "drive", "hold", "wear", "filled", "of", "no",
]  # fmt: skip


@dataclass(slots=True)
class Thing:
    """One noun phrase: which drawing, how many, how it looks."""

    motif: str
    word: str
    count: int = 1
    colours: tuple[str, ...] = ()
    colour_words: tuple[str, ...] = ()
    size: float = 1.0
    size_word: str = ""
    varied: bool = False
    pose: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """Where a thing is: ``child`` stands in ``relation`` to ``parent`` (and to ``other``, where it is between two)."""

    relation: Relation
    child: int
    parent: int
    other: int | None = None


@dataclass(slots=True)
class Reading:
    """A prompt, understood as far as it can be drawn; ``unknown`` are the words that cannot."""

    things: list[Thing] = field(default_factory=list[Thing])
    links: list[Link] = field(default_factory=list[Link])
    place: str = ""
    beyond: str = ""  # what is seen behind it
    time: str = ""
    palette: str = ""
    weather: set[str] = field(default_factory=set[str])
    season: str = ""
    unknown: list[str] = field(default_factory=list[str])
