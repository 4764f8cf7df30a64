"""Birds."""

from __future__ import annotations

from massgen_image.composer.motif import Look, motif
from massgen_image.composer.motifs._creature import CREAM, PINK
from massgen_image.composer.pen import Pen
from massgen_image.composer.tones import INK, Tone

BEAK = "#f0a63d"


@motif("bird, sparrow, robin, bluebird, songbird", (90, 70), 0.25, "air", paints="feathers", spots={"head": (62.0, 8.0, 14.0)})  # fmt: skip
def bird(pen: Pen, look: Look) -> None:
    coat = look.tone("#4f9bd9", "#e2705c", "#55b09a", "#f0b64c")
    pen.poly("22,42 2,34 4,48 24,52", coat.deep, 2.5)
    for x in (44, 52):
        pen.line(f"{x},60 {x},68 {x + 4},68.6", 2, "#b9763a")
    pen.blob("16,44 34,34 44,20 56,10 70,12 77,24 74,42 62,58 44,63 28,58", coat)
    pen.blob("74,28 72,44 60,57 46,61 50,46 62,34", look.second(CREAM).base)
    pen.blob("26,38 46,32 54,42 46,52 28,56 10,60", coat.deep)
    pen.poly("75,19 88,24 75,28.5", BEAK, 1.5)
    pen.eye(66, 20, 2.9)


@motif("owl", (70, 88), 0.4, "ground", paints="feathers", spots={"head": (35.0, 8.0, 24.0), "eyes": (35.0, 32.0, 54.0)})
def owl(pen: Pen, look: Look) -> None:
    coat = look.tone("#9a6f50", "#7c7f9a", "#b98a58")
    pen.poly("8,24 8,2 30,14", coat.base, 3)
    pen.poly("62,24 62,2 40,14", coat.shade, 3)
    pen.blob("35,8 56,14 64,36 64,62 52,82 35,86 18,82 6,62 6,36 14,14", coat)
    pen.blob("35,46 50,52 52,70 35,82 18,70 20,52", CREAM)
    for y in (56, 64, 72):
        for x in (28, 35, 42):
            pen.arc(f"M{x - 3} {y}Q{x} {y + 4} {x + 3} {y}", 1.7, coat.base)
    pen.blob("8,40 17,46 20,66 13,76 6,62", coat.shade)
    pen.blob("62,40 53,46 50,66 57,76 64,62", coat.deep)
    for x in (23, 47):
        pen.circle(x, 32, 13, CREAM)
        pen.circle(x, 32, 8.6, "#f5bd4b")
        pen.eye(x, 32, 5.4)
    pen.poly("30,38 40,38 35,47", BEAK, 1.6)
    for x in (27, 43):
        for dx in (-3.5, 0, 3.5):
            pen.ellipse(x + dx, 85.4, 2, 2.6, BEAK)


@motif("penguin", (70, 92), 0.8, "ground", paints="back", spots={"head": (35.0, 8.0, 24.0)})
def penguin(pen: Pen, look: Look) -> None:
    coat = look.tone("#3f4a68")
    pen.ellipse(9, 50, 6.5, 18, coat.deep, 16)
    pen.ellipse(61, 50, 6.5, 18, coat.deep, -16)
    for x in (24, 46):
        pen.ellipse(x, 88, 10, 4, BEAK)
    pen.blob("35,4 52,12 58,34 62,60 54,84 35,90 16,84 8,60 12,34 18,12", coat)
    pen.blob("35,26 46,18 53,28 52,44 55,62 48,80 35,85 22,80 15,62 18,44 17,28 24,18", "#fbf7f0")
    pen.blob("47,18 53,28 52,44 55,62 48,80 40,84.4 48,62 48,40", "#e4e1e4")
    pen.poly("29,33 41,33 35,41", BEAK, 2)
    pen.eye(26, 29, 2.9)
    pen.eye(44, 29, 2.9)
    pen.ellipse(20.5, 36, 3.4, 2.3, PINK)
    pen.ellipse(49.5, 36, 3.4, 2.3, PINK)


