"""Elephants, giraffes and other wild animals, from the side."""

from __future__ import annotations

from massgen_image.composer.motif import Look, motif
from massgen_image.composer.motifs._creature import CREAM, PINK, legs
from massgen_image.composer.pen import Pen
from massgen_image.composer.tones import INK, Tone


@motif("elephant, mammoth", (120, 96), 3.0, "ground", paints="skin", spots={"seat": (48.0, 18.0, 34.0), "head": (86.0, 10.0, 24.0)})  # fmt: skip
def elephant(pen: Pen, look: Look) -> None:
    skin = look.tone("#9ba4b8", "#a9a3ad")
    pen.curve("12,42 5,52 7,66", 3, skin.deep)
    legs(pen, "26,60,96 64,60,96", "38,60,94 54,60,94", skin, 15)
    for x in (26, 64):
        for toe in (-4, 1, 6):
            pen.ellipse(x + toe - 1, 94.6, 2, 1.5, "#e9e5e0")
    pen.blob("10,46 20,24 46,15 72,20 82,38 78,62 58,74 28,72 12,62", skin)
    pen.arc("M104 40C110 52 110 66 106 76C103 83 110 86 114 80", 10, skin.shade)
    pen.arc("M103 40C109 52 109 66 105 75", 9, skin.base)
    pen.blob("74,22 88,10 104,18 112,36 106,52 92,56 78,48", skin, depth=0.1)
    pen.arc("M97 52C103 58 110 58 114 53", 4, "#fbf3e2")
    pen.blob("66,18 80,16 88,28 86,48 76,58 66,54 58,40 59,26", skin.deep)
    pen.blob("67,22 79,20 85,30 83,46 75,54 67,50 61,39 62,28", Tone("#c9a7ad"))
    pen.eye(97, 31, 2.8)


@motif(
    "giraffe",
    (88, 140),
    5.0,
    "ground",
    paints="coat",
    spots={"head": (66.0, 8.0, 14.0), "eyes": (70.0, 19.0, 20.0), "seat": (32.0, 70.0, 20.0)},
)
def giraffe(pen: Pen, look: Look) -> None:
    coat, spot = look.tone("#f3c565"), look.second("#b4743c").base
    pen.curve("10,84 4,94 6,104", 2.6, coat.shade)
    pen.ellipse(6, 107, 2.6, 4.4, spot)
    legs(pen, "19,94,140 46,94,140", "26,94,138 40,94,138", coat, 7.6, "#6d4a3c")
    pen.blob("9,84 18,72 38,70 50,72 55,88 50,102 32,106 14,104", coat)
    pen.blob("38,84 48,50 56,16 68,14 70,26 64,52 56,88 48,96", coat, depth=0.1)
    for dots in ("20,78 28,77 28,86 20,87", "33,76 41,76 42,84 35,86", "14,90 22,91 22,99 15,98", "28,91 36,90 37,99 29,99", "43,89 50,88 49,96 43,97"):  # fmt: skip
        pen.blob(dots, spot)
    for dots in ("50,60 57,58 56,67 48,69", "53,44 61,43 59,53 52,54", "57,30 64,30 63,38 56,38", "45,72 53,72 51,80 44,81"):  # fmt: skip
        pen.blob(dots, spot)
    pen.blob("58,14 52,30 46,52 40,72 44,72 52,50 58,30 62,18", spot)
    for x in (60, 67):
        pen.line(f"{x},12 {x + 0.6},4", 2.4, coat.shade)
        pen.circle(x + 0.7, 3.4, 2.6, spot)
    pen.ellipse(54, 15, 7, 3.4, coat.shade, 24)
    pen.blob("58,12 68,9 80,18 87,26 84,32 74,31 62,26", coat)
    pen.blob("78,21 87,26 84,32 77,31", CREAM)
    pen.ellipse(82.5, 26, 1, 1.4, spot)
    pen.eye(70, 18, 2.5)


