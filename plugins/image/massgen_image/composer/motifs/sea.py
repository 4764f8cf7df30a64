"""What lives in water."""

from __future__ import annotations

from massgen_image.composer.motif import Look, motif
from massgen_image.composer.motifs._creature import CREAM, PINK, cheeks
from massgen_image.composer.pen import Pen
from massgen_image.composer.tones import INK, Tone


@motif("fish, goldfish, trout, salmon, tuna", (90, 60), 0.3, "deep", paints="scales")
def fish(pen: Pen, look: Look) -> None:
    coat = look.tone("#f28c42", "#4f9bd9", "#e86a78", "#48b3a4")
    fin = look.second(Tone(coat.base).light, "#f7c65b")
    pen.blob("26,30 12,14 2,10 6,30 2,50 12,46", fin.deep)
    pen.blob("38,16 46,3 62,6 64,16", fin.deep)
    pen.poly("44,44 40,57 54,48", fin.deep, 3)
    pen.blob("20,30 34,16 54,12 74,18 86,31 74,43 54,49 34,44", coat)
    pen.blob("44,14 52,30 44,47 36,45 40,30 36,15", fin.light)
    pen.blob("58,30 50,34 48,42 58,40", fin.deep)
    pen.circle(72, 26, 4.6, "#ffffff")
    pen.eye(73, 26, 3)
    pen.curve("79,35 82,36.5 85,34", 1.4, coat.deep)


@motif("whale", (120, 82), 12, "water", paints="skin", spots={"seat": (56.0, 24.0, 40.0)})
def whale(pen: Pen, look: Look) -> None:
    skin = look.tone("#4f86c6", "#5b8fb8")
    for d in ("M84 20C84 10 78 4 70 6", "M86 20C86 10 92 4 100 6", "M85 20V5"):
        pen.arc(d, 3, "#bfe4f5")
    pen.blob("20,44 6,36 2,22 14,24 20,30 26,22 36,18 34,32 28,44", skin.shade)
    pen.blob("18,40 34,52 52,30 78,22 104,30 117,50 110,70 86,80 54,78 30,66", skin)
    pen.path("M117 54C106 60 92 58 78 56C62 54 54 64 44 74C60 82 92 82 108 71C114 66 117 60 117 54Z", "#e8f0f6")
    for d in ("M70 60C66 66 62 72 56 78", "M82 60C80 68 76 74 70 79", "M94 61C93 68 91 74 86 79.4"):
        pen.arc(d, 1.6, "#c3d3e2")
    pen.blob("66,62 60,76 46,80 54,66", skin.deep)
    pen.eye(97, 48, 3.2)
    pen.curve("104,57 110,57 115,53", 1.8, skin.deep)


@motif("dolphin, porpoise", (116, 70), 2, "water", paints="skin", spots={"seat": (60.0, 20.0, 24.0)})
def dolphin(pen: Pen, look: Look) -> None:
    skin = look.tone("#6aa3d0", "#8aa3bb")
    pen.blob("16,52 4,44 1,58 8,58 10,68 22,58", skin.deep)
    pen.poly("48,22 48,3 66,18", skin.deep, 3)
    pen.blob("10,56 26,40 46,22 70,14 90,20 101,31 114,37 112,42 98,44 78,46 50,48 28,54", skin)
    pen.path("M112 42C104 47 90 52 70 50C52 49 36 51 24 55C40 46 56 44 72 42C86 41 98 41 112 42Z", "#eef4f8")
    pen.blob("66,44 62,60 52,64 54,50", skin.deep)
    pen.eye(92, 32, 2.6)
    pen.curve("97,40 104,40.6 111,39", 1.4, skin.deep)


@motif("shark", (120, 72), 3, "deep", paints="skin")
def shark(pen: Pen, look: Look) -> None:
    skin = look.tone("#7d93ac", "#6b8499")
    pen.poly("14,40 1,12 22,30", skin.deep, 3)
    pen.poly("14,40 3,58 26,46", skin.deep, 3)
    pen.poly("50,20 54,0 72,17", skin.shade, 3)
    pen.blob("10,40 34,24 62,15 92,20 117,34 112,44 88,54 58,55 32,48", skin)
    pen.path("M112 44C100 52 80 56 58 55C44 53 32 48 20 43C44 46 70 44 92 40Z", "#eef2f4")
    pen.poly("62,50 52,70 76,53", skin.deep, 3)
    pen.path("M92 40C98 43 104 44 112 44C106 49 100 50 95 50Z", "#8f3b4c")
    for x in (96, 101, 106):
        pen.poly(f"{x - 2.4},41.6 {x + 2.4},42.6 {x},46.6", "#ffffff")
    for x in (78, 82, 86):
        pen.curve(f"{x},30 {x - 2},36 {x},42", 1.5, skin.deep)
    pen.eye(97, 30, 2.6)
    pen.line("93,26 100,28", 1.6, skin.deep)


