"""Horses, cows and the other animals of a farm, from the side."""

from __future__ import annotations

from massgen_image.composer.motif import Look, motif
from massgen_image.composer.motifs._creature import CREAM, PINK, legs
from massgen_image.composer.pen import Pen
from massgen_image.composer.tones import Tone

TALL = {"seat": (44.0, 48.0, 26.0), "head": (84.0, 16.0, 16.0)}  # with a horn, or long ears
HORSE = {"seat": (44.0, 40.0, 26.0), "head": (84.0, 8.0, 16.0)}


def equine(pen: Pen, coat: Tone, mane: str, hoof: str, muzzle: str) -> None:
    """The horse that zebras, donkeys and unicorns are made of; the box is 110 by 100."""
    pen.blob("22,44 10,48 5,62 9,80 14,74 14,60 22,54", mane)
    legs(pen, "27,60,100 71,60,100", "35,60,97 64,60,97", coat, 9.5, hoof)
    pen.blob("18,48 32,39 54,43 70,38 80,46 78,64 66,71 44,68 28,72 19,64", coat)
    pen.blob("62,48 68,28 78,13 90,12 92,20 88,34 82,50 76,62 66,62", coat, depth=0.1)
    pen.poly("80,16 82,3 89,13", coat.shade, 2)
    pen.blob("78,15 86,10 96,18 106,29 107,37 100,40 90,34 82,30", coat, depth=0.1)
    pen.blob("98,22 106,29 107.5,37 100,40 94,34", muzzle)
    pen.ellipse(103, 33, 1.2, 1.7, coat.deep, 20)
    pen.curve("98,37.5 101,37 104,37", 1.1, coat.deep)
    pen.blob("84,8 76,9 66,22 60,40 62,50 68,44 72,32 80,20 87,16", mane)
    pen.eye(89.5, 20.5, 2.3)


@motif("horse, pony, stallion, mare, foal", (110, 100), 1.7, "ground", paints="coat", spots=HORSE)
def horse(pen: Pen, look: Look) -> None:
    coat = look.tone("#a8683f", "#8a5540", "#c98d55", "#6b6a7c")
    mane = look.second("#4e3631", "#59403a").base
    equine(pen, coat, mane, "#453a41", coat.deep)


@motif("unicorn", (110, 108), 1.7, "ground", paints="coat", spots=TALL)
def unicorn(pen: Pen, look: Look) -> None:
    coat, mane = look.tone("#f4eef8"), look.second("#c77fd6", "#e583ae")
    with pen.at(0, 8):
        pen.poly("85,14 98,-6 92,15", "#f4c04a", 1.2)
        pen.line("89,6 92,8.5", 1.3, "#d99a2e")
        equine(pen, coat, mane.base, "#d7a6d8", "#f3cfe0")
        pen.curve("82,12 70,20 64,40", 3, mane.light)
        pen.curve("13,52 8,64 10,74", 2.4, mane.light)
        pen.circle(88, 27, 3, PINK)


@motif("zebra", (110, 100), 1.5, "ground", paints="coat", spots=HORSE)
def zebra(pen: Pen, look: Look) -> None:
    coat, stripe = look.tone("#f6f3ee"), look.second("#3b3a4d").base
    equine(pen, coat, stripe, stripe, stripe)
    for line in ("28,43 31,54 29,64", "37,42 40,54 38,66", "47,44 49,55 47,66", "57,44 58,54 56,66"):
        pen.curve(line, 3.4, stripe)
    for line in ("67,40 70,52 68,62", "69,31 76,36 80,44", "73,23 80,28 84,36"):
        pen.curve(line, 3.2, stripe)
    for x in (27, 71):
        pen.line(f"{x - 3.4},76 {x + 3.4},76", 2.6, stripe)
        pen.line(f"{x - 3.4},84 {x + 3.4},84", 2.6, stripe)


@motif("donkey, mule", (110, 108), 1.3, "ground", paints="coat", spots=TALL)
def donkey(pen: Pen, look: Look) -> None:
    coat = look.tone("#8d8a94", "#95806f")
    with pen.at(0, 8):
        pen.ellipse(78, 5, 3.6, 11, coat.deep, -12)
        equine(pen, coat, "#4a4652", "#3f3d49", "#efe8dd")
        pen.ellipse(85, 4, 4, 12, coat, 14)
        pen.ellipse(85.4, 5, 1.8, 8, PINK, 14)