@motif("deer, reindeer, stag", (92, 110), 1.5, "ground", paints="coat", spots={"seat": (38.0, 54.0, 20.0), "head": (70.0, 24.0, 14.0)})  # fmt: skip
def deer(pen: Pen, look: Look) -> None:
    coat = look.tone("#b9794a", "#a56b48")
    horn = "#7a5443"
    for flip, x in ((True, 66), (False, 72)):
        with pen.at(x, 26, flip=flip):
            pen.curve("0,0 4,-10 3,-20 8,-25", 3, horn)
            pen.curve("3.5,-10 11,-13 13,-19", 2.6, horn)
    pen.ellipse(11, 60, 4.5, 7, CREAM, 20)
    legs(pen, "22,76,110 56,76,110", "29,76,108 50,76,108", coat, 7, "#4a3a3d")
    pen.blob("10,62 20,54 42,57 58,53 66,62 63,78 48,86 24,86 12,78", coat)
    pen.blob("48,66 56,46 62,30 74,30 76,42 70,60 62,78 52,78", coat, depth=0.1)
    pen.blob("62,50 72,46 68,66 60,76 58,64", CREAM)
    pen.ellipse(58, 28, 8, 3.8, coat.shade, 14)
    pen.blob("62,27 72,23 84,33 91,41 86,46 74,43 64,38", coat)
    pen.ellipse(88, 42, 3.2, 2.8, INK)
    pen.eye(74, 31, 2.6)
    for place in ((22, 63), (32, 65), (42, 64), (27, 70), (38, 71)):
        pen.circle(*place, 1.7, CREAM)


@motif(
    "camel", (112, 100), 2.1, "ground", paints="coat", spots={"seat": (44.0, 32.0, 14.0), "head": (93.0, 14.0, 14.0)}
)
def camel(pen: Pen, look: Look) -> None:
    coat = look.tone("#d5a262", "#c79455")
    pen.curve("12,48 6,56 8,66", 2.6, coat.deep)
    legs(pen, "24,66,100 64,66,100", "33,66,98 57,66,98", coat, 8.6, "#6e5140")
    pen.blob("11,50 20,42 27,24 36,24 43,40 52,24 61,24 68,42 74,52 70,68 50,74 24,72 12,64", coat)
    pen.blob("62,54 74,62 82,48 82,26 92,18 97,28 94,48 86,66 74,74 64,70", coat, depth=0.08)
    pen.ellipse(86, 16, 3, 4.4, coat.shade, -16)
    pen.blob("84,22 92,16 104,22 111,30 106,36 92,34", coat)
    pen.blob("101,24 110.5,29 106,35.5 100,33", coat.light)
    pen.eye(95, 23, 2.2)
    pen.curve("103,33 107,32.4", 1.1, coat.deep)


@motif("hippo, hippopotamus", (112, 76), 1.5, "ground", paints="skin", spots={"seat": (44.0, 12.0, 34.0)})
def hippo(pen: Pen, look: Look) -> None:
    skin = look.tone("#9a92ad", "#a3929f")
    legs(pen, "24,52,76 62,52,76", "36,52,75 52,52,75", skin, 14)
    pen.blob("6,44 16,18 44,9 70,18 82,38 74,60 46,66 16,62", skin)
    pen.circle(77, 13, 5, skin.shade)
    pen.circle(92, 12, 5, skin.base)
    pen.blob("70,20 82,12 96,16 108,32 110,50 98,58 82,56 72,44", skin, depth=0.1)
    pen.blob("82,40 98,32 109,40 110,52 100,59 86,58", skin.light)
    for x in (94, 104):
        pen.ellipse(x, 40, 2, 1.6, skin.deep)
    pen.box(90, 55, 5, 6, "#ffffff", 1.5)
    pen.box(101, 55, 5, 6, "#ffffff", 1.5)
    pen.eye(82, 25, 2.6)
    pen.eye(95, 23, 2.6)


@motif("rhino, rhinoceros", (116, 78), 1.7, "ground", paints="skin", spots={"seat": (46.0, 14.0, 34.0)})
def rhino(pen: Pen, look: Look) -> None:
    skin = look.tone("#949aa8")
    pen.curve("10,32 4,42 6,50", 2.6, skin.deep)
    legs(pen, "24,50,78 64,50,78", "36,50,76 54,50,76", skin, 13)
    pen.blob("8,38 18,18 44,12 70,16 84,30 78,56 50,64 18,60", skin)
    pen.curve("64,20 70,36 66,54", 2, skin.shade)
    pen.poly("106,34 112,8 99,28", "#f1e8d8", 2)
    pen.poly("95,28 97,17 89,25", "#f1e8d8", 1.5)
    pen.ellipse(78, 15, 4, 7, skin.shade, -20)
    pen.blob("70,24 84,18 98,28 110,36 110,50 98,56 80,50", skin, depth=0.1)
    pen.ellipse(86, 16, 4, 7, skin.base, 14)
    pen.eye(90, 33, 2.4)
    pen.ellipse(106, 42, 1.4, 1.8, skin.deep)


