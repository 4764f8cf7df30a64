"""Towers, bridges, wells and what else stands about."""

from __future__ import annotations

from massgen_image.composer.motif import Look, motif
from massgen_image.composer.motifs._walls import GLASS, LIT, ROOFS, door
from massgen_image.composer.pen import Pen
from massgen_image.composer.tones import Tone


@motif("tower, clock tower, bell tower", (54, 130), 25, "ground", paints="walls")
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


@motif("lighthouse, beacon", (70, 132), 20, "ground", paints="stripes")
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


@motif("windmill, mill", (100, 120), 12, "ground", paints="walls")
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


@motif(
    "bridge, footbridge",
    (160, 64),
    8,
    "ground",
    paints="stone",
    spots={"top": (80.0, 22.0, 110.0), "under": (80.0, 63.0, 60.0)},
)
def bridge(pen: Pen, look: Look) -> None:
    stone = look.tone("#b8a898", "#c98a6a", "#a8adb8")
    pen.path("M2 64V38C40 14 120 14 158 38V64H134C134 44 102 40 102 64H92C92 36 68 36 68 64H58C58 40 26 44 26 64Z", stone, (30, 26), 0.05)  # fmt: skip
    pen.arc("M2 36C40 12 120 12 158 36", 5, stone.deep)
    for x, y in ((12, 44), (40, 34), (76, 29), (112, 33), (142, 42), (60, 36)):
        pen.box(x, y, 9, 4, stone.shade, 1.4)
    for x, y in ((2, 22), (40, 8), (80, 4), (120, 8), (158, 22)):
        pen.line(f"{x},{y + 14} {x},{y}", 2.6, stone.deep)
    pen.arc("M2 23C40 1 120 1 158 23", 3, stone.shade)


@motif("pyramid, pyramids", (130, 80), 40, "ground", paints="stone")
def pyramid(pen: Pen, look: Look) -> None:
    stone = look.tone("#e6bf76")
    pen.poly("58,3 128,80 2,80", stone.base, 1)
    pen.poly("58,3 128,80 74,80", stone.deep, 1)
    for line in ("44,20 60,20", "34,32 52,32", "40,44 62,44", "22,52 40,52", "30,64 56,64", "12,70 30,70"):
        pen.line(line, 2, stone.shade)


@motif("well, wishing well", (80, 96), 2.4, "ground", paints="roof")
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


@motif("fountain", (100, 84), 3, "ground", paints="stone")
def fountain(pen: Pen, look: Look) -> None:
    stone = look.tone("#c9c6cf", "#d8c8b0")
    for d in (
        "M50 20C40 2 22 6 22 30",
        "M50 20C60 2 78 6 78 30",
        "M50 20C46 6 34 8 34 26",
        "M50 20C54 6 66 8 66 26",
        "M50 20V4",
    ):
        pen.arc(d, 3, "#8fd0ec")
    pen.pillar(45, 30, 10, 40, stone, 2)
    pen.path("M20 30H80C78 42 64 44 50 44C36 44 22 42 20 30Z", stone, (24, 30), 0.12)
    pen.ellipse(50, 30, 30, 4.4, "#7cc4e4")
    pen.path("M4 60H96C96 74 92 84 84 84H16C8 84 4 74 4 60Z", stone, (8, 60), 0.1)
    pen.ellipse(50, 60, 46, 7, stone.light)
    pen.ellipse(50, 60.6, 40, 5, "#7cc4e4")


@motif("statue, monument, sculpture", (50, 116), 5, "ground", paints="stone")
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