@motif("cow, bull, ox, calf, cattle", (120, 88), 1.5, "ground", paints="coat", spots={"seat": (46.0, 26.0, 30.0), "head": (92.0, 13.0, 20.0)})  # fmt: skip
def cow(pen: Pen, look: Look) -> None:
    coat, patch = look.tone("#f7f2ea", "#f3e6d2"), look.second("#4a4355", "#8d5a3f").base
    pen.curve("14,36 6,44 6,58", 3, coat.shade)
    pen.ellipse(6, 62, 3.4, 5, patch)
    pen.ellipse(36, 68, 9, 6, PINK)
    legs(pen, "24,56,88 72,56,88", "34,56,86 64,56,86", coat, 10, "#4d4452")
    pen.blob("13,36 24,27 50,28 76,26 84,36 82,58 70,68 40,68 20,66 12,54", coat)
    pen.blob("24,30 38,29 44,40 36,50 24,46", patch)
    pen.blob("54,29 66,29 70,38 62,44 54,40", patch)
    pen.blob("50,58 60,54 66,62 58,67 48,66", patch)
    for x, flip in ((80, True), (100, False)):
        with pen.at(x, 17, flip=flip):
            pen.poly("0,2 5,-11 8,-12 9,2", "#e6d3b0", 2)
            pen.ellipse(12, 9, 8, 4.4, patch, 18)
    pen.blob("80,18 90,13 100,18 102,32 98,46 82,46 78,32", coat, depth=0.1)
    pen.blob("80,18 88,14 89,30 82,34 78,30", patch)
    pen.ellipse(90, 45, 13.5, 9, PINK)
    pen.ellipse(85, 44, 1.8, 2.4, "#b96a6e")
    pen.ellipse(95, 44, 1.8, 2.4, "#b96a6e")
    pen.eye(84, 30, 2.6)
    pen.eye(97, 30, 2.6)


@motif("pig, piglet, hog", (100, 74), 0.8, "ground", paints="skin", spots={"seat": (44.0, 12.0, 30.0), "head": (80.0, 16.0, 20.0)})  # fmt: skip
def pig(pen: Pen, look: Look) -> None:
    skin = look.tone("#f3a9ab", "#f0b5a6")
    pen.arc("M10 36C0 34 0 24 6 25C10 26 8 32 3 32", 2.6, skin.shade)
    legs(pen, "25,52,74 65,52,74", "34,52,73 57,52,73", skin, 11, skin.deep)
    pen.blob("8,36 20,16 46,10 70,16 82,34 76,56 52,64 24,62 10,50", skin)
    pen.poly("66,20 66,5 79,15", skin.shade, 3)
    pen.ellipse(79, 34, 19, 18, skin, depth=0.1)
    pen.poly("82,20 90,6 95,22", skin, 3)
    pen.ellipse(88, 39, 9.5, 7.6, Tone(skin.deep).light)
    pen.ellipse(85, 39, 1.6, 2.3, skin.deep)
    pen.ellipse(91, 39, 1.6, 2.3, skin.deep)
    pen.eye(75, 29, 2.5)
    pen.eye(90, 28, 2.5)
    pen.smile(84, 48, 8, 1.4, skin.deep)


@motif("sheep, lamb, ram, ewe", (100, 82), 0.9, "ground", paints="wool", spots={"seat": (42.0, 14.0, 30.0), "head": (82.0, 20.0, 18.0)})  # fmt: skip
def sheep(pen: Pen, look: Look) -> None:
    wool, skin = look.tone("#f6efe2"), look.second("#544a58", "#e6c3a6")
    legs(pen, "30,58,82 60,58,82", "38,58,81 53,58,81", skin, 7)
    curls = [(20, 34), (30, 22), (45, 17), (60, 21), (70, 32), (70, 48), (60, 58), (45, 61), (30, 58), (20, 48)]
    for i, (x, y) in enumerate(curls):
        pen.circle(x, y, 12.5, wool.shade if 3 < i < 9 else wool.base)
    pen.ellipse(44, 38, 27, 22, wool.base)
    for d in (
        "M26 36C27 30 34 30 34 36",
        "M42 28C43 22 50 22 50 28",
        "M40 46C41 40 48 40 48 46",
        "M56 40C57 34 64 34 64 40",
    ):
        pen.arc(d, 1.6, wool.shade)
    pen.ellipse(69, 32, 8, 4, skin.shade, -28)
    pen.blob("74,24 84,22 92,32 92,46 84,52 77,46 73,34", skin)
    pen.ellipse(94, 31, 7.5, 3.8, skin.base, 28)
    for place in ((74, 22), (82, 18.5), (89, 22)):
        pen.circle(*place, 6, wool.base)
    white = "#ffffff" if look.second("#544a58", "#e6c3a6").base == "#544a58" else ""
    for x in (79.5, 88.5):
        if white:
            pen.circle(x, 35, 3.1, white)
        pen.eye(x + 0.3, 35, 2.2)


