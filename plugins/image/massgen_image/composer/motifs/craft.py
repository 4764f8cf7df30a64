"""Ships, aeroplanes and rockets."""

from __future__ import annotations

from massgen_image.composer.motif import Look, motif
from massgen_image.composer.motifs._walls import GLASS
from massgen_image.composer.pen import Pen
from massgen_image.composer.tones import INK, Tone

PAINTS = ("#e2605c", "#4f8fd0", "#f2b53f", "#4fa78a")


@motif("boat, rowboat, rowing boat, dinghy, canoe, kayak, lifeboat", (110, 44), 1.0, "water", paints="hull", spots={"inside": (54.0, 16.0, 60.0), "seat": (54.0, 14.0, 60.0)})  # fmt: skip
def boat(pen: Pen, look: Look) -> None:
    hull = look.tone("#b8743f", "#d9604f", "#4f8fb8")
    pen.path("M3 12C30 20 80 20 107 12C104 30 92 43 76 43H34C18 43 6 30 3 12Z", hull, (14, 14), 0.1)
    pen.path("M3 12C30 20 80 20 107 12L105.6 20C80 27 30 27 4.4 20Z", hull.light)
    pen.line("78,8 46,38", 3, "#8a6044")
    pen.ellipse(44, 38.5, 6.4, 3, "#a0744f", -44)


@motif(
    "sailboat, sailing boat, yacht, sail boat",
    (100, 110),
    8,
    "water",
    paints="sails",
    spots={"inside": (60.0, 86.0, 40.0)},
)
def sailboat(pen: Pen, look: Look) -> None:
    sail = look.tone("#fbf6ec", "#f2a33f", "#e2705c")
    hull = look.second("#4f7fb0", "#c8604f", "#8a5f45")
    pen.line("50,4 50,90", 3, "#8a6044")
    pen.path("M54 6C78 26 90 54 92 78H54Z", sail.base)
    pen.path("M70 22C82 40 90 58 92 78H74C78 58 76 38 70 22Z", sail.shade)
    pen.path("M46 18C30 36 18 58 14 78H46Z", sail.shade)
    pen.poly("50,3 50,13 34,8", look.own("#e2605c", "#f2b93f", "#5f9fd0"), 0.6)
    pen.path("M4 84H97C94 98 86 108 74 109H28C16 108 8 98 4 84Z", hull, (10, 86), 0.1)
    pen.path("M4 84H97L95.6 90H6Z", "#fbf3e6")


@motif("ship, cruise ship, ferry, steamship, cargo ship, liner", (150, 86), 20, "water", paints="hull", spots={"top": (60.0, 42.0, 60.0)})  # fmt: skip
def ship(pen: Pen, look: Look) -> None:
    hull, funnel = look.tone("#3f6f9f", "#b8504a", "#4a5068"), look.own("#e2705c", "#f2b53f")
    for x in (58, 82):
        pen.poly(f"{x},10 {x + 14},10 {x + 15},34 {x - 1},34", funnel, 1)
        pen.box(x - 0.4, 14, 14.6, 5, "#fbf3e6")
    pen.box(40, 30, 76, 14, Tone("#f5f2ec"), 3)
    pen.box(28, 42, 96, 16, Tone("#f5f2ec"), 3)
    for x in range(36, 116, 11):
        pen.circle(x, 50, 2.8, "#5f8fb8" if not look.night else "#ffe08a")
    for x in range(48, 110, 11):
        pen.box(x, 34, 6, 5, GLASS if not look.night else "#ffe08a", 1)
    pen.path("M3 56H147C144 72 136 84 126 85H28C14 84 6 72 3 56Z", hull, (12, 58), 0.08)
    pen.path(
        "M11.4 76H139.6C136 81.6 131 85 126 85H28C20 84.6 15 81 11.4 76Z", "#c8503f" if not look.avoid else hull.deep
    )
    pen.line("134,56 134,40", 2, "#8a8d9c")


