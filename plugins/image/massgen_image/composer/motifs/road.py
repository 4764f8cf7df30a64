"""Cars, bicycles and what else drives on land."""

from __future__ import annotations

from massgen_image.composer.motif import Look, motif
from massgen_image.composer.motifs.buildings import GLASS
from massgen_image.composer.pen import Pen
from massgen_image.composer.tones import INK, Tone

PAINTS = ("#e2605c", "#4f8fd0", "#f2b53f", "#4fa78a")
TYRE = "#3a3848"


def wheel(pen: Pen, x: float, y: float, r: float) -> None:
    """A wheel with its hub."""
    pen.circle(x, y, r, TYRE)
    pen.circle(x, y, r * 0.56, "#d3d6de")
    pen.circle(x, y, r * 0.22, "#8a8d9c")


def _cabin(pen: Pen, d: str, split: str) -> None:
    pen.path(d, GLASS)
    pen.line(split, 3, "#ffffff55")


@motif("car, automobile, sedan, hatchback, vehicle, auto", (120, 58), 1.5, "ground", paints="body", spots={"top": (54.0, 4.0, 40.0), "seat": (52.0, 4.0, 36.0)})  # fmt: skip
def car(pen: Pen, look: Look) -> None:
    paint = look.tone(*PAINTS)
    _car(pen, paint)


def _car(pen: Pen, paint: Tone) -> None:
    pen.path("M24 26C30 10 36 4 48 4H66C78 4 84 12 92 26Z", paint, (34, 8), 0.06)
    pen.path("M31 25C36 14 40 9 48 9H55V25Z", GLASS)
    pen.path("M60 9H66C74 9 79 15 85 25H60Z", GLASS)
    pen.path("M31 25C36 14 40 9 44 9L38 25Z", "#d3ecf5")
    pen.path("M6 28C8 24 14 24 24 24H90C104 25 116 28 118 38V44C118 48 116 49 112 49H8C4 49 2 47 2 43V36C2 32 4 30 6 28Z", paint.base)  # fmt: skip
    pen.path("M2 40H118V44C118 48 116 49 112 49H8C4 49 2 47 2 43Z", paint.shade)
    pen.curve("10,29 40,27.4 88,28.4", 1.6, paint.light)
    pen.box(46, 31, 8, 2.6, paint.deep, 1.3)
    pen.box(78, 31, 8, 2.6, paint.deep, 1.3)
    pen.ellipse(113, 35, 4, 3.4, "#fff0b8")
    pen.box(2, 32, 5, 6, "#f29a6a", 2)
    for x in (29, 92):
        pen.circle(x, 48, 13, paint.deep)
        wheel(pen, x, 47.4, 10.4)


@motif("taxi, cab", (120, 66), 1.6, "ground", paints="body", spots={"top": (54.0, 12.0, 40.0)})
def taxi(pen: Pen, look: Look) -> None:
    paint = look.tone("#f7c73c")
    pen.box(48, 2, 20, 10, "#fbf3df", 2.5)
    pen.box(52, 5.4, 12, 3, INK, 1)
    with pen.at(0, 8):
        _car(pen, paint)
        for i in range(11):
            pen.box(34 + i * 4.4, 36 + (i % 2) * 3, 4.4, 3, INK)


@motif("police car, patrol car", (120, 66), 1.6, "ground", paints="body", spots={"top": (54.0, 12.0, 40.0)})
def police_car(pen: Pen, look: Look) -> None:
    pen.box(46, 3, 11, 8, "#e8504f", 3)
    pen.box(57, 3, 11, 8, "#4f8fe0", 3)
    with pen.at(0, 8):
        _car(pen, look.tone("#3f5a93"))
        pen.path("M40 25H76V48H42Z", "#f4f4f2")
        pen.poly("58,29 60,34 65,34 61,37 62.6,42 58,39 53.4,42 55,37 51,34 56,34", "#f2bd45", 0.4)


@motif("sports car, race car, racing car, convertible", (126, 44), 1.2, "ground", paints="body")
def sports_car(pen: Pen, look: Look) -> None:
    paint = look.tone("#e0483f", "#f2a33f", "#3f86d0")
    pen.poly("2,6 22,6 20,10 10,20 6,20", paint.deep, 1.5)
    pen.path("M40 18C48 6 56 3 68 4C78 5 86 10 92 18Z", "#4a5a78")
    pen.path("M48 17C54 9 60 7 66 7.6L64 17Z", GLASS)
    pen.path("M4 20C16 14 34 16 44 16H90C108 18 122 22 125 31C125 36 122 37 118 37H8C4 37 2 34 2 30C2 26 2 22 4 20Z", paint.base)
    pen.path("M2 30H125C125 36 122 37 118 37H8C4 37 2 34 2 30Z", paint.shade)
    pen.circle(62, 26, 7, "#fbf6ee")
    pen.line("62,22.6 62,29.6", 2.4, paint.deep)
    pen.poly("112,24 122,27 116,29", "#fff0b8", 1)
    for x in (28, 98):
        pen.circle(x, 34, 11.6, paint.deep)
        wheel(pen, x, 33.6, 9.8)