@motif("goat", (100, 88), 0.9, "ground", paints="coat", spots={"seat": (40.0, 32.0, 30.0)})
def goat(pen: Pen, look: Look) -> None:
    coat = look.tone("#e9e0d2", "#b9a48c", "#8d7a6c")
    pen.poly("14,40 6,28 20,34", coat.shade, 2)
    legs(pen, "25,58,88 64,58,88", "33,58,86 57,58,86", coat, 8, "#4d4452")
    pen.blob("12,42 22,34 46,36 66,32 74,42 72,58 58,66 28,66 14,58", coat)
    pen.blob("58,44 66,28 76,18 84,22 82,36 74,54 64,58", coat, depth=0.1)
    pen.arc("M77 14C74 4 66 1 60 3", 4.4, "#8b7a72")
    pen.arc("M82 14C80 6 75 2 70 1", 4, "#a3918a")
    pen.ellipse(68, 22, 7.5, 3.4, coat.shade, -14)
    pen.blob("72,16 82,14 92,24 97,33 91,38 80,34 73,28", coat, depth=0.1)
    pen.poly("85,36 93,37 88,50", coat.deep, 2)
    pen.eye(82, 22.5, 2.2)
    pen.ellipse(94, 31, 1.1, 1.4, coat.deep)


@motif("chicken, hen, cockerel, rooster, cock", (76, 82), 0.45, "ground", paints="feathers", spots={"head": (56.0, 8.0, 14.0)})  # fmt: skip
def chicken(pen: Pen, look: Look) -> None:
    coat = look.tone("#f7efe2", "#c8743f", "#e3b25c")
    red = look.own("#dd4b45", "#dd4b45", "#e08a3e").base
    for x in (34, 44):
        pen.line(f"{x},66 {x},80 {x + 6},80.4", 2.6, "#e8a33a")
        pen.line(f"{x},80 {x - 3},80.6", 2.4, "#e8a33a")
    for turn, fill in ((-30, coat.deep), (-8, coat.shade), (14, coat.base)):
        pen.ellipse(13, 36, 8, 17, fill, turn)
    pen.blob("10,44 22,40 40,40 48,24 50,14 58,10 66,16 67,32 66,50 58,66 38,71 20,65 11,55", coat)
    pen.blob("22,46 40,46 48,52 38,60 24,56", coat.shade)
    for place in ((51, 9), (57, 6), (63, 9)):
        pen.circle(*place, 4.2, red)
    pen.ellipse(65.5, 29, 3, 5, red)
    pen.circle(57, 17, 9.5, coat.base)
    pen.poly("65,16 75,20 65,24", "#f0ae3d", 1.6)
    pen.eye(60, 16, 2.3)


@motif("chick, baby chicken", (60, 60), 0.15, "ground", paints="feathers", spots={"head": (30.0, 8.0, 16.0)})
def chick(pen: Pen, look: Look) -> None:
    coat = look.tone("#f9d256")
    for x in (23, 37):
        pen.line(f"{x},50 {x},58", 2.2, "#e8953a")
        pen.line(f"{x - 4},58.6 {x + 4},58.6", 2.2, "#e8953a")
    pen.poly("26,8 30,1 34,8", coat.shade, 1)
    pen.blob("30,5 44,11 49,24 53,38 44,52 30,55 16,52 7,38 11,24 16,11", coat)
    pen.ellipse(9, 36, 5, 10, coat.shade, 20)
    pen.ellipse(51, 36, 5, 10, Tone(coat.shade).shade, -20)
    pen.poly("25,24 35,24 30,31", "#ee9437", 1.5)
    pen.eye(21, 21, 2.5)
    pen.eye(39, 21, 2.5)
    for x in (15.5, 44.5):
        pen.ellipse(x, 27, 3.2, 2.2, "#f3a56a")


