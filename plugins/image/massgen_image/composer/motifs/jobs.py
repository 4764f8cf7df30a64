"""People by what they do."""

from __future__ import annotations

from massgen_image.composer.motif import Look, motif
from massgen_image.composer.motifs._figure import (
    BOX,
    SPOTS,
    Clothes,
    belt,
    body,
    hair_of,
    head,
    long_hair_back,
    long_hair_front,
    short_hair,
)
from massgen_image.composer.pen import Pen
from massgen_image.composer.tones import INK, Tone


@motif("farmer, gardener, rancher", BOX, 1.75, "ground", paints="overalls", spots=SPOTS)
def farmer(pen: Pen, look: Look) -> None:
    denim = look.tone("#4c6fa5")
    shirt = look.second("#d9604f", "#e3a646", "#5f9f6b")
    body(pen, look, Clothes(top=shirt, legs=denim, shoes="#6b4a36"))
    pen.box(21, 50, 22, 26, denim, 4, 0.1)
    for x in (24, 40):
        pen.line(f"{x},38 {x},52", 3.4, denim.shade)
        pen.circle(x, 52, 1.6, "#f2c14e")
    head(pen, look)
    short_hair(pen, hair_of(look))
    _brim(pen, Tone("#e8c063"), 25, 12)
    pen.box(20.5, 8.4, 23, 3.4, "#b5673f", 1)


def _brim(pen: Pen, straw: Tone, width: float, y: float) -> None:
    pen.ellipse(32, y, width, 4.6, straw.shade)
    pen.ellipse(32, y - 1, width, 3.8, straw.base)
    pen.path(f"M20 {y - 1}C20 {y - 11} 26 {y - 12} 32 {y - 12}C38 {y - 12} 44 {y - 11} 44 {y - 1}Z", straw, (22, y - 8), 0.08)  # fmt: skip


@motif("doctor, physician, surgeon, scientist, chemist, pharmacist", BOX, 1.75, "ground", paints="coat", spots=SPOTS)
def doctor(pen: Pen, look: Look) -> None:
    coat = look.tone("#f6f5f3")
    body(pen, look, Clothes(top=coat, legs=Tone("#4f6f96"), skirt=26, sleeves=coat))
    pen.poly("27,38 37,38 32,52", "#6fb7c9", 1)
    pen.line("32,52 32,88", 1.3, coat.deep)
    pen.arc("M25 38C24 50 29 54 32 56", 1.8, "#4b5468")
    pen.arc("M39 38C40 47 40 50 39 53", 1.8, "#4b5468")
    pen.circle(39, 55.5, 2.9, "#8f99ab")
    pen.box(21.5, 56, 6, 1.8, "#e0605c", 0.9)
    pen.box(23.6, 53.9, 1.8, 6, "#e0605c", 0.9)
    head(pen, look)
    short_hair(pen, hair_of(look))
    for x in (26.8, 37.2):
        pen.ring(x, 21.5, 4, 1.1, "#4b5468")
    pen.line("30.8,21.5 33.2,21.5", 1.1, "#4b5468")


@motif("nurse", BOX, 1.68, "ground", paints="dress", spots=SPOTS)
def nurse(pen: Pen, look: Look) -> None:
    hair, dress = hair_of(look), look.tone("#7fc3d6", "#eef2f4")
    long_hair_back(pen, hair)
    body(pen, look, Clothes(top=dress, legs=Tone("#f3ece6"), skirt=30, shoes="#e9e4e0"))
    pen.poly("24,50 40,50 44,88 20,88", "#fbfaf8", 3)
    pen.box(28, 60, 8, 2.6, "#e0605c", 1)
    pen.box(30.7, 57.3, 2.6, 8, "#e0605c", 1)
    head(pen, look)
    long_hair_front(pen, hair)
    pen.poly("21,10 22,1.5 42,1.5 43,10", "#fbfaf8", 2)
    pen.box(29.5, 4.6, 5, 1.8, "#e0605c", 0.5)
    pen.box(31.1, 3, 1.8, 5, "#e0605c", 0.5)


@motif("chef, cook, baker", BOX, 1.75, "ground", paints="jacket", spots={**SPOTS, "head": (32.0, 1.0, 26.0)})
def chef(pen: Pen, look: Look) -> None:
    coat = look.tone("#f8f6f1")
    body(pen, look, Clothes(top=coat, legs=Tone("#596078")))
    for x in (27, 37):
        for y in (46, 53, 60):
            pen.circle(x, y, 1.4, "#8f8a94")
    pen.box(20, 66, 24, 20, "#e9e4dd", 3)
    pen.poly("25,35 39,35 36,42 28,42", look.own("#d8434f", "#3f86c8", "#4fa772"), 2)
    head(pen, look)
    pen.curve("25,26 29,24.6 32,25.6 35,24.6 39,26", 2.4, hair_of(look).base)
    for x, y in ((22, 6), (32, 4.8), (42, 6)):
        pen.circle(x, y + 2, 7, coat.base if x < 40 else coat.shade)
    pen.box(20.5, 7, 23, 8, coat, 2)


