"""Things to eat and to drink that somebody made."""

from __future__ import annotations

from massgen_image.composer.motif import Look, motif
from massgen_image.composer.pen import Pen
from massgen_image.composer.tones import Tone

CRUST = Tone("#d99a54")


@motif("bread, loaf", (96, 62), 0.12, "table", paints="crust")
def bread(pen: Pen, look: Look) -> None:
    crust = look.tone("#d89a55", "#c08548")
    pen.path("M6 30C-1 14 16 2 34 5C44 1 60 1 68 5C84 2 97 14 90 30V54C90 59 87 61 82 61H14C9 61 6 59 6 54Z".replace("-1", "1"), crust, (16, 8), 0.1)  # fmt: skip
    for x in (26, 46, 66):
        pen.curve(f"{x - 4},24 {x + 4},18 {x + 10},18", 4, "#f3d5a0")


@motif("cheese", (90, 62), 0.1, "table", paints="cheese")
def cheese(pen: Pen, look: Look) -> None:
    tone = look.tone("#f7c948")
    pen.poly("4,32 62,4 88,22 88,32", tone.light, 3)
    pen.box(4, 30, 84, 31, tone, 3)
    for x, y, r in ((20, 46, 5.6), (42, 40, 4), (62, 50, 6.4), (78, 39, 3.6), (44, 55, 3)):
        pen.circle(x, y, r, tone.deep)


@motif("egg, eggs", (60, 76), 0.07, "table", paints="shell")
def egg(pen: Pen, look: Look) -> None:
    shell = look.tone("#f6e6d0", "#e8c39a")
    pen.blob("30,3 44,10 54,30 57,50 46,70 30,75 14,70 3,50 6,30 16,10", shell)
    pen.ellipse(18, 30, 4.4, 9, "#fffaf2", 18)


@motif("pizza", (90, 88), 0.3, "table", paints="crust")
def pizza(pen: Pen, look: Look) -> None:
    pen.poly("6,18 84,18 46,87", Tone("#f7cf62"), 5)
    pen.blob("4,16 22,5 45,2 68,5 86,16 84,25 66,17 45,14 24,17 6,25", look.tone("#c98546"))
    for x, y, r in ((32, 32, 7.4), (56, 30, 7), (45, 52, 7)):
        pen.circle(x, y, r, Tone("#d8504a"))
    for x, y in ((44, 24), (68, 26), (24, 25), (46, 40), (42, 68)):
        pen.ellipse(x, y, 3.4, 2.2, "#6aa24a", x)


@motif("burger, hamburger, cheeseburger", (92, 78), 0.12, "table", paints="bun")
def burger(pen: Pen, look: Look) -> None:
    bun = look.tone("#e0a052")
    pen.box(6, 60, 80, 17, Tone(bun.shade), 8)
    pen.blob("7,56 18,62 32,57 46,62 60,57 74,62 85,56 84,48 8,48", "#7fba4c")
    pen.box(5, 44, 82, 13, Tone("#7a4a35"), 6)
    pen.poly("8,40 84,40 76,47 66,41 52,52 40,41 20,47", "#f8cf52", 1)
    pen.box(8, 36, 76, 7, "#dd5148", 3.5)
    pen.path("M4 37C4 14 24 3 46 3C68 3 88 14 88 37Z", bun, (16, 12), 0.1)
    for x, y in ((28, 18), (42, 11), (57, 15), (68, 24), (44, 24), (22, 29)):
        pen.ellipse(x, y, 2.6, 1.7, "#fbecc6", x)


@motif("hot dog, hotdog", (100, 52), 0.1, "table", paints="bun")
def hot_dog(pen: Pen, look: Look) -> None:
    bun = look.tone("#e3a75c")
    pen.box(6, 4, 88, 34, bun.deep, 17)
    pen.box(1, 14, 98, 20, Tone("#c9553f"), 10)
    pen.curve("12,22 24,16 36,25 50,16 62,25 76,16 88,22", 4, "#f8cf4c")
    pen.path("M5 30C12 36 88 36 95 30C97 46 86 51 74 51H26C14 51 3 46 5 30Z", bun, (10, 30), 0.12)


