"""Schools, shops and other houses that everybody may enter."""

from __future__ import annotations

from massgen_image.composer.motif import Look, motif
from massgen_image.composer.motifs._walls import GLASS, LIT, ROOFS, door, panes, window
from massgen_image.composer.pen import Pen
from massgen_image.composer.tones import Tone


@motif("church, chapel, cathedral", (100, 116), 14, "ground", paints="walls")
def church(pen: Pen, look: Look) -> None:
    wall, roof = look.tone("#f3ebdf", "#e3cdb0"), look.second(*ROOFS)
    pen.line("26,12 26,1", 2.2, "#8f7a5a")
    pen.line("22.4,5 29.6,5", 2.2, "#8f7a5a")
    pen.box(40, 64, 56, 52, wall.shade, 1, 0.08)
    pen.poly("34,67 48,42 92,42 100,67", roof, 2, 0.08)
    pen.pillar(10, 44, 32, 72, wall, 1, 0.3)
    pen.poly("26,10 46,48 6,48", roof.base, 2)
    pen.poly("26,10 46,48 27,48", roof.shade, 2)
    pen.circle(26, 60, 6.4, LIT if look.night else "#8fb8d8")
    for x in (52, 68, 84):
        pen.box(x - 4, 78, 8, 20, LIT if look.night else "#8fb8d8", 4)
    door(pen, 18, 116, 16, 26, Tone("#7a5040"))


@motif("school, schoolhouse, university, college", (130, 92), 9, "ground", paints="walls")
def school(pen: Pen, look: Look) -> None:
    wall, roof = look.tone("#d9805f", "#e8c08a"), look.own("#5f6f8f", "#7a5f6f")
    pen.line("65,12 65,1", 1.8, "#6b5f5a")
    pen.poly("65.8,1 80,4.6 65.8,8.4", look.own("#3f86c8", "#58b08a", "#f2b93f"), 0.6)
    pen.box(4, 42, 122, 50, wall, 2, 0.08)
    pen.poly("0.6,44 8,34 122,34 129.4,44", roof, 1.5)
    pen.box(46, 30, 38, 62, wall.light, 1)
    pen.poly("65,10 90,34 40,34", roof, 2)
    pen.circle(65, 43, 7, "#fbf8f2")
    pen.line("65,43 65,38.6", 1.5, "#3f3a4c")
    pen.line("65,43 68,44.6", 1.5, "#3f3a4c")
    for x in (12, 28, 90, 106):
        window(pen, look, x, 56, 11, 16)
    pen.box(54, 62, 22, 30, "#5a4a58", 2)
    pen.line("65,62 65,92", 1.4, wall.light)
    pen.box(50, 53, 30, 6, "#fbf3df", 1.5)


@motif("hospital, clinic", (116, 92), 12, "ground", paints="walls")
def hospital(pen: Pen, look: Look) -> None:
    wall = look.tone("#eef2f5")
    pen.box(2, 40, 112, 52, wall.shade, 2, 0.06)
    pen.pillar(32, 12, 52, 80, wall, 2, 0.24)
    pen.box(28, 9, 60, 6, "#6fb0c8", 2)
    pen.box(54, 20, 8, 22, "#e0504f", 1)
    pen.box(47, 27, 22, 8, "#e0504f", 1)
    panes(pen, look, 8, 50, 2, 2, 8, 9, 5)
    panes(pen, look, 91, 50, 2, 2, 8, 9, 5)
    panes(pen, look, 40, 50, 3, 1, 8, 9, 6)
    pen.box(44, 68, 28, 24, "#4f6f8a", 2)
    pen.box(46.6, 71, 10, 21, LIT if look.night else GLASS, 1)
    pen.box(59.4, 71, 10, 21, LIT if look.night else GLASS, 1)


@motif("shop, store, market, supermarket, cafe, café, bakery, restaurant, bookstore, boutique, grocery", (104, 92), 5, "ground", paints="awning")  # fmt: skip
def shop(pen: Pen, look: Look) -> None:
    awning, wall = look.tone("#d9604f", "#4f9f8a", "#4f8fb8"), look.own("#f3e0c2", "#e8d3d8", "#d3dfe3")
    pen.pillar(6, 8, 92, 84, wall, 2, 0.16)
    pen.box(2, 4, 100, 8, wall.deep, 2)
    pen.box(22, 16, 60, 13, Tone("#6b4f4a"), 3)
    for i, w in enumerate((12, 8, 14, 9)):
        pen.box(28 + i * 13, 21, w * 0.8, 3, "#f6e3b8", 1.5)
    pen.box(12, 52, 48, 28, LIT if look.night else GLASS, 1.5)
    pen.poly("12,80 42,52 12,52", "#fff0bd" if look.night else "#c6e6f2")
    for x, c in ((20, "#e2705c"), (32, "#f2b93f"), (44, "#7fba4c")):
        pen.circle(x, 74, 5, c)
    pen.box(12, 79, 48, 4, wall.deep, 1)
    pen.box(68, 50, 22, 42, Tone("#7a5a4c"), 2)
    pen.box(72, 54, 14, 20, LIT if look.night else GLASS, 1)
    for i in range(8):
        x = 4 + i * 12
        fill = awning.base if i % 2 == 0 else "#fbf6ee"
        pen.path(
            f"M{x + 2 - (i - 4) * 0.3:.1f} 34H{x + 14 - (i - 3) * 0.3:.1f}L{x + 12} 48C{x + 12} 54 {x} 54 {x} 48Z", fill
        )


@motif("post office", (104, 92), 6, "ground", paints="walls")
def post_office(pen: Pen, look: Look) -> None:
    wall = look.tone("#f2cf7a", "#e8dcc8")
    blue = look.own("#3f6fb0", "#b8504f")
    pen.pillar(8, 26, 88, 66, wall, 2, 0.16)
    pen.poly("52,4 102,28 2,28", blue, 2, 0.08)
    pen.box(36, 30, 32, 19, "#fbf8f2", 2)
    pen.line("37.6,32 52,42 66.4,32", 2, blue.base)
    window(pen, look, 16, 54, 16, 18)
    window(pen, look, 72, 54, 16, 18)
    pen.box(42, 58, 20, 34, blue.shade, 2)
    pen.box(45, 62, 14, 14, LIT if look.night else GLASS, 1)
    pen.box(18, 78, 11, 14, "#d8504a" if not look.avoid else blue.deep, 2)


@motif("factory, plant building, power plant, warehouse", (124, 96), 14, "ground", paints="walls")
def factory(pen: Pen, look: Look) -> None:
    wall = look.tone("#b5705a", "#8f9ab0")
    for x, y, r in ((92, 12, 8), (102, 7, 6), (112, 9, 7), (84, 18, 5)):
        pen.circle(x, y, r, "#d3d6de")
    pen.poly("80,26 92,26 95,60 77,60", wall.deep, 1)
    pen.poly("100,34 111,34 114,60 98,60", wall.deep, 1)
    pen.box(78, 30, 16, 5, "#f3ece0")
    pen.poly("4,96 4,50 28,66 28,50 52,66 52,50 76,66 76,54 120,54 120,96", wall, 1, 0.05)
    panes(pen, look, 12, 74, 6, 1, 11, 8, 6)
    pen.box(96, 70, 16, 26, "#4a4a60", 1)
    pen.box(4, 90, 116, 6, wall.deep)
