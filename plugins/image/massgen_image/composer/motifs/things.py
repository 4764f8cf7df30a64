"""Things that lie about: books, clocks, bags, lights."""

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


@motif("books, stack of books, pile of books", (84, 76), 0.3, "table", paints="covers", spots={"top": (42.0, 6.0, 60.0)})
def books(pen: Pen, look: Look) -> None:
    shades = [look.tone("#4f8fd0"), look.own("#e2605c", "#f2b53f"), look.own("#58a88a", "#8a74c8")]
    for (x, y, w), cover in zip(((8, 4, 62), (14, 28, 66), (4, 52, 74)), shades, strict=True):
        pen.box(x, y, w, 23, cover, 5)
        pen.box(x + 9, y + 4.4, w - 9, 14, "#f8f1e2", 2)
        pen.box(x + 9, y + 11, w - 11, 1.6, "#d9ccb4")


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


@motif("vase, urn", (56, 90), 0.3, "table", paints="vase", spots={"inside": (28.0, 14.0, 20.0)})
def vase(pen: Pen, look: Look) -> None:
    china = look.tone("#4f8fb8", "#d9806a", "#7fae9a")
    pen.path("M16 4H40C40 18 38 22 46 34C58 52 52 76 42 89H14C4 76 -2 52 10 34C18 22 16 18 16 4Z".replace("-2", "0.6"), china, (12, 30), 0.12)  # fmt: skip
    pen.box(12, 2, 32, 6, china.light, 3)
    pen.curve("5,54 20,60 36,60 51,54", 3, china.light)
    pen.curve("7,66 20,71 36,71 49,66", 3, china.light)


@motif("umbrella, parasol", (96, 92), 0.9, "ground", paints="canopy", spots={"under": (48.0, 90.0, 50.0)})
def umbrella(pen: Pen, look: Look) -> None:
    cloth, other = look.tone(*BRIGHT), look.second(Tone(look.tone(*BRIGHT).base).light)
    pen.arc("M48 8V80C48 92 34 92 34 82", 4, "#8a6044")
    pen.path("M2 48C4 20 24 6 48 6C72 6 92 20 94 48C88 40 78 40 72 48C66 40 56 40 48 48C40 40 30 40 24 48C18 40 8 40 2 48Z", cloth, (20, 14), 0.07)  # fmt: skip
    pen.path("M48 6C38 14 26 30 24 48C30 40 40 40 48 48Z", other.base)
    pen.path("M48 6C60 14 70 30 72 48C78 40 88 40 94 48C92 20 72 6 48 6Z", cloth.shade)
    pen.line("48,6 48,2", 3, "#8a6044")


@motif("backpack, rucksack, knapsack, schoolbag", (76, 92), 0.5, "ground", paints="bag")
def backpack(pen: Pen, look: Look) -> None:
    bag = look.tone(*BRIGHT)
    pen.arc("M28 12C28 0.6 48 0.6 48 12", 5, bag.deep)
    pen.box(2, 46, 14, 34, bag.deep, 7)
    pen.box(60, 46, 14, 34, bag.deep, 7)
    pen.path("M10 90V34C10 16 22 8 38 8C54 8 66 16 66 34V90Z", bag, (18, 18), 0.1)
    pen.box(18, 54, 40, 30, bag.deep, 7)
    pen.box(18, 52, 40, 28, bag.light, 7)
    pen.line("24,62 52,62", 2.4, bag.deep)
    pen.box(34, 62, 8, 9, GOLD, 2)
    pen.curve("20,34 38,30 56,34", 2.6, bag.deep)


@motif("handbag, purse, bag, shopping bag, tote", (80, 84), 0.35, "table", paints="bag")
def handbag(pen: Pen, look: Look) -> None:
    bag = look.tone("#d9596f", "#b57f4a", "#4f8fb0")
    pen.arc("M22 38C22 0.6 58 0.6 58 38", 5, bag.deep)
    pen.path("M10 34H70L78 76C78 81 75 83 70 83H10C5 83 2 81 2 76Z", bag, (12, 36), 0.1)
    pen.path("M10 34H70L72.6 48C60 60 20 60 7.4 48Z", bag.light)
    pen.circle(40, 56, 5, GOLD)


@motif("suitcase, luggage, briefcase, baggage, trunk case", (90, 76), 0.6, "ground", paints="case", spots={"top": (45.0, 16.0, 60.0), "seat": (45.0, 16.0, 50.0)})  # fmt: skip
def suitcase(pen: Pen, look: Look) -> None:
    case = look.tone("#b5743f", "#4f8fb0", "#c8604f")
    pen.arc("M32 16V7C32 4 34 3 36 3H54C56 3 58 4 58 7V16", 5, case.deep)
    pen.box(3, 14, 84, 60, case, 8, 0.09)
    for x in (18, 62):
        pen.box(x, 14, 9, 60, case.deep)
        pen.box(x - 1, 38, 11, 8, GOLD, 2)
    pen.circle(45, 50, 7, "#f6e8c8")