@motif("fries, french fries, chips", (64, 88), 0.15, "table", paints="box")
def fries(pen: Pen, look: Look) -> None:
    for x, y, fill in (
        (10, 16, 1),
        (20, 4, 0),
        (30, 12, 1),
        (38, 2, 0),
        (47, 14, 1),
        (14, 24, 0),
        (26, 20, 0),
        (42, 22, 0),
    ):
        pen.box(x, y, 8.4, 46, ("#f8d056", "#e6b342")[fill], 2)
    pen.path("M4 40C20 52 44 52 60 40L54 84C54 86 52 88 50 88H14C12 88 10 86 10 84Z", look.tone("#dd4a45", "#3f86c8"), (8, 44), 0.12)  # fmt: skip
    pen.circle(32, 68, 8, "#fbe3a2")


@motif("cake, birthday cake", (96, 92), 0.25, "table", paints="icing", spots={"top": (48.0, 34.0, 50.0)})
def cake(pen: Pen, look: Look) -> None:
    icing, sponge = look.tone("#f6a6b8", "#fbf1e4", "#9fd3d8"), Tone("#e3b277")
    for x, flame in ((30, 0), (48, 1), (66, 2)):
        pen.box(x - 2.4, 16, 4.8, 20, ("#7fc3e0", "#f7cf5c", "#a4d48a")[flame], 1.4)
        pen.path(f"M{x} 2C{x + 6} 9 {x + 4} 15 {x} 15C{x - 4} 15 {x - 6} 9 {x} 2Z", "#f9a53c")
        pen.ellipse(x, 11.4, 1.8, 2.8, "#fdeaa0")
    pen.ellipse(48, 86, 47, 6, "#d8d3d6")
    pen.box(10, 36, 76, 50, sponge, 6)
    pen.box(10, 60, 76, 6, icing.light)
    pen.path("M10 42C10 36 14 34 18 34H78C82 34 86 36 86 42V50C86 58 77 58 76 51C75 60 64 60 63 51C62 62 50 62 49 51C48 60 37 60 36 51C35 58 24 60 23 51C22 57 10 58 10 50Z", icing, (14, 34), 0.06)  # fmt: skip
    for x in (22, 40, 58, 76):
        pen.circle(x, 40, 2.6, ("#e4574f", "#f8e08a", "#7fc3e0")[int(x) % 3])


@motif("cupcake, muffin", (64, 84), 0.1, "table", paints="icing")
def cupcake(pen: Pen, look: Look) -> None:
    icing = look.tone("#f49ab4", "#a9d8d0", "#c9a6e8")
    wrap = look.own("#7fb7d8", "#e8a552")
    pen.poly("10,50 54,50 48,84 16,84", wrap, 3)
    for x in (20, 28, 36, 44):
        pen.line(f"{x},54 {32 + (x - 32) * 0.78:.1f},80", 2, wrap.deep)
    pen.blob("32,38 54,38 62,47 54,55 32,56 10,55 2,47 10,38", icing)
    pen.blob("32,24 46,24 54,33 46,41 32,42 18,41 10,33 18,24", icing.light)
    pen.blob("32,12 42,16 44,24 32,28 20,24 22,16", icing)
    pen.circle(32, 9, 6.4, Tone("#dd4450"))
    pen.curve("33,4 36,1.6 40,1.6", 1.6, "#6f9a45")


@motif("donut, doughnut", (84, 84), 0.1, "table", paints="icing")
def donut(pen: Pen, look: Look) -> None:
    icing = look.tone("#f28db0", "#8a5a44", "#8fd0d8")
    pen.circle(42, 42, 41, Tone("#dda25c"))
    pen.blob("42,4 62,8 76,24 79,44 70,60 58,70 46,76 34,72 20,70 8,54 6,36 14,18 26,7", icing, 0.08)
    pen.circle(42, 41, 14, "#c48646")
    pen.circle(43, 43, 11.6, "#f0ece6")
    for i, (x, y) in enumerate(((24, 22), (42, 12), (60, 20), (68, 38), (62, 56), (42, 66), (22, 58), (14, 40), (30, 32), (56, 33))):  # fmt: skip
        with pen.at(x, y, turn=i * 47):
            pen.box(-3.4, -1.2, 6.8, 2.4, ("#fdf2c8", "#7fd0e8", "#f8d34f", "#ffffff")[i % 4], 1.2)


