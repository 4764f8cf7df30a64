"""Fruit and vegetables."""

from __future__ import annotations

from massgen_image.composer.motif import Look, motif
from massgen_image.composer.pen import Pen
from massgen_image.composer.tones import Tone

LEAF = Tone("#6aae4f")
STALK = "#7a5640"


@motif("apple", (76, 84), 0.1, "table", paints="skin")
def apple(pen: Pen, look: Look) -> None:
    skin = look.tone("#e0483f", "#8fbf4a", "#e0483f")
    pen.blob("38,22 52,16 68,22 75,42 66,68 50,83 38,79 26,83 10,68 1,42 8,22 24,16", skin)
    pen.ellipse(19, 36, 5, 9, skin.light, 18)
    pen.curve("38,25 38,14 42,5", 3.6, STALK)
    pen.path("M42 16C46 4 58 2 68 5C64 16 53 21 42 16Z", LEAF, (48, 6), 0.14)


@motif("pear", (70, 92), 0.12, "table", paints="skin")
def pear(pen: Pen, look: Look) -> None:
    skin = look.tone("#c9d04f", "#e8c458")
    pen.blob("35,16 45,22 49,38 62,54 67,72 54,89 35,91 16,89 3,72 8,54 21,38 25,22", skin)
    pen.ellipse(18, 62, 5, 10, skin.light, 20)
    pen.curve("35,18 35,10 38,3", 3.4, STALK)
    pen.path("M38 12C42 3 52 1 62 4C58 13 48 17 38 12Z", LEAF, (44, 4), 0.14)


@motif("orange, tangerine, mandarin, clementine", (76, 80), 0.08, "table", paints="skin")
def orange(pen: Pen, look: Look) -> None:
    skin = look.tone("#f49a36")
    pen.circle(38, 44, 36, skin)
    pen.ellipse(21, 31, 5, 9, skin.light, 40)
    for place in ((46, 32), (54, 46), (34, 56), (48, 62), (28, 44)):
        pen.circle(*place, 1.3, skin.shade)
    pen.path("M38 12C44 1 56 0.5 64 4C60 14 50 18 38 12Z", LEAF, (46, 3), 0.14)
    pen.circle(38, 11.6, 3, LEAF.deep)


@motif("lemon", (92, 66), 0.08, "table", paints="skin")
def lemon(pen: Pen, look: Look) -> None:
    skin = look.tone("#f8d648")
    pen.blob("2,38 12,30 24,14 46,8 68,14 80,30 91,38 80,46 68,60 46,65 24,60 12,46", skin)
    pen.ellipse(28, 24, 4, 9, skin.light, 50)
    pen.path("M46 10C48 2 58 0.5 68 2C66 10 56 15 46 10Z", LEAF, (52, 2), 0.14)


@motif("banana", (92, 70), 0.1, "table", paints="peel")
def banana(pen: Pen, look: Look) -> None:
    skin = look.tone("#f8d149")
    pen.path("M74 6C80 5 84 8 83 14C84 40 60 68 22 68C10 68 3 62 4 56C30 54 60 40 74 6Z", skin.base)
    pen.path("M83 14C84 40 60 68 22 68C10 68 3 62 4 56C10 62 16 63 24 62C56 60 76 38 79 10Z", skin.shade)
    pen.curve("16,57 46,49 68,24", 2.4, skin.light)
    pen.poly("72,8 74,1 83,2 83,12", "#7a6436", 2)
    pen.ellipse(5, 60, 3.6, 4.4, "#7a6436", -30)


@motif("strawberry, strawberries", (70, 82), 0.06, "table", paints="flesh")
def strawberry(pen: Pen, look: Look) -> None:
    skin = look.tone("#e4454a")
    pen.blob("35,14 52,14 67,26 66,46 52,68 35,81 18,68 4,46 3,26 18,14", skin)
    for x, y in ((18, 32), (34, 36), (52, 32), (26, 48), (44, 50), (35, 64), (12, 44), (58, 46)):
        pen.ellipse(x, y, 1.7, 2.6, "#f9dd83")
    pen.poly("35,20 24,26 20,16 6,18 18,8 32,8 33,1 38,1 38,8 52,8 64,18 50,16 46,26", LEAF, 2)


