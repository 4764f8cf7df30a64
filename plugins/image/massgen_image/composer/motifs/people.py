"""People, by age and sex."""

from __future__ import annotations

from massgen_image.composer.motif import Look, motif
from massgen_image.composer.motifs._creature import PINK
from massgen_image.composer.motifs._figure import (
    BOX,
    SPOTS,
    Clothes,
    body,
    hair_of,
    head,
    long_hair_back,
    long_hair_front,
    short_hair,
    skin_of,
)
from massgen_image.composer.pen import Pen
from massgen_image.composer.tones import Tone

SHIRTS = ("#3f86c8", "#e2705c", "#49a58c", "#efb346", "#8a6fc0")
TROUSERS = ("#3f4a6b", "#5b5468", "#4a6074", "#7a5f52")


def _clothes(look: Look) -> Clothes:
    return Clothes(top=look.tone(*SHIRTS), legs=look.second(*TROUSERS))


@motif("man, person, guy, gentleman, adult, father, dad, husband, friend, neighbour, human, tourist, driver, passenger, customer, visitor", BOX, 1.75, "ground", paints="shirt", spots=SPOTS)  # fmt: skip
def man(pen: Pen, look: Look) -> None:
    body(pen, look, _clothes(look))
    pen.path("M27 37L32 43L37 37Z", skin_of(look).shade)
    head(pen, look)
    short_hair(pen, hair_of(look))


@motif("woman, lady, mother, mom, mum, wife, aunt, sister", BOX, 1.68, "ground", paints="dress", spots=SPOTS)
def woman(pen: Pen, look: Look) -> None:
    hair, dress = hair_of(look), look.tone("#d9596f", "#3f9aa8", "#8a64b8", "#efa23f")
    long_hair_back(pen, hair)
    skin = skin_of(look)
    body(pen, look, Clothes(top=dress, legs=skin, skirt=30, shoes=look.second("#7a3f52", "#3f4a6b").base))
    pen.path("M26.5 38C29 43 35 43 37.5 38Z", skin.shade)
    pen.line("21.5,63 42.5,63", 3, dress.deep)
    head(pen, look)
    long_hair_front(pen, hair)


CHILD = {"head": (32.0, 9.0, 27.0), "hand": (55.0, 60.0, 14.0), "hip": (32.0, 70.0, 20.0)}


@motif("boy, child, kid, son, brother, schoolboy, toddler", (64, 98), 1.2, "ground", paints="shirt", spots=CHILD)
def boy(pen: Pen, look: Look) -> None:
    shirt = look.tone("#f0a63d", "#4f9bd9", "#5cb070", "#e2705c")
    _small_body(pen, look, shirt, look.second("#4a5f8f", "#7a5f52"))
    pen.box(19, 50, 26, 4, shirt.light, 0)
    head(pen, look)
    short_hair(pen, hair_of(look))


@motif("girl, daughter, schoolgirl, lass", (64, 98), 1.2, "ground", paints="dress", spots=CHILD)
def girl(pen: Pen, look: Look) -> None:
    hair, dress = hair_of(look), look.tone("#e86f8e", "#7f8fe0", "#f0b64c", "#4fb39a")
    for x, fill in ((12, hair.base), (52, hair.shade)):
        pen.ellipse(x, 29, 6.5, 11, fill)
        pen.circle(x, 19.5, 3.4, look.own("#f2c14e", "#e2705c", "#5ab0c8").base)
    _small_body(pen, look, dress, Tone(skin_of(look).base), skirt=True)
    head(pen, look)
    long_hair_front(pen, hair)


def _small_body(pen: Pen, look: Look, top: Tone, legs: Tone, skirt: bool = False) -> None:
    skin = skin_of(look)
    if look.pose == "sit":
        pen.curve("33,66 43,70 44,80", 9.5, legs.base)
        pen.ellipse(47, 84, 7.5, 4, "#c8504d")
    else:
        for x, fill in ((26, legs.base), (38, legs.shade)):
            pen.box(x - 5, 66, 10, 27, fill, 4)
            pen.path(f"M{x - 7} 97.6C{x - 8} 90 {x + 8} 90 {x + 7} 97.6Z", "#c8504d" if not look.avoid else "#5b5468")
    hand = "55,60" if look.pose == "hold" else "50,63"
    pen.curve("20,43 14,52 14,62", 7.4, top.base)
    pen.circle(14, 64, 4.4, skin.base)
    pen.curve(f"44,43 50,52 {hand}", 7.4, top.shade)
    reach, low = (float(part) for part in hand.split(","))
    pen.circle(reach, low, 4.4, skin.base)
    pen.box(27, 30, 10, 12, skin.shade, 4)
    if skirt:
        pen.poly("23,37 41,37 50,76 14,76", top, 6, 0.1)
    else:
        pen.box(19, 37, 26, 34, top, 8, 0.11)


