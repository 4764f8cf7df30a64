"""Kings, wizards, robots and others out of tales."""

from __future__ import annotations

from massgen_image.composer.motif import Look, motif
from massgen_image.composer.motifs._creature import PINK
from massgen_image.composer.motifs._figure import (
    BOX,
    SPOTS,
    Clothes,
    beard,
    belt,
    body,
    hair_of,
    head,
    long_hair_back,
    long_hair_front,
    short_hair,
    skin_of,
)
from massgen_image.composer.pen import Pen
from massgen_image.composer.tones import INK, PAPER, Tone

GOLD = Tone("#f2bd45")


def _crown(pen: Pen, small: bool = False) -> None:
    if small:
        pen.poly("23,11 22,3 28,7 32,1 36,7 42,3 41,11", GOLD, 1)
    else:
        pen.poly("19,13 18,1 26,7 32,0.5 38,7 46,1 45,13", GOLD, 1.2)
    pen.circle(32, 9, 1.8, "#d8434f")


@motif("king, emperor", BOX, 1.8, "ground", paints="robe", spots=SPOTS)
def king(pen: Pen, look: Look) -> None:
    robe = look.tone("#b8384c", "#5a4a9c")
    pen.poly("16,38 48,38 60,111 4,111", robe.deep, 6)
    body(pen, look, Clothes(top=robe, legs=robe, skirt=44))
    pen.poly("28,38 36,38 38,106 26,106", "#f6efe2", 1)
    for y in (50, 64, 78, 92):
        pen.ellipse(32, y, 1.4, 2.2, "#4a4050")
    pen.blob("16,38 32,34 48,38 48,46 32,50 16,46", "#f6efe2")
    head(pen, look)
    beard(pen, hair_of(look).base)
    _crown(pen)


@motif("queen, empress", BOX, 1.7, "ground", paints="gown", spots=SPOTS)
def queen(pen: Pen, look: Look) -> None:
    hair, gown = hair_of(look), look.tone("#7a4fa8", "#2f7f8f")
    long_hair_back(pen, hair)
    body(pen, look, Clothes(top=gown, legs=gown, skirt=47))
    pen.poly("29,66 35,66 41,109 23,109", gown.light, 1)
    pen.line("21.5,64 42.5,64", 3, GOLD.base)
    pen.blob("22,38 32,35 42,38 40,43 32,45 24,43", "#f6efe2")
    head(pen, look)
    long_hair_front(pen, hair)
    _crown(pen)


@motif("princess", BOX, 1.5, "ground", paints="gown", spots=SPOTS)
def princess(pen: Pen, look: Look) -> None:
    hair, gown = Tone("#e8b45a") if look.seed % 2 else hair_of(look), look.tone("#f08fb0", "#8fb8ee", "#b79be0")
    long_hair_back(pen, hair)
    body(pen, look, Clothes(top=gown, legs=gown, skirt=30, sleeves=gown))
    pen.blob("32,62 46,70 58,100 56,110 8,110 6,100 18,70", gown)
    pen.blob("32,64 38,84 38,110 26,110 26,84", gown.light)
    pen.line("22,64 42,64", 3, GOLD.base)
    head(pen, look)
    long_hair_front(pen, hair)
    _crown(pen, small=True)


@motif("prince", BOX, 1.7, "ground", paints="tunic", spots=SPOTS)
def prince(pen: Pen, look: Look) -> None:
    tunic = look.tone("#3f78b8", "#4f9f7a")
    pen.poly("18,38 46,38 56,96 8,96", look.own("#b8384c", "#6a4a9c").deep, 5)
    body(pen, look, Clothes(top=tunic, legs=Tone("#f1ece4"), shoes="#6b4a36"))
    pen.line("32,40 32,70", 3, GOLD.base)
    belt(pen, "#6b4a36")
    head(pen, look)
    short_hair(pen, hair_of(look))
    _crown(pen, small=True)


@motif("knight, warrior, guard", BOX, 1.8, "ground", paints="plume", spots=SPOTS)
def knight(pen: Pen, look: Look) -> None:
    steel, plume = Tone("#a9b4c6"), look.tone("#d8434f", "#3f78b8")
    body(pen, look, Clothes(top=steel, legs=steel, shoes="#6f7b92", gloves="#7f8ba2"))
    pen.poly("22,44 42,44 42,70 32,78 22,70", plume, 2)
    pen.poly("30.5,48 33.5,48 33.5,70 30.5,70", GOLD.base)
    pen.poly("25,54 39,54 39,57 25,57", GOLD.base)
    pen.blob("32,8 24,1 36,0 50,6 54,20 46,14 38,10", plume.shade)
    pen.path("M17 22C17 10 23 5 32 5C41 5 47 10 47 22V34C42 38 22 38 17 34Z", steel, (20, 10), 0.1)
    pen.box(19, 19, 26, 5.6, "#39415a", 2.4)
    for y in (28, 31.5):
        pen.line(f"26,{y} 38,{y}", 1.5, steel.deep)