@motif("cookie, biscuit", (80, 80), 0.08, "table", paints="dough")
def cookie(pen: Pen, look: Look) -> None:
    dough = look.tone("#d9a05f")
    pen.circle(40, 40, 38.5, dough)
    for x, y, r in ((26, 24, 5.4), (48, 18, 4.2), (60, 36, 5.4), (36, 44, 5), (54, 58, 5), (24, 56, 4.6), (40, 68, 3)):
        pen.circle(x, y, r, "#6d4335")
        pen.circle(x - 1.4, y - 1.6, r * 0.3, "#96644c")


@motif("ice cream, icecream, gelato, ice cream cone", (60, 100), 0.2, "table", paints="ice")
def ice_cream(pen: Pen, look: Look) -> None:
    ice, other = look.tone("#f5a3b8", "#8fd3c0", "#8a5f4a"), look.second("#fbeccb", "#c9a6e8")
    pen.poly("10,44 50,44 30,99", Tone("#e3ac62"), 3)
    for line in ("16,50 38,74", "28,48 42,62", "44,50 22,74", "32,48 18,62"):
        pen.line(line, 1.8, "#b97e3f")
    pen.circle(30, 22, 17, other)
    pen.blob("30,20 48,26 55,40 50,50 42,45 36,52 28,45 20,52 12,46 5,46 6,34 14,25", ice)
    pen.circle(34, 5.6, 5, Tone("#dd4450"))


@motif("candy, sweet, sweets, lollipop", (64, 100), 0.1, "table", paints="candy")
def candy(pen: Pen, look: Look) -> None:
    tone = look.tone("#ee6f8e", "#7fb7e8", "#f2a33f")
    pen.box(29, 58, 6, 42, "#efe9e2", 3)
    pen.circle(32, 33, 31, tone)
    pen.arc("M32 33C38 27 46 34 42 42C37 52 20 49 18 34C16 18 34 9 46 16", 5, "#fdf3ee")


@motif("chocolate, chocolate bar", (70, 84), 0.15, "table", paints="wrapper")
def chocolate(pen: Pen, look: Look) -> None:
    brown = Tone("#7a4a35")
    pen.box(8, 2, 54, 60, brown, 4)
    for x in (12, 37):
        for y in (6, 24):
            pen.box(x, y, 21, 14, brown.shade, 2)
            pen.box(x, y, 19, 12, brown.light, 2)
    pen.poly("4,40 14,36 24,41 36,36 48,41 58,36 66,40 66,84 4,84", look.tone("#c8403f", "#5a6fb0"), 2)
    pen.box(16, 56, 38, 12, "#f6d88a", 3)


@motif("sushi, maki", (90, 60), 0.06, "table", paints="fish")
def sushi(pen: Pen, look: Look) -> None:
    pen.box(8, 28, 74, 31, Tone("#faf6ee"), 14)
    pen.blob("2,30 12,12 40,4 70,8 88,24 86,38 70,30 46,26 20,32 8,40", look.tone("#f58a5c"))
    for line in ("24,12 20,28", "42,8 38,24", "60,9 58,25"):
        pen.line(line, 2.6, "#fcd3b8")
    pen.box(38, 8, 15, 51, "#3a4a48", 3)


@motif("cup, coffee, mug, coffee cup, teacup, tea, hot chocolate, cocoa, latte, espresso", (84, 78), 0.1, "table", paints="cup", spots={"inside": (36.0, 26.0, 40.0)})  # fmt: skip
def cup(pen: Pen, look: Look) -> None:
    china = look.tone("#f4f0ea", "#5f9fc8", "#e2705c", "#6fae8a")
    for x in (26, 44):
        pen.curve(f"{x},18 {x - 4},12 {x + 3},8 {x},2", 2.6, "#c9ccd6")
    pen.ring(62, 46, 12, 6, china.shade)
    pen.path("M6 26H64V52C64 66 54 72 35 72C16 72 6 66 6 52Z", china, (8, 28), 0.12)
    pen.ellipse(35, 26, 29, 5.4, china.light)
    pen.ellipse(35, 26.6, 25, 3.8, "#8a5a40")
    pen.ellipse(36, 74, 36, 3.8, china.deep)