@motif("gift, present, gift box, birthday present", (80, 84), 0.3, "table", paints="paper", spots={"top": (40.0, 26.0, 50.0)})
def gift(pen: Pen, look: Look) -> None:
    paper, ribbon = look.tone(*BRIGHT), look.second("#f8cf5c", "#fbf3e6")
    pen.arc("M40 24C22 24 16 6 28 4C36 3 40 14 40 24", 5, ribbon.base)
    pen.arc("M40 24C58 24 64 6 52 4C44 3 40 14 40 24", 5, ribbon.shade)
    pen.box(8, 40, 64, 44, paper, 4, 0.1)
    pen.box(3, 24, 74, 19, paper, 4)
    pen.box(33, 24, 14, 60, ribbon.base)
    pen.box(42, 24, 5, 60, ribbon.shade)
    pen.circle(40, 24, 5.4, ribbon)


@motif("candle, candles", (44, 96), 0.2, "table", paints="wax")
def candle(pen: Pen, look: Look) -> None:
    wax = look.tone("#f6ead2", "#e2805c", "#8fb8d0")
    pen.ellipse(22, 89, 21, 6, GOLD)
    pen.path("M22 3C30 14 33 20 30 27C28 32 16 32 14 27C11 20 15 14 22 3Z", "#f9a53c")
    pen.path("M22 14C26 20 27 24 25 28C24 30 20 30 19 28C17 24 18 20 22 14Z", "#fdf0b0")
    pen.line("22,28 22,36", 2, INK)
    pen.pillar(10, 36, 24, 52, wax, 3)
    pen.path("M10 40C10 34 34 34 34 40V50C34 54 29 54 29 50V46C29 44 25 44 25 47V54C25 58 20 58 20 54V46H10Z", wax.light)


@motif("key, keys", (100, 48), 0.08, "table", paints="metal")
def key(pen: Pen, look: Look) -> None:
    metal = look.tone("#f2bd45", "#b8bfce")
    pen.box(36, 20, 62, 9, metal, 3)
    for x, h in ((76, 16), (88, 13)):
        pen.box(x, 26, 7, h, metal.shade, 2)
    pen.circle(24, 24, 22, metal)
    pen.circle(24, 24, 10.6, metal.deep)
    pen.circle(25, 25, 9.4, PAPER)


@motif("computer, laptop, notebook computer, pc, monitor", (110, 76), 0.3, "table", paints="case", turns=False)
def laptop(pen: Pen, look: Look) -> None:
    case = look.tone("#a9b2c3", "#4a5068")
    pen.box(16, 2, 78, 58, case.deep, 5)
    pen.box(20, 6, 70, 49, "#34466e", 2)
    for i, (x, w, c) in enumerate(((26, 22, "#6fd0a0"), (32, 34, "#8fb8ee"), (32, 26, "#f2b53f"), (26, 30, "#ee8fa6"), (26, 16, "#6fd0a0"))):  # fmt: skip
        pen.box(x, 13 + i * 8, w, 3.4, c, 1.7)
    pen.path("M4 60H106L109 70C109 74 107 75 104 75H6C3 75 1 74 1 70Z", case, (10, 60), 0.1)
    pen.box(42, 60, 26, 4.4, case.deep, 2)


