"""Tools, instruments of work, vessels and weapons of tales."""

from __future__ import annotations

from massgen_image.composer.motif import Look, motif
from massgen_image.composer.pen import Pen
from massgen_image.composer.tones import INK, PAPER, Tone

STEEL = Tone("#aeb6c6")
WOOD = Tone("#b57f4e")


@motif("hammer, mallet", (80, 96), 0.3, "table", paints="handle")
def hammer(pen: Pen, look: Look) -> None:
    handle = look.tone("#c98a4f", "#e2605c")
    pen.pillar(33, 28, 12, 67, handle, 4)
    pen.path("M8 8C20 2 46 4 58 6V30H22C20 20 12 20 4 24C2 18 2 12 8 8Z", STEEL, (12, 8), 0.1)
    pen.box(56, 3, 20, 30, STEEL, 3)


@motif("wrench, spanner", (48, 104), 0.25, "table", paints="metal")
def wrench(pen: Pen, look: Look) -> None:
    metal = look.tone("#9aa6bb", "#d8604f")
    pen.path("M10 4C2 12 2 28 14 34V92C14 106 34 106 34 92V34C46 28 46 12 38 4V20L24 26L10 20Z", metal, (14, 30), 0.12)
    pen.circle(24, 92, 4.4, metal.deep)
    pen.box(22, 44, 5, 36, metal.light, 2.5)


@motif("saw, handsaw", (110, 56), 0.5, "table", paints="handle")
def saw(pen: Pen, look: Look) -> None:
    handle = look.tone("#c98a4f", "#e2605c")
    teeth = " ".join(f"{x},{46 - (x - 4) * 0.08 + (6 if i % 2 else 0):.1f}" for i, x in enumerate(range(4, 80, 4)))
    pen.poly(f"4,26 78,14 80,46 {' '.join(reversed(teeth.split()))}", STEEL.base)
    pen.poly("4,26 78,14 78,20 4,31", STEEL.light)
    pen.path("M76 8C92 2 108 8 108 26C108 46 98 54 84 52C76 50 74 44 76 36Z", handle, (80, 8), 0.12)
    pen.ellipse(92, 28, 7, 10, handle.deep, 14)


@motif("screwdriver", (40, 104), 0.2, "table", paints="handle")
def screwdriver(pen: Pen, look: Look) -> None:
    handle = look.tone("#e2605c", "#f2b53f", "#4f8fd0")
    pen.box(17, 50, 6, 44, STEEL.shade, 1)
    pen.poly("15,90 25,90 23,103 17,103", STEEL.base)
    pen.box(9, 2, 22, 46, handle, 8, 0.2)
    for x in (15, 22):
        pen.box(x, 8, 3, 32, handle.deep, 1.5)
    pen.box(13, 46, 14, 7, handle.deep, 2)


@motif("axe, hatchet", (70, 104), 0.8, "table", paints="handle")
def axe(pen: Pen, look: Look) -> None:
    handle = look.tone("#b57f4e")
    pen.pillar(30, 4, 10, 99, handle, 4)
    pen.path("M26 14H42C52 10 60 6 66 2C70 20 70 36 64 54C58 46 50 42 42 40H26Z", STEEL, (30, 14), 0.06)
    pen.path("M66 2C70 20 70 36 64 54C61 50 59 48 56 46C60 32 60 20 57 8C60 6 63 4 66 2Z", "#e3e8ef")


@motif("shovel, spade", (44, 110), 1.1, "ground", paints="handle")
def shovel(pen: Pen, look: Look) -> None:
    handle = look.tone("#b57f4e", "#e2605c")
    pen.arc("M12 4H32V12C32 18 12 18 12 12Z", 4, handle.shade)
    pen.pillar(18, 16, 8, 54, handle, 2)
    pen.path("M6 66H38V84C38 98 30 106 22 109C14 106 6 98 6 84Z", STEEL, (8, 68), 0.14)


