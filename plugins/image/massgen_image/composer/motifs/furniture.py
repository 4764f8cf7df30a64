"""What stands in a room."""

from __future__ import annotations

from massgen_image.composer.motif import Look, motif
from massgen_image.composer.motifs._walls import GLASS, LIT
from massgen_image.composer.pen import Pen
from massgen_image.composer.tones import Tone

WOODS = ("#c08a5a", "#a8734a", "#d9a873")
CLOTHS = ("#4f9f9a", "#e2805c", "#6f86c0", "#d9a24a")
BOOKS = ("#e2605c", "#4f9fc8", "#f2b53f", "#6fae8a", "#8a74b8", "#e8926a")


@motif("table, desk, dining table, workbench", (120, 66), 0.75, "floor", paints="wood", spots={"top": (60.0, 8.0, 104.0), "under": (60.0, 64.0, 70.0)})  # fmt: skip
def table(pen: Pen, look: Look) -> None:
    wood = look.tone(*WOODS)
    for x, fill in ((14, wood.deep), (98, wood.deep)):
        pen.box(x + 4, 12, 7, 50, fill, 2)
    for x in (8, 104):
        pen.pillar(x, 12, 8, 54, wood, 2)
    pen.box(12, 12, 96, 10, wood.shade, 1)
    pen.box(2, 6, 116, 9, wood, 3)


@motif("chair", (56, 96), 0.95, "floor", paints="seat", spots={"top": (26.0, 52.0, 36.0), "seat": (26.0, 52.0, 30.0)})
def chair(pen: Pen, look: Look) -> None:
    wood, seat = Tone("#b07d50"), look.tone(*CLOTHS)
    for x in (14, 42):
        pen.box(x, 56, 5, 36, wood.deep, 2)
    for x in (6, 46):
        pen.pillar(x, 52, 6, 44, wood, 2)
    pen.box(4, 4, 7, 54, wood, 3)
    pen.box(8, 6, 10, 34, seat.shade, 4)
    pen.box(2, 49, 52, 10, seat, 4)


@motif("sofa, couch, settee, loveseat", (130, 66), 0.9, "floor", paints="cloth", spots={"top": (65.0, 34.0, 86.0), "seat": (65.0, 36.0, 70.0)})  # fmt: skip
def sofa(pen: Pen, look: Look) -> None:
    cloth = look.tone(*CLOTHS)
    for x in (16, 108):
        pen.box(x, 58, 7, 8, "#7a5640", 2)
    pen.box(14, 4, 102, 44, cloth.shade, 10)
    pen.box(18, 7, 45, 34, cloth.base, 8)
    pen.box(66, 7, 46, 34, cloth.base, 8)
    pen.box(16, 36, 98, 24, cloth.deep, 5)
    pen.box(20, 34, 44, 15, cloth.light, 6)
    pen.box(66, 34, 44, 15, cloth.light, 6)
    pen.box(2, 22, 20, 39, cloth, 9)
    pen.box(108, 22, 20, 39, cloth, 9)


@motif(
    "bed, bunk",
    (140, 70),
    0.9,
    "floor",
    paints="blanket",
    spots={"top": (80.0, 32.0, 90.0), "seat": (84.0, 32.0, 60.0)},
)
def bed(pen: Pen, look: Look) -> None:
    wood, cloth = Tone("#a8734a"), look.tone("#5f8fc8", "#d9708a", "#5fa88f")
    pen.box(4, 4, 12, 66, wood, 4)
    pen.box(126, 26, 10, 44, wood, 4)
    pen.box(12, 42, 118, 18, wood.shade, 2)
    pen.box(14, 30, 114, 18, "#f6f1ea", 5)
    pen.box(18, 20, 32, 16, Tone("#fbfaf7"), 7)
    pen.path("M52 30C74 26 104 26 128 30V52H52Z", cloth, (60, 28), 0.1)
    pen.path("M52 30C56 29 60 28.6 66 28.2V52H52Z", cloth.light)


@motif(
    "bookshelf, bookcase, shelf, shelves, cupboard",
    (84, 110),
    1.9,
    "floor",
    paints="wood",
    spots={"top": (42.0, 3.0, 70.0)},
)
def bookshelf(pen: Pen, look: Look) -> None:
    wood = look.tone(*WOODS)
    dice = look.dice
    pen.box(2, 2, 80, 108, wood, 3, 0.05)
    for y in (9, 42, 75):
        pen.box(8, y, 66, 28, wood.deep, 1)
        x = 10.0
        while x < 64:
            w = dice.choice((6.0, 7.0, 9.0))
            h = dice.choice((18.0, 21.0, 24.0))
            pen.box(x, y + 28 - h, w, h, Tone(dice.choice(BOOKS)), 1)
            x += w + 0.8
            if dice.random() < 0.16:
                x += 8


@motif("wardrobe, closet, cabinet, dresser", (70, 110), 1.9, "floor", paints="doors")
def wardrobe(pen: Pen, look: Look) -> None:
    wood = look.tone("#b98a5f", "#8fb0b8", "#d8c8b4")
    for x in (8, 54):
        pen.box(x, 102, 8, 8, wood.deep, 2)
    pen.box(2, 2, 66, 104, wood, 4, 0.06)
    for x in (7, 36):
        pen.box(x, 10, 26, 62, wood.light, 2)
        pen.box(x + (22 if x < 20 else 1), 40, 3, 10, wood.deep, 1.5)
    pen.box(7, 78, 55, 20, wood.light, 2)
    pen.box(29, 86, 12, 3, wood.deep, 1.5)