@motif("bottle, wine, wine bottle, beer", (40, 108), 0.3, "table", paints="glass")
def bottle(pen: Pen, look: Look) -> None:
    glass = look.tone("#4f8f6f", "#7a3f52", "#5f8fb8")
    pen.path("M14 6H26V32C26 40 36 42 36 56V100C36 105 33 108 28 108H12C7 108 4 105 4 100V56C4 42 14 40 14 32Z", glass, (8, 20), 0.12)  # fmt: skip
    pen.box(12, 1, 16, 9, "#d8b25c", 2.5)
    pen.box(4, 62, 30, 28, "#f6ecd8", 2)
    pen.box(9, 70, 20, 3, "#c2a27a", 1.5)
    pen.box(9, 77, 14, 3, "#c2a27a", 1.5)
    pen.curve("10,58 10,52 15,46", 2.4, glass.light)


@motif("glass, milk, water glass, drink, lemonade", (50, 88), 0.15, "table", paints="drink")
def glass(pen: Pen, look: Look) -> None:
    drink = look.tone("#f7f4ee", "#f6b64c", "#8fcfe8")
    pen.line("30,40 40,3 48,3", 3.4, look.own("#e2605c", "#5f9fd0").base)
    pen.poly("4,18 46,18 41,87 9,87", "#d9e8ef", 4)
    pen.poly("8,30 42,30 38,83 12,83", drink, 4)
    pen.line("12,24 15,72", 2.4, "#ffffff")


@motif("teapot, kettle, coffee pot, jug", (96, 76), 0.25, "table", paints="pot")
def teapot(pen: Pen, look: Look) -> None:
    pot = look.tone("#5f9fb8", "#e2805c", "#8a74b8")
    pen.ring(16, 44, 13, 6, pot.shade)
    pen.blob("70,56 82,44 84,26 95,22 93,34 90,52 78,68", pot.shade)
    pen.blob("46,18 66,24 78,44 70,66 46,72 22,66 14,44 26,24", pot)
    pen.box(30, 70, 32, 5, pot.deep, 2.5)
    pen.box(28, 15, 36, 7, pot.light, 3.5)
    pen.circle(46, 10, 6, pot)
    pen.ellipse(28, 38, 4, 9, pot.light, 24)


@motif("bowl, soup, noodles", (92, 66), 0.12, "table", paints="bowl", spots={"inside": (46.0, 26.0, 60.0)})  # fmt: skip
def bowl(pen: Pen, look: Look) -> None:
    china = look.tone("#d9604f", "#4f8fb8", "#efe8dd")
    for x in (34, 54):
        pen.curve(f"{x},18 {x - 4},12 {x + 3},8 {x},2", 2.6, "#c9ccd6")
    pen.path("M3 28C3 52 22 62 46 62C70 62 89 52 89 28Z", china, (8, 30), 0.1)
    pen.ellipse(46, 28, 43, 8.4, china.light)
    pen.ellipse(46, 29, 38, 6.4, "#f0c983")
    for x, c in ((28, "#e2705c"), (44, "#7fba4c"), (60, "#f8e3a8"), (68, "#7fba4c")):
        pen.ellipse(x, 28.6, 5, 2, c)
    pen.box(30, 61, 32, 5, china.deep, 2)


@motif("plate, dish, dinner, meal, spaghetti, pasta", (100, 52), 0.1, "table", paints="food")
def plate(pen: Pen, look: Look) -> None:
    pen.ellipse(50, 38, 49, 13, Tone("#e9edf1"))
    pen.ellipse(50, 36, 36, 8.4, "#d5dbe2")
    food = look.tone("#f2c766")
    pen.blob("20,34 26,18 50,8 74,18 80,34 50,42", food)
    for d in ("M28 30C34 16 58 16 62 30", "M38 34C44 20 68 20 72 32", "M26 34C36 26 54 26 60 36"):
        pen.arc(d, 2.4, food.deep)
    pen.circle(46, 14, 8, Tone("#b5523f"))
    pen.circle(58, 17, 6.4, Tone("#c45f48"))
    pen.ellipse(52, 9, 4, 2, "#6aae4f", -20)