@motif("scissors, shears", (80, 96), 0.2, "table", paints="handles")
def scissors(pen: Pen, look: Look) -> None:
    handle = look.tone("#e2605c", "#4f8fd0", "#f2b53f")
    pen.poly("56,2 62,6 44,62 34,58", STEEL.base, 2)
    pen.poly("24,2 18,6 36,62 46,58", STEEL.shade, 2)
    for x in (20, 60):
        pen.ring(x, 78, 12.6, 7, handle.base if x < 40 else handle.shade)
    pen.circle(40, 53, 3.4, "#6b6a7c")
    pen.line("32,69 38,60", 7, handle.base)
    pen.line("48,69 42,60", 7, handle.shade)


@motif("pencil, crayon", (100, 100), 0.18, "table", paints="barrel")
def pencil(pen: Pen, look: Look) -> None:
    paint = look.tone("#f2b53f", "#4f8fd0", "#e2605c")
    with pen.at(8, 92, turn=-45):
        pen.poly("0,0 22,-11 22,11", "#f3d9ae", 1)
        pen.poly("0,0 8,-4 8,4", INK, 1)
        pen.box(22, -11, 72, 8, paint.light)
        pen.box(22, -3.6, 72, 8, paint.base)
        pen.box(22, 4, 72, 7, paint.shade)
        pen.box(94, -11, 8, 22, STEEL.base)
        pen.box(101, -11, 12, 22, "#ee8fa0", 4)


@motif("paintbrush, brush, paint brush", (100, 100), 0.25, "table", paints="paint")
def paintbrush(pen: Pen, look: Look) -> None:
    paint = look.tone("#4f8fd0", "#e2605c", "#58a88a")
    with pen.at(8, 92, turn=-45):
        pen.blob("0,2 12,-9 28,-11 30,10 14,10", paint)
        pen.box(28, -11, 18, 21, STEEL, 2)
        pen.path("M46 -9C70 -8 100 -7 112 -1C100 6 70 8 46 8Z", WOOD, (50, -9), 0.12)


@motif("bucket, pail", (80, 80), 0.3, "ground", paints="bucket", spots={"inside": (40.0, 26.0, 50.0)})
def bucket(pen: Pen, look: Look) -> None:
    metal = look.tone("#5f9fc8", "#e2705c", "#9aa6bb")
    pen.arc("M8 26C8 -4 72 -4 72 26".replace("-4", "2"), 3.4, "#6b6a7c")
    pen.path("M5 26H75L66 74C66 78 63 79 60 79H20C17 79 14 78 14 74Z", metal, (8, 28), 0.12)
    pen.ellipse(40, 26, 36, 7.4, metal.light)
    pen.ellipse(40, 27, 31, 5.4, metal.deep)
    pen.curve("9,46 40,52 71,46", 3, metal.deep)


@motif("ladder, stepladder", (50, 120), 2.6, "ground", paints="wood")
def ladder(pen: Pen, look: Look) -> None:
    wood = look.tone("#c08a5a")
    for y in range(14, 116, 17):
        pen.box(8, y, 34, 6, wood.shade, 2)
    for x in (4, 38):
        pen.pillar(x, 2, 8, 118, wood, 2)


@motif("box, cardboard box, crate, carton, package, parcel", (84, 74), 0.4, "ground", paints="box", spots={"top": (42.0, 8.0, 60.0), "inside": (42.0, 22.0, 50.0), "seat": (42.0, 8.0, 50.0)})  # fmt: skip
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


@motif("sword, blade, dagger", (44, 116), 0.9, "table", paints="hilt")
def sword(pen: Pen, look: Look) -> None:
    hilt = look.tone("#e0b04f", "#8a5f45")
    pen.poly("22,2 30,14 29,82 15,82 14,14", STEEL.light, 1)
    pen.poly("22,2 30,14 29,82 22,82", STEEL.shade, 1)
    pen.box(3, 80, 38, 8, hilt, 4)
    pen.box(18, 87, 8, 18, "#7a4a35", 2)
    pen.circle(22, 109, 6, hilt)


