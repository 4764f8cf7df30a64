"""Cars, buses and lorries."""

from __future__ import annotations

from massgen_image.composer.motif import Look, motif
from massgen_image.composer.motifs._walls import GLASS
from massgen_image.composer.motifs._wheels import PAINTS, wheel
from massgen_image.composer.pen import Pen
from massgen_image.composer.tones import INK, Tone


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
        pen.path(f"M{x - 13} 49A13 13 0 0 1 {x + 13} 49Z", paint.deep)
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
    pen.path(
        "M4 20C16 14 34 16 44 16H90C108 18 122 22 125 31C125 36 122 37 118 37H8C4 37 2 34 2 30C2 26 2 22 4 20Z",
        paint.base,
    )
    pen.path("M2 30H125C125 36 122 37 118 37H8C4 37 2 34 2 30Z", paint.shade)
    pen.circle(62, 26, 7, "#fbf6ee")
    pen.line("62,22.6 62,29.6", 2.4, paint.deep)
    pen.poly("112,24 122,27 116,29", "#fff0b8", 1)
    for x in (28, 98):
        pen.path(f"M{x - 11.6} 37A11.6 11.6 0 0 1 {x + 11.6} 37Z", paint.deep)
        wheel(pen, x, 33.6, 9.8)


@motif(
    "bus, coach, minibus, schoolbus, school bus",
    (140, 70),
    3,
    "ground",
    paints="body",
    spots={"top": (70.0, 3.0, 100.0)},
)
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
        pen.path(f"M{x - 13} 61A13 13 0 0 1 {x + 13} 61Z", paint.deep)
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
