"""People whom one knows by what they wear."""

from __future__ import annotations

from massgen_image.composer.motif import Look, motif
from massgen_image.composer.motifs._figure import (
    BOX,
    SPOTS,
    Clothes,
    beard,
    belt,
    body,
    buttons,
    hair_of,
    head,
    long_hair_front,
    short_hair,
    skin_of,
)
from massgen_image.composer.pen import Pen
from massgen_image.composer.tones import INK, Tone


@motif("astronaut, cosmonaut, spaceman", BOX, 1.85, "ground", paints="suit", spots={**SPOTS, "head": (32.0, 1.0, 30.0)})
def astronaut(pen: Pen, look: Look) -> None:
    suit, trim = look.tone("#f3f1ee"), look.second("#ee7f45", "#4f8fd0").base
    pen.box(12, 34, 40, 36, "#a9b0c0", 8)
    body(pen, look, Clothes(top=suit, legs=suit, shoes="#8f97a8", gloves=trim))
    pen.box(23, 47, 18, 12, "#5b6580", 3)
    pen.circle(28, 53, 2, "#ef5d58")
    pen.circle(33.5, 53, 2, "#f6c84c")
    pen.box(36.4, 50.5, 2, 5, "#7fd0e8", 1)
    pen.line("20,70 44,70", 3, trim)
    pen.circle(32, 20, 19, suit)
    pen.blob("32,8 44,11 47,21 43,31 32,33 21,31 17,21 20,11", "#34466e", tension=0.2)
    pen.blob("32,11 42,13 44.4,21 41,29 32,31 23,29 19.6,21 22,13", "#4a679b", tension=0.2)
    pen.curve("24,21 25.4,16 30,13.6", 2.6, "#bcd9f2")


@motif("cowboy, cowgirl, sheriff", BOX, 1.8, "ground", paints="shirt", spots=SPOTS)
def cowboy(pen: Pen, look: Look) -> None:
    body(pen, look, Clothes(top=look.tone("#c9644a", "#5f83b5"), legs=Tone("#52627f"), shoes="#7a4a32"))
    pen.poly("21,38 28,38 28,72 19,72", "#8a5a3c", 2)
    pen.poly("43,38 36,38 36,72 45,72", "#70482f", 2)
    belt(pen, "#5a3a2c")
    pen.poly("24,35 40,35 32,44", look.own("#d8434f", "#3f86c8"), 2)
    head(pen, look)
    short_hair(pen, hair_of(look))
    hat = Tone("#a0683f")
    pen.path("M5 9C12 17 22 15 32 15C42 15 52 17 59 9C56 5 50 9 45 9.6C44 0 38 -0.4 32 2C26 -0.4 20 0 19 9.6C14 9 8 5 5 9Z".replace("-0.4", "0.6"), hat, (14, 8), 0.08)  # fmt: skip
    pen.line("19.6,10.6 44.4,10.6", 2.6, hat.deep)


@motif(
    "police officer, policeman, policewoman, cop, officer, constable", BOX, 1.8, "ground", paints="uniform", spots=SPOTS
)
def police_officer(pen: Pen, look: Look) -> None:
    cloth = look.tone("#3c5a93")
    body(pen, look, Clothes(top=cloth, legs=Tone("#2f3d63"), shoes="#2b2a3f"))
    pen.poly("30,40 34,40 35,56 32,60 29,56", "#26304f", 1)
    pen.poly("23,46 25,50 29,50 26,53 27,57 23,54.6", "#f2c14e", 0.4)
    belt(pen, "#2b2a3f")
    head(pen, look)
    short_hair(pen, hair_of(look))
    pen.path("M15 9C15 2 24 1 32 1C40 1 49 2 49 9L46 13H18Z", cloth, (20, 4), 0.08)
    pen.path("M17 13H47C49 17 41 18.6 32 18.6C23 18.6 15 17 17 13Z", "#26304f")
    pen.circle(32, 8, 2.8, "#f2c14e")


@motif("firefighter, fireman", BOX, 1.8, "ground", paints="coat", spots=SPOTS)
def firefighter(pen: Pen, look: Look) -> None:
    coat = look.tone("#e0b04a", "#e0b04a", "#c98d46")
    helmet = look.own("#d8434f", "#4c5670")
    body(pen, look, Clothes(top=coat, legs=coat, shoes="#3a3844", gloves="#4a4858"))
    for y in (52, 62):
        pen.box(18, y, 25, 4, "#f6f1c8", 0)
    for x in (25, 39):
        pen.box(x - 5.5, 94, 11, 4, "#f6f1c8", 0)
    pen.line("32,38 32,74", 1.5, coat.deep)
    head(pen, look)
    pen.path("M17 14C17 4 24 1 32 1C40 1 47 4 47 14Z", helmet, (20, 5), 0.1)
    pen.path("M13 15C13 11.6 51 11.6 51 15C51 18.4 44 18 32 18C20 18 13 18.4 13 15Z", helmet.shade)
    pen.poly("28,4 36,4 36,11 32,13.6 28,11", "#f6d067", 1)


@motif("sailor, captain, pilot", BOX, 1.75, "ground", paints="uniform", spots=SPOTS)
def sailor(pen: Pen, look: Look) -> None:
    cloth = look.tone("#f4f3f0")
    body(pen, look, Clothes(top=cloth, legs=Tone("#32456f")))
    pen.poly("22,37 42,37 38,50 32,54 26,50", "#3f5f9a", 2)
    pen.poly("30,48 34,48 36,60 28,60", look.own("#d8434f", "#f2c14e"), 1)
    head(pen, look)
    short_hair(pen, hair_of(look))
    pen.path("M15 8C15 2 23 1 32 1C41 1 49 2 49 8L46 12H18Z", "#fbfaf7")
    pen.path("M17.5 10H46.5V14C46.5 16.6 17.5 16.6 17.5 14Z", "#2d3a5f")
    pen.circle(32, 7.4, 2.6, "#f2c14e")