@motif("octopus", (96, 92), 1, "deep", paints="skin", spots={"head": (48.0, 4.0, 30.0)})
def octopus(pen: Pen, look: Look) -> None:
    skin = look.tone("#d9678c", "#8f6fc9", "#e8845c")
    arms = (
        "M34 56C24 66 20 76 6 76",
        "M62 56C72 66 76 76 90 76",
        "M38 58C34 74 30 84 18 88",
        "M58 58C62 74 66 84 78 88",
    )
    for d in arms:
        pen.arc(d, 9, skin.shade)
    for d in ("M44 58C44 74 42 84 38 87", "M52 58C52 74 54 84 58 87"):
        pen.arc(d, 9, skin.base)
    pen.blob("48,3 68,9 78,28 72,46 66,60 48,66 30,60 24,46 18,28 28,9", skin)
    for x, y in ((9, 75), (18, 72), (87, 75), (78, 72), (22, 86), (74, 86)):
        pen.circle(x, y, 1.8, skin.light)
    pen.ellipse(34, 16, 6, 3.6, skin.light, -34)
    for x in (39, 57):
        pen.circle(x, 36, 6, "#ffffff")
        pen.eye(x, 36.6, 3.8)
    cheeks(pen, 48, 46, 34)
    pen.smile(48, 46, 10, 1.8)


@motif("crab", (100, 70), 0.2, "ground", paints="shell")
def crab(pen: Pen, look: Look) -> None:
    shell = look.tone("#e4573f", "#e27a4a")
    for side in (False, True):
        with pen.at(100 if side else 0, 0, flip=side):
            for y, x in ((50, 10), (56, 14), (60, 22)):
                pen.curve(f"34,{y - 4} {x + 8},{y - 4} {x},{y + 7}", 4, shell.deep)
            pen.curve("30,42 16,40 14,28", 6, shell.shade)
            pen.blob("4,20 6,6 14,2 13,14 20,3 27,10 24,24 14,30", shell.base)
            pen.line("40,26 38,16", 3, shell.shade)
            pen.circle(38, 14, 5, "#ffffff")
            pen.eye(38.6, 14, 3)
    pen.blob("50,24 74,27 84,42 74,58 50,63 26,58 16,42 26,27", shell)
    pen.smile(50, 44, 14, 2, shell.deep)
    for place in ((32, 36), (40, 32), (66, 34)):
        pen.circle(*place, 2, shell.light)


@motif("turtle, tortoise", (100, 62), 0.35, "ground", paints="shell", spots={"seat": (42.0, 6.0, 26.0)})
def turtle(pen: Pen, look: Look) -> None:
    shell, skin = look.tone("#5d8f5a", "#8a6b4a", "#4f8f86"), look.second("#a5c96a", "#b8cf86")
    pen.poly("10,46 1,52 14,52", skin.shade, 2)
    for x in (24, 62):
        pen.box(x - 8, 42, 16, 19, skin.shade, 6)
    pen.blob("68,40 78,22 90,18 98,26 97,36 86,42 78,50 70,50", skin)
    pen.path("M8 46C8 22 22 5 43 5C64 5 78 22 78 46Z", shell, (22, 15), 0.1)
    for dots in ("36,12 50,12 55,24 43,32 31,24", "14,34 26,28 33,38 29,45 13,45", "60,28 71,34 73,45 58,45 53,38"):
        pen.poly(dots, shell.deep, 3)
    pen.box(5, 43, 76, 7, shell.shade, 3.5)
    pen.eye(90, 26, 2.6)
    pen.curve("91,35 94,35 97,32", 1.3, skin.deep)


@motif("jellyfish", (70, 96), 0.4, "deep", paints="bell")
def jellyfish(pen: Pen, look: Look) -> None:
    bell = look.tone("#c79be8", "#f0a0be", "#7fc4e0")
    for x, sway in ((14, -5), (24, 4), (35, -4), (46, 5), (56, -4)):
        pen.curve(f"{x},42 {x + sway},56 {x - sway},72 {x + sway},{92 if x != 35 else 94}", 4, bell.shade)
    pen.path("M3 42C3 18 16 3 35 3C54 3 67 18 67 42C63 49 57 49 53 44C48 50 40 50 35 45C30 50 22 50 17 44C13 49 7 49 3 42Z", bell, (14, 12), 0.1)  # fmt: skip
    pen.ellipse(22, 18, 7, 4.4, bell.light, -40)
    pen.eye(27, 32, 2.7)
    pen.eye(43, 32, 2.7)
    pen.smile(35, 36, 7, 1.5)
    pen.ellipse(20.5, 37, 3, 2, PINK)
    pen.ellipse(49.5, 37, 3, 2, PINK)


