"""Insects and other small creatures."""

from __future__ import annotations

from massgen_image.composer.motif import Look, motif
from massgen_image.composer.motifs._creature import PINK
from massgen_image.composer.pen import Pen
from massgen_image.composer.tones import INK, Tone


@motif("butterfly, moth", (90, 76), 0.12, "air", paints="wings")
def butterfly(pen: Pen, look: Look) -> None:
    wing = look.tone("#f09a3e", "#7f8fe0", "#e57ba6", "#4fb3c4")
    spot = look.second(Tone(wing.base).light, "#fbe3a2")
    for flip in (False, True):
        with pen.at(90 if flip else 0, 0, flip=flip):
            pen.blob("42,40 34,18 18,3 4,6 2,24 12,40 30,44", wing.shade if flip else wing.base)
            pen.blob("43,42 26,44 12,52 14,68 28,72 38,60", wing.deep if flip else wing.shade)
            pen.blob("34,34 26,18 16,12 11,18 16,30", spot.base)
            pen.circle(25, 57, 5, spot.base)
            pen.circle(8, 14, 1.8, "#ffffff")
            pen.curve("44,26 38,12 32,8", 1.5, INK)
            pen.circle(32, 8, 2, INK)
    pen.blob("45,24 49,34 48.6,54 45,64 41.4,54 41,34", "#4a3f55")
    pen.circle(45, 24, 4.8, "#4a3f55")


@motif("bee, bumblebee, wasp, honeybee", (90, 66), 0.1, "air", paints="stripes")
def bee(pen: Pen, look: Look) -> None:
    coat, dark = look.tone("#f7c440"), look.second("#43384f").base
    pen.poly("10,40 1,42 11,47", dark, 1)
    pen.ellipse(34, 18, 11, 16, "#dceef6", -24)
    pen.ellipse(52, 17.5, 11, 16.5, "#eef7fb", 14)
    pen.blob("8,42 20,28 42,23 62,27 72,40 64,55 42,60 20,56", coat)
    for d in (
        "M27 26.4C22 36 22 47 27 57.4L36 59.6C31 48 31 36 36 24Z",
        "M46 23.4C42 36 42 48 46 60L55 58.6C51 48 51 36 55 24.6Z",
    ):
        pen.path(d, dark)
    pen.circle(69, 38, 14, coat)
    pen.curve("70,26 74,14 80,12", 1.8, dark)
    pen.circle(80, 12, 2.4, dark)
    pen.curve("76,28 82,20 87,20", 1.8, dark)
    pen.circle(87, 20, 2.4, dark)
    pen.eye(74, 35, 3)
    pen.smile(76, 43, 7, 1.5)
    pen.ellipse(67, 43, 3, 2, "#f29b6c")


@motif("ladybug, ladybird", (84, 60), 0.08, "ground", paints="wings")
def ladybug(pen: Pen, look: Look) -> None:
    wing = look.tone("#e0453e")
    for x in (22, 36, 50):
        pen.line(f"{x},50 {x - 4},58", 3, INK)
    pen.circle(66, 36, 14, INK)
    pen.curve("70,24 74,14 80,12", 1.8, INK)
    pen.curve("74,27 80,20 83,20", 1.8, INK)
    pen.path("M4 52C4 22 20 6 40 6C58 6 68 24 68 52Z", wing, (16, 18), 0.1)
    pen.line("42,7 40,52", 1.8, INK)
    for x, y, r in ((24, 22, 4.6), (18, 40, 5), (32, 40, 4.4), (54, 22, 4), (54, 40, 5)):
        pen.circle(x, y, r, INK)
    pen.circle(72, 32, 3.4, "#ffffff")
    pen.circle(72.8, 32, 1.8, INK)


@motif("snail", (96, 66), 0.08, "ground", paints="shell")
def snail(pen: Pen, look: Look) -> None:
    shell, body = look.tone("#c9784e", "#8f7bc0", "#d99a4a"), Tone("#e9cfa2")
    pen.line("82,28 80,8", 3, body.shade)
    pen.line("88,28 92,10", 3, body.base)
    pen.blob("2,62 20,52 50,52 68,48 74,30 86,24 94,32 92,50 80,62 40,65", body)
    pen.circle(40, 34, 28, shell)
    pen.arc(
        "M40 54C26 54 20 44 21 34C22 22 32 17 41 18C52 19 57 28 55 36C53 45 44 48 37 44C31 40 33 31 40 31",
        4,
        shell.deep,
    )
    pen.circle(80, 7, 3.6, body.base)
    pen.circle(92, 9, 3.6, body.base)
    pen.eye(80.6, 7, 2.1)
    pen.eye(92.6, 9, 2.1)
    pen.smile(87, 40, 7, 1.5, body.deep)