@motif(
    "builder, worker, construction worker, engineer, workman, miner, mechanic",
    BOX,
    1.78,
    "ground",
    paints="helmet",
    spots=SPOTS,
)
def builder(pen: Pen, look: Look) -> None:
    helmet = look.tone("#f6c440")
    body(pen, look, Clothes(top=Tone("#5b86b8"), legs=Tone("#4a567a"), shoes="#8a5a3c"))
    pen.poly("19,38 27,38 27,72 18,72", "#f08a3c", 2)
    pen.poly("45,38 37,38 37,72 46,72", "#d9702c", 2)
    pen.line("19,58 27,58", 3, "#f8eda0")
    pen.line("37,58 45,58", 3, "#f8eda0")
    belt(pen, "#6b4a36", "#c9ccd4")
    head(pen, look)
    short_hair(pen, hair_of(look))
    pen.path("M16.5 14C16 4 24 0.6 32 0.6C40 0.6 48 4 47.5 14Z", helmet, (20, 5), 0.1)
    pen.box(28.6, 0.6, 6.8, 9, helmet.light, 3)
    pen.box(13, 12.4, 38, 4.6, helmet.shade, 2.3)


@motif("artist, painter", BOX, 1.72, "ground", paints="smock", spots=SPOTS)
def artist(pen: Pen, look: Look) -> None:
    smock = look.tone("#7f9fd0", "#e8e2d8")
    body(pen, look, Clothes(top=smock, legs=Tone("#4a4a63"), skirt=18))
    for x, y, c in ((26, 60, "#e2605c"), (36, 66, "#f2c14e"), (29, 71, "#58b08a")):
        pen.circle(x, y, 2.2, c)
    pen.blob("2,66 10,58 22,62 24,72 14,78 4,75", "#c9935c")
    for x, y, c in ((8, 67, "#e2605c"), (13, 63.5, "#f2c14e"), (18, 66, "#4f8fd0"), (13, 72, "#58b08a")):
        pen.circle(x, y, 2.3, c)
    head(pen, look)
    short_hair(pen, hair_of(look))
    hat = look.own("#d8434f", "#4c5f9a", "#3a3844")
    pen.blob("12,10 20,2 38,1 50,7 48,13 32,11 18,14", hat)
    pen.line("34,2 35,0.6", 2, hat.deep)


@motif("teacher, professor, librarian", BOX, 1.72, "ground", paints="jacket", spots=SPOTS)
def teacher(pen: Pen, look: Look) -> None:
    hair, coat = hair_of(look), look.tone("#7a5f8f", "#4f7f7a", "#8a5f4a")
    body(pen, look, Clothes(top=coat, legs=Tone("#4a4a63")))
    pen.poly("26,37 38,37 32,58", "#f8f5ef", 1)
    pen.poly("30.4,42 33.6,42 34.6,54 32,58 29.4,54", look.own("#d8604f", "#3f86c8").base, 0.5)
    pen.box(5, 60, 14, 18, Tone("#c8504d") if not look.avoid else Tone("#5b8f7a"), 1.5)
    pen.box(7.5, 64, 9, 2, "#f8e9c8", 1)
    head(pen, look)
    short_hair(pen, hair)
    for x in (26.6, 37.4):
        pen.ring(x, 21.5, 4.2, 1.2, INK)
    pen.line("30.8,21.5 33.2,21.5", 1.2, INK)


@motif(
    "student, pupil, traveler, traveller, hiker, backpacker, explorer, adventurer",
    BOX,
    1.6,
    "ground",
    paints="hoodie",
    spots=SPOTS,
)
def student(pen: Pen, look: Look) -> None:
    top = look.tone("#5fae92", "#e8804f", "#6f86d0")
    pen.box(9, 38, 46, 34, look.own("#c8604f", "#4f6f9f", "#d9a24a"), 9)
    body(pen, look, Clothes(top=top, legs=look.second("#46587f"), shoes="#f3efe9"))
    for x in (22.5, 41.5):
        pen.line(f"{x},38 {x},58", 3.6, "#6b4a4a")
    pen.box(24, 60, 16, 9, top.shade, 3)
    head(pen, look)
    short_hair(pen, hair_of(look))
