"""Flowers and other plants."""

from __future__ import annotations

from massgen_image.composer.motif import Look, motif
from massgen_image.composer.pen import Pen
from massgen_image.composer.tones import Tone

STEM = Tone("#5fa75a")


@motif("grass, reed", (90, 40), 0.3, "ground", paints="blades")
def grass(pen: Pen, look: Look) -> None:
    leaf = look.tone("#77b255", "#5fa75a")
    for i, (x, tip, y) in enumerate(((8, 2, 18), (18, 12, 6), (26, 32, 12), (36, 33, 1), (46, 52, 9), (56, 52, 4), (66, 74, 12), (76, 76, 7), (82, 88, 20))):  # fmt: skip
        pen.path(f"M{x - 5} 40C{x - 4} 28 {tip - 3} {y + 10} {tip} {y}C{tip + 2} {y + 12} {x + 5} 28 {x + 5} 40Z", (leaf.base, leaf.shade, leaf.light)[i % 3])  # fmt: skip


def _stem(pen: Pen, height: float, leaf: Tone = STEM) -> None:
    pen.curve(f"30,{height} 31,{(height + 100) / 2} 29.4,99", 4, leaf.base)
    pen.path("M30 92C18 92 10 84 8 72C20 72 29 80 30 92Z", leaf.base)
    pen.path("M30 84C40 84 50 76 52 64C41 65 31 72 30 84Z", leaf.shade)


FLOWER = {"top": (30.0, 20.0, 20.0)}


@motif("flower, blossom, bloom, wildflower", (60, 100), 0.5, "ground", paints="petals", spots=FLOWER)  # fmt: skip
def flower(pen: Pen, look: Look) -> None:
    petal = look.tone("#ee7f9a", "#f0a03c", "#9a7fe0", "#e8604f")
    _stem(pen, 40)
    for i in range(6):
        with pen.at(30, 28, turn=i * 60 + 30):
            pen.ellipse(0, -15, 9.5, 12, petal.base if i in (0, 4, 5) else petal.shade)
    pen.circle(30, 28, 9, look.second("#f7cc58"))


@motif("daisy, chamomile", (60, 100), 0.4, "ground", paints="petals", spots=FLOWER)
def daisy(pen: Pen, look: Look) -> None:
    petal = look.tone("#fbf8f2")
    _stem(pen, 40)
    for i in range(11):
        with pen.at(30, 27, turn=i * 360 / 11):
            pen.ellipse(0, -17, 5.4, 9.6, petal.shade if 3 <= i <= 6 else petal.base)
    pen.circle(30, 27, 9.6, look.second("#f5c242"))


@motif("sunflower", (66, 112), 1.8, "ground", paints="petals", spots={"top": (33.0, 16.0, 20.0)})
def sunflower(pen: Pen, look: Look) -> None:
    petal = look.tone("#f7bf3a")
    with pen.at(3, 12):
        _stem(pen, 40)
    for ring, fill in ((0, petal.shade), (1, petal.base)):
        for i in range(12):
            with pen.at(33, 32, turn=i * 30 + ring * 15):
                pen.poly("-6,-12 0,-31 6,-12", fill, 4)
    pen.circle(33, 32, 15, Tone("#7a4f35"))
    for x, y in ((28, 28), (34, 26), (39, 31), (30, 35), (36, 37)):
        pen.circle(x, y, 1.6, "#a9713f")


@motif("tulip", (60, 100), 0.4, "ground", paints="petals", spots=FLOWER)
def tulip(pen: Pen, look: Look) -> None:
    petal = look.tone("#e8584f", "#f2a33f", "#b878d8", "#f08fb0")
    pen.curve("30,40 30,70 30,99", 4, "#5fa75a")
    pen.path("M30 99C14 88 10 70 12 54C24 62 30 78 30 99Z", "#5fa75a")
    pen.path("M30 99C44 90 50 76 48 62C38 68 31 82 30 99Z", Tone("#5fa75a").shade)
    pen.path("M12 14C20 18 24 14 30 4C36 14 40 18 48 14C52 34 44 48 30 48C16 48 8 34 12 14Z", petal, (16, 16), 0.12)
    pen.path("M30 6C38 18 40 34 30 47C20 34 22 18 30 6Z", petal.light)


@motif("rose", (60, 100), 0.5, "ground", paints="petals", spots=FLOWER)
def rose(pen: Pen, look: Look) -> None:
    petal = look.tone("#d8394f", "#e8698a")
    _stem(pen, 40)
    pen.poly("22,40 30,50 38,40 46,50 30,54 14,50", "#4f9a63", 2)
    pen.blob("30,6 44,10 51,24 46,40 30,47 14,40 9,24 16,10", petal)
    pen.blob("12,20 24,30 28,46 14,40 9,28", petal.shade)
    pen.blob("48,20 38,32 30,46 46,40 51,28", petal.deep)
    pen.arc("M38 18C38 12 24 12 23 20C22 28 34 28 34 22C34 19 29 19 29 22", 2.2, petal.deep)
    pen.ellipse(20, 15, 4, 2.4, petal.light, -40)