@motif("kangaroo, wallaby", (96, 108), 1.5, "ground", paints="fur", spots={"head": (72.0, 14.0, 12.0)})
def kangaroo(pen: Pen, look: Look) -> None:
    fur = look.tone("#c08a5c", "#a9754f")
    pen.curve("34,84 19,93 6,100", 9, fur.shade)
    pen.blob("58,52 62,30 68,18 80,22 80,36 72,52 70,70 62,92 44,96 30,84 32,68 44,58", fur)
    pen.ellipse(62, 76, 9, 15, CREAM, 14)
    pen.curve("53,74 62,70 71,73", 2, fur.shade)
    pen.blob("30,76 44,70 54,82 46,98 34,96", fur.base)
    pen.box(34, 96, 38, 8.5, fur.base, 4)
    pen.curve("66,50 76,56 80,60", 5.5, fur.base)
    pen.ellipse(67, 12, 4, 11, fur.shade, -16)
    pen.ellipse(75, 11, 4, 11, fur.base, 8)
    pen.blob("66,20 76,17 88,26 92,32 86,37 74,35 66,30", fur)
    pen.ellipse(90, 32, 2.8, 2.4, INK)
    pen.eye(77, 25, 2.3)


@motif("squirrel, chipmunk", (80, 84), 0.25, "ground", paints="fur", spots={"head": (52.0, 16.0, 14.0)})
def squirrel(pen: Pen, look: Look) -> None:
    fur = look.tone("#c8723c", "#9a6147")
    pen.blob("30,80 12,72 4,48 10,24 26,14 38,22 36,34 28,32 24,42 30,58 38,72", fur)
    pen.curve("28,70 17,58 15,40 22,26", 4, fur.light)
    pen.blob("46,38 60,42 66,58 62,76 50,83 34,82 28,70 34,52", fur)
    pen.ellipse(56, 64, 8, 14, CREAM, 6)
    pen.poly("44,22 44,8 54,18", fur.shade, 2)
    pen.ellipse(56, 30, 15, 13, fur)
    pen.poly("54,20 59,7 64,20", fur.base, 2)
    pen.ellipse(66, 35, 6.5, 5.5, CREAM)
    pen.circle(71, 33, 2, INK)
    pen.eye(59, 28, 2.7)
    pen.ellipse(68, 56, 6.4, 5.6, Tone("#a3703f"))
    pen.box(61, 48, 14, 5.5, "#6e4a34", 2.6)
    pen.curve("54,52 60,58 64,58", 5, fur.base)
    pen.ellipse(54, 81, 12, 3.6, fur.shade)


@motif("hedgehog, porcupine", (86, 58), 0.2, "ground", paints="spines", spots={"seat": (40.0, 8.0, 20.0)})
def hedgehog(pen: Pen, look: Look) -> None:
    spines, skin = look.tone("#7c5a4c", "#68566b"), Tone("#f1d3ac")
    pen.blob("52,30 68,30 84,44 84,48 70,55 50,55", skin)
    star = "6,54 1,46 8,43 4,34 12,33 11,23 20,24 21,13 30,17 34,6 42,13 50,5 54,14 63,11 64,22 71,26 66,34 64,44 58,54"
    pen.poly(star, spines, 1.2, 0.08)
    for x, y in ((24, 34), (38, 26), (52, 28), (32, 44), (48, 42)):
        pen.line(f"{x},{y} {x - 4},{y - 6}", 1.8, spines.light)
    pen.ellipse(62, 32, 4.6, 5.4, skin.shade)
    pen.circle(84, 46, 2.8, INK)
    pen.eye(71, 41, 2.4)
    for x in (22, 36, 54, 66):
        pen.ellipse(x, 55.5, 4.6, 2.5, skin.shade)


@motif("bat, vampire bat", (110, 60), 0.3, "air", paints="fur")
def bat(pen: Pen, look: Look) -> None:
    fur = look.tone("#5b4f78", "#4c4a63")
    for flip in (False, True):
        with pen.at(110 if flip else 0, 0, flip=flip):
            pen.path("M48 24C38 6 18 2 2 12C10 18 8 28 6 36C12 32 18 34 21 42C26 36 34 38 37 46C42 42 48 42 52 46Z", fur.shade if flip else fur.base)  # fmt: skip
            pen.curve("46,24 30,18 6,14", 1.6, fur.deep)
            pen.curve("46,26 34,28 21,40", 1.4, fur.deep)
            pen.poly("44,18 43,2 54,12", fur.base if not flip else fur.shade, 2)
    pen.blob("55,9 66,16 66,30 63,46 55,54 47,46 44,30 44,16", fur)
    for x in (50, 60):
        pen.circle(x, 20, 3, "#ffffff")
        pen.eye(x, 20, 2)
    pen.poly("51,27 53.6,27 52.3,31", "#ffffff")
    pen.poly("56.4,27 59,27 57.7,31", "#ffffff")


