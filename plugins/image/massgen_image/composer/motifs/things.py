"""Things that lie about: books, gifts, keys, treasure."""

from __future__ import annotations

from massgen_image.composer.motif import Look, motif
from massgen_image.composer.pen import Pen
from massgen_image.composer.tones import INK, PAPER, Tone

GOLD = Tone("#f2bd45")
BRIGHT = ("#e2605c", "#4f8fd0", "#f2b53f", "#58a88a", "#8a74c8")


@motif("book, novel, textbook, notebook, diary", (90, 72), 0.25, "table", paints="cover")
def book(pen: Pen, look: Look) -> None:
    cover = look.tone(*BRIGHT)
    pen.path("M45 16C34 6 18 4 2 8V64C18 60 34 62 45 71C56 62 72 60 88 64V8C72 4 56 6 45 16Z", cover.shade)
    pen.path("M45 14C36 6 22 3 8 5V58C22 56 36 58 45 66Z", "#fbf6ea")
    pen.path("M45 14C54 6 68 3 82 5V58C68 56 54 58 45 66Z", "#e9e1d2")
    for y in (18, 27, 36, 45):
        pen.curve(f"14,{y - 2} 26,{y - 2} 38,{y + 3}", 2, "#c9bda8")
        pen.curve(f"76,{y - 2} 64,{y - 2} 52,{y + 3}", 2, "#b8ab98")


@motif(
    "books, stack of books, pile of books", (84, 76), 0.3, "table", paints="covers", spots={"top": (42.0, 6.0, 60.0)}
)
def books(pen: Pen, look: Look) -> None:
    shades = [look.tone("#4f8fd0"), look.own("#e2605c", "#f2b53f"), look.own("#58a88a", "#8a74c8")]
    for (x, y, w), cover in zip(((8, 4, 62), (14, 28, 66), (4, 52, 74)), shades, strict=True):
        pen.box(x, y, w, 23, cover, 5)
        pen.box(x + 9, y + 4.4, w - 9, 14, "#f8f1e2", 2)
        pen.box(x + 9, y + 11, w - 11, 1.6, "#d9ccb4")


@motif("vase, urn", (56, 90), 0.3, "table", paints="vase", spots={"inside": (28.0, 14.0, 20.0)})
def vase(pen: Pen, look: Look) -> None:
    china = look.tone("#4f8fb8", "#d9806a", "#7fae9a")
    pen.path("M16 4H40C40 18 38 22 46 34C58 52 52 76 42 89H14C4 76 -2 52 10 34C18 22 16 18 16 4Z".replace("-2", "0.6"), china, (12, 30), 0.12)  # fmt: skip
    pen.box(12, 2, 32, 6, china.light, 3)
    pen.curve("5,54 20,60 36,60 51,54", 3, china.light)
    pen.curve("7,66 20,71 36,71 49,66", 3, china.light)


@motif(
    "gift, present, gift box, birthday present",
    (80, 84),
    0.3,
    "table",
    paints="paper",
    spots={"top": (40.0, 26.0, 50.0)},
)
def gift(pen: Pen, look: Look) -> None:
    paper, ribbon = look.tone(*BRIGHT), look.second("#f8cf5c", "#fbf3e6")
    pen.arc("M40 24C22 24 16 6 28 4C36 3 40 14 40 24", 5, ribbon.base)
    pen.arc("M40 24C58 24 64 6 52 4C44 3 40 14 40 24", 5, ribbon.shade)
    pen.box(8, 40, 64, 44, paper, 4, 0.1)
    pen.box(3, 24, 74, 19, paper, 4)
    pen.box(33, 24, 14, 60, ribbon.base)
    pen.box(42, 24, 5, 60, ribbon.shade)
    pen.circle(40, 24, 5.4, ribbon)


@motif("key, keys", (100, 48), 0.08, "table", paints="metal")
def key(pen: Pen, look: Look) -> None:
    metal = look.tone("#f2bd45", "#b8bfce")
    pen.box(36, 20, 62, 9, metal, 3)
    for x, h in ((76, 16), (88, 13)):
        pen.box(x, 26, 7, h, metal.shade, 2)
    pen.circle(24, 24, 22, metal)
    pen.circle(24, 24, 10.6, metal.deep)
    pen.circle(25, 25, 9.4, PAPER)


@motif("letter, envelope, mail, email, message, postcard", (96, 66), 0.15, "table", paints="paper")
def letter(pen: Pen, look: Look) -> None:
    paper = look.tone("#f6ecd6", "#cfe3f0")
    pen.box(2, 3, 92, 61, paper, 5, 0.06)
    pen.line("6,58 36,34", 2, paper.deep)
    pen.line("90,58 60,34", 2, paper.deep)
    pen.path("M4 6H92L52 40C49 42 47 42 44 40Z", paper.shade)
    pen.path("M5 4H91L52 35C49 37 47 37 44 35Z", paper.light)
    pen.circle(48, 40, 8, Tone("#d8504a"))
    pen.path("M48 44C43 41 43 37 45.6 37C47 37 48 38.6 48 38.6C48 38.6 49 37 50.4 37C53 37 53 41 48 44Z", "#fbe3dc")