@motif("diver, scuba diver, frogman", BOX, 1.8, "deep", paints="suit", spots=SPOTS)
def diver(pen: Pen, look: Look) -> None:
    suit, trim = look.tone("#39506e"), look.second("#f2b53f", "#ee7f45").base
    pen.box(16, 30, 32, 34, "#f0c24a", 9)
    body(pen, look, Clothes(top=suit, legs=suit, shoes=trim, gloves="#2b2f45"))
    pen.line("24,40 24,74", 3, trim)
    pen.line("40,40 40,74", 3, trim)
    pen.circle(32, 21, 15, suit)
    pen.ellipse(32, 24, 10.6, 10, skin_of(look).base)
    pen.box(20, 14.5, 24, 12, trim, 5)
    pen.box(22, 16.5, 20, 8, "#bfe3f2", 4)
    pen.eye(27.6, 20.6, 2)
    pen.eye(36.4, 20.6, 2)
    pen.ellipse(32, 31, 5, 3.4, "#4a4a5e")
    pen.arc("M37 31C48 32 50 40 46 46", 2.6, "#4a4a5e")


@motif("dancer, ballerina", BOX, 1.68, "ground", paints="tutu", spots=SPOTS)
def dancer(pen: Pen, look: Look) -> None:
    dress, skin, hair = look.tone("#f3a3b8", "#b79be0"), skin_of(look), hair_of(look)
    for x, fill in ((27, skin.base), (37, skin.shade)):
        pen.box(x - 4.4, 66, 8.8, 38, fill, 4)
        pen.path(f"M{x - 4.4} 100H{x + 4.4}L{x + 1} 111H{x - 1}Z", dress.deep)
    pen.arc("M20 42C6 34 6 18 18 6", 6.4, skin.base)
    pen.arc("M44 42C58 34 58 18 46 6", 6.4, skin.shade)
    pen.box(27, 30, 10, 12, skin.shade, 4)
    pen.poly("22,38 42,38 40,64 24,64", dress, 4)
    pen.blob("32,58 52,62 62,72 50,76 32,74 14,76 2,72 12,62", dress.light)
    pen.blob("32,58 48,61 54,68 44,70 32,68 20,70 10,68 16,61", dress)
    pen.circle(32, 5, 5, hair.base)
    head(pen, look)
    long_hair_front(pen, hair)


@motif("musician, singer, rock star", BOX, 1.75, "ground", paints="jacket", spots=SPOTS)
def musician(pen: Pen, look: Look) -> None:
    coat = look.tone("#4c4766", "#8f4a5f")
    body(pen, look, Clothes(top=coat, legs=Tone("#3f5f8f"), shoes="#c8504d" if not look.avoid else "#3a3844"))
    pen.box(27, 38, 10, 36, "#f6f2ea", 1)
    pen.line("51,66 44,44", 3, "#6b6a7c")
    pen.circle(43, 41, 4.4, "#3a3844")
    pen.circle(42, 40, 1.6, "#8f8ea0")
    head(pen, look)
    hair = hair_of(look)
    pen.poly("16,22 15,8 22,10 24,1 31,7 37,0.6 41,8 48,6 48,22 42,14 22,14", hair, 2)
    pen.box(21, 18.6, 9.6, 6.2, INK, 2.6)
    pen.box(33.4, 18.6, 9.6, 6.2, INK, 2.6)
    pen.line("29,20 35,20", 1.4, INK)


@motif("clown, jester", BOX, 1.75, "ground", paints="suit", spots=SPOTS)
def clown(pen: Pen, look: Look) -> None:
    suit, other = look.tone("#f2b93f", "#6fb7d9"), look.second("#d8597a", "#7f6fc9")
    body(pen, look, Clothes(top=suit, legs=other, shoes="#c8504d", sleeves=other))
    buttons(pen, other.base, 50, 58, 66)
    for i, x in enumerate((20, 26, 32, 38, 44)):
        pen.circle(x, 38, 4.6, "#ffffff" if i % 2 else other.light)
    for x in (15, 49):
        for y in (13, 20, 26):
            pen.circle(x, y, 6, "#ee7f45" if y != 20 else "#e06a34")
    head(pen, look, Tone("#fbe9d8"))
    pen.circle(32, 23.5, 3.6, "#e0453e")
    pen.poly("24,9 32,-1 40,9".replace("-1", "0.6"), other, 1.5)
    pen.circle(32, 2, 2.6, suit.light)


@motif("santa, santa claus, father christmas", BOX, 1.75, "ground", paints="coat", spots=SPOTS)
def santa(pen: Pen, look: Look) -> None:
    coat = look.tone("#d8403f")
    body(pen, look, Clothes(top=coat, legs=coat, shoes="#33303f", gloves="#4f8f5f"))
    pen.line("32,40 32,74", 5, "#fbf8f2")
    belt(pen, "#33303f")
    head(pen, look, Tone("#f3c9a5"))
    beard(pen, "#fbf8f2")
    pen.path("M17 12C18 2 34 -2 46 4C54 8 57 16 56 22C52 16 48 13 46 12Z".replace("-2", "0"), coat, (22, 4), 0.08)
    pen.circle(56, 23, 4.4, "#fbf8f2")
    pen.box(15, 10, 34, 6.6, "#fbf8f2", 3.3)