@motif("baby, infant, newborn", (64, 70), 0.6, "ground", paints="romper", spots={"head": (32.0, 6.0, 26.0)})
def baby(pen: Pen, look: Look) -> None:
    suit = look.tone("#8fc7e8", "#f2b6c2", "#f5d98a", "#a8d8b0")
    skin = skin_of(look)
    for x in (16, 48):
        pen.ellipse(x, 62, 12, 8, suit if x < 32 else Tone(suit.shade))
        pen.ellipse(x + (-9 if x < 32 else 9), 60, 5, 6.5, skin.base)
    pen.blob("32,34 46,40 50,56 44,67 20,67 14,56 18,40", suit)
    pen.circle(11, 48, 4.8, skin.base)
    pen.circle(53, 48, 4.8, skin.base)
    pen.curve("19,42 14,45 12,47", 7, suit.base)
    pen.curve("45,42 50,45 52,47", 7, suit.shade)
    head(pen, look)
    pen.curve("29,8 32,3.6 36,5 34,9", 2.6, hair_of(look).base)
    pen.circle(32, 28.6, 3.4, PINK)


@motif("old man, grandfather, grandpa, granddad, elder, senior", BOX, 1.7, "ground", paints="sweater", spots=SPOTS)
def old_man(pen: Pen, look: Look) -> None:
    top = look.tone("#8a9a5b", "#a8705a", "#5f7fa0")
    body(pen, look, Clothes(top=top, legs=look.second("#6b5f5a")))
    pen.line("32,42 32,72", 1.4, top.deep)
    pen.line("58,72 58,110", 2.6, "#8a5f42")
    pen.arc("M50 72C50 66 58 66 58 72", 2.6, "#8a5f42")
    head(pen, look)
    for x in (18, 46):
        pen.circle(x, 17, 4.4, "#ece9e4")
    for x in (26.8, 37.2):
        pen.ring(x, 21.5, 4.2, 1.2, "#5b5468")
    pen.blob("25,26.5 32,24.8 39,26.5 40,29 32,28 24,29", "#ece9e4")


@motif("old woman, grandmother, grandma, granny, nana", BOX, 1.6, "ground", paints="dress", spots=SPOTS)
def old_woman(pen: Pen, look: Look) -> None:
    dress = look.tone("#8a6fa8", "#5f8f8a", "#b8697a")
    body(pen, look, Clothes(top=dress, legs=skin_of(look), skirt=36))
    pen.poly("24,38 40,38 36,52 28,52", "#f3ece2", 3)
    pen.circle(32, 4.5, 5.4, "#dcd8d6")
    head(pen, look)
    long_hair_front(pen, Tone("#e7e3df"))
    for x in (26.8, 37.2):
        pen.ring(x, 21.5, 4.2, 1.2, "#8a5f6a")


@motif("bride", BOX, 1.7, "ground", paints="dress", spots=SPOTS)
def bride(pen: Pen, look: Look) -> None:
    dress = look.tone("#fbf6f0")
    pen.blob("32,4 48,12 54,40 60,104 48,110 16,110 4,104 10,40 16,12", "#eef1f5")
    body(pen, look, Clothes(top=dress, legs=dress, skirt=48))
    pen.line("21.5,63 42.5,63", 2.4, "#e8b9c2")
    head(pen, look)
    long_hair_front(pen, hair_of(look))
    for x in (22, 27, 32, 37, 42):
        pen.circle(x, 9 + abs(x - 32) * 0.25, 2.6, "#f2a9b8")
    for place in ((46, 68), (51, 65), (55, 69), (50, 71)):
        pen.circle(*place, 3.6, "#ee8fa6" if place[0] != 51 else "#fff4f0")


@motif("family, parents, family of three, family of four, family of five", (220, 112), 1.75, "ground", paints="shirt", spots={"hand": (212.0, 60.0, 14.0)})  # fmt: skip
def family(pen: Pen, look: Look) -> None:
    """Two grown-ups and two children, related by their hair."""
    for draw, x, y, seed in ((man, 0, 0, 0), (girl, 58, 14, 10), (boy, 104, 14, 21), (woman, 156, 0, 31)):
        own = look.colours if draw is man else ()
        with pen.at(x, y):
            draw(pen, Look(colours=own, avoid=look.avoid, seed=look.seed + seed))