@motif("phone, smartphone, mobile phone, cell phone, cellphone, mobile", (54, 100), 0.15, "table", paints="case", turns=False)
def phone(pen: Pen, look: Look) -> None:
    case = look.tone("#3f4460", "#e2705c", "#4f8fb0")
    pen.box(2, 2, 50, 96, case, 9, 0.06)
    pen.box(6, 10, 42, 76, "#8fd0ea", 3)
    pen.poly("6,86 6,50 40,10 48,10 48,86", "#a9dcf0", 0)
    for i, c in enumerate(("#ef6d62", "#f7c744", "#6fbf7a", "#8a74c8", "#f29a4a", "#4f8fd0")):
        pen.box(11 + i % 3 * 11.6, 20 + i // 3 * 13, 9, 9, c, 2.6)
    pen.circle(27, 92, 2.6, case.light)
    pen.box(21, 5, 12, 2.4, case.deep, 1.2)


@motif("television, tv, telly, screen", (110, 86), 0.8, "table", paints="case", turns=False)
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


@motif("camera, photo camera", (96, 74), 0.12, "table", paints="body", turns=False)
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


@motif("crown, tiara", (96, 72), 0.2, "table", paints="gold", spots={"foot": (48.0, 70.0, 80.0)})
def crown(pen: Pen, look: Look) -> None:
    gold = look.tone("#f5c044")
    pen.poly("6,60 3,16 26,36 48,5 70,36 93,16 90,60", gold, 4, 0.08)
    pen.box(6, 56, 84, 14, gold.shade, 4)
    for x, y, c in ((4, 14, 0), (48, 6, 1), (92, 14, 0)):
        pen.circle(x + (2 if x < 20 else -2 if x > 80 else 0), y + 2, 5.4, ("#e2605c", "#5fa8e0")[c])
    for x, c in ((24, 1), (48, 0), (72, 1)):
        pen.circle(x, 63, 4, ("#e2605c", "#5fa8e0")[c])
    pen.poly("48,26 54,38 48,50 42,38", "#e2605c" if not look.avoid else "#5fa8e0", 1)


@motif("hat, sun hat", (96, 60), 0.25, "table", paints="hat", spots={"foot": (48.0, 54.0, 52.0)})
def hat(pen: Pen, look: Look) -> None:
    felt = look.tone("#4f6fa0", "#c8504d", "#d9b05f", "#5f8f6a")
    pen.ellipse(48, 49, 47, 10, felt.shade)
    pen.ellipse(48, 46.6, 47, 8.6, felt.base)
    pen.path("M20 46C20 14 30 3 48 3C66 3 76 14 76 46C62 54 34 54 20 46Z", felt, (28, 10), 0.1)
    pen.path("M20 36C36 44 60 44 76 36V46C62 54 34 54 20 46Z", look.second("#f2c14e", "#f6efe2").base)


@motif("shoe, shoes, sneaker, trainer, sneakers", (100, 62), 0.15, "ground", paints="shoe")
def shoe(pen: Pen, look: Look) -> None:
    paint = look.tone(*BRIGHT)
    pen.path("M6 6C16 12 28 10 36 4C44 20 56 26 76 30C92 33 98 42 97 52H5C3 36 6 20 6 6Z", paint, (10, 14), 0.1)
    pen.path("M70 29C90 31 98 42 97 52H76C76 44 74 36 70 29Z", paint.light)
    pen.box(3, 48, 95, 12, "#f8f4ec", 6)
    pen.box(3, 54, 95, 6, "#d9d3c8", 3)
    for line in ("40,18 50,11", "48,24 58,17", "57,28 66,21"):
        pen.line(line, 3, "#fbf8f2")
    pen.curve("10,38 24,40 40,30", 4, "#fbf8f2")


@motif("shirt, t-shirt, tshirt, jersey, sweater", (96, 86), 0.7, "table", paints="cloth")
def shirt(pen: Pen, look: Look) -> None:
    cloth = look.tone(*BRIGHT)
    pen.poly("30,4 66,4 94,24 84,46 72,40 72,85 24,85 24,40 12,46 2,24", cloth.base, 4)
    pen.poly("66,4 94,24 84,46 72,40 72,85 58,85 58,30", cloth.shade, 3)
    pen.path("M34 4C36 18 60 18 62 4Z", cloth.deep)
    pen.box(36, 44, 22, 4, cloth.light, 2)


@motif("dress, gown, skirt", (76, 100), 1.1, "table", paints="cloth")
def dress(pen: Pen, look: Look) -> None:
    cloth = look.tone("#e0607f", "#5f9fc8", "#8a74c8")
    for x in (26, 50):
        pen.line(f"{x},4 {x},16", 4, cloth.shade)
    pen.poly("22,14 54,14 50,42 74,98 2,98 26,42", cloth, 4, 0.09)
    pen.box(25, 39, 26, 6, cloth.deep, 2)
    for x in (24, 40, 54):
        pen.line(f"{38 + (x - 38) * 0.3:.1f},52 {x},92", 2, cloth.shade)


@motif("glasses, sunglasses, spectacles", (100, 42), 0.06, "table", paints="frame", spots={"foot": (50.0, 30.0, 90.0)})
def glasses(pen: Pen, look: Look) -> None:
    frame = look.tone("#3a3844", "#c8504d", "#8a5f45")
    pen.curve("40,14 50,9 60,14", 4, frame.base)
    for x in (24, 76):
        pen.circle(x, 21, 19, frame)
        pen.circle(x, 21, 14.4, "#8fc7e0")
        pen.line(f"{x - 7},25 {x + 3},13", 4, "#d3ecf5")


@motif("letter, envelope, mail, email, message, postcard", (96, 66), 0.15, "table", paints="paper", turns=False)
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


@motif("ring, wedding ring", (72, 84), 0.03, "table", paints="metal")
def ring(pen: Pen, look: Look) -> None:
    metal = look.tone("#f2bd45", "#b8bfce")
    pen.ring(36, 54, 25, 8, metal.shade)
    pen.ring(35, 53, 25, 6, metal.base)
    with pen.at(17, 1, 0.42):
        gem(pen, Look(seed=0))


@motif("blocks, toy blocks, building blocks, toy, toys", (92, 76), 0.3, "floor", paints="blocks", spots={"top": (46.0, 6.0, 20.0)})
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
