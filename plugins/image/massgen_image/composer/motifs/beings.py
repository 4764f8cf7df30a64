"""Robots, ghosts and other beings."""

from __future__ import annotations

from massgen_image.composer.motif import Look, motif
from massgen_image.composer.motifs._creature import PINK
from massgen_image.composer.pen import Pen
from massgen_image.composer.tones import INK, Tone


@motif("robot, android, cyborg, droid", (76, 108), 1.5, "ground", paints="metal", spots={"head": (38.0, 10.0, 26.0), "hip": (38.0, 78.0, 20.0), "hand": (68.0, 66.0, 12.0)})  # fmt: skip
def robot(pen: Pen, look: Look) -> None:
    metal, trim = look.tone("#8fb4c9", "#b4bccb", "#9fc1a9"), look.second("#f2a33f", "#e2705c")
    pen.line("38,12 38,5", 2.4, metal.deep)
    pen.circle(38, 4.6, 4, trim)
    for x in (29, 47):
        pen.box(x - 4, 76, 8, 22, metal.deep, 2)
        pen.box(x - 9, 96, 17, 11, metal, 4)
    for d in ("M18 50C8 54 8 62 9 68", "M58 50C68 54 68 62 67 68"):
        pen.arc(d, 6, metal.deep)
    for x in (9, 67):
        pen.circle(x, 71, 6, trim)
    pen.box(16, 42, 44, 40, metal, 9)
    pen.box(24, 50, 28, 17, "#3c4a63", 4)
    for x, c in ((30, "#ef6d62"), (38, "#f6c84c"), (46, "#6fd0a0")):
        pen.circle(x, 58.5, 3, c)
    pen.box(26, 72, 24, 3, metal.deep, 1.5)
    for x in (10, 61):
        pen.box(x, 21, 6, 12, trim.shade, 2)
    pen.box(14, 10, 48, 34, metal, 11)
    pen.box(19, 17, 38, 20, "#2f3b54", 9)
    for x in (29, 47):
        pen.circle(x, 25, 4.6, "#7fe3ee")
        pen.circle(x - 1.2, 23.6, 1.5, "#ffffff")
    pen.smile(38, 30, 10, 1.8, "#7fe3ee")


@motif("alien, martian, extraterrestrial", (72, 100), 1.3, "ground", paints="skin", spots={"head": (36.0, 8.0, 26.0), "hip": (36.0, 80.0, 18.0), "hand": (58.0, 66.0, 12.0)})  # fmt: skip
def alien(pen: Pen, look: Look) -> None:
    skin, suit = look.tone("#8fcf6a", "#86c7c0"), look.second("#6a5fb0", "#4f6fa8")
    for x, tip in ((26, 18), (46, 54)):
        pen.curve(f"{x},14 {x + (tip - x) * 0.4},8 {tip},4", 2.2, skin.shade)
        pen.circle(tip, 4.6, 3.8, skin)
    for x in (29, 43):
        pen.box(x - 4.5, 74, 9, 22, suit.deep, 3)
        pen.ellipse(x, 97, 7.4, 3, "#3f3a55")
    pen.curve("24,58 15,64 13,74", 6, skin.base)
    pen.curve("48,58 57,62 59,70", 6, skin.shade)
    pen.blob("36,48 48,54 50,70 46,82 26,82 22,70 24,54", suit)
    pen.poly("36,58 39,64 45,65 40.6,69 42,75 36,71.6 30,75 31.4,69 27,65 33,64", "#f6d067", 0.8)
    pen.blob("36,8 56,14 66,30 58,46 44,56 28,56 14,46 6,30 16,14", skin)
    for x, turn in ((24, 24), (48, -24)):
        pen.ellipse(x, 33, 7.4, 10, INK, -turn)
        pen.circle(x - 2, 29, 2.6, "#ffffff")
    pen.smile(36, 47, 9, 1.7, skin.deep)


