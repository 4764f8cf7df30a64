"""Trees, flowers and other plants."""

from __future__ import annotations

from massgen_image.composer.motif import Look, motif
from massgen_image.composer.pen import Pen
from massgen_image.composer.tones import Tone

LEAVES = ("#5fa75a", "#4f9a63", "#7ab251")
BARK = Tone("#8a5f45")
STEM = Tone("#5fa75a")
TREE = {"inside": (50.0, 46.0, 30.0), "under": (50.0, 118.0, 70.0), "top": (50.0, 8.0, 30.0)}


def crown(pen: Pen, leaf: Tone) -> None:
    """The round crown of a tree, over a trunk at x 50; 100 wide."""
    pen.blob("50,4 72,8 86,24 97,46 90,66 72,76 50,72 28,76 10,66 3,46 14,24 28,8", leaf, 0.1)
    pen.blob("70,34 86,40 88,58 76,70 58,68 54,52 60,40", leaf.shade)
    pen.blob("30,18 44,12 54,18 52,28 42,34 28,30", leaf.light)
    for d in ("M22 48C26 44 30 44 34 48", "M34 58C38 54 42 54 46 58", "M64 22C68 18 72 18 76 22"):
        pen.arc(d, 2, leaf.deep)


def trunk(pen: Pen, foot: float) -> None:
    """A trunk with two branches, standing at ``foot``."""
    pen.path(f"M44 {foot}C45 96 45 84 42 66L58 66C55 84 55 96 58 {foot}Z", BARK.base)
    pen.path(f"M51 {foot}C52 96 53 84 52 66L58 66C55 84 55 96 58 {foot}Z", BARK.shade)
    pen.line("50,86 34,68", 4.4, BARK.base)
    pen.line("51,80 66,66", 4, BARK.shade)


@motif("tree, oak, maple, elm, beech, birch, linden, ash", (100, 120), 6.0, "ground", paints="leaves", spots=TREE)
def tree(pen: Pen, look: Look) -> None:
    trunk(pen, 119.5)
    crown(pen, look.tone(*LEAVES))


@motif("apple tree, fruit tree, orange tree, cherry tree, lemon tree, pear tree, peach tree", (100, 120), 5.0, "ground", paints="leaves", spots=TREE)  # fmt: skip
def apple_tree(pen: Pen, look: Look) -> None:
    trunk(pen, 119.5)
    crown(pen, look.tone(*LEAVES))
    fruit = look.second("#e0504a", "#f0a03c")
    for x, y in ((24, 38), (42, 44), (62, 30), (78, 44), (34, 62), (58, 58), (74, 62)):
        pen.circle(x, y, 4.6, fruit)


@motif("pine, pine tree, fir, fir tree, spruce, conifer, evergreen", (80, 124), 8.0, "ground", paints="needles", spots={"under": (40.0, 122.0, 50.0), "top": (40.0, 2.0, 8.0)})  # fmt: skip
def pine(pen: Pen, look: Look) -> None:
    leaf = look.tone("#3f8062", "#4a8a58", "#357a70")
    pen.pillar(35, 100, 10, 24, BARK, 2)
    for top, foot, half in ((56, 108, 38), (30, 80, 31), (3, 50, 23)):
        pen.poly(f"40,{top} {40 + half},{foot} {40 - half},{foot}", leaf.base, 5)
        pen.poly(f"40,{top} {40 + half},{foot} {40 + half * 0.1:.1f},{foot} {40 + half * 0.22:.1f},{foot - 14}", leaf.shade, 4)


@motif("christmas tree, xmas tree", (80, 128), 2.2, "ground", paints="needles", spots={"under": (40.0, 126.0, 60.0), "top": (40.0, 4.0, 8.0)})  # fmt: skip
def christmas_tree(pen: Pen, look: Look) -> None:
    with pen.at(0, 4):
        pine(pen, look)
        for x, y, c in ((34, 40, 0), (46, 34, 1), (28, 70, 2), (42, 64, 0), (54, 72, 1), (20, 98, 1), (36, 94, 2), (50, 100, 0), (62, 98, 2), (40, 22, 2)):  # fmt: skip
            pen.circle(x, y, 3.8, Tone(("#e4574f", "#f4c44e", "#6fb7e0")[c]))
        pen.poly("40,-4 42.8,2 49,2.6 44.4,7 45.8,13.4 40,10 34.2,13.4 35.6,7 31,2.6 37.2,2", "#f8d35c", 1)