@motif("cherry, cherries", (80, 84), 0.06, "table", paints="skin")
def cherry(pen: Pen, look: Look) -> None:
    skin = look.tone("#d03a4c")
    pen.curve("22,52 34,24 54,6", 3, "#6f9a45")
    pen.curve("58,56 58,28 54,6", 3, "#5f8a3f")
    pen.path("M54 6C62 0.5 74 3 79 12C68 18 58 14 54 6Z", LEAF, (60, 3), 0.14)
    for x, y in ((22, 63), (58, 66)):
        pen.circle(x, y, 17.5, skin if x < 40 else Tone(skin.shade))
        pen.ellipse(x - 7, y - 6, 2.6, 4.6, skin.light, 36)


@motif("grapes, grape", (74, 92), 0.15, "table", paints="skin")
def grapes(pen: Pen, look: Look) -> None:
    skin = look.tone("#8a5fb5", "#9fbf55")
    pen.curve("37,22 38,10 44,3", 3.4, STALK)
    pen.blob("40,16 54,4 70,10 66,24 50,26", LEAF)
    rows = ((30, (15, 30, 45, 60)), (43, (22, 37, 52)), (56, (15, 30, 45, 60)), (68, (24, 38, 52)), (80, (31, 45)))
    for y, xs in rows:
        for x in xs:
            pen.circle(x, y, 9.4, skin if x < 44 else Tone(skin.shade))


@motif("watermelon, melon", (100, 62), 0.3, "table", paints="flesh")
def watermelon(pen: Pen, look: Look) -> None:
    flesh = look.tone("#ee5a5f")
    pen.path("M2 8C2 40 24 61 50 61C76 61 98 40 98 8Z", "#4f9a58")
    pen.path("M9 8C9 36 28 54 50 54C72 54 91 36 91 8Z", "#e4f0c4")
    pen.path("M14 8C14 33 30 49 50 49C70 49 86 33 86 8Z", flesh, (16, 8), 0.12)
    for x, y in ((28, 18), (44, 16), (60, 17), (74, 18), (36, 30), (52, 30), (66, 29), (50, 41)):
        pen.ellipse(x, y, 2, 3.4, "#43303f")


@motif("pineapple", (64, 108), 0.3, "table", paints="flesh")
def pineapple(pen: Pen, look: Look) -> None:
    skin = look.tone("#f0b33f")
    for tip, x in ((8, 24), (56, 40), (18, 28), (46, 36), (32, 32)):
        pen.path(f"M{x - 8} 44C{x - 8} 28 {tip - 2} 14 {tip} {3 if tip == 32 else 12}C{tip + 4} 18 {x + 8} 30 {x + 8} 44Z", (LEAF.deep if abs(tip - 32) > 20 else LEAF.shade if tip != 32 else LEAF.base))  # fmt: skip
    pen.blob("32,38 50,42 59,60 58,84 46,104 32,107 18,104 6,84 5,60 14,42", skin)
    for i in range(4):
        pen.line(f"{8 + i * 6},{62 + i * 13} {24 + i * 10},{44 + i * 8}", 2, skin.deep)
        pen.line(f"{56 - i * 6},{62 + i * 13} {40 - i * 10},{44 + i * 8}", 2, skin.deep)


@motif("carrot", (60, 100), 0.15, "table", paints="root")
def carrot(pen: Pen, look: Look) -> None:
    root = look.tone("#f28a36")
    for x, turn in ((22, -24), (38, 22), (30, 0)):
        with pen.at(x, 34, turn=turn):
            pen.blob("0,0 6,-12 3,-22 7,-29 0,-32 -7,-29 -3,-22 -6,-12", LEAF if turn else Tone(LEAF.light))
    pen.blob("30,28 46,30 50,42 44,64 34,96 30,99 26,96 16,64 10,42 14,30", root)
    for line in ("15,44 26,45", "42,54 33,55", "20,64 28,65", "37,74 32,75"):
        pen.line(line, 2.2, root.deep)