@motif("dinosaur, dino, t-rex, tyrannosaurus", (120, 104), 4.0, "ground", paints="skin", spots={"seat": (50.0, 40.0, 20.0), "head": (90.0, 6.0, 20.0)})  # fmt: skip
def dinosaur(pen: Pen, look: Look) -> None:
    skin = look.tone("#6fb36a", "#5aa79a", "#a98cc9")
    for x, y in ((16, 62), (28, 56), (40, 48), (50, 38), (59, 26)):
        pen.poly(f"{x - 6},{y + 6} {x - 3},{y - 8} {x + 7},{y + 1}", "#e59a4e", 2)
    pen.blob("66,88 74,86 78,100 90,103 64,103", skin.deep)
    pen.blob(
        "2,78 20,66 38,54 54,40 60,22 74,8 96,5 114,12 118,26 108,34 92,36 88,52 86,72 72,90 50,94 34,84 18,82", skin
    )
    pen.blob("86,40 90,56 84,76 70,88 66,78 74,60", CREAM)
    pen.blob("38,72 54,66 62,80 56,98 66,103 38,103 40,90", skin.base)
    pen.blob("38,72 45,69 43,88 46,103 38,103 40,90", skin.light)
    pen.curve("84,54 94,58 98,63", 6, skin.shade)
    pen.curve("88,28 102,29 115,23", 1.8, skin.deep)
    for x in (96, 103, 110):
        pen.poly(f"{x - 2.4},28 {x + 2.4},27 {x},32.6", "#ffffff")
    pen.circle(90, 15, 4.4, "#ffffff")
    pen.eye(91, 15, 2.8)
    pen.ellipse(111, 14, 1.4, 1.8, skin.deep)
    for place in ((44, 62), (54, 54), (30, 72)):
        pen.circle(*place, 3, skin.shade)


@motif("dragon", (128, 108), 5.0, "ground", paints="scales", spots={"seat": (54.0, 48.0, 18.0)})
def dragon(pen: Pen, look: Look) -> None:
    skin, wing = look.tone("#5fae78", "#7a6cc4", "#4a97b5"), look.second("#e9a94f", "#f0c05e")
    pen.path("M58 56C50 40 36 18 12 6C18 20 14 26 4 30C16 36 16 44 10 52C22 52 28 56 30 66Z", wing.base)
    for line in ("56,54 34,32 12,8", "54,58 30,44 6,31", "50,62 30,54 11,52"):
        pen.curve(line, 2.2, wing.deep)
    pen.curve("40,88 22,96 10,88 4,96", 8, skin.shade)
    pen.poly("0,88 10,92 3,102", wing.deep, 1.5)
    pen.blob("72,84 82,88 86,104 70,104", skin.deep)
    pen.blob("34,80 46,62 62,54 72,40 80,20 96,14 106,24 98,38 94,56 88,78 72,94 50,98 38,92", skin)
    pen.blob("88,40 93,56 87,76 72,90 68,80 76,60", CREAM)
    for y in (52, 62, 72):
        pen.curve(f"{76 - (y - 52) * 0.2},{y} {90 - (y - 52) * 0.2},{y + 3}", 1.4, "#e0cfae")
    pen.blob("40,76 56,72 62,88 56,104 40,104 40,92", skin.base)
    for x, y in ((74, 30), (68, 42), (58, 52), (47, 60)):
        pen.poly(f"{x - 5},{y + 4} {x - 5},{y - 7} {x + 5},{y}", wing.deep, 1.5)
    pen.poly("86,16 80,0 95,12", wing.light, 2)
    pen.poly("96,14 95,-2 103,12", wing.light, 2)
    pen.blob("84,18 96,11 112,18 124,26 122,36 108,38 92,36 84,30", skin, depth=0.1)
    pen.curve("104,33 114,33 122,30", 1.6, skin.deep)
    pen.ellipse(119, 26, 1.5, 1.8, skin.deep)
    pen.circle(100, 22, 4, "#ffffff")
    pen.eye(101, 22, 2.6)
    pen.circle(106, 31, 2.6, PINK)
    pen.curve("82,60 92,64 97,62", 5, skin.base)