@motif("shield", (76, 90), 0.7, "table", paints="shield", turns=False)
def shield(pen: Pen, look: Look) -> None:
    paint = look.tone("#4f7fc0", "#c8504d", "#5f9f6b")
    pen.path("M38 3C52 10 64 12 74 12C76 50 64 76 38 89C12 76 0.6 50 2 12C12 12 24 10 38 3Z", STEEL.base)
    pen.path("M38 11C49 17 59 19 67 19C68 50 58 69 38 80C18 69 8 50 9 19C17 19 27 17 38 11Z", paint.base)
    pen.path("M38 11C49 17 59 19 67 19C68 50 58 69 38 80Z", paint.shade)
    pen.poly("38,28 42.6,39 54,40 45,48 48,60 38,53.6 28,60 31,48 22,40 33.4,39", "#f2c14e", 1.5)


@motif("target, bullseye, dartboard", (90, 90), 0.7, "table", paints="rings", turns=False)
def target(pen: Pen, look: Look) -> None:
    paint = look.tone("#e2504c", "#4f8fd0")
    for r, fill in ((43, paint), (33, Tone(PAPER)), (23, paint), (13, Tone(PAPER))):
        pen.circle(45, 45, r, fill, 0.05)
    pen.circle(45, 45, 5, paint.deep)
    pen.line("46,44 78,12", 3.4, "#8a6044")
    pen.poly("72,18 74,6 88,2 84,16", "#f2b53f", 1)


@motif("anchor", (80, 92), 1.2, "ground", paints="metal")
def anchor(pen: Pen, look: Look) -> None:
    metal = look.tone("#4f6080", "#8a8f9c")
    pen.ring(40, 12, 8.6, 5, metal.base)
    pen.box(35, 20, 10, 66, metal, 3)
    pen.box(18, 28, 44, 8, metal, 4)
    pen.arc("M8 56C10 78 26 86 40 86C54 86 70 78 72 56", 8.6, metal.base)
    pen.poly("2,62 8,46 18,60", metal.base, 2)
    pen.poly("78,62 72,46 62,60", metal.shade, 2)


@motif("gear, cog, cogwheel, gears", (90, 90), 0.2, "table", paints="metal")
def gear(pen: Pen, look: Look) -> None:
    metal = look.tone("#8f9cb5", "#e0a24f")
    for i in range(8):
        with pen.at(45, 45, turn=i * 45):
            pen.box(-8, -43, 16, 20, metal.base if i not in (3, 4) else metal.shade, 3)
    pen.circle(45, 45, 32, metal)
    pen.circle(45, 45, 13, metal.deep)
    pen.circle(46, 46, 11.4, PAPER)


@motif("magnifying glass, magnifier, loupe", (90, 96), 0.2, "table", paints="handle")
def magnifying_glass(pen: Pen, look: Look) -> None:
    handle = look.tone("#c8604f", "#8a5f45", "#4f6fa0")
    with pen.at(62, 62, turn=-45):
        pen.box(-7, 0, 14, 40, handle, 6, 0.2)
    pen.circle(36, 36, 34, STEEL)
    pen.circle(36, 36, 26, "#bfe3f2")
    pen.curve("18,36 21,24 32,18", 4.4, "#f3fafd")


@motif("telescope, spyglass", (110, 100), 1.4, "ground", paints="tube")
def telescope(pen: Pen, look: Look) -> None:
    tube = look.tone("#5f7fb8", "#c8604f", "#f3efe8")
    for line in ("52,52 30,98", "54,52 54,98", "56,52 80,98"):
        pen.line(line, 4, "#6b5f6f")
    with pen.at(54, 46, turn=-24):
        pen.box(-50, -7, 24, 14, tube.deep, 2)
        pen.box(-28, -10, 42, 20, tube, 3)
        pen.box(12, -13, 40, 26, tube, 3)
        pen.box(46, -15, 8, 30, "#f2bd45", 2)
    pen.circle(54, 50, 6, "#f2bd45")


