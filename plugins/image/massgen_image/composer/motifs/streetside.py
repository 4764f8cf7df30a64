"""What stands in a street or in a park."""

from __future__ import annotations

from massgen_image.composer.motif import Look, motif
from massgen_image.composer.motifs._walls import LIT
from massgen_image.composer.pen import Pen
from massgen_image.composer.tones import INK, Tone


@motif("street lamp, streetlight, street light, lamppost, lamp post, streetlamp", (44, 130), 5, "ground", paints="post")
def street_lamp(pen: Pen, look: Look) -> None:
    post = look.tone("#4a5068")
    if look.night:
        pen.circle(22, 22, 21, "#fff1b044")
    pen.box(19, 34, 6, 90, post, 2)
    pen.box(13, 118, 18, 11, post, 2)
    pen.box(14, 46, 16, 4, post.base, 2)
    pen.poly("12,14 32,14 28,34 16,34", LIT if look.night else "#f6e8b0", 1.5)
    pen.poly("22,3 34,15 10,15", post, 2)
    pen.box(15, 33, 14, 4, post.shade, 1.5)


@motif(
    "bench, park bench",
    (110, 58),
    0.9,
    "ground",
    paints="wood",
    spots={"top": (55.0, 30.0, 90.0), "seat": (55.0, 32.0, 70.0)},
)
def bench(pen: Pen, look: Look) -> None:
    wood = look.tone("#b57f4e", "#8a6a4a")
    for x in (16, 88):
        pen.line(f"{x},8 {x},56", 4.4, "#4a5068")
        pen.line(f"{x},40 {x + 7},56", 4.4, "#4a5068")
    for y in (4, 14):
        pen.box(4, y, 102, 7.6, wood, 2.5)
    pen.box(2, 30, 106, 7, wood, 2.5)
    pen.box(4, 36, 102, 5, wood.deep, 2)


@motif("traffic light, stoplight, traffic lights", (40, 120), 4, "ground", paints="box")
def traffic_light(pen: Pen, look: Look) -> None:
    box = look.tone("#4a4a5e")
    pen.box(17, 66, 6, 52, "#6b6a7c", 2)
    pen.box(10, 113, 20, 6, "#6b6a7c", 2)
    pen.box(6, 2, 28, 68, box, 7)
    for y, c in ((15, "#ef5a52"), (36, "#f7c744"), (57, "#63c06f")):
        pen.circle(20, y, 9, Tone(c))
        pen.circle(17, y - 3, 2, "#ffffff66")


@motif("mailbox, postbox, letterbox, letter box, post box", (56, 100), 1.3, "ground", paints="box")
def mailbox(pen: Pen, look: Look) -> None:
    paint = look.tone("#4f7fc0", "#d8504a", "#e8b04a")
    pen.pillar(23, 54, 10, 46, Tone("#8a6044"), 2)
    pen.path("M4 58V24C4 12 12 4 22 4H40C48 4 53 12 53 24V58Z", paint.shade)
    pen.path("M4 58V24C4 12 12 4 22 4C32 4 38 12 38 24V58Z", paint.base)
    pen.box(12, 24, 18, 4.4, paint.deep, 2)
    pen.box(46, 14, 4, 22, "#f2c14e", 1)
    pen.box(42, 12, 12, 9, "#f2c14e", 1)


@motif("sign, signpost, road sign, signboard", (90, 96), 2.2, "ground", paints="board")
def sign(pen: Pen, look: Look) -> None:
    wood = look.tone("#c0895a", "#5f8fb0")
    pen.pillar(40, 4, 9, 92, Tone("#8a6044"), 2)
    pen.poly("8,12 72,12 86,25 72,38 8,38", wood, 3)
    pen.poly("82,46 20,46 6,58 20,70 82,70", wood, 3)
    for x, y, w in ((18, 23, 40), (28, 56, 42)):
        pen.box(x, y, w, 4, wood.deep, 2)


@motif("swing, playground", (100, 92), 2.2, "ground", paints="frame", spots={"seat": (50.0, 62.0, 30.0)})
def swing(pen: Pen, look: Look) -> None:
    paint = look.tone("#e2705c", "#4f9fc8", "#6fae6a")
    for x, flip in ((6, False), (94, True)):
        with pen.at(x, 0, flip=flip):
            pen.line("12,8 0,88", 5, paint.base)
            pen.line("12,8 22,88", 5, paint.shade)
    pen.line("16,8 84,8", 6, paint.base)
    for x in (40, 60):
        pen.line(f"{x},10 {x},64", 1.8, "#8a8794")
    pen.box(34, 62, 32, 6, Tone("#a8734a"), 2)
    pen.circle(50, 8, 1, INK)