@motif("ghost, spirit, phantom", (74, 92), 1.4, "ground", paints="sheet", spots={"head": (37.0, 6.0, 28.0)})
def ghost(pen: Pen, look: Look) -> None:
    sheet = look.tone("#f4f1f8")
    pen.path("M9 84V40C9 16 20 4 37 4C54 4 65 16 65 40V84C65 90 58 90 55 85C52 80 47 80 44 86C41 92 33 92 30 86C27 80 22 80 19 85C16 90 9 90 9 84Z", sheet, (18, 12), 0.1)  # fmt: skip
    pen.ellipse(6, 52, 5.4, 9, sheet.base, 30)
    pen.ellipse(68, 52, 5.4, 9, sheet.shade, -30)
    pen.ellipse(28, 34, 4.6, 6.4, INK)
    pen.ellipse(46, 34, 4.6, 6.4, INK)
    pen.circle(26.6, 31.6, 1.7, "#ffffff")
    pen.circle(44.6, 31.6, 1.7, "#ffffff")
    pen.ellipse(37, 48, 4.6, 5.4, "#5a5068")
    pen.ellipse(20, 44, 4, 2.6, PINK)
    pen.ellipse(54, 44, 4, 2.6, PINK)


@motif("monster, creature, troll, ogre, beast", (90, 98), 1.8, "ground", paints="fur", spots={"head": (45.0, 12.0, 26.0), "hand": (78.0, 66.0, 12.0)})  # fmt: skip
def monster(pen: Pen, look: Look) -> None:
    fur = look.tone("#7f6fc9", "#4fae9b", "#e8804f")
    for flip in (False, True):
        with pen.at(90 if flip else 0, 0, flip=flip):
            pen.poly("24,22 14,2 36,12", "#f3e2bd", 3)
            pen.curve("18,48 8,58 10,70", 10, fur.deep)
    for x in (32, 58):
        pen.box(x - 9, 80, 18, 17, fur.deep, 7)
    pen.blob("45,8 66,14 76,34 78,62 70,86 45,92 20,86 12,62 14,34 24,14", fur)
    pen.ellipse(45, 70, 17, 16, fur.light)
    pen.circle(45, 34, 14, "#ffffff")
    pen.eye(46, 35, 8)
    pen.path("M26 54C34 60 56 60 64 54C62 66 56 70 45 70C34 70 28 66 26 54Z", "#4a2f4f")
    for x in (32, 41, 50, 58):
        pen.poly(f"{x - 3},{57 if x in (41, 50) else 56} {x + 3},{57.4 if x in (41, 50) else 56} {x},63", "#ffffff")
    for place in ((22, 40), (26, 34), (68, 44)):
        pen.circle(*place, 2.4, fur.light)


@motif("snowman", (80, 104), 1.6, "ground", paints="scarf", spots={"head": (40.0, 14.0, 26.0)})
def snowman(pen: Pen, look: Look) -> None:
    snow, scarf = Tone("#f5f8fb"), look.tone("#d8504d", "#3f86c8", "#4fa772")
    for line in ("20,54 4,42", "8,45 3,47", "60,54 76,42", "72,45 77,48"):
        pen.line(line, 2.6, "#7a5640")
    pen.circle(40, 80, 24, snow)
    pen.circle(40, 51, 18.5, snow)
    pen.circle(40, 27, 15, snow)
    for y in (50, 58, 74, 84):
        pen.circle(40, y, 2, INK)
    pen.box(26, 37, 28, 7, scarf, 3.5)
    pen.poly("46,40 54,40 57,58 49,59", scarf.shade, 2)
    pen.eye(34.6, 25, 2)
    pen.eye(44.6, 25, 2)
    pen.poly("39,28 54,31 39,33", "#f08a3c", 1)
    for x, y in ((33.4, 33), (36, 35.4)):
        pen.circle(x, y, 1, INK)
    pen.box(24, 12, 32, 4.4, "#3a3844", 2)
    pen.box(29, 1, 22, 13, Tone("#4a4858"), 2)
    pen.box(29, 9, 22, 3.4, scarf.base)