@motif("parrot, macaw, budgie", (72, 100), 0.5, "ground", paints="feathers")
def parrot(pen: Pen, look: Look) -> None:
    coat = look.tone("#e0514a", "#3fa66b", "#3f86d6")
    wing = look.second("#3f86d6", "#f2b93f", "#58b368")
    pen.poly("22,66 8,99 18,98 34,72", wing.deep, 2)
    pen.poly("26,68 20,99 28,96 40,70", coat.deep, 2)
    pen.blob("40,6 54,14 58,30 56,50 46,70 32,78 22,70 20,50 24,22", coat)
    pen.blob("20,40 34,34 42,46 38,64 26,78 16,86 16,62", wing)
    pen.blob("19,56 30,54 37,62 27,76 16,86 16,66", "#f4c24a")
    pen.blob("42,16 54,15 57,26 50,34 42,30", CREAM)
    pen.blob("53,16 66,20 66,32 60,40 59,32 52,30", "#4b4358")
    pen.eye(48, 23, 2.7)
    for x in (40, 47):
        pen.ellipse(x, 77, 3.2, 2.4, "#8d8894")
    pen.box(14, 78, 56, 6, Tone("#9a6b45"), 3)


@motif("flamingo", (72, 116), 1.3, "ground", paints="feathers")
def flamingo(pen: Pen, look: Look) -> None:
    coat = look.tone("#f48fa8")
    pen.line("34,70 35,114 42,114.5", 3, coat.deep)
    pen.line("40,68 48,86 36,90", 3, coat.deep)
    pen.arc("M50 60C66 54 62 40 54 34C46 28 44 16 54 12", 7, coat.base)
    pen.blob("4,58 16,48 36,44 54,52 56,64 44,76 24,74 12,66", coat)
    pen.blob("4,58 20,54 40,54 46,62 34,70 18,68", coat.deep)
    pen.circle(55, 13, 7.6, coat)
    pen.blob("58,8 68,12 70,22 66,28 64,20 59,18", "#fbeee0")
    pen.blob("66,17 70,22 66,28 64,22", INK)
    pen.eye(56.5, 11.5, 1.9)


@motif("swan", (100, 84), 1.2, "water", paints="feathers")
def swan(pen: Pen, look: Look) -> None:
    coat = look.tone("#f8f5ef")
    pen.arc("M66 60C84 54 76 42 68 34C60 26 60 12 72 10", 9, coat.shade)
    pen.arc("M66 58C81 53 74 42 66.6 34C58.6 26 58.6 12 71 9.6", 8, coat.base)
    pen.blob("6,40 12,56 20,44 26,54 36,42 52,44 66,52 74,62 66,76 44,82 22,76 8,60", coat)
    pen.blob("14,58 32,52 54,56 60,64 44,72 24,70", coat.shade)
    pen.blob("16,57 33,51 52,55 50,63 32,66", "#ffffff")
    pen.circle(73, 11, 6.8, coat.base)
    pen.poly("77,9 91,15 78,18", "#ee8638", 1.6)
    pen.poly("75,8 80,10 78,14", INK, 1)
    pen.eye(73, 9.6, 1.7)


@motif("eagle, hawk, falcon", (124, 84), 0.9, "air", paints="feathers")
def eagle(pen: Pen, look: Look) -> None:
    coat = look.tone("#7b5643", "#6a5348")
    for flip in (False, True):
        with pen.at(124 if flip else 0, 0, flip=flip):
            pen.path("M58 34C46 14 26 4 2 6C6 12 12 14 14 18C10 19 8 20 6 20C12 27 18 28 22 31C18 33 16 34 14 34C20 41 28 41 32 43C30 46 28 47 27 48C38 54 50 54 60 52Z", coat.shade if flip else coat.base)  # fmt: skip
            pen.path("M58 38C48 24 36 16 22 14C30 26 42 36 58 44Z", coat.deep if flip else coat.shade)
    pen.poly("52,58 44,80 54,77 62,83 70,77 80,80 72,58", "#f7f2ea", 2)
    pen.blob("62,24 74,32 76,50 62,68 48,50 50,32", coat)
    pen.circle(62, 24, 11, Tone("#f8f4ec"))
    pen.blob("68,20 79,23 78,32 74,29 67,28", BEAK)
    pen.eye(65, 22, 2.1)
    pen.line("61,18.6 68,20", 1.4, INK)
    for x in (57, 67):
        pen.ellipse(x, 66, 3.4, 4, BEAK)


