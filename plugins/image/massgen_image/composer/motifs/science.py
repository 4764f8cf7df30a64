"""Instruments to look and to measure with."""

from __future__ import annotations

from massgen_image.composer.motif import Look, motif
from massgen_image.composer.pen import Pen
from massgen_image.composer.tones import PAPER, Tone

STEEL = Tone("#aeb6c6")


@motif("gear, cog, cogwheel, gears", (90, 90), 0.2, "table", paints="metal")
def gear(pen: Pen, look: Look) -> None:
    metal = look.tone("#8f9cb5", "#e0a24f")
    for i in range(8):
        with pen.at(45, 45, turn=i * 45):
            pen.box(-8, -43, 16, 20, metal.base if i not in (3, 4) else metal.shade, 3)
    pen.circle(45, 45, 32, metal)
    pen.circle(45, 45, 13, metal.deep)
    pen.circle(46, 46, 11.4, PAPER)


@motif("magnifying glass, magnifier, loupe", (90, 96), 0.2, "table", paints="handle")
def magnifying_glass(pen: Pen, look: Look) -> None:
    handle = look.tone("#c8604f", "#8a5f45", "#4f6fa0")
    with pen.at(62, 62, turn=-45):
        pen.box(-7, 0, 14, 35, handle, 6, 0.2)
    pen.circle(36, 36, 34, STEEL)
    pen.circle(36, 36, 26, "#bfe3f2")
    pen.curve("18,36 21,24 32,18", 4.4, "#f3fafd")


@motif("telescope, spyglass", (110, 100), 1.4, "ground", paints="tube")
def telescope(pen: Pen, look: Look) -> None:
    tube = look.tone("#5f7fb8", "#c8604f", "#f3efe8")
    for line in ("52,52 30,98", "54,52 54,98", "56,52 80,98"):
        pen.line(line, 4, "#6b5f6f")
    with pen.at(54, 46, turn=-24):
        pen.box(-50, -7, 24, 14, tube.deep, 2)
        pen.box(-28, -10, 42, 20, tube, 3)
        pen.box(12, -13, 40, 26, tube, 3)
        pen.box(46, -15, 8, 30, "#f2bd45", 2)
    pen.circle(54, 50, 6, "#f2bd45")


@motif("microscope", (76, 100), 0.4, "table", paints="body")
def microscope(pen: Pen, look: Look) -> None:
    body = look.tone("#f1efec", "#5f8fb8")
    pen.arc("M46 22C72 30 72 70 50 82", 8, body.shade)
    with pen.at(34, 40, turn=-18):
        pen.box(-9, -28, 18, 40, body, 3)
        pen.box(-6, -40, 12, 14, "#4a5068", 3)
        pen.box(-5, 12, 10, 10, "#4a5068", 2)
    pen.box(10, 68, 46, 6, "#4a5068", 2)
    pen.box(26, 65, 16, 4, "#8fd0ea", 1)
    pen.box(6, 84, 60, 14, Tone("#4a5068"), 5)


@motif("flask, test tube, beaker, potion, magic potion", (70, 92), 0.2, "table", paints="liquid")
def flask(pen: Pen, look: Look) -> None:
    liquid = look.tone("#8f6fd8", "#5fbf8a", "#4fb3d8")
    pen.path("M26 6H44V36L66 76C70 84 66 90 58 90H12C4 90 0 84 4 76L26 36Z", "#d9ebf2")
    pen.path("M19 54H51L62 76C65 82 62 86 56 86H14C8 86 5 82 8 76Z", liquid, (20, 58), 0.1)
    pen.box(22, 2, 26, 7, "#b8cfdb", 3)
    for x, y, r in ((28, 68, 4), (42, 74, 5), (38, 61, 2.6), (34, 46, 2.4), (36, 36, 1.8)):
        pen.circle(x, y, r, liquid.light)


@motif("battery", (84, 48), 0.06, "table", paints="cell")
def battery(pen: Pen, look: Look) -> None:
    cell = look.tone("#58b06a", "#f2b53f")
    pen.box(74, 15, 9, 18, "#8a8d9c", 3)
    pen.box(2, 3, 74, 42, Tone("#4a5068"), 7)
    for i in range(3):
        pen.box(9 + i * 21, 10, 17, 28, cell, 3)


@motif("flashlight, torch, torchlight", (100, 50), 0.2, "table", paints="case")
def torch(pen: Pen, look: Look) -> None:
    case = look.tone("#e2605c", "#4f8fd0", "#f2b53f")
    pen.poly("62,12 98,2 98,48 62,38", "#fff0b8")
    pen.box(2, 15, 46, 20, case, 5, 0.16)
    pen.poly("44,14 62,8 62,42 44,36", case.deep, 2)
    pen.box(18, 19, 12, 6, "#f6efe2", 3)