@motif("caterpillar, worm", (104, 50), 0.06, "ground", paints="body")
def caterpillar(pen: Pen, look: Look) -> None:
    body = look.tone("#84bf4c", "#f0b04a")
    for i, y in enumerate((34, 28, 31, 35, 30)):
        x = 12 + i * 16
        pen.line(f"{x},{y + 8} {x - 2},48", 3.4, body.deep)
        pen.circle(x, y, 12, body if i % 2 else Tone(body.shade))
    pen.curve("88,16 86,7 90,3", 1.8, INK)
    pen.curve("94,16 98,8 102,7", 1.8, INK)
    pen.circle(89, 27, 14.5, body)
    pen.eye(85, 24, 2.8)
    pen.eye(95, 24, 2.8)
    pen.smile(90, 30, 8, 1.5)
    pen.ellipse(82, 31, 2.8, 1.9, PINK)
    pen.ellipse(98, 31, 2.8, 1.9, PINK)


@motif("spider, tarantula", (96, 64), 0.08, "ground", paints="body")
def spider(pen: Pen, look: Look) -> None:
    body = look.tone("#5a4c72", "#4b4a5e")
    for flip in (False, True):
        with pen.at(96 if flip else 0, 0, flip=flip):
            for line in ("36,36 18,8 8,30 4,40", "34,40 12,22 6,44 2,56", "36,46 16,40 14,62", "38,50 26,50 26,63"):
                pen.line(line, 3, body.deep)
    pen.circle(48, 30, 22, body)
    pen.circle(48, 46, 14.5, body)
    for x in (42, 54):
        pen.circle(x, 44, 4.6, "#ffffff")
        pen.eye(x, 44.6, 2.9)
    pen.smile(48, 52, 8, 1.5, "#ffffff")


@motif("ant", (96, 56), 0.05, "ground", paints="body")
def ant(pen: Pen, look: Look) -> None:
    body = look.tone("#8d4a3c", "#55424e")
    for line in ("44,36 36,24 28,54", "50,38 50,54", "54,36 62,26 70,54", "40,38 30,34 18,53"):
        pen.line(line, 2.6, body.deep)
    pen.ellipse(20, 30, 18, 13, body, -8)
    pen.ellipse(48, 34, 12, 8, body)
    pen.curve("80,16 82,6 90,3", 2, body.deep)
    pen.curve("86,17 92,10 95,12", 2, body.deep)
    pen.circle(78, 27, 13.5, body)
    pen.circle(81, 25, 3.8, "#ffffff")
    pen.eye(82, 25, 2.4)
    pen.smile(84, 32, 5, 1.3, "#ffffff")


@motif("snake, serpent, cobra, python", (110, 60), 0.3, "ground", paints="scales")
def snake(pen: Pen, look: Look) -> None:
    skin, band = look.tone("#6fae5a", "#d9a24a", "#4f9f96"), look.second("#f5e08a")
    d = "M6 54C22 58 30 40 44 42C58 44 56 55 70 54C88 52 84 34 76 28C68 22 74 13 84 14"
    pen.arc(d, 11.5, skin.shade)
    pen.arc(d.replace("54", "53"), 9, skin.base)
    for x, y in ((24, 51), (34, 44), (48, 43), (61, 52), (74, 51), (81, 41), (74, 25)):
        pen.circle(x, y, 2.2, band.base)
    pen.line("100,19 109,22 106,18", 1.6, "#d8434f")
    pen.line("109,22 105,24", 1.6, "#d8434f")
    pen.blob("78,10 90,6 102,12 103,20 94,26 82,24", skin)
    pen.eye(92, 13, 2.6)
    pen.curve("94,21 99,21 102,18", 1.2, skin.deep)


@motif("lizard, gecko, chameleon, salamander", (112, 41), 0.2, "ground", paints="skin")
def lizard(pen: Pen, look: Look) -> None:
    with pen.at(0, -15):
        skin = look.tone("#7cb95a", "#4fae9b", "#d98f4a")
        pen.arc("M34 40C20 44 18 24 8 26C0 28 4 38 10 35", 6, skin.shade)
        for line in ("42,42 36,52 30,52", "70,42 74,52 80,52"):
            pen.line(line, 5.5, skin.deep)
        for x in (40, 50, 60, 70):
            pen.poly(f"{x - 5},27 {x},18 {x + 5},27", skin.deep, 1.5)
        pen.blob("28,40 42,26 64,24 80,18 98,20 110,30 104,39 86,42 66,47 42,47", skin)
        for line in ("48,44 44,52 38,52.4", "64,44 68,52 74,52.4"):
            pen.line(line, 5.5, skin.base)
        pen.circle(94, 23, 5.6, "#ffffff")
        pen.eye(95, 23, 3.4)
        pen.curve("98,34 104,34.5 109,31", 1.5, skin.deep)
        for place in ((48, 35), (60, 33), (72, 35)):
            pen.circle(*place, 2.6, skin.light)