@motif(
    "mushroom, toadstool",
    (80, 78),
    0.2,
    "ground",
    paints="cap",
    spots={"top": (40.0, 4.0, 40.0), "under": (40.0, 76.0, 60.0)},
)
def mushroom(pen: Pen, look: Look) -> None:
    cap = look.tone("#dd4b45", "#c98a5a", "#8f6fc0")
    pen.path("M28 40C30 54 28 66 25 74C34 79 46 79 55 74C52 66 50 54 52 40Z", Tone("#f6ead6"), (28, 42), 0.12)
    pen.path("M2 42C2 18 20 2 40 2C60 2 78 18 78 42C68 50 12 50 2 42Z", cap, (14, 12), 0.1)
    pen.ellipse(40, 44, 24, 4.6, "#e6d3b6")
    for x, y, r in ((24, 20, 6.4), (46, 14, 5), (60, 28, 6), (38, 32, 4.6), (14, 34, 3.8)):
        pen.circle(x, y, r, "#fbf4e6")


@motif("leaf, leaves, foliage", (76, 80), 0.15, "ground", paints="leaf")
def leaf(pen: Pen, look: Look) -> None:
    leaf = look.tone("#6fb255", "#e08a3c", "#4f9a63")
    pen.path("M10 70C2 34 26 4 72 4C76 44 54 76 10 70Z", leaf, (24, 20), 0.1)
    pen.curve("2,79 24,54 58,18", 3, leaf.deep)
    for line in ("24,54 22,36", "34,43 34,24", "44,32 47,15", "30,48 48,52", "40,37 58,40"):
        pen.line(line, 2, leaf.deep)


@motif("cactus, cacti, succulent", (80, 104), 2.0, "ground", paints="flesh")
def cactus(pen: Pen, look: Look) -> None:
    green = look.tone("#5fa76a", "#4f9a7a")
    pen.arc("M32 70C14 72 12 62 12 46", 13, green.base)
    pen.arc("M48 60C68 62 68 52 68 38", 13, green.shade)
    pen.box(27, 4, 26, 100, green, 13, 0.2)
    for x in (34, 42):
        pen.line(f"{x},16 {x},96", 1.6, green.deep)
    for place in ((12, 40), (40, 5), (68, 32)):
        pen.circle(*place, 5, "#f08fae")
        pen.circle(*place, 2, "#f8d86f")


@motif("potted plant, houseplant, plant, pot plant, fern", (70, 92), 0.6, "table", paints="leaves")
def potted_plant(pen: Pen, look: Look) -> None:
    leaf = look.tone("#4f9a63", "#6fb255")
    for d, fill in (
        ("M35 62C14 56 4 38 6 20C24 24 36 42 35 62Z", leaf.shade),
        ("M35 62C56 56 66 38 64 20C46 24 34 42 35 62Z", leaf.deep),
        ("M35 62C22 44 24 18 35 3C46 18 48 44 35 62Z", leaf.base),
        ("M35 64C24 60 10 60 2 46C18 42 32 50 35 64Z", leaf.base),
        ("M35 64C46 60 60 60 68 46C52 42 38 50 35 64Z", leaf.shade),
    ):
        pen.path(d, fill)
    pen.line("35,58 35,14", 1.8, leaf.deep)
    pot = look.own("#d9804f", "#e8e2d8", "#6f8fb8")
    pen.poly("14,64 56,64 50,92 20,92", pot, 3, 0.12)
    pen.box(10, 60, 50, 9, pot, 3)


@motif("bouquet, flowers bunch, bunch of flowers", (76, 100), 0.4, "table", paints="petals")
def bouquet(pen: Pen, look: Look) -> None:
    for x, y in ((12, 26), (64, 26), (38, 10), (24, 44), (54, 44)):
        pen.circle(x, y, 10, "#5fa75a")
    for i, (x, y) in enumerate(((22, 20), (54, 20), (38, 30), (14, 40), (62, 40), (30, 48), (48, 50))):
        petal = look.tone("#ee7f9a") if i % 3 == 0 else look.own(("#f2b93f", "#a88fe0", "#f6f0ea")[i % 3])
        for turn in range(5):
            with pen.at(x, y, turn=turn * 72):
                pen.ellipse(0, -6.4, 5, 6, petal.base if turn in (0, 4) else petal.shade)
        pen.circle(x, y, 4, "#f7d56a")
    pen.poly("16,54 60,54 46,98 30,98", Tone("#f3e6d2"), 3)
    pen.poly("38,54 60,54 46,98 40,98", "#dcc9b4", 3)
    pen.box(27, 72, 22, 7, look.own("#d8597a", "#3f9aa8"), 3)
