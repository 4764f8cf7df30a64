"""Where people and animals live."""

from __future__ import annotations

from massgen_image.composer.motif import Look, motif
from massgen_image.composer.motifs._walls import GLASS, LIT, ROOFS, WALLS, door, panes, window
from massgen_image.composer.pen import Pen
from massgen_image.composer.tones import Tone


@motif("house, home, cabin, hut, cottage, villa, bungalow, farmhouse", (110, 96), 5.0, "ground", paints="walls", spots={"top": (40.0, 16.0, 30.0)})  # fmt: skip
def house(pen: Pen, look: Look) -> None:
    wall, roof = look.tone(*WALLS), look.second(*ROOFS)
    pen.pillar(76, 8, 12, 30, Tone("#b5705a"), 1)
    pen.box(74, 5, 16, 5, "#8f5546", 1.5)
    pen.box(14, 42, 82, 54, wall, 2, 0.1)
    pen.poly("55,6 106,46 104,51 6,51 4,46", roof, 3, 0.1)
    pen.poly("55,13 94,45 98,51 12,51 16,45", roof.base)
    pen.poly("13,51 97,51 94,55 16,55", wall.deep)
    window(pen, look, 24, 62, 17, 16)
    window(pen, look, 70, 62, 17, 16)
    pen.circle(55, 34, 7.4, "#fbf8f2")
    pen.circle(55, 34, 5.6, LIT if look.night else GLASS)
    door(pen, 48, 96, 15, 28, look.own("#8f5f45", "#4f7f8a", "#a8504a"))
    for x in (28, 36, 76, 84):
        pen.circle(x, 82, 2.6, "#ee7f9a" if x % 8 else "#f7cf5c")
    pen.box(22, 82, 21, 4, "#9a6b4a", 1)
    pen.box(68, 82, 21, 4, "#9a6b4a", 1)


@motif("skyscraper, high-rise, tower block, office tower", (56, 140), 40, "ground", paints="walls")
def skyscraper(pen: Pen, look: Look) -> None:
    wall = look.tone("#6f8fb5", "#8a92ac", "#5f9aa8")
    pen.line("28,14 28,1", 2, wall.deep)
    pen.box(14, 12, 28, 14, wall.shade, 2)
    pen.pillar(6, 22, 44, 118, wall, 2, 0.3)
    panes(pen, look, 11, 30, 4, 10, 7, 6.6, 2.4)
    pen.box(20, 124, 16, 16, "#3f4a66", 1)
    pen.line("28,124 28,140", 1, wall.light)


@motif("office, office building, building, hotel, apartment building", (90, 110), 15, "ground", paints="walls")  # fmt: skip
def office(pen: Pen, look: Look) -> None:
    wall = look.tone("#c9d2dc", "#d9b48f", "#a8bccf")
    pen.box(58, 2, 14, 12, wall.deep, 1)
    pen.pillar(6, 10, 78, 100, wall, 3, 0.3)
    pen.box(3, 8, 84, 7, wall.deep, 2)
    panes(pen, look, 15, 24, 4, 4, 11, 11, 5.4)
    pen.box(30, 88, 30, 22, "#4a5a7a", 2)
    pen.box(33, 91, 11, 19, LIT if look.night else GLASS, 1)
    pen.box(46, 91, 11, 19, LIT if look.night else GLASS, 1)
    pen.box(24, 84, 42, 6, look.own("#d9604f", "#4f8fb8", "#5f9f6b"), 2)