@motif("microscope", (76, 100), 0.4, "table", paints="body")
def microscope(pen: Pen, look: Look) -> None:
    body = look.tone("#f1efec", "#5f8fb8")
    pen.arc("M46 22C72 30 72 70 50 82", 8, body.shade)
    with pen.at(34, 40, turn=-18):
        pen.box(-9, -28, 18, 40, body, 3)
        pen.box(-6, -40, 12, 14, "#4a5068", 3)
        pen.box(-5, 12, 10, 10, "#4a5068", 2)
    pen.box(10, 68, 46, 6, "#4a5068", 2)
    pen.box(26, 65, 16, 4, "#8fd0ea", 1)
    pen.box(6, 84, 60, 14, Tone("#4a5068"), 5)


@motif("flask, test tube, beaker, potion, magic potion", (70, 92), 0.2, "table", paints="liquid")
def flask(pen: Pen, look: Look) -> None:
    liquid = look.tone("#8f6fd8", "#5fbf8a", "#4fb3d8")
    pen.path("M26 6H44V36L66 76C70 84 66 90 58 90H12C4 90 0 84 4 76L26 36Z", "#d9ebf2")
    pen.path("M19 54H51L62 76C65 82 62 86 56 86H14C8 86 5 82 8 76Z", liquid, (20, 58), 0.1)
    pen.box(22, 2, 26, 7, "#b8cfdb", 3)
    for x, y, r in ((28, 68, 4), (42, 74, 5), (38, 61, 2.6), (34, 46, 2.4), (36, 36, 1.8)):
        pen.circle(x, y, r, liquid.light)


@motif("broom, mop, broomstick", (50, 116), 1.4, "ground", paints="bristles")
def broom(pen: Pen, look: Look) -> None:
    straw = look.tone("#e3b04f")
    pen.pillar(22, 2, 6, 74, WOOD, 2)
    pen.path("M15 76H35L46 112C34 118 16 118 4 112Z", straw, (16, 78), 0.12)
    for x in (14, 22, 30, 37):
        pen.line(f"{25 + (x - 25) * 0.5:.1f},86 {x},110", 1.8, straw.deep)
    pen.box(14, 72, 22, 8, "#c8504d", 3)


@motif("bell, church bell", (80, 88), 0.2, "table", paints="bell")
def bell(pen: Pen, look: Look) -> None:
    gold = look.tone("#f2bd45")
    pen.circle(40, 78, 8, gold.deep)
    pen.ring(40, 9, 6, 4, gold.shade)
    pen.path("M40 10C58 10 64 24 64 42C64 58 72 62 78 72H2C8 62 16 58 16 42C16 24 22 10 40 10Z", gold, (22, 18), 0.1)
    pen.box(2, 68, 76, 8, gold.shade, 4)
    pen.ellipse(28, 32, 3.6, 9, gold.light, 10)


@motif("battery", (84, 48), 0.06, "table", paints="cell", turns=False)
def battery(pen: Pen, look: Look) -> None:
    cell = look.tone("#58b06a", "#f2b53f")
    pen.box(74, 15, 9, 18, "#8a8d9c", 3)
    pen.box(2, 3, 74, 42, Tone("#4a5068"), 7)
    for i in range(3):
        pen.box(9 + i * 21, 10, 17, 28, cell, 3)


@motif("flashlight, torch, torchlight", (100, 50), 0.2, "table", paints="case")
def torch(pen: Pen, look: Look) -> None:
    case = look.tone("#e2605c", "#4f8fd0", "#f2b53f")
    pen.poly("62,12 98,2 98,48 62,38", "#fff0b8")
    pen.box(2, 15, 46, 20, case, 5, 0.16)
    pen.poly("44,14 62,8 62,42 44,36", case.deep, 2)
    pen.box(18, 19, 12, 6, "#f6efe2", 3)


@motif("magic wand, wand", (90, 90), 0.4, "table", paints="star")
def wand(pen: Pen, look: Look) -> None:
    star = look.tone("#f9cf4f")
    pen.line("8,82 52,38", 6, "#4a4060")
    pen.line("8,82 16,74", 6, "#f6efe2")
    pen.poly("60,4 66,20 83,20 70,31 75,48 60,38 45,48 50,31 37,20 54,20", star, 3)
    for x, y, r in ((22, 22, 3), (80, 62, 3.4), (32, 8, 2.2), (60, 66, 2.4)):
        pen.circle(x, y, r, star.light)