@motif("starfish, sea star", (84, 80), 0.2, "ground", paints="skin")
def starfish(pen: Pen, look: Look) -> None:
    skin = look.tone("#f09a5b", "#ee7f86")
    pen.poly("42,1 54,27 83,31 62,50 68,79 42,65 16,79 22,50 1,31 30,27", skin, 9, 0.1)
    for x, y in ((42, 14), (66, 35), (18, 35), (57, 66), (27, 66), (42, 58)):
        pen.circle(x, y, 2.2, skin.light)
    pen.eye(36, 38, 2.8)
    pen.eye(48, 38, 2.8)
    pen.smile(42, 43, 9, 1.6)


@motif("seahorse", (56, 96), 0.2, "deep", paints="skin")
def seahorse(pen: Pen, look: Look) -> None:
    skin = look.tone("#f3b24c", "#e8849a", "#5fb8b0")
    pen.arc("M24 58C18 76 26 92 36 88C43 85 41 76 35 78", 6, skin.shade)
    pen.blob("12,42 2,36 4,54 14,56", skin.light)
    pen.blob("22,8 34,8 38,20 34,30 38,44 36,58 27,68 19,62 14,48 16,30 16,18", skin)
    pen.blob("30,34 38,44 36,58 28,66 27,50", skin.light)
    for y in (42, 50, 58):
        pen.curve(f"29,{y} 33,{y + 1} 37,{y - 1}", 1.4, skin.shade)
    pen.box(32, 16, 22, 7, skin.base, 3.5)
    pen.poly("20,10 22,1 27,7 32,1 33,10", skin.deep, 1.5)
    pen.eye(30, 16, 2.6)


@motif("seal, sea lion", (100, 66), 1, "ground", paints="skin")
def seal(pen: Pen, look: Look) -> None:
    skin = look.tone("#8d9bb2", "#a08f86")
    pen.blob("16,54 2,44 1,56 8,60 2,65 18,64", skin.deep)
    pen.blob("10,60 30,48 50,42 60,26 66,10 80,4 93,12 94,26 84,42 80,58 64,65 30,65", skin)
    pen.blob("72,46 68,64 50,65 58,50", skin.deep)
    pen.ellipse(87, 24, 9, 7, CREAM)
    pen.ellipse(90, 20.6, 3.4, 2.6, INK)
    pen.eye(79, 16, 2.9)
    pen.smile(88, 26, 6, 1.3)


@motif("frog, toad", (84, 66), 0.15, "ground", paints="skin", spots={"head": (42.0, 8.0, 24.0)})
def frog(pen: Pen, look: Look) -> None:
    skin = look.tone("#6fb84f", "#4fa772")
    for x in (14, 70):
        pen.ellipse(x, 50, 13, 13, skin.shade)
        pen.ellipse(x, 62.4, 13, 3.4, skin.deep)
    pen.blob("42,18 64,24 70,44 60,62 24,62 14,44 20,24", skin)
    pen.blob("42,40 56,44 56,58 42,62 28,58 28,44", "#dcebae")
    for x in (24, 60):
        pen.circle(x, 14, 11, skin.base if x < 40 else skin.shade)
        pen.circle(x, 13.5, 7, "#ffffff")
        pen.eye(x, 14, 4.4)
    pen.curve("24,31 42,39 60,31", 2, skin.deep)
    for x in (32, 52):
        pen.ellipse(x, 62, 7, 3, skin.base)
    pen.ellipse(21, 31, 3.4, 2.3, "#f0a48c")
    pen.ellipse(63, 31, 3.4, 2.3, "#f0a48c")


@motif("crocodile, alligator, croc", (128, 56), 1.0, "ground", paints="skin", spots={"seat": (46.0, 14.0, 26.0)})
def crocodile(pen: Pen, look: Look) -> None:
    skin = look.tone("#5f9a58", "#6f8f5a")
    for x in (28, 38, 48, 58, 68):
        pen.poly(f"{x - 6},20 {x},10 {x + 6},20", skin.deep, 2)
    for x in (34, 70):
        pen.box(x - 8, 38, 16, 17, skin.shade, 5)
    pen.blob("1,40 18,26 40,17 66,17 82,20 96,26 124,28 127,35 112,39 88,42 60,48 30,46", skin)
    pen.path("M84 40C98 40 112 40 125 37C122 45 108 47 90 47Z", "#a14a55")
    pen.poly("84,46 122,42 120,49 96,52 80,50", skin.shade, 3)
    for x in (96, 104, 112, 119):
        pen.poly(f"{x - 3},38.6 {x + 3},38 {x},44", "#ffffff")
    pen.circle(88, 19, 7, skin.base)
    pen.circle(89, 18.4, 4.4, "#ffffff")
    pen.eye(90, 18.6, 2.8)
    pen.ellipse(121, 29, 1.6, 1.3, skin.deep)
