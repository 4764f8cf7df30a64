"""Clocks, screens and lights."""

from __future__ import annotations

from massgen_image.composer.motif import Look, motif
from massgen_image.composer.pen import Pen
from massgen_image.composer.tones import INK, PAPER, Tone

GOLD = Tone("#f2bd45")
BRIGHT = ("#e2605c", "#4f8fd0", "#f2b53f", "#58a88a", "#8a74c8")


@motif("clock, wall clock, alarm clock", (80, 92), 0.25, "table", paints="case")
def clock(pen: Pen, look: Look) -> None:
    case = look.tone(*BRIGHT)
    for x, turn in ((18, -36), (62, 36)):
        with pen.at(x, 16, turn=turn):
            pen.path("M-13 4C-13 -14 13 -14 13 4Z", GOLD)
    for line in ("20,80 12,90", "60,80 68,90"):
        pen.line(line, 5, case.deep)
    pen.circle(40, 50, 36, case)
    pen.circle(40, 50, 28, PAPER)
    for i in range(12):
        with pen.at(40, 50, turn=i * 30):
            pen.line("0,-24 0,-21.4", 2, "#a89f9a")
    pen.line("40,50 40,32", 3.2, INK)
    pen.line("40,50 53,56", 3.2, INK)
    pen.circle(40, 50, 3, case.base)


@motif("candle, candles", (44, 96), 0.2, "table", paints="wax")
def candle(pen: Pen, look: Look) -> None:
    wax = look.tone("#f6ead2", "#e2805c", "#8fb8d0")
    pen.ellipse(22, 89, 21, 6, GOLD)
    pen.path("M22 3C30 14 33 20 30 27C28 32 16 32 14 27C11 20 15 14 22 3Z", "#f9a53c")
    pen.path("M22 14C26 20 27 24 25 28C24 30 20 30 19 28C17 24 18 20 22 14Z", "#fdf0b0")
    pen.line("22,28 22,36", 2, INK)
    pen.pillar(10, 36, 24, 52, wax, 3)
    pen.path(
        "M10 40C10 34 34 34 34 40V50C34 54 29 54 29 50V46C29 44 25 44 25 47V54C25 58 20 58 20 54V46H10Z", wax.light
    )


@motif("computer, laptop, notebook computer, pc, monitor", (110, 76), 0.3, "table", paints="case")
def laptop(pen: Pen, look: Look) -> None:
    case = look.tone("#a9b2c3", "#4a5068")
    pen.box(16, 2, 78, 58, case.deep, 5)
    pen.box(20, 6, 70, 49, "#34466e", 2)
    for i, (x, w, c) in enumerate(((26, 22, "#6fd0a0"), (32, 34, "#8fb8ee"), (32, 26, "#f2b53f"), (26, 30, "#ee8fa6"), (26, 16, "#6fd0a0"))):  # fmt: skip
        pen.box(x, 13 + i * 8, w, 3.4, c, 1.7)
    pen.path("M4 60H106L109 70C109 74 107 75 104 75H6C3 75 1 74 1 70Z", case, (10, 60), 0.1)
    pen.box(42, 60, 26, 4.4, case.deep, 2)


@motif(
    "phone, smartphone, mobile phone, cell phone, cellphone, mobile",
    (54, 100),
    0.15,
    "table",
    paints="case",
)
def phone(pen: Pen, look: Look) -> None:
    case = look.tone("#3f4460", "#e2705c", "#4f8fb0")
    pen.box(2, 2, 50, 96, case, 9, 0.06)
    pen.box(6, 10, 42, 76, "#8fd0ea", 3)
    pen.poly("6,86 6,50 40,10 48,10 48,86", "#a9dcf0", 0)
    for i, c in enumerate(("#ef6d62", "#f7c744", "#6fbf7a", "#8a74c8", "#f29a4a", "#4f8fd0")):
        pen.box(11 + i % 3 * 11.6, 20 + i // 3 * 13, 9, 9, c, 2.6)
    pen.circle(27, 92, 2.6, case.light)
    pen.box(21, 5, 12, 2.4, case.deep, 1.2)


@motif("television, tv, telly, screen", (110, 86), 0.8, "table", paints="case")
def television(pen: Pen, look: Look) -> None:
    case = look.tone("#c9784e", "#4a5068", "#5f9fa0")
    pen.line("55,16 36,2", 2.6, "#6b6a7c")
    pen.line("55,16 72,3", 2.6, "#6b6a7c")
    for x in (26, 78):
        pen.box(x, 76, 6, 10, case.deep, 2)
    pen.box(3, 15, 104, 64, case, 9, 0.07)
    pen.box(11, 22, 68, 48, "#3f5580", 8)
    pen.poly("16,64 16,40 44,26 66,26 24,66", "#5a76a8", 3)
    for y in (32, 46):
        pen.circle(92, y, 5.4, case.light)
        pen.line(f"92,{y - 3} 92,{y}", 1.8, case.deep)
    for y in (58, 64):
        pen.box(86, y, 12, 2.4, case.deep, 1.2)


@motif("camera, photo camera", (96, 74), 0.12, "table", paints="body")
def camera(pen: Pen, look: Look) -> None:
    body = look.tone("#4a5068", "#d9705c", "#5f9fa8")
    pen.box(30, 3, 36, 18, body.deep, 5)
    pen.box(10, 8, 13, 8, "#e2605c", 3)
    pen.box(2, 14, 92, 58, body, 8, 0.08)
    pen.box(2, 28, 92, 28, body.deep)
    pen.circle(48, 43, 23, "#d3d6de")
    pen.circle(48, 43, 18.6, "#34405f")
    pen.circle(48, 43, 11, "#5a76a8")
    pen.circle(43, 38, 4, "#cfe3f5")
    pen.box(74, 19, 12, 6, "#fff0b8", 2)


@motif("light bulb, lightbulb, bulb", (64, 96), 0.12, "table", paints="glass")
def light_bulb(pen: Pen, look: Look) -> None:
    glass = look.tone("#fbd65c")
    pen.path("M32 3C50 3 62 16 62 33C62 48 48 54 46 70H18C16 54 2 48 2 33C2 16 14 3 32 3Z", glass, (14, 14), 0.1)
    pen.arc("M24 68C24 52 16 44 22 40C28 37 29 46 32 46C35 46 36 37 42 40C48 44 40 52 40 68", 2.4, "#e8943a")
    pen.ellipse(18, 24, 4, 8, glass.light, 28)
    for y in (70, 77, 84):
        pen.box(20, y, 24, 6, "#9aa0b0" if y != 77 else "#b8bfce", 3)
    pen.box(27, 89, 10, 6, "#6b6a7c", 3)


@motif("lantern, oil lamp", (60, 100), 0.35, "table", paints="frame")
def lantern(pen: Pen, look: Look) -> None:
    frame = look.tone("#c8504d", "#4a5068", "#3f8f86")
    pen.arc("M16 28C14 0.6 46 0.6 44 28", 3, frame.deep)
    pen.poly("18,18 42,18 50,32 10,32", frame, 2)
    pen.box(12, 32, 36, 50, "#fbe9b0", 4)
    pen.path("M30 44C38 56 39 62 36 68C34 72 26 72 24 68C21 62 22 56 30 44Z", "#f9a53c")
    pen.path("M30 56C33 61 34 64 32 68C31 70 29 70 28 68C26 64 27 61 30 56Z", "#fdf6c8")
    for x in (12, 45):
        pen.box(x, 32, 3, 50, frame.deep)
    pen.poly("8,82 52,82 56,98 4,98", frame, 3)
