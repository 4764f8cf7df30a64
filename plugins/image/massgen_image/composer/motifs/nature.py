"""Mountains, rocks, fires and water."""

from __future__ import annotations

from massgen_image.composer.motif import Look, motif
from massgen_image.composer.pen import Pen
from massgen_image.composer.tones import Tone

WATER = Tone("#5fb3de")


@motif("mountain, peak, alp, summit", (140, 96), 120, "ground", paints="rock", spots={"top": (66.0, 6.0, 6.0)})
def mountain(pen: Pen, look: Look) -> None:
    rock = look.tone("#8291ab", "#8a8f9c", "#97897f")
    pen.poly("104,34 140,96 66,96", rock.deep, 3)
    pen.poly("62,4 122,96 2,96", rock.base, 4)
    pen.poly("62,6 120,96 76,96 66,60 72,44", rock.shade, 3)
    pen.poly("62,4 85,40 74,36 66,46 58,36 48,42 40,38", "#f8fafc", 2.5)
    pen.poly("62,6 84,39 74,36 67,44 64,32", "#dde4ee", 2)
    pen.poly("104,35 116,56 108,52 102,58 95,50", "#eef2f6", 2)


@motif("volcano", (140, 110), 100, "ground", paints="rock")
def volcano(pen: Pen, look: Look) -> None:
    rock = look.tone("#7d6a6f", "#6f6f80")
    for x, y, r in ((66, 16, 12), (80, 10, 10), (54, 9, 8), (74, 26, 9)):
        pen.circle(x, y, r, "#a9a5b0" if r > 9 else "#c3c0c9")
    pen.poly("52,34 88,34 138,110 2,110", rock.base, 4)
    pen.poly("74,34 88,34 138,110 84,110", rock.shade, 3)
    pen.path("M52 34H88L92 40C90 50 86 46 84 54C82 62 76 60 76 52C74 70 66 72 66 58C64 48 60 54 56 46C54 42 48 44 49 39Z", "#ee6f3c")  # fmt: skip
    pen.path("M56 36H84C80 42 78 44 74 42C70 50 66 48 66 42C62 46 58 42 56 36Z", "#fbc24c")


@motif("hill, hills, mound", (140, 52), 15, "ground", paints="grass", spots={"top": (66.0, 6.0, 40.0)})
def hill(pen: Pen, look: Look) -> None:
    grass = look.tone("#86bf5c", "#77b26a")
    pen.path("M2 52C24 22 44 4 68 4C94 4 118 26 138 52Z", grass, (34, 20), 0.1)
    for x, y in ((50, 20), (78, 26), (60, 36), (98, 38), (36, 38)):
        pen.arc(f"M{x - 3} {y}V{y - 5}M{x + 2} {y}V{y - 6}", 1.8, grass.deep)


@motif("island, desert island", (150, 96), 10, "water", paints="sand", spots={"top": (86.0, 72.0, 60.0)})
def island(pen: Pen, look: Look) -> None:
    sand, leaf = look.tone("#f0d69a"), Tone("#55a566")
    pen.arc("M56 76C52 56 56 38 66 24", 6, "#b0804f")
    for d, fill in (("M66 24C52 12 38 16 28 30C42 26 54 26 66 28Z", leaf.base), ("M66 24C82 12 96 18 104 32C90 26 80 26 66 28Z", leaf.shade), ("M66 24C60 8 48 2 38 6C50 8 58 14 64 26Z", leaf.base), ("M66 24C76 8 88 4 98 10C86 10 76 16 68 26Z", leaf.shade), ("M64 26C56 32 54 40 54 48C62 42 66 34 68 28Z", leaf.deep)):  # fmt: skip
        pen.path(d, fill)
    pen.path("M14 84C30 72 46 68 70 68C100 68 126 74 138 84Z", sand.base)
    pen.path("M86 69C108 70 128 76 138 84H96Z", sand.shade)
    pen.ellipse(75, 86, 74, 9, WATER.base)
    pen.path("M14 84C46 78 104 78 138 84C110 90 42 90 14 84Z", sand.light)


