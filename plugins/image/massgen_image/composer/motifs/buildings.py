"""Houses and other buildings."""

from __future__ import annotations

from massgen_image.composer.motif import Look, motif
from massgen_image.composer.pen import Pen
from massgen_image.composer.tones import Tone

GLASS = "#a9d6ea"
LIT = "#ffe08a"
ROOFS = ("#d9604f", "#5f7fa8", "#8a6f9c", "#c98546")
WALLS = ("#f3e3c8", "#f6efe6", "#e8c9a8")


def window(pen: Pen, look: Look, x: float, y: float, w: float, h: float, frame: str = "#fbf8f2") -> None:
    """A window, lit at night."""
    pen.box(x - 1.4, y - 1.4, w + 2.8, h + 2.8, frame, 1.4)
    pen.box(x, y, w, h, LIT if look.night else GLASS, 0.8)
    pen.path(f"M{x} {y + h}L{x + w * 0.7:.2f} {y}H{x}Z", "#fff0bd" if look.night else "#c6e6f2")
    pen.line(f"{x + w / 2},{y} {x + w / 2},{y + h}", 1.2, frame)
    pen.line(f"{x},{y + h / 2} {x + w},{y + h / 2}", 1.2, frame)


def door(pen: Pen, x: float, foot: float, w: float, h: float, wood: Tone) -> None:
    """A door with a round top."""
    pen.path(f"M{x} {foot}V{foot - h + w / 2}C{x} {foot - h} {x + w} {foot - h} {x + w} {foot - h + w / 2}V{foot}Z", wood, (x, foot - h), 0.1)  # fmt: skip
    pen.circle(x + w * 0.76, foot - h * 0.42, 1.3, "#f2c14e")


def panes(pen: Pen, look: Look, x: float, y: float, cols: int, rows: int, w: float, h: float, gap: float) -> None:
    """Rows of plain windows; at night some are lit."""
    dice = look.dice
    for row in range(rows):
        for col in range(cols):
            bright = dice.random()
            fill = (LIT if bright < 0.55 else "#5f6f96") if look.night else (GLASS if bright < 0.8 else "#d3ecf5")
            pen.box(x + col * (w + gap), y + row * (h + gap), w, h, fill, 0.8)


@motif("house, home, cabin, hut, cottage, villa, bungalow, farmhouse", (110, 96), 5.0, "ground", paints="walls", spots={"top": (40.0, 16.0, 30.0)}, turns=False)  # fmt: skip
def house(pen: Pen, look: Look) -> None:
    wall, roof = look.tone(*WALLS), look.second(*ROOFS)
    pen.pillar(76, 8, 12, 30, Tone("#b5705a"), 1)
    pen.box(74, 5, 16, 5, "#8f5546", 1.5)
    pen.box(14, 42, 82, 54, wall, 2, 0.1)
    pen.poly("55,6 106,46 104,51 6,51 4,46", roof, 3, 0.1)
    pen.poly("55,13 94,45 98,51 12,51 16,45", roof.base)
    pen.poly("13,51 97,51 94,55 16,55", wall.deep)
    window(pen, look, 24, 62, 17, 16)
    window(pen, look, 70, 62, 17, 16)
    pen.circle(55, 34, 7.4, "#fbf8f2")
    pen.circle(55, 34, 5.6, LIT if look.night else GLASS)
    door(pen, 48, 96, 15, 28, look.own("#8f5f45", "#4f7f8a", "#a8504a"))
    for x in (28, 36, 76, 84):
        pen.circle(x, 82, 2.6, "#ee7f9a" if x % 8 else "#f7cf5c")
    pen.box(22, 82, 21, 4, "#9a6b4a", 1)
    pen.box(68, 82, 21, 4, "#9a6b4a", 1)


