"""Tools, and weapons of tales."""

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


@motif("axe, hatchet", (46, 104), 0.8, "table", paints="handle")
def axe(pen: Pen, look: Look) -> None:
    with pen.at(-24, 0):
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


@motif("pencil, crayon", (100, 92), 0.18, "table", paints="barrel")
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


@motif("paintbrush, brush, paint brush", (100, 94), 0.25, "table", paints="paint")
def paintbrush(pen: Pen, look: Look) -> None:
    paint = look.tone("#4f8fd0", "#e2605c", "#58a88a")
    with pen.at(8, 92, turn=-45):
        pen.blob("0,2 12,-9 28,-11 30,10 14,10", paint)
        pen.box(28, -11, 18, 21, STEEL, 2)
        pen.path("M46 -9C70 -8 100 -7 112 -1C100 6 70 8 46 8Z", WOOD, (50, -9), 0.12)


@motif("ladder, stepladder", (50, 120), 2.6, "ground", paints="wood")
def ladder(pen: Pen, look: Look) -> None:
    wood = look.tone("#c08a5a")
    for y in range(14, 116, 17):
        pen.box(8, y, 34, 6, wood.shade, 2)
    for x in (4, 38):
        pen.pillar(x, 2, 8, 118, wood, 2)


@motif("sword, blade, dagger", (44, 116), 0.9, "table", paints="hilt")
def sword(pen: Pen, look: Look) -> None:
    hilt = look.tone("#e0b04f", "#8a5f45")
    pen.poly("22,2 30,14 29,82 15,82 14,14", STEEL.light, 1)
    pen.poly("22,2 30,14 29,82 22,82", STEEL.shade, 1)
    pen.box(3, 80, 38, 8, hilt, 4)
    pen.box(18, 87, 8, 18, "#7a4a35", 2)
    pen.circle(22, 109, 6, hilt)


@motif("shield", (76, 90), 0.7, "table", paints="shield")
def shield(pen: Pen, look: Look) -> None:
    paint = look.tone("#4f7fc0", "#c8504d", "#5f9f6b")
    pen.path("M38 3C52 10 64 12 74 12C76 50 64 76 38 89C12 76 0.6 50 2 12C12 12 24 10 38 3Z", STEEL.base)
    pen.path("M38 11C49 17 59 19 67 19C68 50 58 69 38 80C18 69 8 50 9 19C17 19 27 17 38 11Z", paint.base)
    pen.path("M38 11C49 17 59 19 67 19C68 50 58 69 38 80Z", paint.shade)
    pen.poly("38,28 42.6,39 54,40 45,48 48,60 38,53.6 28,60 31,48 22,40 33.4,39", "#f2c14e", 1.5)


@motif("target, bullseye, dartboard", (90, 90), 0.7, "table", paints="rings")
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