@motif("lamp, floor lamp, table lamp, desk lamp", (56, 92), 0.5, "table", paints="shade")
def lamp(pen: Pen, look: Look) -> None:
    shade = look.tone("#f5c95a", "#e2805c", "#5fa8a0")
    pen.box(25, 40, 6, 44, "#8a6a50", 2)
    pen.ellipse(28, 87, 17, 5, Tone("#8a6a50"))
    pen.poly("16,4 40,4 54,46 2,46", shade, 4, 0.1)
    pen.poly("20,8 28,8 22,42 8,42", shade.light, 3)


@motif("flag, banner, pennant", (84, 110), 6, "ground", paints="cloth")
def flag(pen: Pen, look: Look) -> None:
    cloth = look.tone("#e2605c", "#4f8fd0", "#58b08a")
    pen.pillar(8, 6, 5, 104, Tone("#a0764f"), 2)
    pen.circle(10.5, 5, 4.4, "#f2c14e")
    pen.path("M13 12C30 4 46 22 80 12V54C46 64 30 46 13 54Z", cloth.base)
    pen.path("M46 15.6C56 17 66 16 80 12V54C66 58 56 58.6 46 57Z", cloth.shade)
    pen.path("M13 12C18 9.6 24 9.4 30 10.6V51.4C24 50 18 51.4 13 54Z", cloth.light)


@motif("window", (84, 96), 1.4, "wall", paints="frame")
def window_(pen: Pen, look: Look) -> None:
    frame = look.tone("#f6efe4", "#b58560")
    pen.box(4, 2, 76, 84, frame, 4)
    for x in (10, 44):
        for y in (8, 46):
            pen.box(x, y, 30, 34, LIT if look.night else GLASS, 1.5)
            pen.path(f"M{x + 1} {y + 33}L{x + 22} {y + 1}H{x + 1}Z", "#fff0bd" if look.night else "#d3ecf5")
    pen.box(0.6, 84, 82.8, 9, frame.shade, 3)


@motif("door, doorway, front door", (60, 104), 2.1, "floor", paints="door")
def door_(pen: Pen, look: Look) -> None:
    paint = look.tone("#a8683f", "#4f7f8a", "#c8604f")
    pen.box(2, 2, 56, 102, "#f1e7d8", 3)
    pen.box(8, 8, 44, 96, paint, 2, 0.06)
    for y, h in ((16, 34), (58, 36)):
        for x in (14, 32):
            pen.box(x, y, 13, h, paint.shade, 2)
            pen.box(x, y, 11.6, h - 1.6, paint.light, 2)
    pen.circle(46, 56, 3, "#f2c14e")


@motif("mirror", (60, 96), 1.2, "floor", paints="frame")
def mirror(pen: Pen, look: Look) -> None:
    frame = look.tone("#e0b04f", "#b58560")
    pen.poly("14,94 22,78 38,78 46,94", frame.deep, 2)
    pen.ellipse(30, 42, 28, 40, frame)
    pen.ellipse(30, 42, 22, 34, "#bfe0ec")
    pen.line("18,46 34,20", 5, "#e3f3f8")
    pen.line("24,56 42,28", 3, "#e3f3f8")


@motif("picture, painting, poster, frame, picture frame, artwork", (96, 76), 0.7, "wall", paints="frame")
def picture(pen: Pen, look: Look) -> None:
    frame = look.tone("#c9974f", "#8a5f45")
    pen.box(2, 2, 92, 72, frame, 3, 0.07)
    pen.box(10, 10, 74, 56, "#bfe3f2", 1)
    pen.circle(66, 24, 7, "#f8d35c")
    pen.poly("10,66 10,52 32,30 52,52 62,44 84,62 84,66", "#6fae7a")
    pen.poly("32,30 52,52 40,66 10,66 10,52", "#5a9a6f")


@motif("rug, carpet, mat", (130, 34), 0.05, "floor", paints="rug", spots={"top": (65.0, 20.0, 90.0)})
def rug(pen: Pen, look: Look) -> None:
    cloth = look.tone("#d9708a", "#5f9fb0", "#e0a24f")
    pen.ellipse(65, 17, 63, 16, cloth.shade)
    pen.ellipse(65, 15.6, 63, 15, cloth.base)
    pen.ellipse(65, 15.6, 48, 11, cloth.light)
    pen.ellipse(65, 15.6, 34, 7.4, cloth.base)


@motif("bathtub, bath, tub", (120, 76), 0.8, "floor", paints="tub", spots={"inside": (58.0, 30.0, 70.0)})
def bathtub(pen: Pen, look: Look) -> None:
    tub = look.tone("#f3f5f7", "#8fc0d0", "#f0b8c0")
    for x in (22, 92):
        pen.ellipse(x, 70, 6, 5.4, "#d8b25c")
    pen.arc("M106 30V12C106 6 98 6 98 12", 4, "#b8bcc8")
    pen.path("M4 30H116C116 54 106 70 88 70H32C14 70 4 54 4 30Z", tub, (12, 32), 0.1)
    pen.box(0.6, 25, 118.8, 9, tub.light, 4.5)
    for x, y, r in ((30, 24, 9), (46, 20, 10), (62, 23, 9), (76, 25, 7), (20, 26, 6)):
        pen.circle(x, y, r, "#e3f3fa" if r != 10 else "#f6fbfd")