@motif("seagull, gull", (104, 60), 0.5, "air", paints="feathers")
def seagull(pen: Pen, look: Look) -> None:
    coat = look.tone("#f6f4f0")
    pen.path("M58 40C64 24 76 10 96 4C94 18 84 34 66 46Z", coat.deep)
    pen.poly("16,44 2,48 16,54", coat.shade, 2)
    pen.blob("10,48 34,38 56,34 72,28 82,31 84,38 74,48 52,56 28,55", coat)
    pen.path("M56 40C48 24 34 10 8 4C14 20 28 36 50 46Z", "#c5cdd8")
    pen.path("M8 4C13 18 22 28 32 36C28 24 20 12 8 4Z", "#586079")
    pen.poly("83,31 95,36 83,38.5", BEAK, 1.2)
    pen.eye(77, 33.4, 2)


@motif("peacock", (120, 104), 1.2, "ground", paints="feathers")
def peacock(pen: Pen, look: Look) -> None:
    coat, fan = look.tone("#2f6fc0"), look.second("#2f9d86", "#3aa27a")
    for row, (length, size) in enumerate(((52, 10), (37, 8))):
        for i in range(9 if row == 0 else 7):
            with pen.at(60, 66, turn=-84 + i * (21 if row == 0 else 28)):
                pen.ellipse(0, -length / 1.8, size, length / 1.75, fan.base if (i + row) % 2 else fan.shade)
                pen.circle(0, -length, size * 0.62, "#f2c14e")
                pen.circle(0, -length, size * 0.36, "#2d4f9e")
    for x in (54, 66):
        pen.line(f"{x},92 {x},102", 2.6, BEAK)
        pen.line(f"{x - 3},102.6 {x + 5},102.6", 2.4, BEAK)
    pen.blob("60,30 68,36 68,52 76,70 72,88 60,95 48,88 44,70 52,52 52,36", coat)
    for x, y in ((54, 20), (60, 17), (66, 20)):
        pen.line(f"60,30 {x},{y}", 1.3, coat.deep)
        pen.circle(x, y, 2.2, fan.light)
    pen.poly("56.5,42 63.5,42 60,48", BEAK, 1)
    pen.eye(56, 38, 2)
    pen.eye(64, 38, 2)


@motif("crow, raven, blackbird", (92, 66), 0.45, "air", paints="feathers")
def crow(pen: Pen, look: Look) -> None:
    coat = look.tone("#464a63")
    pen.poly("22,40 1,50 10,56 28,50", coat.deep, 2)
    for x in (46, 54):
        pen.line(f"{x},56 {x},64 {x + 4},64.6", 2, "#2f3044")
    pen.blob("14,46 34,30 52,22 60,10 72,8 79,18 76,38 64,54 44,60 28,56", coat)
    pen.blob("14,48 36,34 54,36 54,46 40,56 20,58", coat.deep)
    pen.blob("76,13 91,18 90,22 77,24", "#2f3044")
    pen.circle(70, 17, 3, "#ffffff")
    pen.eye(70.6, 17, 2)


@motif("stork, heron, crane bird", (84, 116), 1.1, "ground", paints="feathers")
def stork(pen: Pen, look: Look) -> None:
    coat = look.tone("#f7f4ee", "#a9b6c6")
    for x in (32, 41):
        pen.line(f"{x},74 {x},114 {x + 6},114.6", 2.8, "#e2643f")
    pen.blob("2,70 20,54 42,48 56,52 60,62 46,76 22,78", coat)
    pen.arc("M54 58C64 46 52 34 57 18", 7.5, coat.base)
    pen.blob("1,71 22,62 42,66 32,76 14,77", "#4b4a60")
    pen.circle(58, 15, 8, coat)
    pen.poly("63,11 83,20 64,20", "#e2643f", 1.2)
    pen.eye(60, 13, 2)
