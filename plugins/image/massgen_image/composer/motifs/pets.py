"""Cats, dogs and the other small animals that sit and look at us."""

from __future__ import annotations

from massgen_image.composer.motif import Look, motif
from massgen_image.composer.motifs._creature import CREAM, PINK, cheeks, eyes, muzzle, seated
from massgen_image.composer.pen import Pen
from massgen_image.composer.tones import INK, Tone

BOX = (80, 100)
HEAD = {"head": (40.0, 16.0, 34.0), "eyes": (40.0, 35.0, 46.0), "hand": (40.0, 80.0, 20.0), "seat": (40.0, 14.0, 30.0)}


def _ears(pen: Pen, fur: Tone, inner: str) -> None:
    for flip in (False, True):
        with pen.at(80 if flip else 0, 0, flip=flip):
            pen.poly("16,38 17,6 42,18", fur if not flip else fur.shade, 5)
            pen.poly("21,28 21.5,13.5 33,19", inner, 3)


@motif("cat, kitten, kitty, kittycat", BOX, 0.45, "ground", paints="fur", spots=HEAD)
def cat(pen: Pen, look: Look) -> None:
    fur = look.tone("#ef9f4f", "#8c8fa3", "#5b5a72", "#f3e3c6")
    chest = look.second(CREAM, Tone(fur.base).light).base
    pen.curve("55,94 70,93 76,80 70,68 73,60", 8, fur.shade)
    seated(pen, fur, chest)
    _ears(pen, fur, PINK)
    pen.ellipse(40, 36, 26, 21, fur)
    for x, length in ((33, 4), (40, 7), (47, 4)):
        pen.line(f"{x},18 {x},{18 + length}", 3, fur.deep)
    muzzle(pen, 40, 44, 10, chest, PINK)
    eyes(pen, 40, 35, 23, 3.4)
    for side in (-1, 1):
        pen.line(f"{40 + side * 14},44 {40 + side * 28},41", 0.9, fur.deep)
        pen.line(f"{40 + side * 14},47 {40 + side * 27},49", 0.9, fur.deep)


@motif("dog, puppy, doggy, hound, pup", BOX, 0.6, "ground", paints="fur", spots=HEAD)
def dog(pen: Pen, look: Look) -> None:
    fur = look.tone("#c98b52", "#e0b27a", "#8a5f47")
    patch = look.second("#8a5a3c", "#6d4a3a", "#5a4336")
    pen.curve("56,92 70,86 76,74", 8, fur.shade)
    seated(pen, fur, CREAM)
    pen.ellipse(40, 35, 24, 23, fur)
    pen.blob("24,17 10,22 8,44 15,52 23,44 26,28", patch)
    pen.blob("56,17 70,22 72,44 65,52 57,44 54,28", patch.shade)
    pen.ellipse(40, 45, 13, 11, CREAM)
    pen.blob("34,37.5 46,37.5 40,44.5", INK)
    pen.smile(36.5, 46, 7, 1.5)
    pen.smile(43.5, 46, 7, 1.5)
    pen.blob("36.5,50.5 43.5,50.5 42.5,56 40,57.5 37.5,56", "#e4737a")
    eyes(pen, 40, 33, 20, 3.1)
    pen.box(25, 57, 30, 6, look.own("#3f7fc4", "#d8434f", "#3aa38a"), 3)
    pen.circle(40, 65, 3.6, "#f6c84c")


@motif("rabbit, bunny, hare", BOX, 0.4, "ground", paints="fur", spots=HEAD)
def rabbit(pen: Pen, look: Look) -> None:
    fur = look.tone("#d9c6b4", "#a98d7a", "#f1e8de")
    pen.circle(63, 88, 8, CREAM)
    seated(pen, fur, CREAM)
    for x, turn in ((30, -8), (50, 9)):
        pen.ellipse(x, 17, 7.5, 18, fur, turn)
        pen.ellipse(x, 18, 3.6, 13, PINK, turn)
    pen.ellipse(40, 41, 22, 18, fur)
    cheeks(pen, 40, 47, 28)
    muzzle(pen, 40, 47, 8, CREAM, "#d9737a")
    pen.box(37.4, 50.5, 5.2, 4.6, "#ffffff", 1.4)
    eyes(pen, 40, 39, 21, 3.2)


