"""Bears, lions and other wild animals that sit and look at us."""

from __future__ import annotations

from massgen_image.composer.motif import Look, motif
from massgen_image.composer.motifs._creature import CREAM, eyes, muzzle, seated
from massgen_image.composer.pen import Pen
from massgen_image.composer.tones import INK, Tone

BOX = (80, 100)
HEAD = {"head": (40.0, 16.0, 34.0), "eyes": (40.0, 35.0, 46.0), "hand": (40.0, 80.0, 20.0), "seat": (40.0, 14.0, 30.0)}


@motif("bear, teddy, teddy bear, grizzly, cub", BOX, 1.5, "ground", paints="fur", spots=HEAD)
def bear(pen: Pen, look: Look) -> None:
    fur = look.tone("#9a6a46", "#7b5240")
    seated(pen, fur, "#d9b48c")
    for x, fill in ((20, fur), (60, fur.shade)):
        pen.circle(x, 19, 10, fill)
        pen.circle(x, 19, 5, "#d9a58c")
    pen.ellipse(40, 36, 27, 24, fur)
    muzzle(pen, 40, 45, 12, "#e6c8a4")
    eyes(pen, 40, 33, 22, 3)


@motif("polar bear", BOX, 1.6, "ground", paints="fur", spots=HEAD)
def polar_bear(pen: Pen, look: Look) -> None:
    fur = look.tone("#f0f1f1")
    seated(pen, fur, "#ffffff")
    for x, fill in ((20, fur), (60, fur.shade)):
        pen.circle(x, 20, 8.5, fill)
        pen.circle(x, 20, 4, "#b9c4cf")
    pen.ellipse(40, 36, 26, 23, fur)
    muzzle(pen, 40, 45, 12, "#ffffff")
    eyes(pen, 40, 33, 21, 2.8)


@motif("panda, panda bear", BOX, 1.3, "ground", paints="fur", spots=HEAD)
def panda(pen: Pen, look: Look) -> None:
    fur, dark = look.tone("#f6f2ec"), look.second("#37364a")
    seated(pen, dark, "#f6f2ec")
    pen.ellipse(40, 76, 15, 17, fur)
    for x in (29, 51):
        pen.ellipse(x, 94, 9, 5.5, dark)
    for x in (20, 60):
        pen.circle(x, 18, 9.5, dark)
    pen.ellipse(40, 36, 28, 24, fur)
    pen.ellipse(29, 36, 6.5, 8.5, dark.base, 28)
    pen.ellipse(51, 36, 6.5, 8.5, dark.base, -28)
    for x in (30, 50):
        pen.circle(x, 35, 2.9, "#ffffff")
        pen.circle(x, 35, 1.9, INK)
    muzzle(pen, 40, 47, 9, "#ffffff")


@motif("lion, lioness", BOX, 1.2, "ground", paints="fur", spots=HEAD)
def lion(pen: Pen, look: Look) -> None:
    fur, mane = look.tone("#f0b755", "#e6a94a"), look.second("#a9602f", "#8f4f2c")
    pen.curve("56,92 70,92 76,80 72,70", 4.5, fur.shade)
    pen.circle(72, 68, 5.5, mane.base)
    seated(pen, fur, "#f9dfa6")
    petals = [(40, 11), (55, 13), (66, 21), (70, 36), (65, 51), (54, 61), (40, 64), (26, 61), (15, 51), (10, 36), (14, 21), (25, 13)]  # fmt: skip
    for i, (x, y) in enumerate(petals):
        pen.circle(x, y, 10.5, mane.shade if 2 <= i <= 6 else mane.base)
    pen.circle(40, 36, 27, mane.base)
    for x in (23, 57):
        pen.circle(x, 19, 7, fur.base)
        pen.circle(x, 19, 3.4, mane.base)
    pen.ellipse(40, 38, 21, 20, fur)
    muzzle(pen, 40, 47, 10, "#fbe9c6", "#7a4433")
    eyes(pen, 40, 35, 18, 2.9)


@motif("tiger, tigress", BOX, 1.1, "ground", paints="fur", spots=HEAD)
def tiger(pen: Pen, look: Look) -> None:
    fur = look.tone("#f2933c")
    stripe = look.second("#3c3348").base
    pen.curve("55,93 70,93 76,80 71,68", 8, fur.shade)
    seated(pen, fur, CREAM)
    for y in (60, 67, 74):
        pen.line(f"20.5,{y + 4} 28,{y}", 3.2, stripe)
        pen.line(f"59.5,{y + 4} 52,{y}", 3.2, stripe)
    for x in (19, 61):
        pen.circle(x, 18, 9.5, fur.base)
        pen.circle(x, 18.5, 5, CREAM)
    pen.ellipse(40, 36, 27, 23, fur)
    pen.ellipse(24, 45, 11, 10, CREAM)
    pen.ellipse(56, 45, 11, 10, CREAM)
    for x, length in ((32, 5), (40, 11), (48, 5)):
        pen.line(f"{x},15.5 {x},{15.5 + length}", 3.2, stripe)
    for y in (34, 41):
        pen.line(f"14.5,{y} 21,{y + 1.5}", 3, stripe)
        pen.line(f"65.5,{y} 59,{y + 1.5}", 3, stripe)
    muzzle(pen, 40, 46, 10, "#fff8ec", "#d9737a")
    eyes(pen, 40, 34, 20, 3)


@motif("monkey, ape, chimp, chimpanzee", BOX, 0.9, "ground", paints="fur", spots=HEAD)
def monkey(pen: Pen, look: Look) -> None:
    fur, skin = look.tone("#8a5a3e", "#6f4a3b"), "#f0c79c"
    pen.curve("56,92 72,94 77,80 70,72 66,79", 5, fur.shade)
    seated(pen, fur, skin)
    for x in (13, 67):
        pen.circle(x, 36, 9, fur.base if x < 40 else fur.shade)
        pen.circle(x, 36, 5, skin)
    pen.ellipse(40, 34, 25, 24, fur)
    pen.blob("40,25 50,20 58,27 55,38 59,47 50,57 40,58 30,57 21,47 25,38 22,27 30,20", skin)
    eyes(pen, 40, 35, 17, 3)
    pen.ellipse(37.8, 43.5, 1.1, 0.9, "#8a5a3e")
    pen.ellipse(42.2, 43.5, 1.1, 0.9, "#8a5a3e")
    pen.smile(40, 48, 14, 1.7)


@motif("koala", BOX, 0.7, "ground", paints="fur", spots=HEAD)
def koala(pen: Pen, look: Look) -> None:
    fur = look.tone("#9aa3b5")
    seated(pen, fur, "#e9edf2")
    for x in (14, 66):
        pen.circle(x, 26, 14, fur if x < 40 else Tone(fur.shade))
        pen.circle(x, 27, 8, "#f0c9cc")
    pen.ellipse(40, 37, 25, 22, fur)
    pen.ellipse(40, 41, 6, 9, "#3c3a4c")
    pen.ellipse(38.4, 36, 1.6, 2.4, "#6c6a80")
    eyes(pen, 40, 35, 25, 2.9)
    pen.smile(40, 52, 9, 1.5)