@motif("tomato", (80, 74), 0.08, "table", paints="skin")
def tomato(pen: Pen, look: Look) -> None:
    skin = look.tone("#e5483e")
    pen.blob("40,14 62,12 77,28 77,50 62,69 40,73 18,69 3,50 3,28 18,12", skin)
    pen.ellipse(18, 32, 5, 9, skin.light, 26)
    pen.poly("40,18 32,30 31,20 14,24 26,14 22,6 36,10 38,1 43,1 44,10 58,6 54,14 66,24 49,20 48,30", LEAF, 2)


@motif("pumpkin, squash, gourd", (96, 80), 0.4, "ground", paints="skin", spots={"top": (48.0, 18.0, 30.0)})
def pumpkin(pen: Pen, look: Look) -> None:
    skin = look.tone("#ef8a34")
    pen.blob("44,20 44,8 38,2 50,1 55,8 56,20", Tone("#7f8f45"))
    for x, rx, fill in ((20, 19, skin.shade), (76, 19, skin.deep), (34, 20, skin.base), (62, 20, skin.shade)):
        pen.ellipse(x, 48, rx, 29, fill)
    pen.ellipse(48, 48, 18, 31.5, skin.base)
    pen.curve("34,24 28,46 34,72", 2, skin.deep)
    pen.curve("62,24 68,46 62,72", 2, skin.deep)
    pen.ellipse(22, 36, 4, 9, skin.light, 14)


@motif("corn, maize, corncob", (56, 100), 0.25, "table", paints="kernels")
def corn(pen: Pen, look: Look) -> None:
    grain = look.tone("#f7cd4a")
    pen.blob("28,3 40,12 44,40 40,76 28,90 16,76 12,40 16,12", grain)
    for y in range(14, 80, 10):
        for x in (20, 28, 36):
            pen.arc(f"M{x - 3.4} {y}Q{x} {y + 4.4} {x + 3.4} {y}", 1.6, grain.deep)
    pen.path("M28 99C8 92 0.5 66 4 38C18 50 28 74 28 99Z", LEAF.base)
    pen.path("M28 99C48 92 55.5 66 52 38C38 50 28 74 28 99Z", LEAF.shade)


@motif("broccoli", (84, 84), 0.2, "table", paints="florets")
def broccoli(pen: Pen, look: Look) -> None:
    green = look.tone("#5fa34f")
    stalk = Tone("#a8cc6a")
    pen.path(
        "M30 40L20 34L16 42L32 60C33 70 32 78 30 83H54C52 78 51 70 52 60L68 42L64 34L54 40Z", stalk, (30, 40), 0.14
    )
    for i, (x, y, r) in enumerate(((16, 30, 14), (68, 30, 14), (30, 18, 15), (54, 17, 15), (42, 30, 17))):
        pen.circle(x, y, r, green if i % 2 == 0 else Tone(green.shade))
    for place in ((26, 14), (40, 22), (14, 26), (46, 30), (62, 24)):
        pen.circle(*place, 2.4, green.light)


@motif("potato", (84, 62), 0.1, "table", paints="skin")
def potato(pen: Pen, look: Look) -> None:
    skin = look.tone("#c99d66")
    pen.blob("6,34 14,16 34,4 58,6 76,20 82,38 72,54 48,60 22,58 10,48", skin)
    for place in ((26, 24), (48, 18), (60, 34), (36, 42), (20, 40)):
        pen.ellipse(*place, 2.8, 1.8, skin.deep, 20)


@motif("avocado", (66, 88), 0.12, "table", paints="skin")
def avocado(pen: Pen, look: Look) -> None:
    skin = look.tone("#5f7f3f")
    pen.blob("33,3 46,10 52,30 62,50 62,70 50,85 33,87 16,85 4,70 4,50 14,30 20,10", skin)
    pen.blob("33,9 42,16 47,33 55,52 55,68 46,79 33,81 20,79 11,68 11,52 19,33 24,16", "#dfe79a")
    pen.circle(33, 58, 15, Tone("#9a6238"))
    pen.ellipse(27, 52, 2.6, 4.4, "#c28d5c", 36)