@motif("palm, palm tree, coconut tree", (100, 124), 7.0, "ground", paints="leaves", spots={"under": (50.0, 122.0, 60.0), "inside": (52.0, 40.0, 20.0)})  # fmt: skip
def palm(pen: Pen, look: Look) -> None:
    leaf = look.tone("#55a566", "#6aae4f")
    wood = Tone("#b0804f")
    pen.arc("M40 123C38 96 44 66 52 40", 9, wood.shade)
    pen.arc("M38.8 123C36.8 96 42.4 66 50.8 40", 6, wood.base)
    for y, x in ((108, 38.6), (94, 39.6), (80, 42), (66, 45.4), (54, 49)):
        pen.line(f"{x - 3},{y} {x + 4},{y - 1.4}", 1.6, wood.deep)
    fronds = (("M52 38C34 26 16 32 4 54C22 46 38 46 52 40Z", 1), ("M52 38C72 26 88 34 98 58C82 48 66 46 52 42Z", 1), ("M52 38C42 16 22 8 6 20C24 22 38 30 50 40Z", 0), ("M52 38C62 14 82 8 97 24C80 24 66 30 54 40Z", 1), ("M50 38C46 22 50 8 60 3C62 16 60 28 55 38Z", 0), ("M50 40C36 44 28 58 28 76C40 66 50 54 54 42Z", 2), ("M52 40C66 46 74 60 72 78C62 66 54 54 50 44Z", 2))  # fmt: skip
    for d, shade in sorted(fronds, key=lambda frond: -frond[1]):
        pen.path(d, (leaf.base, leaf.shade, leaf.deep)[shade])
    for x, y in ((47, 43), (54, 45), (51, 48)):
        pen.circle(x, y, 4.4, Tone("#7a5138"))


@motif("bush, shrub, hedge", (100, 56), 1.2, "ground", paints="leaves", spots={"inside": (50.0, 30.0, 50.0)})
def bush(pen: Pen, look: Look) -> None:
    leaf = look.tone(*LEAVES)
    pen.path("M4 55C-2 40 6 28 20 28C24 10 44 0.5 58 10C76 4 90 18 88 32C100 36 100 48 96 55Z".replace("-2", "1"), leaf, (20, 10), 0.1)  # fmt: skip
    pen.blob("34,16 46,12 52,18 46,25 34,26", leaf.light)
    for d in ("M22 42C26 38 30 38 34 42", "M52 34C56 30 60 30 64 34", "M70 46C74 42 78 42 82 46"):
        pen.arc(d, 2, leaf.deep)


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


@motif("mushroom, toadstool", (80, 78), 0.2, "ground", paints="cap", spots={"top": (40.0, 4.0, 40.0), "under": (40.0, 76.0, 60.0)})
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


@motif("bamboo", (70, 120), 5.0, "ground", paints="stalks")
def bamboo(pen: Pen, look: Look) -> None:
    green = look.tone("#7fb357")
    for x, top in ((18, 14), (38, 2), (54, 22)):
        pen.pillar(x - 5, top, 10, 118 - top, green, 3)
        for y in range(int(top) + 18, 116, 22):
            pen.line(f"{x - 5},{y} {x + 5},{y}", 2.2, green.deep)
    for x, y, flip in ((23, 36, False), (43, 24, False), (33, 52, True), (58, 62, False), (13, 70, True)):
        with pen.at(x, y, flip=flip):
            pen.path("M0 0C6 -8 12 -10 20 -8C16 0 8 3 0 0Z".replace("20", "11"), green.deep)
            pen.path("M0 2C6 2 10 6 11 12C5 12 1 8 0 2Z", green.shade)


@motif("tree stump, stump, log, firewood, trunk", (80, 50), 0.5, "ground", paints="bark", spots={"seat": (40.0, 12.0, 40.0), "top": (40.0, 12.0, 50.0)})  # fmt: skip
def log(pen: Pen, look: Look) -> None:
    bark = look.tone("#8f6245")
    pen.path("M10 12V38C8 44 4 48 1 49.5H79C76 48 72 44 70 38V12Z", bark.base)
    pen.path("M46 12V49.5H79C76 48 72 44 70 38V12Z", bark.shade)
    for line in ("22,26 22,40", "34,28 34,36", "56,26 56,42"):
        pen.line(line, 2, bark.deep)
    pen.ellipse(40, 12, 30, 10.5, Tone("#e4c08f"))
    for rx in (20, 11):
        pen.parts.append(f'<ellipse cx="40" cy="12" rx="{rx}" ry="{rx * 0.34:.1f}" fill="none" stroke="#c2955f" stroke-width="1.8"/>')


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
