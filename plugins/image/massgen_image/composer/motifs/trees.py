"""Trees and bushes."""

from __future__ import annotations

from massgen_image.composer.motif import Look, motif
from massgen_image.composer.pen import Pen
from massgen_image.composer.tones import Tone

LEAVES = ("#5fa75a", "#4f9a63", "#7ab251")
BARK = Tone("#8a5f45")
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
        pen.poly(
            f"40,{top} {40 + half},{foot} {40 + half * 0.1:.1f},{foot} {40 + half * 0.22:.1f},{foot - 14}",
            leaf.shade,
            4,
        )


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
    pen.arc("M40 119C38 96 44 66 52 40", 9, wood.shade)
    pen.arc("M38.8 120C36.8 96 42.4 66 50.8 40", 6, wood.base)
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
        pen.parts.append(
            f'<ellipse cx="40" cy="12" rx="{rx}" ry="{rx * 0.34:.1f}" fill="none" stroke="#c2955f" stroke-width="1.8"/>'
        )
