"""The figure that all people share: its body, its face, its hair, and what it holds."""

from __future__ import annotations

from dataclasses import dataclass

from massgen_image.composer.motif import Look
from massgen_image.composer.motifs._creature import PINK
from massgen_image.composer.pen import Pen
from massgen_image.composer.tones import INK, Tone

BOX = (64, 112)
SPOTS = {"head": (32.0, 9.0, 27.0), "hand": (55.0, 60.0, 14.0), "hip": (32.0, 76.0, 20.0)}
SKINS = ("#f3c9a5", "#c98d62", "#e5ad7f", "#8f5f46", "#f0bd98")
HAIRS = ("#4a3430", "#7a4a2e", "#2f2b3a", "#c98d46", "#a8552f")


@dataclass(frozen=True, slots=True, kw_only=True)
class Clothes:
    """What a figure wears; ``skirt`` 0 is trousers, more is the length of a dress or coat."""

    top: Tone
    legs: Tone
    shoes: str = "#473b47"
    sleeves: Tone | None = None
    gloves: str = ""
    skirt: float = 0


def skin_of(look: Look) -> Tone:
    """The skin that the seed gives."""
    return Tone(SKINS[look.seed % len(SKINS)])


def hair_of(look: Look) -> Tone:
    """The hair that the seed gives."""
    return Tone(HAIRS[(look.seed // 2) % len(HAIRS)])


def body(pen: Pen, look: Look, wear: Clothes) -> None:
    """All but the head: standing, or sitting on something, and with a hand out when it holds something."""
    skin = skin_of(look)
    sleeve = wear.sleeves or wear.top
    hand = wear.gloves or skin.base
    if look.pose == "sit":
        pen.curve("33,72 44,77 45,88", 10.5, wear.legs.base)
        pen.blob("40,95 46,92 54,95 55,99 40,99", wear.shoes, tension=0.1)
    else:
        for x, fill in ((25, wear.legs.base), (39, wear.legs.shade)):
            pen.box(x - 5.5, 68, 11, 40, fill, 4)
            side = -1.5 if x < 32 else 1.5
            pen.path(f"M{x - 6 + side} 111C{x - 7 + side} 104 {x + 7 + side} 104 {x + 6 + side} 111Z", wear.shoes)
    pen.curve("19,44 13,54 13,66", 8, sleeve.base)
    pen.circle(13, 69, 4.6, hand)
    if look.pose == "hold":
        pen.curve("44,44 50,54 54,60", 8, sleeve.shade)
        pen.circle(55.5, 62, 4.6, hand)
    else:
        pen.curve("45,44 51,54 51,66", 8, sleeve.shade)
        pen.circle(51, 69, 4.6, hand)
    pen.box(27, 30, 10, 12, skin.shade, 4)
    if wear.skirt:
        reach = 62 + wear.skirt
        pen.poly(
            f"22,38 42,38 {45 + wear.skirt * 0.16:.1f},{reach} {19 - wear.skirt * 0.16:.1f},{reach}", wear.top, 5, 0.1
        )
    else:
        pen.box(18, 37, 28, 38, wear.top, 8, 0.11)


def head(pen: Pen, look: Look, skin: Tone | None = None) -> None:
    """A head with its face, over the body."""
    skin = skin or skin_of(look)
    pen.circle(18.6, 22.5, 3.2, skin.shade)
    pen.circle(45.4, 22.5, 3.2, skin.shade)
    pen.circle(32, 21, 14, skin, 0.1)
    pen.eye(26.8, 21.5, 2.1)
    pen.eye(37.2, 21.5, 2.1)
    pen.smile(32, 26, 7.4, 1.5, "#7d3d3c")
    blush = PINK if skin.base in (SKINS[0], SKINS[4]) else skin.deep
    pen.ellipse(22.6, 26, 2.5, 1.6, blush)
    pen.ellipse(41.4, 26, 2.5, 1.6, blush)


def short_hair(pen: Pen, hair: Tone) -> None:
    """Hair over the forehead."""
    pen.path("M17.5 21C16 8 24 4 33 4.5C43 5 48.5 11 46.5 21C44.5 18 43 15.5 40 14C33 16 24 15.5 21 14.5C19.5 16.5 18.5 18.5 17.5 21Z", hair, (20, 9), 0.08)  # fmt: skip


def long_hair_back(pen: Pen, hair: Tone) -> None:
    """Long hair behind the head; drawn before the body."""
    pen.blob("32,4 46,10 50,26 50,44 42,50 22,50 14,44 14,26 18,10", hair.shade)


def long_hair_front(pen: Pen, hair: Tone) -> None:
    """The fringe of long hair."""
    pen.path("M16.5 25C15 9 23 4 32 4C42 4 49 9 47.5 25C46 21 43 17.5 39 13C34 18 24 19.5 20 18.5C18.5 20.5 17.5 22 16.5 25Z", hair, (20, 9), 0.08)  # fmt: skip


def beard(pen: Pen, colour: str) -> None:
    """A full beard."""
    pen.path("M18 22C18.5 27 21 27.5 25 26.5C29 24.5 35 24.5 39 26.5C43 27.5 45.5 27 46 22C48 34 41 44 32 44C23 44 16 34 18 22Z", colour)  # fmt: skip
    pen.smile(32, 29, 6.5, 1.5, INK)


def buttons(pen: Pen, colour: str, *heights: float) -> None:
    """Buttons down the front."""
    for y in heights:
        pen.circle(32, y, 1.5, colour)


def belt(pen: Pen, colour: str, buckle: str = "#f2c14e") -> None:
    """A belt with its buckle."""
    pen.box(18, 66, 28, 5, colour, 1.5)
    pen.box(28.6, 65.4, 6.8, 6.2, buckle, 1.4)