@motif("bus, coach, minibus, schoolbus, school bus", (140, 70), 3, "ground", paints="body", spots={"top": (70.0, 3.0, 100.0)})
def bus(pen: Pen, look: Look) -> None:
    paint = look.tone("#f2b53f", "#e2605c", "#4f9fc8")
    pen.box(3, 3, 134, 58, paint, 9, 0.08)
    pen.box(3, 40, 134, 5, paint.light)
    for i in range(5):
        pen.box(10 + i * 20.4, 13, 17, 19, GLASS, 3)
        pen.path(f"M{11 + i * 20.4:.1f} 31L{20 + i * 20.4:.1f} 14H{11 + i * 20.4:.1f}Z", "#d3ecf5")
    pen.path("M114 13H130C133 13 134 16 134 20V36H114Z", GLASS)
    pen.ellipse(133, 48, 3.4, 3, "#fff0b8")
    pen.box(3, 55, 134, 6, paint.deep, 3)
    for x in (32, 104):
        pen.circle(x, 59, 13, paint.deep)
        wheel(pen, x, 58.6, 10.8)


@motif("truck, lorry, delivery truck, van, delivery van, garbage truck", (140, 78), 3, "ground", paints="body", spots={"top": (50.0, 4.0, 80.0)})  # fmt: skip
def truck(pen: Pen, look: Look) -> None:
    paint = look.tone(*PAINTS)
    box = look.second("#f3efe8", "#e3e8ee")
    pen.box(2, 4, 90, 58, box, 3, 0.07)
    pen.box(2, 44, 90, 6, paint.base)
    pen.path("M94 22H114C122 22 126 28 130 38L137 44V60C137 63 135 64 132 64H94Z", paint, (98, 24), 0.08)
    pen.path("M101 28H113C118 28 121 32 124 40H101Z", GLASS)
    pen.path("M101 40L110 28H101Z", "#d3ecf5")
    pen.box(2, 60, 135, 6, "#4a4a5e", 2)
    pen.ellipse(133, 52, 3, 3.4, "#fff0b8")
    for x in (24, 48, 114):
        wheel(pen, x, 66.6, 11)


@motif("fire truck, fire engine, firetruck", (150, 78), 3.2, "ground", paints="body")
def fire_truck(pen: Pen, look: Look) -> None:
    paint = look.tone("#dd463f")
    pen.line("8,10 104,4", 3, "#c3c7d2")
    pen.line("8,18 104,12", 3, "#c3c7d2")
    for i in range(9):
        pen.line(f"{14 + i * 11},{9.6 - i * 0.7:.1f} {14 + i * 11},{17.6 - i * 0.7:.1f}", 2.4, "#c3c7d2")
    pen.box(2, 24, 92, 38, paint, 4, 0.08)
    pen.path("M94 16H126C136 16 140 26 143 40L147 44V62H94Z", paint, (98, 18), 0.08)
    pen.path("M104 22H125C131 22 134 30 136 40H104Z", GLASS)
    pen.box(108, 10, 14, 7, "#5fa8e8", 3)
    pen.box(10, 32, 24, 18, "#f3efe8", 2)
    pen.box(40, 32, 24, 18, "#f3efe8", 2)
    pen.circle(79, 41, 9, "#f2bd45")
    pen.circle(79, 41, 5, paint.deep)
    pen.box(2, 54, 145, 5, "#fbf3df")
    pen.box(2, 60, 145, 5, paint.deep, 2)
    for x in (28, 60, 124):
        wheel(pen, x, 66.4, 11)


@motif("ambulance", (130, 72), 2.6, "ground", paints="body")
def ambulance(pen: Pen, look: Look) -> None:
    paint = look.tone("#f5f4f1")
    pen.box(60, 1, 16, 8, "#5fa8e8", 3)
    pen.box(3, 8, 90, 50, paint, 5, 0.07)
    pen.path("M92 18H106C114 18 118 26 122 36L128 42V58H92Z", paint, (94, 20), 0.08)
    pen.path("M98 24H106C111 24 113 29 116 37H98Z", GLASS)
    pen.box(3, 40, 125, 6, "#e2605c")
    pen.box(42, 14, 7, 21, "#e2504f", 1)
    pen.box(35, 21, 21, 7, "#e2504f", 1)
    pen.box(3, 54, 125, 6, "#8f99ab", 2)
    pen.ellipse(124, 50, 3, 3, "#fff0b8")
    for x in (28, 104):
        wheel(pen, x, 60.6, 11)


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


@motif("motorcycle, motorbike, scooter, moped, vespa", (112, 72), 1.2, "ground", paints="body", spots={"seat": (40.0, 30.0, 20.0)})
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


@motif("skateboard, longboard", (100, 28), 0.15, "ground", paints="deck", spots={"top": (50.0, 8.0, 50.0), "seat": (50.0, 8.0, 40.0)})
def skateboard(pen: Pen, look: Look) -> None:
    deck = look.tone("#ee7f5c", "#5fa8c8", "#8a74c8")
    pen.arc("M4 4C12 12 16 12 24 12H76C84 12 88 12 96 4", 6.4, deck.base)
    pen.arc("M14 13.6C18 14.6 20 14.6 24 14.6H76", 2, deck.deep)
    for x in (26, 74):
        pen.box(x - 7, 15, 14, 4, "#a9aebc", 1)
        pen.circle(x, 21, 6.4, "#f7d36a")
        pen.circle(x, 21, 2.4, "#8a6a2f")
