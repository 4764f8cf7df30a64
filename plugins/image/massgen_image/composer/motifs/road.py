"""Bicycles, trains and what else drives on land."""

from __future__ import annotations

from massgen_image.composer.motif import Look, motif
from massgen_image.composer.motifs._walls import GLASS
from massgen_image.composer.motifs._wheels import TYRE, wheel
from massgen_image.composer.pen import Pen
from massgen_image.composer.tones import Tone


@motif("tractor", (116, 84), 2.6, "ground", paints="body", spots={"seat": (42.0, 40.0, 20.0)})
def tractor(pen: Pen, look: Look) -> None:
    paint = look.tone("#4fa35f", "#e2605c", "#f2b53f")
    pen.line("92,36 92,14", 4, "#5a5a6c")
    pen.box(22, 4, 42, 6, paint.deep, 3)
    pen.path("M28 10H58V38H28Z", GLASS)
    pen.line("28,10 26,44", 4, paint.base)
    pen.line("59,10 61,40", 4, paint.shade)
    pen.path("M18 42H60V34H102C108 34 110 40 110 48V60H18Z", paint, (24, 36), 0.08)
    for y in (40, 46):
        pen.line(f"82,{y} 102,{y}", 2.4, paint.deep)
    pen.ellipse(109, 44, 3, 3.4, "#fff0b8")
    pen.circle(32, 58, 26, TYRE)
    pen.circle(32, 58, 16, "#f2c04c")
    pen.circle(32, 58, 6, "#c98f2f")
    pen.circle(96, 68, 16, TYRE)
    pen.circle(96, 68, 9, "#f2c04c")
    pen.circle(96, 68, 3.4, "#c98f2f")


@motif("bicycle, bike, cycle", (110, 74), 1.1, "ground", paints="frame", spots={"seat": (36.0, 22.0, 14.0)})
def bicycle(pen: Pen, look: Look) -> None:
    paint = look.tone("#e2605c", "#3f9fb0", "#5f8fd8")
    for x in (24, 86):
        pen.ring(x, 50, 21, 4.4, TYRE)
        for d in ("-19,0 19,0", "0,-19 0,19", "-13,-13 13,13", "-13,13 13,-13"):
            with pen.at(x, 50):
                pen.line(d, 0.9, "#b8bcc8")
        pen.circle(x, 50, 3, "#8a8d9c")
    pen.line("24,50 40,30 76,28 52,54 24,50", 4, paint.base)
    pen.line("52,54 37,24", 4, paint.shade)
    pen.line("86,50 74,18", 4, paint.base)
    pen.curve("74,18 78,10 88,11", 3.6, "#4a4858")
    pen.box(27, 19, 20, 5.4, "#4a4858", 2.7)
    pen.circle(52, 54, 5.4, "#8a8d9c")
    pen.line("52,54 58,64", 3, "#6b6a7c")
    pen.line("55,65 62,64", 3.4, "#4a4858")


@motif(
    "motorcycle, motorbike, scooter, moped, vespa",
    (112, 72),
    1.2,
    "ground",
    paints="body",
    spots={"seat": (40.0, 30.0, 20.0)},
)
def motorcycle(pen: Pen, look: Look) -> None:
    paint = look.tone("#e2605c", "#4f8fd0", "#4fa78a")
    pen.line("90,54 76,18", 5, "#a9aebc")
    pen.line("22,56 46,48", 5, "#8a8d9c")
    pen.box(10, 50, 34, 6, "#c3c7d2", 3)
    for x in (22, 90):
        pen.circle(x, 54, 17, TYRE)
        pen.circle(x, 54, 9.6, "#d3d6de")
        pen.circle(x, 54, 3.4, "#8a8d9c")
    pen.circle(54, 50, 11, Tone("#8f93a3"))
    pen.blob("8,36 24,32 44,38 56,26 70,22 78,30 70,44 50,46 24,46", paint)
    pen.blob("14,31 30,27 48,32 50,38 30,38 14,37", "#4a4858")
    pen.curve("76,20 70,10 62,12", 4, "#4a4858")
    pen.circle(83, 24, 7, paint.shade)
    pen.circle(85.6, 24, 4.8, "#fff0b8")
    pen.path("M74 36C80 30 98 32 104 44C96 38 84 38 76 44Z", paint.base)


@motif("train, locomotive, steam train, steam engine, railway", (150, 86), 3.6, "ground", paints="engine", spots={"top": (40.0, 12.0, 40.0)})  # fmt: skip
def train(pen: Pen, look: Look) -> None:
    paint = look.tone("#d9544a", "#3f7fa8", "#4f8f6a")
    for x, y, r in ((100, 10, 9), (88, 5, 5.4), (112, 7, 6)):
        pen.circle(x, y, r, "#e3e5ea")
    pen.poly("112,40 128,40 124,22 130,16 110,16 116,22", "#4a4858", 1.5)
    pen.box(82, 30, 14, 10, "#f2bd45", 5)
    pen.box(54, 36, 86, 32, paint, 10, 0.1)
    for x in (82, 104):
        pen.box(x, 36, 4, 32, paint.deep)
    pen.box(16, 18, 42, 50, paint, 3, 0.08)
    pen.box(10, 12, 54, 8, paint.deep, 3)
    pen.box(25, 26, 24, 18, GLASS, 2)
    pen.circle(136, 50, 6, "#fff0b8")
    pen.box(8, 66, 132, 7, "#4a4858", 2)
    pen.poly("136,66 149,85 130,85", "#8a8d9c", 1.5)
    for x, r in ((32, 13), (62, 13)):
        pen.circle(x, 86 - r, r, "#f2bd45")
        pen.circle(x, 86 - r, r * 0.66, "#5a4a50")
        pen.circle(x, 86 - r, r * 0.24, "#f2bd45")
    for x in (92, 116):
        wheel(pen, x, 77, 8.6)
    pen.line("32,74 62,74", 3.4, "#c3c7d2")


@motif("tram, streetcar, trolley, subway, metro", (140, 84), 3.4, "ground", paints="body")
def tram(pen: Pen, look: Look) -> None:
    paint = look.tone("#e2705c", "#f2b53f", "#4f9f8a")
    pen.line("70,14 58,4 76,1", 2, "#5a5a6c")
    pen.box(20, 12, 100, 7, "#8a8d9c", 3)
    pen.box(4, 17, 132, 56, paint, 11, 0.08)
    pen.box(4, 46, 132, 9, "#fbf3df")
    for i in range(5):
        pen.box(12 + i * 24, 25, 19, 17, GLASS, 3)
        pen.path(f"M{13 + i * 24} 41L{23 + i * 24} 26H{13 + i * 24}Z", "#d3ecf5")
    pen.box(4, 67, 132, 8, paint.deep, 4)
    for x in (30, 50, 92, 112):
        wheel(pen, x, 76, 7.6)


@motif(
    "skateboard, longboard",
    (100, 28),
    0.06,
    "ground",
    paints="deck",
    spots={"top": (50.0, 10.0, 60.0)},
)
def skateboard(pen: Pen, look: Look) -> None:
    deck = look.tone("#ee7f5c", "#5fa8c8", "#8a74c8")
    pen.arc("M4 4C12 12 16 12 24 12H76C84 12 88 12 96 4", 6.4, deck.base)
    pen.arc("M14 13.6C18 14.6 20 14.6 24 14.6H76", 2, deck.deep)
    for x in (26, 74):
        pen.box(x - 7, 15, 14, 4, "#a9aebc", 1)
        pen.circle(x, 21, 6.4, "#f7d36a")
        pen.circle(x, 21, 2.4, "#8a6a2f")