@motif("fox, vixen", BOX, 0.5, "ground", paints="fur", spots=HEAD)
def fox(pen: Pen, look: Look) -> None:
    fur = look.tone("#e8743b", "#dd8a4a")
    pen.blob("52,96 66,98 78,84 77,64 70,54 63,66 60,82", fur)
    pen.blob("70,54 77,64 77.5,70 70,68 65,63", CREAM)
    seated(pen, fur, CREAM)
    for x in (31, 49):
        pen.box(x - 6, 84, 12, 15.5, "#5b3a35", 5.5)
    for flip in (False, True):
        with pen.at(80 if flip else 0, 0, flip=flip):
            pen.poly("13,34 15,2 39,18", fur if not flip else fur.shade, 4)
            pen.poly("18.5,24 19.5,11 30,18", "#5b3a35", 3)
    pen.blob("40,15 62,24 68,38 54,50 40,58 26,50 12,38 18,24", fur)
    pen.blob("13,38 30,38 40,46 40,58 26,51", CREAM, tension=0.1)
    pen.blob("67,38 50,38 40,46 40,58 54,51", "#f0e2cd", tension=0.1)
    pen.ellipse(40, 55, 4.4, 3.6, INK)
    eyes(pen, 40, 37, 22, 3.1)


@motif("wolf", BOX, 0.8, "ground", paints="fur", spots=HEAD)
def wolf(pen: Pen, look: Look) -> None:
    fur = look.tone("#7f889c", "#6b7183")
    pen.blob("54,96 68,98 77,84 74,66 66,74 60,84", fur)
    seated(pen, fur, "#e9edf2")
    for flip in (False, True):
        with pen.at(80 if flip else 0, 0, flip=flip):
            pen.poly("17,32 20,2 39,17", fur if not flip else fur.shade, 3)
            pen.poly("22,23 23,11 32,18", "#4c4a5e", 2)
    pen.poly("40,12 58,20 70,44 58,48 48,59 40,61 32,59 22,48 10,44 22,20", fur, 3)
    pen.poly("12,44 28,40 40,47 52,40 68,44 57,48 48,58 40,60 32,58 23,48", "#e9edf2", 3)
    pen.poly("40,16 45,24 44,44 36,44 35,24", fur.deep, 3)
    pen.blob("34.5,50 45.5,50 40,57", INK)
    eyes(pen, 40, 36, 21, 2.9)
    pen.line("25,29 33,32", 2, fur.deep)
    pen.line("55,29 47,32", 2, fur.deep)


@motif("raccoon, racoon", BOX, 0.4, "ground", paints="fur", spots=HEAD)
def raccoon(pen: Pen, look: Look) -> None:
    fur, dark = look.tone("#8f93a1"), "#44445a"
    for i, place in enumerate(((54, 91), (61, 89), (67, 84), (71, 77), (72, 69))):
        pen.circle(*place, 7, dark if i % 2 else fur.base)
    seated(pen, fur, "#dfe2e8")
    for x in (20, 60):
        pen.circle(x, 20, 9, fur.base)
        pen.circle(x, 20.5, 4.6, "#f1efe9")
    pen.blob("40,14 60,22 68,40 58,52 40,59 22,52 12,40 20,22", fur)
    pen.blob("40,30 56,30 68,41 56,51 40,46 24,51 12,41 24,30", "#f1efe9")
    pen.blob("36,36 30,32 18,38 17,46 28,45", dark)
    pen.blob("44,36 50,32 62,38 63,46 52,45", dark)
    for x in (28, 52):
        pen.circle(x, 39, 3, "#ffffff")
        pen.circle(x, 39, 2, INK)
    muzzle(pen, 40, 50, 8, "#f8f6f0")


@motif("mouse, rat", (70, 70), 0.2, "ground", paints="fur", spots={"head": (34.0, 18.0, 20.0)})
def mouse(pen: Pen, look: Look) -> None:
    fur = look.tone("#a5a8b8", "#c9bfb5")
    pen.curve("48,62 62,64 67,54 62,46 66,38", 3, PINK)
    pen.blob("35,32 50,42 55,58 48,69 22,69 15,58 20,42", fur)
    pen.ellipse(35, 56, 11, 11, CREAM)
    for x in (15, 55):
        pen.circle(x, 16, 13, fur if x < 35 else Tone(fur.shade))
        pen.circle(x, 17, 8, PINK)
    pen.ellipse(35, 32, 18, 15, fur)
    eyes(pen, 35, 30, 15, 2.8)
    pen.ellipse(35, 39, 3.2, 2.5, "#d9737a")
    pen.smile(35, 42, 6, 1.2)
    for side in (-1, 1):
        pen.line(f"{35 + side * 9},38 {35 + side * 19},36", 0.8, fur.deep)
        pen.line(f"{35 + side * 9},40 {35 + side * 18},42", 0.8, fur.deep)
    for x in (27, 43):
        pen.ellipse(x, 68, 6, 2.6, PINK)
    for x in (30, 40):
        pen.circle(x, 52, 3, PINK)
