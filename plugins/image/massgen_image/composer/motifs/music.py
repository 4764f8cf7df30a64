"""Musical instruments."""

from __future__ import annotations

from massgen_image.composer.motif import Look, motif
from massgen_image.composer.pen import Pen
from massgen_image.composer.tones import INK, Tone


@motif("guitar, electric guitar", (50, 116), 1.0, "table", paints="body")
def guitar(pen: Pen, look: Look) -> None:
    wood = look.tone("#c9843f", "#c8504d", "#4f7fb0")
    pen.box(21, 16, 8, 54, "#6b4a38", 1)
    pen.box(18, 2, 14, 17, "#5a3a2c", 3)
    for y in (6, 12):
        pen.circle(16, y, 2, "#d8c29a")
        pen.circle(34, y, 2, "#d8c29a")
    pen.blob("25,54 38,56 41,68 39,76 47,88 44,106 25,114 6,106 3,88 11,76 9,68 12,56", wood, 0.1)
    pen.circle(25, 78, 8.4, wood.deep)
    pen.circle(25, 78, 6.4, "#4a2f25")
    pen.box(15, 97, 20, 4, "#5a3a2c", 1.5)
    for x in (22.4, 25, 27.6):
        pen.line(f"{x},8 {x},98", 0.7, "#f3e6cf")


@motif("violin, fiddle, cello, viola", (60, 112), 0.6, "table", paints="body")
def violin(pen: Pen, look: Look) -> None:
    wood = look.tone("#b5622f")
    pen.box(20, 8, 7, 50, "#3f2f2c", 1)
    pen.circle(23.5, 7, 5.4, wood.shade)
    pen.blob("23.5,44 38,48 40,60 34,68 36,74 44,84 42,102 23.5,110 5,102 3,84 11,74 13,68 7,60 9,48", wood, 0.1)
    pen.poly("20,84 27,84 29,104 18,104", "#3f2f2c", 2)
    for x, flip in ((13, False), (34, True)):
        with pen.at(x, 74, flip=flip):
            pen.curve("2,-6 0,0 3,6 1,12", 1.8, "#5a2f1c")
    pen.line("50,20 54,104", 2, "#8a5f45")
    pen.line("53,22 56.6,102", 1, "#f3e6cf")


@motif(
    "piano, grand piano, keyboard, organ",
    (120, 92),
    1.1,
    "floor",
    paints="case",
    spots={"top": (56.0, 6.0, 80.0)},
)
def piano(pen: Pen, look: Look) -> None:
    case = look.tone("#4a3f4c", "#8a5f45")
    pen.box(8, 4, 104, 50, case, 4, 0.06)
    pen.box(16, 11, 84, 22, case.light, 3)
    pen.box(2, 50, 116, 8, case.deep, 2)
    pen.box(6, 44, 108, 9, "#fbf8f2", 1)
    for i in range(15):
        pen.line(f"{13 + i * 7},45 {13 + i * 7},52.6", 0.8, "#c9c2b8")
    for i in range(15):
        if i % 7 not in (2, 6):
            pen.box(11 + i * 7, 44, 4, 5, INK, 0.6)
    for x in (8, 102):
        pen.pillar(x, 58, 10, 34, case, 1)
    pen.box(18, 58, 84, 26, case.deep)
    for x in (54, 62):
        pen.box(x, 84, 4, 7, "#f2bd45", 1)


@motif("drum, drums, drum kit", (84, 74), 0.5, "ground", paints="shell", spots={"top": (42.0, 24.0, 50.0)})
def drum(pen: Pen, look: Look) -> None:
    shell = look.tone("#d8504a", "#4f8fd0", "#e0a24f")
    for line, x in (("16,4 50,22", 14), ("70,2 36,22", 72)):
        pen.line(line, 3.4, "#c08a5a")
        pen.circle(x, 4, 4, "#d8a873")
    pen.path("M4 28V60C4 70 22 73 42 73C62 73 80 70 80 60V28Z", shell, (8, 30), 0.08)
    for i, line in enumerate(("6,34 18,66", "30,40 18,66", "30,40 42,70", "54,40 42,70", "54,40 66,66", "78,34 66,66")):
        pen.line(line, 2.2, "#fbf3e0" if i < 4 else "#e3d6c0")
    pen.ellipse(42, 27, 39, 10, "#f2bd45")
    pen.ellipse(42, 26, 35, 7.6, Tone("#fbf6ea"))


