"""What is worn, and what is carried by hand."""

from __future__ import annotations

from massgen_image.composer.motif import Look, motif
from massgen_image.composer.motifs.things import gem
from massgen_image.composer.pen import Pen
from massgen_image.composer.tones import Tone

GOLD = Tone("#f2bd45")
BRIGHT = ("#e2605c", "#4f8fd0", "#f2b53f", "#58a88a", "#8a74c8")


@motif("umbrella, parasol", (96, 92), 0.9, "ground", paints="canopy", spots={"under": (48.0, 90.0, 50.0)})
def umbrella(pen: Pen, look: Look) -> None:
    cloth, other = look.tone(*BRIGHT), look.second(Tone(look.tone(*BRIGHT).base).light)
    pen.arc("M48 8V80C48 92 34 92 34 82", 4, "#8a6044")
    pen.path("M2 48C4 20 24 6 48 6C72 6 92 20 94 48C88 40 78 40 72 48C66 40 56 40 48 48C40 40 30 40 24 48C18 40 8 40 2 48Z", cloth, (20, 14), 0.07)  # fmt: skip
    pen.path("M48 6C38 14 26 30 24 48C30 40 40 40 48 48Z", other.base)
    pen.path("M48 6C60 14 70 30 72 48C78 40 88 40 94 48C92 20 72 6 48 6Z", cloth.shade)
    pen.line("48,6 48,2", 3, "#8a6044")


@motif("backpack, rucksack, knapsack, schoolbag", (76, 92), 0.5, "ground", paints="bag")
def backpack(pen: Pen, look: Look) -> None:
    bag = look.tone(*BRIGHT)
    pen.arc("M28 12C28 0.6 48 0.6 48 12", 5, bag.deep)
    pen.box(2, 46, 14, 34, bag.deep, 7)
    pen.box(60, 46, 14, 34, bag.deep, 7)
    pen.path("M10 90V34C10 16 22 8 38 8C54 8 66 16 66 34V90Z", bag, (18, 18), 0.1)
    pen.box(18, 54, 40, 30, bag.deep, 7)
    pen.box(18, 52, 40, 28, bag.light, 7)
    pen.line("24,62 52,62", 2.4, bag.deep)
    pen.box(34, 62, 8, 9, GOLD, 2)
    pen.curve("20,34 38,30 56,34", 2.6, bag.deep)


@motif("handbag, purse, bag, shopping bag, tote", (80, 84), 0.35, "table", paints="bag")
def handbag(pen: Pen, look: Look) -> None:
    bag = look.tone("#d9596f", "#b57f4a", "#4f8fb0")
    pen.arc("M22 38C22 0.6 58 0.6 58 38", 5, bag.deep)
    pen.path("M10 34H70L78 76C78 81 75 83 70 83H10C5 83 2 81 2 76Z", bag, (12, 36), 0.1)
    pen.path("M10 34H70L72.6 48C60 60 20 60 7.4 48Z", bag.light)
    pen.circle(40, 56, 5, GOLD)


@motif("suitcase, luggage, briefcase, baggage, trunk case", (90, 76), 0.6, "ground", paints="case", spots={"top": (45.0, 16.0, 60.0), "seat": (45.0, 16.0, 50.0)})  # fmt: skip
def suitcase(pen: Pen, look: Look) -> None:
    case = look.tone("#b5743f", "#4f8fb0", "#c8604f")
    pen.arc("M32 16V7C32 4 34 3 36 3H54C56 3 58 4 58 7V16", 5, case.deep)
    pen.box(3, 14, 84, 60, case, 8, 0.09)
    for x in (18, 62):
        pen.box(x, 14, 9, 60, case.deep)
        pen.box(x - 1, 38, 11, 8, GOLD, 2)
    pen.circle(45, 50, 7, "#f6e8c8")


@motif("crown, tiara", (96, 72), 0.2, "table", paints="gold", spots={"foot": (48.0, 70.0, 80.0)})
def crown(pen: Pen, look: Look) -> None:
    gold = look.tone("#f5c044")
    pen.poly("6,60 3,16 26,36 48,5 70,36 93,16 90,60", gold, 4, 0.08)
    pen.box(6, 56, 84, 14, gold.shade, 4)
    for x, y, c in ((4, 14, 0), (48, 6, 1), (92, 14, 0)):
        pen.circle(x + (2 if x < 20 else -2 if x > 80 else 0), y + 2, 5.4, ("#e2605c", "#5fa8e0")[c])
    for x, c in ((24, 1), (48, 0), (72, 1)):
        pen.circle(x, 63, 4, ("#e2605c", "#5fa8e0")[c])
    pen.poly("48,26 54,38 48,50 42,38", "#e2605c" if not look.avoid else "#5fa8e0", 1)