@motif("skyscraper, high-rise, tower block, office tower", (56, 140), 40, "ground", paints="walls", turns=False)
def skyscraper(pen: Pen, look: Look) -> None:
    wall = look.tone("#6f8fb5", "#8a92ac", "#5f9aa8")
    pen.line("28,14 28,1", 2, wall.deep)
    pen.box(14, 12, 28, 14, wall.shade, 2)
    pen.pillar(6, 22, 44, 118, wall, 2, 0.3)
    panes(pen, look, 11, 30, 4, 10, 7, 6.6, 2.4)
    pen.box(20, 124, 16, 16, "#3f4a66", 1)
    pen.line("28,124 28,140", 1, wall.light)


@motif("office, office building, building, company, headquarters, hotel, apartment, apartments, flat, condo", (90, 110), 15, "ground", paints="walls", turns=False)  # fmt: skip
def office(pen: Pen, look: Look) -> None:
    wall = look.tone("#c9d2dc", "#d9b48f", "#a8bccf")
    pen.box(58, 2, 14, 12, wall.deep, 1)
    pen.pillar(6, 10, 78, 100, wall, 3, 0.3)
    pen.box(3, 8, 84, 7, wall.deep, 2)
    panes(pen, look, 15, 24, 4, 4, 11, 11, 5.4)
    pen.box(30, 88, 30, 22, "#4a5a7a", 2)
    pen.box(33, 91, 11, 19, LIT if look.night else GLASS, 1)
    pen.box(46, 91, 11, 19, LIT if look.night else GLASS, 1)
    pen.box(24, 84, 42, 6, look.own("#d9604f", "#4f8fb8", "#5f9f6b"), 2)


@motif("castle, fortress, palace, citadel, fort", (120, 124), 16, "ground", paints="walls", spots={"top": (60.0, 34.0, 30.0)}, turns=False)  # fmt: skip
def castle(pen: Pen, look: Look) -> None:
    wall, roof = look.tone("#b8b4c4", "#d8c4a8", "#c9c3cc"), look.second(*ROOFS)
    for x, y, w in ((46, 34, 28), (6, 52, 24), (90, 52, 24)):
        pen.pillar(x, y, w, 124 - y, wall, 1)
        pen.poly(f"{x - 4},{y + 3} {x + w / 2},{y - 30} {x + w + 4},{y + 3}", roof.base, 2)
        pen.poly(f"{x + w / 2 + 1},{y + 3} {x + w / 2},{y - 30} {x + w + 4},{y + 3}", roof.shade, 2)
        pen.box(x + w / 2 - 3, y + 12, 6, 12, LIT if look.night else "#5a5570", 3)
    pen.line("60,8 60,0.8", 1.4, "#6b5f5a")
    pen.poly("60.6,0.8 74,4 60.6,8", look.own("#f2b93f", "#e2605c", "#58b08a"), 0.6)
    pen.box(26, 72, 68, 52, wall, 0, 0.08)
    for x in range(26, 94, 14):
        pen.box(x, 65, 9, 9, wall.base if x < 70 else wall.shade, 1)
    for x, y in ((36, 86), (82, 84), (34, 106), (84, 102), (52, 80)):
        pen.box(x, y, 7, 3.4, wall.shade, 1)
    pen.path("M46 124V104C46 92 74 92 74 104V124Z", "#6b4a3c")
    for x in (53, 60, 67):
        pen.line(f"{x},97 {x},124", 1.6, "#51362f")
    pen.line("46.6,108 73.4,108", 1.6, "#51362f")


@motif("tower, clock tower, bell tower", (54, 130), 25, "ground", paints="walls", turns=False)
def tower(pen: Pen, look: Look) -> None:
    wall, roof = look.tone("#d3b48c", "#b8b4c4"), look.second(*ROOFS)
    pen.line("27,6 27,1", 2, "#6b5f5a")
    pen.poly("27,4 47,34 7,34", roof.base, 2)
    pen.poly("27,4 47,34 27,34", roof.shade, 2)
    pen.pillar(10, 34, 34, 96, wall, 1)
    pen.box(6, 32, 42, 5, wall.deep, 2)
    pen.box(7, 66, 40, 4, wall.deep, 1.5)
    pen.circle(27, 51, 11, "#fbf8f2")
    pen.line("27,51 27,44", 1.8, "#3f3a4c")
    pen.line("27,51 32,53", 1.8, "#3f3a4c")
    for y in (78, 96):
        pen.box(23, y, 8, 11, LIT if look.night else "#5a5570", 4)
    door(pen, 20, 130, 14, 19, Tone("#7a5040"))