@motif("pirate ship, galleon, sailing ship", (140, 116), 20, "water", paints="sails")
def pirate_ship(pen: Pen, look: Look) -> None:
    sail, hull = look.tone("#f5ead4", "#4a4558"), Tone("#8a5a3c")
    for x in (44, 84):
        pen.line(f"{x},6 {x},84", 3.4, "#6b4a38")
    for x, top in ((44, 14), (84, 22)):
        pen.path(f"M{x - 24} {top}H{x + 22}C{x + 30} {top + 12} {x + 30} {top + 20} {x + 24} {top + 30}C{x + 8} {top + 24} {x - 8} {top + 24} {x - 26} {top + 30}C{x - 18} {top + 20} {x - 18} {top + 12} {x - 24} {top}Z", sail, (x - 20, top), 0.12)  # fmt: skip
        pen.path(f"M{x - 27} {top + 32}C{x - 8} {top + 26} {x + 8} {top + 26} {x + 25} {top + 32}C{x + 32} {top + 40} {x + 30} {top + 48} {x + 26} {top + 54}H{x - 28}C{x - 20} {top + 46} {x - 20} {top + 40} {x - 27} {top + 32}Z", sail, (x - 20, top + 34), 0.12)  # fmt: skip
    pen.poly("45,2 45,12 64,4 60,9", INK, 0.6)
    pen.line("118,80 138,58", 3.4, "#6b4a38")
    pen.path("M4 70H20L24 84H120L130 76C128 100 118 114 104 115H30C12 112 4 94 4 70Z", hull, (10, 72), 0.08)
    pen.line("8,92 122,92", 2, hull.deep)
    for x in (40, 62, 84):
        pen.circle(x, 102, 4, hull.deep)
    pen.box(8, 76, 8, 8, "#f2c14e", 1)


@motif("submarine, sub", (124, 76), 6, "deep", paints="hull")
def submarine(pen: Pen, look: Look) -> None:
    hull = look.tone("#f2b93f", "#4f9fb0", "#e2705c")
    pen.arc("M66 26V10C66 6 68 5 74 5H80", 4.4, hull.deep)
    pen.circle(81, 5, 3.4, "#bfe3f2")
    pen.path("M48 30C48 20 52 18 58 18H72C80 18 84 22 86 32Z", hull.shade)
    pen.poly("4,34 14,40 14,62 4,68", hull.deep, 3)
    pen.blob("8,51 20,38 44,29 78,29 106,36 120,51 106,66 78,74 44,74 20,64", hull)
    for x in (52, 74, 95):
        pen.circle(x, 49, 8.4, "#8a6a3a" if not look.colours else hull.deep)
        pen.circle(x, 49, 6, "#bfe3f2")
        pen.curve(f"{x - 3},48 {x - 2},45.6 {x},45", 1.6, "#ffffff")
    for x in (22, 30, 38):
        pen.circle(x, 51, 1.8, hull.deep)


@motif("airplane, plane, aeroplane, jet, airliner, aircraft", (140, 76), 10, "air", paints="body")
def airplane(pen: Pen, look: Look) -> None:
    body, trim = look.tone("#f3f2f0", "#8fb8d8"), look.second("#4f8fd0", "#e2705c", "#f2b53f")
    pen.poly("60,34 82,4 94,4 86,34", trim.deep, 3)
    pen.poly("8,6 22,6 36,34 12,34", trim, 3)
    pen.path(
        "M6 32C20 26 60 26 100 28C122 29 137 38 137 45C137 52 122 55 100 55H50C28 55 10 44 6 32Z", body, (14, 32), 0.09
    )
    pen.path("M116 32C124 34 131 38 134 42H116C112 42 112 32 116 32Z", "#4a6f96")
    for x in range(40, 110, 11):
        pen.box(x, 36, 6, 6.4, "#6fa8cc", 3)
    pen.path("M10 40C40 50 90 51 136.6 48C133 53 120 55 100 55H50C32 55 18 49 10 40Z", trim.base)
    pen.poly("52,46 88,46 62,75 44,75", trim.shade, 3)
    pen.box(62, 56, 22, 9, "#c3c7d2", 4.5)
    pen.poly("4,36 24,38 14,46 2,44", trim.shade, 2)