@motif("hat, sun hat", (96, 60), 0.25, "table", paints="hat", spots={"foot": (48.0, 54.0, 52.0)})
def hat(pen: Pen, look: Look) -> None:
    felt = look.tone("#4f6fa0", "#c8504d", "#d9b05f", "#5f8f6a")
    pen.ellipse(48, 49, 47, 10, felt.shade)
    pen.ellipse(48, 46.6, 47, 8.6, felt.base)
    pen.path("M20 46C20 14 30 3 48 3C66 3 76 14 76 46C62 54 34 54 20 46Z", felt, (28, 10), 0.1)
    pen.path("M20 36C36 44 60 44 76 36V46C62 54 34 54 20 46Z", look.second("#f2c14e", "#f6efe2").base)


@motif("shoe, shoes, sneaker, trainer, sneakers", (100, 62), 0.15, "ground", paints="shoe")
def shoe(pen: Pen, look: Look) -> None:
    paint = look.tone(*BRIGHT)
    pen.path("M6 6C16 12 28 10 36 4C44 20 56 26 76 30C92 33 98 42 97 52H5C3 36 6 20 6 6Z", paint, (10, 14), 0.1)
    pen.path("M70 29C90 31 98 42 97 52H76C76 44 74 36 70 29Z", paint.light)
    pen.box(3, 48, 95, 12, "#f8f4ec", 6)
    pen.box(3, 54, 95, 6, "#d9d3c8", 3)
    for line in ("40,18 50,11", "48,24 58,17", "57,28 66,21"):
        pen.line(line, 3, "#fbf8f2")
    pen.curve("10,38 24,40 40,30", 4, "#fbf8f2")


@motif("shirt, t-shirt, tshirt, jersey, sweater", (96, 86), 0.7, "table", paints="cloth")
def shirt(pen: Pen, look: Look) -> None:
    cloth = look.tone(*BRIGHT)
    pen.poly("30,4 66,4 94,24 84,46 72,40 72,85 24,85 24,40 12,46 2,24", cloth.base, 4)
    pen.poly("66,4 94,24 84,46 72,40 72,85 58,85 58,30", cloth.shade, 3)
    pen.path("M34 4C36 18 60 18 62 4Z", cloth.deep)
    pen.box(36, 44, 22, 4, cloth.light, 2)


@motif("dress, gown, skirt", (76, 100), 1.1, "table", paints="cloth")
def dress(pen: Pen, look: Look) -> None:
    cloth = look.tone("#e0607f", "#5f9fc8", "#8a74c8")
    for x in (26, 50):
        pen.line(f"{x},4 {x},16", 4, cloth.shade)
    pen.poly("22,14 54,14 50,42 74,98 2,98 26,42", cloth, 4, 0.09)
    pen.box(25, 39, 26, 6, cloth.deep, 2)
    for x in (24, 40, 54):
        pen.line(f"{38 + (x - 38) * 0.3:.1f},52 {x},92", 2, cloth.shade)


@motif("glasses, sunglasses, spectacles", (100, 42), 0.06, "table", paints="frame", spots={"foot": (50.0, 30.0, 90.0)})
def glasses(pen: Pen, look: Look) -> None:
    frame = look.tone("#3a3844", "#c8504d", "#8a5f45")
    pen.curve("40,14 50,9 60,14", 4, frame.base)
    for x in (24, 76):
        pen.circle(x, 21, 19, frame)
        pen.circle(x, 21, 14.4, "#8fc7e0")
        pen.line(f"{x - 7},25 {x + 3},13", 4, "#d3ecf5")


@motif("ring, wedding ring", (72, 84), 0.03, "table", paints="metal")
def ring(pen: Pen, look: Look) -> None:
    metal = look.tone("#f2bd45", "#b8bfce")
    pen.ring(36, 54, 25, 8, metal.shade)
    pen.ring(35, 53, 25, 6, metal.base)
    with pen.at(17, 1, 0.42):
        gem(pen, Look(seed=0))
