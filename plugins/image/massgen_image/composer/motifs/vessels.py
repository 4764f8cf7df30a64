"""Boxes, baskets, barrels."""

from __future__ import annotations

from massgen_image.composer.motif import Look, motif
from massgen_image.composer.pen import Pen
from massgen_image.composer.tones import Tone

WOOD = Tone("#b57f4e")


@motif("bucket, pail", (80, 80), 0.3, "ground", paints="bucket", spots={"inside": (40.0, 26.0, 50.0)})
def bucket(pen: Pen, look: Look) -> None:
    metal = look.tone("#5f9fc8", "#e2705c", "#9aa6bb")
    pen.arc("M8 26C8 -4 72 -4 72 26".replace("-4", "2"), 3.4, "#6b6a7c")
    pen.path("M5 26H75L66 74C66 78 63 79 60 79H20C17 79 14 78 14 74Z", metal, (8, 28), 0.12)
    pen.ellipse(40, 26, 36, 7.4, metal.light)
    pen.ellipse(40, 27, 31, 5.4, metal.deep)
    pen.curve("9,46 40,52 71,46", 3, metal.deep)


@motif("box, cardboard box, crate, carton, package, parcel", (84, 74), 0.4, "ground", paints="box", spots={"top": (42.0, 8.0, 60.0), "inside": (42.0, 7.0, 56.0), "seat": (42.0, 8.0, 50.0)})  # fmt: skip
def box(pen: Pen, look: Look) -> None:
    card = look.tone("#d3a06a")
    pen.box(5, 20, 74, 54, card, 2, 0.1)
    pen.poly("5,21 16,5 68,5 79,21", card.light, 1)
    pen.poly("34,5 50,5 51,21 33,21", "#f3dcb0")
    pen.box(33, 21, 18, 20, "#e9c893")
    pen.box(58, 60, 14, 3, card.deep, 1.5)
    pen.box(58, 65, 10, 3, card.deep, 1.5)


@motif("basket, picnic basket, hamper", (90, 76), 0.35, "ground", paints="wicker", spots={"inside": (45.0, 36.0, 60.0)})
def basket(pen: Pen, look: Look) -> None:
    cane = look.tone("#c98f52")
    pen.arc("M14 36C14 -6 76 -6 76 36".replace("-6", "2"), 5.4, cane.shade)
    pen.path("M4 34H86L77 70C76 74 74 75 70 75H20C16 75 14 74 13 70Z", cane, (8, 36), 0.08)
    for row, y in enumerate((48, 58, 68)):
        for x in range(16 + row % 2 * 6, 76 - row, 12):
            pen.box(x, y - 3, 7, 4.4, cane.deep, 2.2)
    pen.box(1, 31, 88, 9, cane.light, 4.5)


@motif("barrel, keg, cask", (70, 84), 0.9, "ground", paints="wood", spots={"top": (35.0, 8.0, 46.0), "inside": (35.0, 12.0, 40.0), "seat": (35.0, 8.0, 40.0)})  # fmt: skip
def barrel(pen: Pen, look: Look) -> None:
    wood = look.tone("#b57a45")
    pen.path("M12 8H58C68 30 68 54 58 80C50 84 20 84 12 80C2 54 2 30 12 8Z", wood, (14, 12), 0.12)
    for x in (24, 35, 46):
        pen.curve(f"{x},12 {35 + (x - 35) * 1.25:.1f},44 {x},78", 1.6, wood.deep)
    for y, w in ((18, 55), (66, 55)):
        pen.box(35 - w / 2, y, w, 6, "#6f7486", 2)
    pen.ellipse(35, 8, 23, 6, wood.light)


@motif("broom, mop, broomstick", (50, 116), 1.4, "ground", paints="bristles")
def broom(pen: Pen, look: Look) -> None:
    straw = look.tone("#e3b04f")
    pen.pillar(22, 2, 6, 74, WOOD, 2)
    pen.path("M15 76H35L46 112C34 118 16 118 4 112Z", straw, (16, 78), 0.12)
    for x in (14, 22, 30, 37):
        pen.line(f"{25 + (x - 25) * 0.5:.1f},86 {x},110", 1.8, straw.deep)
    pen.box(14, 72, 22, 8, "#c8504d", 3)


@motif("flying broom", (116, 50), 1.4, "air", paints="bristles", spots={"seat": (66.0, 22.0, 20.0)})
def flying_broom(pen: Pen, look: Look) -> None:
    with pen.at(0, 48, turn=-90):
        broom(pen, look)


@motif("bell, church bell", (80, 88), 0.2, "table", paints="bell")
def bell(pen: Pen, look: Look) -> None:
    gold = look.tone("#f2bd45")
    pen.circle(40, 78, 8, gold.deep)
    pen.ring(40, 9, 6, 4, gold.shade)
    pen.path("M40 10C58 10 64 24 64 42C64 58 72 62 78 72H2C8 62 16 58 16 42C16 24 22 10 40 10Z", gold, (22, 18), 0.1)
    pen.box(2, 68, 76, 8, gold.shade, 4)
    pen.ellipse(28, 32, 3.6, 9, gold.light, 10)


@motif("magic wand, wand", (90, 86), 0.4, "table", paints="star")
def wand(pen: Pen, look: Look) -> None:
    star = look.tone("#f9cf4f")
    pen.line("8,82 52,38", 6, "#4a4060")
    pen.line("8,82 16,74", 6, "#f6efe2")
    pen.poly("60,4 66,20 83,20 70,31 75,48 60,38 45,48 50,31 37,20 54,20", star, 3)
    for x, y, r in ((22, 22, 3), (80, 62, 3.4), (32, 8, 2.2), (60, 66, 2.4)):
        pen.circle(x, y, r, star.light)