@motif("wizard, sorcerer, magician, mage", (70, 124), 1.8, "ground", paints="robe", spots={"hip": (32.0, 88.0, 20.0)})
def wizard(pen: Pen, look: Look) -> None:
    robe = look.tone("#5a5fb0", "#6f4fa0")
    with pen.at(0, 12):
        pen.line("58,40 58,111", 3.4, "#8a5f42")
        pen.circle(58, 36, 6.4, "#8fe0e8")
        pen.circle(56.4, 34.2, 2, "#ffffff")
        body(pen, look, Clothes(top=robe, legs=robe, skirt=48))
        pen.line("20,66 44,66", 3, GOLD.base)
        head(pen, look, Tone("#f3c9a5"))
        pen.path("M18 22C19 26 22 27 25 26.5C29 24.5 35 24.5 39 26.5C42 27 45 26 46 22C49 38 40 58 32 62C24 58 15 38 18 22Z", "#f1eeea")  # fmt: skip
        pen.smile(32, 29, 6, 1.4)
        pen.path("M6 12C14 19 24 17 32 17C40 17 50 19 58 12C52 9 48 11 44 9L36 -8C34 -12 28 -12 27 -8L20 9C16 11 12 9 6 12Z", robe, (20, 8), 0.07)  # fmt: skip
        pen.line("20,11.4 44,11.4", 3, GOLD.base)
        for x, y in ((31, 2), (27, 80), (38, 90), (30, 98)):
            pen.poly(f"{x},{y - 4} {x + 1.2},{y - 1.2} {x + 4},{y} {x + 1.2},{y + 1.2} {x},{y + 4} {x - 1.2},{y + 1.2} {x - 4},{y} {x - 1.2},{y - 1.2}", "#f6d873")  # fmt: skip


@motif("witch, sorceress", (70, 124), 1.7, "ground", paints="dress", spots={"hip": (32.0, 88.0, 20.0)})
def witch(pen: Pen, look: Look) -> None:
    dress, hair = look.tone("#4f3f6b", "#3f4a63"), Tone("#c8642f")
    with pen.at(0, 12):
        pen.line("56,50 60,92", 3, "#a0713f")
        pen.poly("57,90 64,89 68,111 55,111", "#e0b050", 2)
        long_hair_back(pen, hair)
        body(pen, look, Clothes(top=dress, legs=Tone("#7a5fa0"), skirt=38, shoes="#2f2b3a"))
        pen.line("20,65 44,65", 4, "#2f2b3a")
        pen.box(29, 62.4, 6, 5.4, GOLD.base, 1)
        head(pen, look)
        long_hair_front(pen, hair)
        pen.ellipse(32, 12, 27, 5.2, dress.deep)
        pen.path(
            "M18 12C20 4 24 -4 28 -9C32 -13 38 -10 42 -6C37 -5 40 4 46 12C38 15 26 15 18 12Z", dress, (22, 6), 0.07
        )
        pen.path("M17.6 12L19.6 7C28 9.6 36 9.6 44 7L46.2 12C38 15 26 15 17.6 12Z", "#a55fc0")


@motif("pirate, buccaneer", BOX, 1.75, "ground", paints="coat", spots=SPOTS)
def pirate(pen: Pen, look: Look) -> None:
    coat = look.tone("#a83f3f", "#3f5f8f")
    body(pen, look, Clothes(top=Tone("#f3ece0"), legs=Tone("#4a4258"), shoes="#33303f", sleeves=coat))
    pen.poly("18,38 26,38 24,88 13,88", coat, 3)
    pen.poly("46,38 38,38 40,88 51,88", coat.shade, 3)
    for y in (46, 52, 58):
        pen.line(f"26,{y} 38,{y}", 2.6, "#c8504d" if not look.avoid else "#55668f")
    belt(pen, "#33303f")
    head(pen, look)
    pen.circle(37.2, 21.5, 4.6, INK)
    pen.line("18,15 45,24", 1.5, INK)
    pen.path("M24 26C28 29.6 36 29.6 40 26C40 34 24 34 24 26Z", hair_of(look).base)
    pen.path("M8 13C12 2 24 1 32 1C40 1 52 2 56 13C48 9 40 14.4 32 14.4C24 14.4 16 9 8 13Z", "#3a3548")
    pen.circle(32, 7, 3, PAPER)
    pen.line("28,10.4 36,11.4", 1.5, PAPER)