@motif("church, chapel, cathedral", (100, 116), 14, "ground", paints="walls", turns=False)
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


@motif("school, schoolhouse, university, college", (130, 92), 9, "ground", paints="walls", turns=False)
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


@motif("hospital, clinic", (116, 92), 12, "ground", paints="walls", turns=False)
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


@motif("shop, store, market, supermarket, cafe, café, bakery, restaurant, bookstore, boutique, grocery", (104, 92), 5, "ground", paints="awning", turns=False)  # fmt: skip
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
        pen.path(f"M{x + 2 - (i - 4) * 0.3:.1f} 34H{x + 14 - (i - 3) * 0.3:.1f}L{x + 12} 48C{x + 12} 54 {x} 54 {x} 48Z", fill)


@motif("post office", (104, 92), 6, "ground", paints="walls", turns=False)
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


@motif("lighthouse, beacon", (70, 132), 20, "ground", paints="stripes", turns=False)
def lighthouse(pen: Pen, look: Look) -> None:
    stripe = look.tone("#dd5148", "#3f78b0")
    if look.night:
        pen.path("M35 22L0.6 8V40Z", "#fff1b0")
        pen.path("M35 22L69.4 8V40Z", "#fff1b0")
    pen.poly("24,34 46,34 54,124 16,124", "#f7f3ec", 1)
    for top, foot in ((46, 62), (78, 94), (110, 124)):
        a, b = 11 + (top - 34) * 0.09, 11 + (foot - 34) * 0.09
        pen.poly(f"{35 - a:.1f},{top} {35 + a:.1f},{top} {35 + b:.1f},{foot} {35 - b:.1f},{foot}", stripe.base)
    pen.path("M35 34H46L54 124H40Z", "#2b2a3f33")
    pen.box(19, 30, 32, 5, "#4a4a60", 2)
    pen.box(25, 15, 20, 16, LIT if look.night else "#f8e6a8", 1)
    pen.line("35,15 35,30", 1.5, "#4a4a60")
    pen.poly("35,2 48,17 22,17", stripe, 2)
    pen.box(31, 102, 9, 22, "#5a4a50", 4.5)
    pen.blob("2,128 14,120 56,120 68,128 60,132 10,132", Tone("#8f8a99"))


@motif("windmill, mill", (100, 120), 12, "ground", paints="walls", turns=False)
def windmill(pen: Pen, look: Look) -> None:
    wall = look.tone("#f0e6d6", "#d8b894")
    pen.poly("34,46 66,46 76,120 24,120", wall, 2, 0.2)
    pen.path("M31 48C31 32 40 26 50 26C60 26 69 32 69 48Z", look.own("#b5604a", "#5f6f8f"), (36, 32), 0.12)
    pen.box(45, 66, 10, 12, LIT if look.night else GLASS, 5)
    door(pen, 43, 120, 14, 22, Tone("#7a5040"))
    for turn in (20, 110, 200, 290):
        with pen.at(50, 42, turn=turn):
            pen.line("0,0 0,-40", 2.6, "#7a5a48")
            pen.poly("2,-12 12,-13 12,-40 2,-40", "#fbf6ec", 1)
            for y in (-20, -28, -35):
                pen.line(f"2,{y} 12,{y}", 1.2, "#c9b8a0")
    pen.circle(50, 42, 4, "#5a4038")


