"""Kings, queens and their knights."""

from __future__ import annotations

from massgen_image.composer.motif import Look, motif
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
)
from massgen_image.composer.pen import Pen
from massgen_image.composer.tones import Tone

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
    pen.blob("32,62 46,70 57,99 55,108 9,108 7,99 18,70", gown)
    pen.blob("32,64 38,84 38,108 26,108 26,84", gown.light)
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