@motif("helicopter, chopper", (130, 76), 3.5, "air", paints="body")
def helicopter(pen: Pen, look: Look) -> None:
    body = look.tone(*PAINTS)
    pen.box(20, 4, 108, 4, "#6b6a7c", 2)
    pen.box(70, 5, 7, 12, "#4a4858", 2)
    pen.path("M4 22C4 18 12 18 14 24L20 34L56 32V46L14 38C8 36 4 30 4 22Z", body.shade)
    pen.circle(10, 26, 8, "#d3d6de")
    pen.line("4,20 16,32", 2.4, "#6b6a7c")
    pen.blob("48,32 60,19 82,15 104,22 118,40 112,54 90,60 64,58 50,48", body)
    pen.path("M88 18C106 21 116 34 117.6 43H92C88 43 86 40 86 36Z", GLASS)
    pen.path("M90 40L100 24C96 20 92 18.6 88 18.4L86 36C86 38 88 40 90 40Z", "#d3ecf5")
    pen.box(62, 26, 17, 15, GLASS, 3)
    for x in (70, 96):
        pen.line(f"{x},58 {x - 2},70", 2.6, "#6b6a7c")
    pen.curve("54,70 80,71 108,71 114,66", 3.4, "#6b6a7c")


@motif("rocket, spaceship, spacecraft, space shuttle, shuttle, starship", (72, 128), 10, "air", paints="fins")
def rocket(pen: Pen, look: Look) -> None:
    trim, body = look.tone("#e2574f", "#f2a33f", "#4f8fd0"), look.second("#f4f2ef", "#dfe6ee")
    pen.path("M24 100C20 112 30 116 36 127C42 116 52 112 48 100Z", "#f29a3c")
    pen.path("M29 100C27 108 33 110 36 118C39 110 45 108 43 100Z", "#fbe08a")
    pen.path("M18 62C6 70 2 84 4 102C10 96 16 94 24 94Z", trim.base)
    pen.path("M54 62C66 70 70 84 68 102C62 96 56 94 48 94Z", trim.deep)
    pen.path("M36 2C54 18 60 42 56 72L50 98H22L16 72C12 42 18 18 36 2Z", body, (24, 18), 0.13)
    pen.path("M36 2C45 10 51 20 54 31H18C21 20 27 10 36 2Z", trim, (28, 10), 0.13)
    pen.circle(36, 50, 12, trim.shade)
    pen.circle(36, 50, 8.6, "#8fd0ea")
    pen.curve("31,49 32,45.6 36,44.4", 2, "#e3f4fb")
    pen.box(20, 92, 32, 7, trim.deep, 2)
    pen.path("M33 72H39V104C39 108 33 108 33 104Z", trim.shade)


@motif("ufo, flying saucer, saucer", (120, 66), 3, "air", paints="hull", spots={"under": (60.0, 64.0, 60.0)})
def ufo(pen: Pen, look: Look) -> None:
    hull = look.tone("#8f96b8", "#9f8fd0", "#7fb8b0")
    pen.path("M34 32C34 12 46 3 60 3C74 3 86 12 86 32Z", "#bfe6f0")
    pen.path("M40 28C40 16 48 8 57 7.4C50 12 47 20 47 30Z", "#e3f5f9")
    pen.circle(62, 24, 8.4, Tone("#8fcf6a"))
    pen.ellipse(59, 22.6, 2, 2.8, INK, 14)
    pen.ellipse(66, 22.6, 2, 2.8, INK, -14)
    pen.ellipse(60, 40, 58, 17, hull)
    pen.ellipse(60, 34, 34, 7.4, hull.light)
    for x, y in ((16, 42), (36, 49), (60, 52), (84, 49), (104, 42)):
        pen.circle(x, y, 4, "#fbe08a")
    pen.ellipse(60, 58, 24, 6, hull.deep)