@motif("barn, stable, shed, granary", (110, 92), 7, "ground", paints="walls", turns=False)
def barn(pen: Pen, look: Look) -> None:
    wall, roof = look.tone("#c04a3f", "#9a6b48", "#a8563f"), look.own("#6b5f6f", "#8a8f9c")
    pen.poly("55,4 88,20 102,44 102,92 8,92 8,44 22,20", wall, 1.5, 0.06)
    pen.arc("M3 48L19 19L55 3.6L91 19L107 48", 6, roof.base)
    for x in (20, 34, 76, 90):
        pen.line(f"{x},46 {x},90", 1.4, wall.shade)
    pen.box(36, 54, 38, 38, "#fbf3e6", 1)
    pen.box(39, 57, 32, 35, wall.shade)
    pen.line("39,57 71,92", 2.6, "#fbf3e6")
    pen.line("71,57 39,92", 2.6, "#fbf3e6")
    pen.box(46, 24, 18, 16, "#fbf3e6", 1)
    pen.box(48.4, 26.4, 13.2, 11.2, LIT if look.night else "#5a4348")


@motif("tent", (110, 76), 2.0, "ground", paints="cloth", turns=False)
def tent(pen: Pen, look: Look) -> None:
    cloth = look.tone("#f09a44", "#4f9f9a", "#d9604f")
    for x, y in ((2, 75), (108, 75)):
        pen.line(f"55,5 {x},{y}", 1.4, "#8a7a6a")
    pen.poly("55,4 100,76 10,76", cloth, 2, 0.08)
    pen.poly("55,4 100,76 74,76", cloth.shade, 1)
    pen.poly("55,22 72,76 38,76", LIT if look.night else cloth.deep, 1)
    pen.poly("55,22 46,76 38,76", cloth.light, 1)
    pen.line("55,8 55,1", 2.4, "#7a5a48")


@motif("igloo, snow hut", (110, 66), 2.2, "ground", paints="snow", turns=False)
def igloo(pen: Pen, look: Look) -> None:
    snow = look.tone("#e8f2f8")
    pen.path("M6 66C6 28 26 4 52 4C78 4 98 28 98 66Z", snow, (20, 18), 0.1)
    for d in ("M12 42H74", "M22 22H80", "M8 56H60", "M34 8V22", "M64 6V22", "M26 22V42", "M50 22V42", "M20 42V56", "M44 42V56"):
        pen.arc(d, 1.8, snow.shade)
    pen.path("M62 66V50C62 34 108 34 108 50V66Z", snow.light)
    pen.path("M72 66V52C72 42 98 42 98 52V66Z", "#4f6f96" if not look.night else LIT)
    pen.path("M62 66V50C62 38 84 36 90 38C76 39 69 44 69 52V66Z", snow.shade)


@motif("factory, plant building, power plant, warehouse", (124, 96), 14, "ground", paints="walls", turns=False)
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


@motif("bridge, footbridge", (160, 64), 8, "ground", paints="stone", spots={"top": (80.0, 22.0, 110.0), "under": (80.0, 63.0, 60.0)})
def bridge(pen: Pen, look: Look) -> None:
    stone = look.tone("#b8a898", "#c98a6a", "#a8adb8")
    pen.path("M2 64V38C40 14 120 14 158 38V64H134C134 44 102 40 102 64H92C92 36 68 36 68 64H58C58 40 26 44 26 64Z", stone, (30, 26), 0.05)  # fmt: skip
    pen.arc("M2 36C40 12 120 12 158 36", 5, stone.deep)
    for x, y in ((12, 44), (40, 34), (76, 29), (112, 33), (142, 42), (60, 36)):
        pen.box(x, y, 9, 4, stone.shade, 1.4)
    for x, y in ((2, 22), (40, 8), (80, 4), (120, 8), (158, 22)):
        pen.line(f"{x},{y + 14} {x},{y}", 2.6, stone.deep)
    pen.arc("M2 23C40 1 120 1 158 23", 3, stone.shade)


