"""A prompt in, a picture as SVG out: an illustration composer, not a diffusion model.

It draws what it has drawings for, in one style, and says which words it could not draw.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast
from xml.sax.saxutils import escape

from massgen_image.composer.motifs import MOTIFS
from massgen_image.composer.palettes import PALETTES, Palette
from massgen_image.composer.scene.picture import paint
from massgen_image.composer.scene.setting import place_of
from massgen_image.composer.scene.stage import recolour
from massgen_image.composer.words.grammar import read
from massgen_image.composer.words.reading import Link, Reading, Thing
from massgen_image.composer.words.tables import IRREGULAR, UNCHANGED

Background = Literal["scene", "transparent"]
SHORT = 1000.0  # units along the shorter side
SIDES = (16, 8192)  # pixels


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """A picture and what is in it; ``unknown`` are the words of the prompt that are not in it."""

    svg: str
    width: int
    height: int
    seed: int
    drawn: list[str]
    unknown: list[str]
    alt: str
    place: str


def compose(
    prompt: str,
    *,
    width: int = 1024,
    height: int = 1024,
    seed: int = 0,
    background: Background = "scene",
    palette: Palette = "natural",
) -> Composed:
    """Draw a prompt; the same seed gives the same picture.

    ``width`` and ``height`` are pixels (16–8192, at most 12:1).

    Raises:
        ValueError: a side or the ratio of the sides is out of bounds.
    """
    if not all(SIDES[0] <= side <= SIDES[1] for side in (width, height)) or max(width, height) > 12 * min(
        width, height
    ):
        raise ValueError(f"{width}x{height} pixels: sides are {SIDES[0]} to {SIDES[1]}, and at most 12 to 1")
    reading = read(prompt)
    unit = SHORT / min(width, height)
    w, h = round(width * unit, 2), round(height * unit, 2)
    body = paint(reading, w, h, f"{' '.join(prompt.lower().split())}|{seed}", background == "scene")
    asked = palette if palette != "natural" else cast("Palette", reading.palette or palette)
    if asked != "natural":
        body = recolour(body, PALETTES[asked])
    alt = alt_text(reading, background == "scene")
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {w:g} {h:g}">'
        f"<title>{escape(alt)}</title>{body}</svg>"
    )
    return Composed(
        svg=svg,
        width=width,
        height=height,
        seed=seed,
        drawn=[_named(thing) for thing in reading.things],
        unknown=reading.unknown,
        alt=alt,
        place=place_of(reading),
    )


def vocabulary() -> dict[str, list[str]]:
    """The nouns that have a drawing, by subject; each has synonyms and plurals beside."""
    found: dict[str, list[str]] = {}
    for motif in MOTIFS.by_name.values():
        found.setdefault(motif.subject, []).append(motif.name)
    return {subject: sorted(names) for subject, names in sorted(found.items())}


NUMERALS = ("no", "a", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
SAID = {
    "on": "on", "under": "under", "below": "below", "beside": "beside", "left": "left of", "right": "right of",
    "behind": "behind", "front": "in front of", "above": "above", "over": "over", "between": "between", "in": "in",
    "with": "with", "at": "at", "ride": "riding", "drive": "with", "hold": "with", "wear": "wearing", "filled": "with",
    "of": "of",
}  # fmt: skip
PLACES_SAID = {
    "space": "in space", "underwater": "under water", "sea": "at sea", "room": "in a room", "sky": "in the sky",
    "snow": "in the snow", "lunar": "on the moon", "martian": "on Mars", "mountains": "in the mountains",
    "street": "in a street", "beach": "on a beach", "farm": "on a farm", "field": "in a field", "lake": "by a lake",
}  # fmt: skip

WEATHER_SAID = {"sunny": "in the sun", "cloudy": "under clouds", "storm": "in a storm", "rain": "in the rain"}


PLURAL_ONLY = frozenset(
    {"glasses", "sunglasses", "spectacles", "scissors", "shears", "headphones", "earphones", "fries", "chips", "books"}
)


def _plural(word: str) -> str:
    if word in UNCHANGED:
        return word
    many = {single: plural for plural, single in IRREGULAR.items()}
    if word in many:
        return many[word]
    if word.endswith("y") and word[-2:-1] not in ("a", "e", "o", "u"):
        return word[:-1] + "ies"
    return word + ("" if word.endswith("s") else "es" if word.endswith(("sh", "ch", "x")) else "s")


def _named(thing: Thing) -> str:
    """A thing in words: "two small red cars"."""
    varied = "colourful" if thing.varied else ""
    words = [word for word in (thing.size_word, varied, " and ".join(thing.colour_words)) if word]
    noun = thing.word if thing.count == 1 else _plural(thing.word)
    text = " ".join([*words, noun])
    if thing.count == 1 and thing.word in PLURAL_ONLY:
        return text
    if thing.count == 1:
        vowel = text[0] in "aeiou" and not text.startswith(("uni", "ufo"))
        return f"{'an' if vowel else 'a'} {text}"
    return f"{NUMERALS[thing.count] if thing.count < len(NUMERALS) else thing.count} {text}"


def _clauses(links: list[Link], reading: Reading) -> list[str]:
    """Where a thing is and what it has: "under a tree", "wearing a hat and a scarf"."""
    ends: dict[str, list[str]] = {}
    for link in links:
        names = [_named(reading.things[end]) for end in (link.parent, link.other) if end is not None]
        ends.setdefault(SAID[link.relation], []).extend(names)
    return [f"{relation} {' and '.join(names)}" for relation, names in ends.items()]


def alt_text(reading: Reading, scene: bool = True) -> str:
    """A sentence about the picture for those who do not see it."""
    links = [link for link in reading.links if link.relation not in ("with", "at", "of")]
    children = {link.child for link in links}
    spoken = {end for link in links for end in (link.parent, link.other)}
    parts: list[str] = []
    for index, thing in enumerate(reading.things):
        if index in children or index not in spoken:
            parts.append(" ".join([_named(thing), *_clauses([link for link in links if link.child == index], reading)]))
    said = [*(parts or ["a landscape"]), *(_circumstances(reading) if scene else ())]
    return f"Illustration: {', '.join(said)}."


def _circumstances(reading: Reading) -> list[str]:
    place = place_of(reading)
    words: list[str] = []
    if reading.place:
        words.append(PLACES_SAID.get(place, f"in a {place}"))
    if reading.beyond:
        words.append("with mountains behind")
    if reading.time:
        words.append({"night": "at night", "day": "by day"}.get(reading.time, f"at {reading.time}"))
    if reading.season:
        words.append(f"in {reading.season}")
    return words + [WEATHER_SAID.get(one, f"in {one}") for one in sorted(reading.weather)]