@motif("hot air balloon, hot-air balloon, air balloon", (90, 120), 12, "air", paints="balloon", spots={"inside": (45.0, 102.0, 16.0)})  # fmt: skip
def hot_air_balloon(pen: Pen, look: Look) -> None:
    tone, stripe = look.tone("#e2605c", "#4f9fc8", "#8a6fc0"), look.second("#f8cf5c", "#fbf3e6")
    pen.line("30,78 38,100", 1.6, "#7a5a48")
    pen.line("60,78 52,100", 1.6, "#7a5a48")
    pen.path("M45 2C72 2 88 20 88 42C88 62 66 76 58 84H32C24 76 2 62 2 42C2 20 18 2 45 2Z", tone, (16, 16), 0.1)
    pen.path("M45 2C28 10 22 26 22 42C22 60 32 74 37 84H32C24 76 2 62 2 42C2 20 18 2 45 2Z", tone.light)
    pen.path("M45 2C56 10 60 26 60 42C60 60 54 74 51 84H39C36 74 30 60 30 42C30 26 34 10 45 2Z", stripe.base)
    pen.path("M45 2C72 2 88 20 88 42C88 62 66 76 58 84H54C62 74 72 60 72 42C72 26 62 10 45 2Z", tone.shade)
    pen.box(33, 99, 24, 20, Tone("#b57f4a"), 4)
    pen.line("33,107 57,107", 1.8, "#8a5a35")


@motif("satellite, space station, probe", (120, 70), 4, "sky", paints="panels")
def satellite(pen: Pen, look: Look) -> None:
    panel = look.tone("#4f7fc0", "#3f9aa8")
    pen.line("30,36 90,36", 4, "#a9aebc")
    for x in (2, 82):
        pen.box(x, 20, 36, 32, panel, 2)
        for dx in (12, 24):
            pen.line(f"{x + dx},20 {x + dx},52", 1.2, panel.light)
        pen.line(f"{x},36 {x + 36},36", 1.2, panel.light)
    pen.box(46, 20, 28, 34, Tone("#e8dfc8"), 4)
    pen.box(51, 26, 18, 8, "#f2bd45", 2)
    pen.path("M46 12C50 2 70 2 74 12C66 18 54 18 46 12Z", Tone("#d3d6de"), (50, 6), 0.14)
    pen.line("60,18 60,5", 2, "#8a8d9c")
    pen.circle(60, 4.4, 2.4, "#e2605c")
    pen.line("60,54 60,66", 3, "#a9aebc")


@motif("parachute, paraglider, skydiver", (96, 110), 5, "air", paints="canopy", spots={"inside": (48.0, 96.0, 20.0)})
def parachute(pen: Pen, look: Look) -> None:
    tone, stripe = look.tone("#e2605c", "#4f9fc8", "#f2a33f"), look.second("#fbf3e6")
    for x in (4, 33, 63, 92):
        pen.line(f"{x},44 48,94", 1.4, "#8a7a78")
    pen.path("M2 46C2 18 22 3 48 3C74 3 94 18 94 46C88 38 78 38 72 46C66 38 56 38 48 46C40 38 30 38 24 46C18 38 8 38 2 46Z", tone, (18, 12), 0.08)  # fmt: skip
    pen.path("M48 3C58 12 70 26 72 46C66 38 56 38 48 46C40 38 30 38 24 46C26 26 38 12 48 3Z", stripe.base)
    pen.path("M48 3C58 12 70 26 72 46C66 38 56 38 48 46Z", stripe.shade)
    pen.circle(48, 84, 6, "#f3c9a5")
    pen.box(41, 89, 14, 13, "#3f5f93", 4)
    pen.box(42, 100, 5, 9, "#2f3d63", 2)
    pen.box(49, 100, 5, 9, "#2f3d63", 2)