@motif("treasure chest, chest, treasure", (100, 80), 0.7, "ground", paints="wood", spots={"top": (50.0, 6.0, 70.0)})
def treasure_chest(pen: Pen, look: Look) -> None:
    wood = look.tone("#a8683c", "#7a4f8a")
    for x, y in ((22, 34), (36, 30), (50, 28), (64, 30), (78, 34)):
        pen.circle(x, y, 9, GOLD)
    pen.path("M6 30C6 12 16 3 32 3H68C84 3 94 12 94 30Z", wood, (14, 10), 0.1)
    pen.box(6, 38, 88, 41, wood, 4, 0.08)
    for x in (18, 74):
        pen.box(x, 38, 9, 41, GOLD.base)
        pen.path(f"M{x} 30V{5.4 if x < 50 else 5}H{x + 9}V30Z", GOLD.base)
    pen.box(4, 36, 92, 7, GOLD, 2)
    pen.box(42, 36, 16, 18, GOLD, 3)
    pen.circle(50, 44, 3, INK)


@motif("coin, money, gold coin, coins", (70, 70), 0.05, "table", paints="metal")
def coin(pen: Pen, look: Look) -> None:
    metal = look.tone("#f5c044", "#b8bfce")
    pen.circle(35, 35, 33, metal)
    pen.ring(35, 35, 24, 2.6, metal.deep)
    pen.poly("35,18 39.6,29 51,30 42,38 45,50 35,43.4 25,50 28,38 19,30 30.4,29", metal.light, 1.5)


@motif("gem, diamond, jewel, crystal, ruby, emerald", (90, 76), 0.05, "table", paints="gem")
def gem(pen: Pen, look: Look) -> None:
    tone = look.tone("#6fc7e8", "#e2607f", "#6fbf8a")
    pen.poly("20,4 70,4 88,28 45,75 2,28", tone.base, 2)
    pen.poly("70,4 88,28 45,75 60,28", tone.deep, 1)
    pen.poly("30,28 60,28 45,74", tone.shade)
    pen.poly("20,4 45,4 30,28 3,28", tone.light, 1)
    pen.poly("45,5 60,28 30,28", "#f3fbfe", 1)


@motif(
    "blocks, toy blocks, building blocks, toy, toys",
    (92, 76),
    0.3,
    "floor",
    paints="blocks",
    spots={"top": (46.0, 6.0, 20.0)},
)
def blocks(pen: Pen, look: Look) -> None:
    tones = [look.tone("#e2605c"), look.own("#4f9fd0", "#6fae6a"), look.own("#f2b53f", "#8a74c8")]
    for (x, y), tone in zip(((28, 3), (8, 40), (48, 40)), tones, strict=True):
        pen.box(x, y, 36, 35, tone, 4)
        pen.box(x + 6, y + 6, 21, 20, tone.light, 3)
    pen.poly("46,9 53,23 39,23", "#fbf8f2", 1)
    pen.circle(24, 56, 7, "#fbf8f2")
    pen.box(58, 50, 13, 12, "#fbf8f2", 1)


@motif("globe, desk globe", (70, 96), 0.4, "table", paints="sea")
def globe(pen: Pen, look: Look) -> None:
    sea, land = look.tone("#5fa8e0"), Tone("#7fbf6a")
    pen.box(31, 76, 8, 14, GOLD.shade)
    pen.box(16, 87, 38, 8, GOLD, 4)
    pen.arc("M14 10C-10 40 10 76 36 76C56 76 66 62 66 50".replace("-10", "-6"), 4, GOLD.deep)
    pen.circle(36, 38, 31, sea)
    pen.blob("14,24 26,12 38,16 34,28 40,36 30,44 20,40 14,34", land.base)
    pen.blob("44,34 54,28 64,36 58,52 48,58 44,46", land.shade)
    pen.blob("22,52 32,52 34,62 26,64", land.base)


@motif("trophy, cup trophy, prize, award", (84, 92), 0.4, "table", paints="metal")
def trophy(pen: Pen, look: Look) -> None:
    gold = look.tone("#f5c044", "#b8bfce")
    for flip in (False, True):
        with pen.at(84 if flip else 0, 0, flip=flip):
            pen.arc("M20 14H6C4 32 14 40 26 40", 6, gold.shade if flip else gold.base)
    pen.path("M18 4H66C68 34 58 54 42 54C26 54 16 34 18 4Z", gold, (22, 8), 0.1)
    pen.box(37, 52, 10, 18, gold.shade, 2)
    pen.box(24, 66, 36, 8, gold, 3)
    pen.box(18, 74, 48, 17, Tone("#7a5040"), 3)
    pen.box(30, 79, 24, 6, GOLD.light, 2)
    pen.poly("42,12 45.6,21 55,21.6 48,28 50,37 42,32 34,37 36,28 29,21.6 38.4,21", gold.light, 1)


@motif("medal, gold medal", (60, 96), 0.1, "table", paints="medal")
def medal(pen: Pen, look: Look) -> None:
    gold = look.tone("#f5c044", "#b8bfce")
    ribbon = look.own("#4f8fd0", "#d8504a")
    pen.poly("6,2 24,2 38,48 24,52", ribbon.base, 1)
    pen.poly("54,2 36,2 22,48 36,52", ribbon.shade, 1)
    pen.circle(30, 68, 26, gold)
    pen.ring(30, 68, 19, 2.4, gold.deep)
    pen.poly("30,54 34,64 44.6,64.6 36.6,71.6 39,82 30,76.4 21,82 23.4,71.6 15.4,64.6 26,64", gold.light, 1)