@motif("ninja", BOX, 1.7, "ground", paints="suit", spots=SPOTS)
def ninja(pen: Pen, look: Look) -> None:
    suit, band = look.tone("#3d3f58"), look.second("#d8434f", "#5fb0a0")
    pen.line("10,30 50,76", 4, "#7a5f52")
    body(pen, look, Clothes(top=suit, legs=suit, shoes="#2b2a3f"))
    pen.poly("26,37 38,37 32,50", suit.deep, 1)
    pen.box(18, 63, 28, 5, band.base, 1)
    pen.poly("46,12 60,8 58,15 63,20 47,17", band.shade, 1.5)
    pen.circle(32, 21, 15, suit)
    pen.box(19.5, 16.6, 25, 9.4, skin_of(look).base, 4.5)
    pen.eye(26.8, 21.4, 2.2)
    pen.eye(37.2, 21.4, 2.2)
    pen.line("23.6,17.6 29,19", 1.6, INK)
    pen.line("40.4,17.6 35,19", 1.6, INK)
    pen.box(17, 11, 30, 4.6, band.base, 2)


@motif("superhero, hero", BOX, 1.85, "ground", paints="suit", spots=SPOTS)
def superhero(pen: Pen, look: Look) -> None:
    suit, cape = look.tone("#3f6fc8"), look.second("#d8434f", "#f2b53f")
    pen.blob("20,38 44,38 58,84 62,104 44,98 32,102 20,98 2,104 6,84", cape)
    body(pen, look, Clothes(top=suit, legs=suit, shoes=cape.base, gloves=cape.base))
    pen.poly("32,66 24,46 40,46", GOLD, 2)
    belt(pen, GOLD.shade)
    head(pen, look)
    short_hair(pen, hair_of(look))
    pen.blob("19,20 26,17 32,19.6 38,17 45,20 42,26 37,26 32,23.4 27,26 22,26", cape.shade)
    for x in (26.8, 37.2):
        pen.circle(x, 21.5, 2.6, "#ffffff")
        pen.circle(x, 21.5, 1.6, INK)


@motif("fairy, pixie", (84, 112), 1.2, "air", paints="dress", spots={"hand": (65.0, 60.0, 12.0)})
def fairy(pen: Pen, look: Look) -> None:
    dress = look.tone("#8fcf8f", "#f2a3c0", "#9fb8f0")
    for flip in (False, True):
        with pen.at(84 if flip else 0, 0, flip=flip):
            pen.blob("40,50 30,30 12,20 2,30 6,46 24,56", "#d3ecf4" if not flip else "#bfdfec")
            pen.blob("40,52 22,56 8,66 14,80 30,74", "#bfe2ee")
    with pen.at(10, 0):
        hair = hair_of(look)
        long_hair_back(pen, hair)
        body(
            pen,
            look,
            Clothes(top=dress, legs=skin_of(look), skirt=28, shoes=dress.deep, sleeves=Tone(skin_of(look).base)),
        )
        pen.poly("19,80 16,96 26,90 32,98 38,90 48,96 45,80", dress.shade, 2)
        head(pen, look)
        long_hair_front(pen, hair)
        for x in (22, 27, 32, 37, 42):
            pen.circle(x, 9 + abs(x - 32) * 0.25, 2.4, "#f6d067" if x % 2 else "#f29bb0")


@motif("mermaid", (84, 112), 1.7, "deep", paints="tail")
def mermaid(pen: Pen, look: Look) -> None:
    tail, skin, hair = look.tone("#3fae9f", "#5f8fd8", "#a86fd0"), skin_of(look), Tone("#d8663f")
    long_hair_back(pen, hair)
    pen.blob("60,96 72,84 83,88 76,98 80,111 68,108 58,104", tail.deep)
    pen.blob("20,60 44,60 48,76 58,90 68,98 62,106 46,104 30,92 20,76", tail)
    for x, y in ((26, 70), (35, 70), (31, 78), (41, 79), (40, 88), (50, 90)):
        pen.arc(f"M{x - 4} {y}Q{x} {y + 5} {x + 4} {y}", 1.5, tail.light)
    pen.curve("19,44 12,54 16,66", 7, skin.base)
    pen.curve("45,44 54,50 58,42", 7, skin.shade)
    pen.box(27, 30, 10, 12, skin.shade, 4)
    pen.blob("20,40 32,37 44,40 44,56 45,64 19,64 20,56", skin)
    pen.ellipse(26.4, 48, 5.6, 4.6, "#e07fa8")
    pen.ellipse(37.6, 48, 5.6, 4.6, "#c8688f")
    pen.blob("18,60 32,64 46,60 46,66 32,69 18,66", tail.light)
    head(pen, look)
    long_hair_front(pen, hair)
    pen.poly("41,8 43,12 48,12 44,15 45.6,19.6 41,17 37,19.6 38.4,15 35,12 39.4,12", "#f6c95c", 0.6)


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