@motif("trumpet, horn, bugle", (110, 50), 0.5, "table", paints="brass")
def trumpet(pen: Pen, look: Look) -> None:
    brass = look.tone("#f2bd45")
    pen.arc("M30 24H74C86 24 86 46 74 46H40C28 46 28 24 40 24", 5, brass.shade)
    for x in (48, 57, 66):
        pen.box(x - 3, 14, 6, 36, brass.deep, 2)
        pen.circle(x, 11, 4, "#fbe08a")
    pen.box(6, 21, 74, 6, brass, 3)
    pen.box(2, 18, 7, 12, brass.deep, 3)
    pen.path("M76 20C92 20 100 12 104 2C109 14 109 34 104 46C100 36 92 28 76 28Z", brass, (80, 20), 0.1)
    pen.ellipse(104, 24, 4.6, 21, brass.deep)


@motif("flute, recorder, clarinet", (110, 37), 0.4, "table", paints="wood")
def flute(pen: Pen, look: Look) -> None:
    wood = look.tone("#c08a5a", "#b8bfce")
    with pen.at(0, 30, turn=-12):
        pen.box(4, -6, 104, 12, wood, 5)
        for x in (44, 56, 68, 80, 92):
            pen.circle(x, 0, 2.8, wood.deep)
        pen.box(16, -6, 5, 12, wood.deep)
        pen.box(30, -6, 4, 12, wood.light)


@motif("headphones, earphones, headset", (90, 84), 0.2, "table", paints="cups")
def headphones(pen: Pen, look: Look) -> None:
    cups = look.tone("#e2705c", "#4f8fd0", "#8a74c8")
    pen.arc("M13 54C8 -8 82 -8 77 54".replace("-8", "-6"), 6.4, "#4a4a5e")
    for x in (3, 67):
        pen.box(x, 42, 20, 40, cups, 9)
        pen.box(x + (14 if x < 40 else -2), 46, 8, 32, "#3a3848", 4)


@motif("microphone, mic", (50, 99), 0.25, "table", paints="handle")
def microphone(pen: Pen, look: Look) -> None:
    handle = look.tone("#4a5068", "#c8504d")
    pen.poly("14,42 36,42 31,98 19,98", handle, 4, 0.16)
    pen.circle(25, 24, 21, Tone("#b8bfce"))
    for line in ("8,18 42,18", "5,26 45,26", "16,6 16,42", "25,4 25,44", "34,6 34,42"):
        pen.line(line, 1.4, "#8a92a6")
    pen.box(10, 38, 30, 8, "#f2bd45", 3)
    pen.box(22, 56, 6, 9, "#e8edf3", 2)


@motif("musical note, note, music note, music, melody", (76, 90), 0.4, "air", paints="note")
def musical_note(pen: Pen, look: Look) -> None:
    tone = look.tone("#5a5f9c", "#d9596f", "#3f9aa8")
    pen.poly("24,10 72,2 72,20 24,28", tone.base, 2)
    pen.box(24, 12, 6, 62, tone.base, 2)
    pen.box(66, 4, 6, 60, tone.shade, 2)
    pen.ellipse(17, 76, 14.6, 10.6, tone, -18)
    pen.ellipse(59, 66, 14.6, 10.6, tone, -18)


@motif("radio, speaker, boombox, loudspeaker, stereo", (104, 74), 0.3, "table", paints="case")
def radio(pen: Pen, look: Look) -> None:
    case = look.tone("#e2805c", "#5fa8a0", "#5f7fb8")
    pen.arc("M24 18V8C24 4 26 3 30 3H74C78 3 80 4 80 8V18", 4, case.deep)
    pen.box(2, 16, 100, 56, case, 9, 0.08)
    pen.box(34, 24, 36, 16, "#f6ecd2", 3)
    pen.line("52,26 52,38", 1.8, "#e2504c")
    for x in (20, 84):
        pen.circle(x, 48, 14, "#4a4a5e")
        pen.circle(x, 48, 8, "#6f7288")
        pen.circle(x, 48, 3, "#b8bfce")
    for x in (42, 52, 62):
        pen.circle(x, 54, 4, case.light)