@motif(
    "rock, stone, boulder, pebble",
    (90, 60),
    0.7,
    "ground",
    paints="stone",
    spots={"top": (42.0, 8.0, 36.0), "seat": (42.0, 8.0, 36.0)},
)
def rock(pen: Pen, look: Look) -> None:
    stone = look.tone("#9aa0b0", "#a39a96")
    pen.poly("4,58 8,32 28,8 58,4 80,24 87,58", stone.base, 7)
    pen.poly("58,5 80,24 87,59 54,59 50,34", stone.shade, 5)
    pen.poly("12,34 29,11 54,8 46,32 26,38", stone.light, 4)
    pen.line("24,48 34,50", 2, stone.deep)


@motif("fire, campfire, bonfire, flame", (80, 92), 1.0, "ground", paints="flame")
def fire(pen: Pen, look: Look) -> None:
    flame = look.tone("#f2803c")
    pen.path("M40 4C44 20 66 30 66 56C66 72 55 82 40 82C25 82 14 72 14 56C14 44 22 38 24 26C30 30 32 34 33 38C40 30 42 16 40 4Z", flame, (24, 40), 0.08)  # fmt: skip
    pen.path("M41 34C44 46 56 50 56 64C56 74 49 80 40 80C31 80 24 74 24 64C24 56 30 52 32 46C35 49 36 51 37 53C40 48 42 42 41 34Z", "#fbc04a")  # fmt: skip
    pen.path("M40 56C42 62 48 64 48 71C48 77 44 80 40 80C36 80 32 77 32 71C32 65 38 62 40 56Z", "#fdf0b0")
    for line, fill in (("10,88 70,76", "#8a5a3c"), ("10,76 70,88", "#74492f")):
        pen.line(line, 8, fill)
    for x, y in ((10, 88), (70, 88)):
        pen.circle(x, y, 2.6, "#d8ab78")


@motif("wave, waves", (120, 70), 2, "water", paints="water")
def wave(pen: Pen, look: Look) -> None:
    tone = look.tone("#4fa3d8")
    pen.path("M2 70C14 40 34 4 74 4C96 4 112 16 114 34C104 24 92 24 86 32C78 44 92 60 118 70Z", tone, (30, 24), 0.08)
    pen.path("M74 4C96 4 112 16 114 34C104 24 92 24 86 32C82 38 83 44 87 51C76 44 74 30 84 22C74 18 62 16 52 18C58 10 66 5 74 4Z", "#f3fafd")  # fmt: skip
    pen.curve("24,62 36,40 56,30", 3, tone.light)
    pen.curve("42,64 50,50 62,44", 3, tone.light)


@motif("waterfall, cascade", (100, 120), 20, "ground", paints="water")
def waterfall(pen: Pen, look: Look) -> None:
    tone, stone = look.tone("#6fbfe8"), Tone("#8d8f9c")
    pen.poly("4,112 4,26 20,10 36,14 36,112", stone, 6)
    pen.poly("64,112 64,14 82,8 96,28 96,112", stone.shade, 6)
    pen.path("M8 26C14 14 26 10 36 14L32 26Z", "#86bf5c")
    pen.path("M64 14C74 6 90 12 94 26L70 26Z", "#77b26a")
    pen.box(30, 14, 40, 96, tone.base, 4)
    for x, y, h in ((36, 22, 60), (46, 16, 84), (56, 28, 66), (64, 20, 50)):
        pen.box(x - 1.6, y, 3.6, h, "#d8f0fa", 1.8)
    pen.ellipse(50, 110, 49, 9.4, tone.shade)
    for x, y, r in ((32, 106, 8), (44, 104, 9), (56, 104, 9), (68, 106, 8), (50, 109, 8)):
        pen.circle(x, y, r, "#f3fafd")


@motif(
    "pond, puddle, pool",
    (140, 44),
    1.0,
    "ground",
    paints="water",
    spots={"inside": (70.0, 24.0, 90.0), "top": (70.0, 24.0, 90.0)},
)
def pond(pen: Pen, look: Look) -> None:
    tone = look.tone("#6fbbe2")
    pen.blob("4,24 24,8 70,3 116,8 136,24 112,40 70,42 28,40", Tone("#8fbf6a").base)
    pen.blob("10,24 28,11 70,7 112,11 130,24 108,36 70,38 32,36", tone.shade)
    pen.blob("10,26 28,14 70,10 112,14 130,26 108,37 70,39 32,37", tone.base)
    for x, y, w in ((34, 22, 18), (76, 18, 24), (60, 30, 26), (98, 28, 14)):
        pen.line(f"{x},{y} {x + w},{y}", 2, tone.light)


