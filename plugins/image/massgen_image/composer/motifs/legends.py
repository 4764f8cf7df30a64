"""Wizards, pirates and others out of tales."""

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
    skin_of,
)
from massgen_image.composer.motifs.royals import GOLD
from massgen_image.composer.pen import Pen
from massgen_image.composer.tones import INK, PAPER, Tone


@motif(
    "wizard, sorcerer, magician, mage",
    (70, 124),
    1.8,
    "ground",
    paints="robe",
    spots={"hip": (32.0, 88.0, 20.0), "hand": (55.0, 72.0, 14.0)},
)
def wizard(pen: Pen, look: Look) -> None:
    robe = look.tone("#5a5fb0", "#6f4fa0")
    with pen.at(0, 12):
        if look.pose != "hold":
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


@motif(
    "witch, sorceress",
    (70, 124),
    1.7,
    "ground",
    paints="dress",
    spots={"hip": (32.0, 88.0, 20.0), "hand": (55.0, 72.0, 14.0)},
)
def witch(pen: Pen, look: Look) -> None:
    dress, hair = look.tone("#4f3f6b", "#3f4a63"), Tone("#c8642f")
    with pen.at(0, 12):
        if not look.pose:  # else she sits on it, or holds something else
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