@motif("castle, fortress, palace, citadel, fort", (120, 124), 16, "ground", paints="walls", spots={"top": (60.0, 34.0, 30.0)})  # fmt: skip
def castle(pen: Pen, look: Look) -> None:
    wall, roof = look.tone("#b8b4c4", "#d8c4a8", "#c9c3cc"), look.second(*ROOFS)
    for x, y, w in ((46, 34, 28), (6, 52, 24), (90, 52, 24)):
        pen.pillar(x, y, w, 124 - y, wall, 1)
        pen.poly(f"{x - 4},{y + 3} {x + w / 2},{y - 30} {x + w + 4},{y + 3}", roof.base, 2)
        pen.poly(f"{x + w / 2 + 1},{y + 3} {x + w / 2},{y - 30} {x + w + 4},{y + 3}", roof.shade, 2)
        pen.box(x + w / 2 - 3, y + 12, 6, 12, LIT if look.night else "#5a5570", 3)
    pen.line("60,8 60,0.8", 1.4, "#6b5f5a")
    pen.poly("60.6,0.8 74,4 60.6,8", look.own("#f2b93f", "#e2605c", "#58b08a"), 0.6)
    pen.box(26, 72, 68, 52, wall, 0, 0.08)
    for x in range(26, 94, 14):
        pen.box(x, 65, 9, 9, wall.base if x < 70 else wall.shade, 1)
    for x, y in ((36, 86), (82, 84), (34, 106), (84, 102), (52, 80)):
        pen.box(x, y, 7, 3.4, wall.shade, 1)
    pen.path("M46 124V104C46 92 74 92 74 104V124Z", "#6b4a3c")
    for x in (53, 60, 67):
        pen.line(f"{x},97 {x},124", 1.6, "#51362f")
    pen.line("46.6,108 73.4,108", 1.6, "#51362f")


@motif("barn, stable, shed, granary", (110, 92), 7, "ground", paints="walls")
def barn(pen: Pen, look: Look) -> None:
    wall, roof = look.tone("#c04a3f", "#9a6b48", "#a8563f"), look.own("#6b5f6f", "#8a8f9c")
    pen.poly("55,4 88,20 102,44 102,92 8,92 8,44 22,20", wall, 1.5, 0.06)
    pen.arc("M4 46L19 19L55 3.6L91 19L106 46", 6, roof.base)
    for x in (20, 34, 76, 90):
        pen.line(f"{x},46 {x},90", 1.4, wall.shade)
    pen.box(36, 54, 38, 38, "#fbf3e6", 1)
    pen.box(39, 57, 32, 35, wall.shade)
    pen.line("39,57 71,92", 2.6, "#fbf3e6")
    pen.line("71,57 39,92", 2.6, "#fbf3e6")
    pen.box(46, 24, 18, 16, "#fbf3e6", 1)
    pen.box(48.4, 26.4, 13.2, 11.2, LIT if look.night else "#5a4348")


@motif("tent", (110, 76), 2.0, "ground", paints="cloth")
def tent(pen: Pen, look: Look) -> None:
    cloth = look.tone("#f09a44", "#4f9f9a", "#d9604f")
    for x, y in ((2, 75), (108, 75)):
        pen.line(f"55,5 {x},{y}", 1.4, "#8a7a6a")
    pen.poly("55,4 100,76 10,76", cloth, 2, 0.08)
    pen.poly("55,4 100,76 74,76", cloth.shade, 1)
    pen.poly("55,22 72,76 38,76", LIT if look.night else cloth.deep, 1)
    pen.poly("55,22 46,76 38,76", cloth.light, 1)
    pen.line("55,8 55,1", 2.4, "#7a5a48")


@motif("igloo, snow hut", (110, 66), 2.2, "ground", paints="snow")
def igloo(pen: Pen, look: Look) -> None:
    snow = look.tone("#e8f2f8")
    pen.path("M6 66C6 28 26 4 52 4C78 4 98 28 98 66Z", snow, (20, 18), 0.1)
    for d in (
        "M12 42H74",
        "M22 22H80",
        "M8 56H60",
        "M34 8V22",
        "M64 6V22",
        "M26 22V42",
        "M50 22V42",
        "M20 42V56",
        "M44 42V56",
    ):
        pen.arc(d, 1.8, snow.shade)
    pen.path("M62 66V50C62 34 108 34 108 50V66Z", snow.light)
    pen.path("M72 66V52C72 42 98 42 98 52V66Z", "#4f6f96" if not look.night else LIT)
    pen.path("M62 66V50C62 38 84 36 90 38C76 39 69 44 69 52V66Z", snow.shade)