@motif("iceberg, glacier", (120, 96), 20, "water", paints="ice")
def iceberg(pen: Pen, look: Look) -> None:
    ice = look.tone("#d5ecf6")
    pen.poly("8,86 22,46 40,50 56,6 78,30 88,24 112,86", ice.base, 4)
    pen.poly("56,8 78,30 88,25 112,86 70,86 64,44", ice.shade, 3)
    pen.poly("22,48 40,51 36,86 10,86", ice.light, 3)
    pen.ellipse(60, 88, 58, 7, WATER.base)


@motif("cave, cavern, tunnel", (130, 84), 8, "ground", paints="rock", spots={"inside": (64.0, 80.0, 40.0)})
def cave(pen: Pen, look: Look) -> None:
    rock = look.tone("#8f8a99", "#8a7f7a")
    pen.poly("2,84 10,40 34,12 68,4 104,18 122,50 128,84", rock, 10, 0.08)
    pen.path("M34 84C32 54 44 32 64 32C86 32 98 54 96 84Z", "#3a3548")
    pen.path("M42 84C42 62 50 46 64 44C54 56 52 70 54 84Z", "#524b63")
    for x, y in ((22, 50), (42, 22), (90, 24), (110, 56), (20, 70)):
        pen.line(f"{x},{y} {x + 9},{y - 3}", 2.6, rock.deep)


@motif("sandcastle, sand castle", (90, 74), 0.5, "ground", paints="sand")
def sandcastle(pen: Pen, look: Look) -> None:
    sand = look.tone("#edcb86")
    pen.line("45,14 45,2", 1.6, "#8a5f45")
    pen.poly("45.6,2 58,5.4 45.6,9", look.own("#e2605c", "#4f9fc8"), 0.6)
    for x, y, w in ((34, 14, 22), (10, 34, 20), (60, 34, 20)):
        pen.pillar(x, y + 5, w, 74 - y - 5, sand, 1)
        for i in range(3):
            pen.box(x + i * (w - 5) / 2, y, 5, 7, sand.base if i < 2 else sand.shade, 1)
    pen.path("M2 74C10 62 80 62 88 74Z", sand.base)
    pen.path("M38 72V60C38 52 52 52 52 60V72Z", sand.deep)
    for x in (18, 68):
        pen.box(x, 46, 5, 9, sand.deep, 2.5)


@motif("seashell, shell, clam, pearl, oyster", (84, 72), 0.1, "ground", paints="shell")
def seashell(pen: Pen, look: Look) -> None:
    tone = look.tone("#f3b59a", "#e8c4d8", "#f0d29a")
    pen.path("M42 70C34 70 30 66 30 60C14 52 2 38 6 22C14 24 16 14 24 10C30 14 34 6 42 3C50 6 54 14 60 10C68 14 70 24 78 22C82 38 70 52 54 60C54 66 50 70 42 70Z", tone, (22, 16), 0.1)  # fmt: skip
    for line in ("42,58 42,10", "38,58 26,16", "34,57 12,28", "46,58 58,16", "50,57 72,28"):
        pen.line(line, 2.2, tone.deep)


@motif("bone", (100, 44), 0.3, "ground", paints="bone")
def bone(pen: Pen, look: Look) -> None:
    tone = look.tone("#f6efe0")
    for x, y in ((14, 13), (14, 31), (86, 13), (86, 31)):
        pen.circle(x, y, 12, tone)
    pen.box(14, 13, 72, 18, tone.base, 4)
    pen.box(22, 25, 56, 6, tone.shade, 3)


@motif("nest, bird nest, birds nest", (90, 48), 0.2, "ground", paints="twigs", spots={"inside": (45.0, 20.0, 44.0)})
def nest(pen: Pen, look: Look) -> None:
    tone = look.tone("#a0744a")
    for x, c in ((28, "#cfe6ee"), (45, "#e3f0f3"), (62, "#bcdbe6")):
        pen.ellipse(x, 18, 10, 14, Tone(c))
    pen.path("M3 20C20 28 70 28 87 20C88 36 70 47 45 47C20 47 2 36 3 20Z", tone, (10, 24), 0.1)
    for line in ("8,26 32,36", "26,28 50,42", "48,28 76,34", "40,40 70,28", "14,34 40,32", "60,40 82,26"):
        pen.line(line, 2.2, tone.deep if line[0] in "84" else tone.light)