@motif("pyramid, pyramids", (130, 80), 40, "ground", paints="stone", turns=False)
def pyramid(pen: Pen, look: Look) -> None:
    stone = look.tone("#e6bf76")
    pen.poly("58,3 128,80 2,80", stone.base, 1)
    pen.poly("58,3 128,80 74,80", stone.deep, 1)
    for line in ("44,20 60,20", "34,32 52,32", "40,44 62,44", "22,52 40,52", "30,64 56,64", "12,70 30,70"):
        pen.line(line, 2, stone.shade)


@motif("well, wishing well", (80, 96), 2.4, "ground", paints="roof", turns=False)
def well(pen: Pen, look: Look) -> None:
    roof = look.tone("#c86a4a", "#6f7fa0")
    for x in (18, 58):
        pen.pillar(x, 24, 5, 46, Tone("#8a5f45"), 1)
    pen.poly("40,3 78,30 2,30", roof, 2.5, 0.1)
    pen.line("18,42 62,42", 3.4, "#6b4a3a")
    pen.line("40,42 40,56", 1.5, "#d8c29a")
    pen.box(34, 54, 12, 11, Tone("#a0713f"), 2)
    pen.path("M8 68H72L68 96H12Z", Tone("#aeb0bd"), (10, 68), 0.1)
    pen.box(4, 63, 72, 8, Tone("#c3c5cf"), 3)
    for x, y in ((16, 76), (34, 74), (52, 77), (24, 86), (44, 87)):
        pen.box(x, y, 11, 5, "#93959f", 2)


@motif("fence, picket fence", (110, 50), 1.1, "ground", paints="wood", spots={"top": (55.0, 6.0, 80.0)})
def fence(pen: Pen, look: Look) -> None:
    wood = look.tone("#f3ece0", "#b58560")
    for y in (18, 36):
        pen.box(2, y, 106, 5, wood.shade, 1.5)
    for i in range(7):
        x = 6 + i * 15
        pen.poly(f"{x},50 {x},10 {x + 5},3 {x + 10},10 {x + 10},50", wood, 1.5, 0.14)


@motif("fountain", (100, 84), 3, "ground", paints="stone", turns=False)
def fountain(pen: Pen, look: Look) -> None:
    stone = look.tone("#c9c6cf", "#d8c8b0")
    for d in ("M50 20C40 2 22 6 22 30", "M50 20C60 2 78 6 78 30", "M50 20C46 6 34 8 34 26", "M50 20C54 6 66 8 66 26", "M50 20V4"):
        pen.arc(d, 3, "#8fd0ec")
    pen.pillar(45, 30, 10, 40, stone, 2)
    pen.path("M20 30H80C78 42 64 44 50 44C36 44 22 42 20 30Z", stone, (24, 30), 0.12)
    pen.ellipse(50, 30, 30, 4.4, "#7cc4e4")
    pen.path("M4 60H96C96 74 92 84 84 84H16C8 84 4 74 4 60Z", stone, (8, 60), 0.1)
    pen.ellipse(50, 60, 46, 7, stone.light)
    pen.ellipse(50, 60.6, 40, 5, "#7cc4e4")


@motif("statue, monument, sculpture", (50, 116), 5, "ground", paints="stone", turns=False)
def statue(pen: Pen, look: Look) -> None:
    stone = look.tone("#b8bcc6", "#8fb0a4")
    pen.box(2, 104, 46, 12, stone.deep, 2)
    pen.pillar(7, 82, 36, 24, stone, 1)
    pen.box(12, 89, 22, 8, stone.light, 1.5)
    for x in (21, 29):
        pen.box(x - 4, 56, 8, 27, stone.shade, 3)
    pen.curve("32,36 42,26 42,12", 6, stone.shade)
    pen.curve("18,36 12,46 14,54", 6, stone.base)
    pen.box(15, 32, 20, 30, stone, 6, 0.16)
    pen.circle(25, 21, 10, stone)
    pen.poly("38,12 46,12 44,2 42,7 40,2", stone.light, 1)