@motif("duck, duckling, mallard", (86, 76), 0.4, "water", paints="feathers", spots={"head": (61.0, 4.0, 16.0), "seat": (32.0, 38.0, 20.0)})  # fmt: skip
def duck(pen: Pen, look: Look) -> None:
    coat = look.tone("#fbd25a", "#f5f1e6")
    pen.blob("4,36 14,46 34,44 48,40 62,38 73,46 71,62 54,73 28,73 11,62", coat, 0.1)
    pen.box(47, 20, 26, 32, coat.base, 9)
    pen.circle(61, 19, 15, coat, 0.1)
    pen.blob("18,52 36,46 52,50 48,62 32,66 22,62", coat.shade)
    pen.blob("20,51 36,46 49,50 43,58 30,61 23,58", coat.light)
    pen.blob("71,16 85,18 86,23 78,26 70,24", "#ee8f3a")
    pen.curve("72,21 78,21.6 84,21", 1.1, "#b9642a")
    pen.eye(64, 15, 2.7)


@motif("goose, geese", (86, 100), 0.8, "ground", paints="feathers", spots={"head": (62.0, 6.0, 12.0)})
def goose(pen: Pen, look: Look) -> None:
    coat = look.tone("#f6f2ea", "#a79f97")
    for x in (34, 46):
        pen.line(f"{x},82 {x},97 {x + 7},98", 3, "#ee8f3a")
    pen.blob("4,56 18,60 36,58 50,54 54,36 54,16 62,7 71,12 70,26 68,44 70,62 62,80 42,88 22,82 10,70", coat)
    pen.blob("16,66 36,60 54,66 46,76 30,79 20,74", coat.shade)
    pen.blob("69,13 84,19 83,24 69,22", "#ee8f3a")
    pen.eye(63.5, 15, 2.3)


@motif("turkey", (90, 84), 0.9, "ground", paints="feathers")
def turkey(pen: Pen, look: Look) -> None:
    coat = look.tone("#8a5a44")
    fan = ("#d9803f", "#e7b04e", "#b5533c", "#e7b04e", "#d9803f", "#b5533c", "#e7b04e")
    for i, fill in enumerate(fan):
        with pen.at(45, 50, turn=-66 + i * 22):
            pen.ellipse(0, -28, 9.5, 22, fill)
            pen.ellipse(0, -43, 5, 5, CREAM)
    for x in (38, 52):
        pen.line(f"{x},72 {x},82", 3, "#e8a33a")
        pen.line(f"{x - 4},82.4 {x + 4},82.4", 2.6, "#e8a33a")
    pen.blob("45,34 62,42 66,58 56,74 34,74 24,58 28,42", coat)
    pen.ellipse(45, 60, 11, 11, coat.shade)
    pen.blob("38,44 38,28 45,21 52,28 52,44", Tone("#9c6b55"))
    pen.poly("41,31 49,31 45,38", "#f0ae3d", 1)
    pen.ellipse(49, 40, 2.6, 6, "#d8504a", -8)
    pen.eye(41, 28, 2)
    pen.eye(49, 28, 2)


@motif("llama, alpaca", (84, 108), 1.6, "ground", paints="wool", spots={"seat": (36.0, 46.0, 24.0), "head": (66.0, 12.0, 12.0)})  # fmt: skip
def llama(pen: Pen, look: Look) -> None:
    coat = look.tone("#f1e2c8", "#c79a6a")
    legs(pen, "22,78,108 50,78,108", "30,78,106 43,78,106", coat, 8, "#57494f")
    pen.circle(10, 56, 7, coat.shade)
    for x, y in ((18, 58), (30, 54), (44, 56), (18, 72), (32, 78), (46, 76), (54, 66)):
        pen.circle(x, y, 12, coat.base if y < 72 else coat.shade)
    pen.ellipse(34, 66, 22, 15, coat.base)
    pen.blob("46,66 50,40 54,18 66,14 70,26 66,44 64,66 56,74", coat)
    pen.ellipse(57, 10, 3, 9, coat.shade, -10)
    pen.ellipse(66, 9, 3, 9, coat.base, 10)
    pen.blob("54,16 66,12 78,20 81,28 74,33 60,32 53,26", coat)
    pen.blob("72,22 81,26 80,31 73,32", CREAM)
    pen.eye(66, 21, 2.3)
    with pen.at(24, 50):
        pen.box(0, 0, 22, 20, look.own("#d7597a", "#3f9aa8", "#8a64b8"), 3)
        pen.box(0, 6, 22, 3, "#f6d873")
        pen.box(0, 12, 22, 3, "#5bb1a0")
