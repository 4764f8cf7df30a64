"""Sport and games."""

from __future__ import annotations

from massgen_image.composer.motif import Look, motif
from massgen_image.composer.pen import Pen
from massgen_image.composer.tones import INK, PAPER, Tone


@motif("ball, soccer ball, football, soccer", (80, 80), 0.22, "ground", paints="patches")
def ball(pen: Pen, look: Look) -> None:
    patch = look.tone("#3a3848", "#3a3848")
    pen.circle(40, 40, 38, Tone("#fbf9f5"))
    pen.poly("40,26 53,35.6 48,51 32,51 27,35.6", patch.base, 2)
    for i in range(5):
        with pen.at(40, 40, turn=i * 72):
            pen.line("0,-14 0,-26", 2.6, patch.base)
            pen.path("M-10 -36.4C-4 -38.4 4 -38.4 10 -36.4L7 -27L0 -23.6L-7 -27Z", patch.base)


@motif("beach ball, bouncy ball, toy ball", (80, 80), 0.4, "ground", paints="stripes")
def beach_ball(pen: Pen, look: Look) -> None:
    a, b = look.tone("#e8574f", "#4f9fe0"), look.second("#f8cf4c", "#6fc09a")
    pen.circle(40, 40, 38, PAPER)
    pen.path("M40 2C18 4 2 20 2 40C8 30 24 20 40 22Z", a.base)
    pen.path("M40 22C36 40 40 62 48 77C30 81 12 70 5 54C10 40 24 28 40 22Z", b.base)
    pen.path("M40 22C58 26 72 44 75 55C68 68 60 75 48 77C40 62 36 40 40 22Z", a.shade)
    pen.path("M40 2C62 2 78 20 78 40C77 46 77 50 75 55C72 44 58 26 40 22Z", b.shade)
    pen.circle(40, 22, 6, PAPER)


@motif("basketball", (80, 80), 0.24, "ground", paints="leather")
def basketball(pen: Pen, look: Look) -> None:
    leather = look.tone("#ec8a3c")
    pen.circle(40, 40, 38, leather)
    for d in ("M2 40H78", "M40 2V78", "M13 13C29 26 29 54 13 67", "M67 13C51 26 51 54 67 67"):
        pen.arc(d, 2.6, "#5a3a34")


@motif("baseball, tennis ball, golf ball", (70, 70), 0.08, "ground", paints="ball")
def baseball(pen: Pen, look: Look) -> None:
    tone = look.tone("#f8f5ee", "#cfe05a")
    pen.circle(35, 35, 33, tone)
    seam = "#d8504a" if tone.base == "#f8f5ee" else "#fbfdf0"
    pen.arc("M14 10C26 22 26 48 14 60", 2.4, seam)
    pen.arc("M56 10C44 22 44 48 56 60", 2.4, seam)


@motif("american football, rugby ball", (96, 62), 0.28, "ground", paints="leather")
def american_football(pen: Pen, look: Look) -> None:
    leather = look.tone("#a8603a")
    pen.path("M2 31C16 8 32 2 48 2C64 2 80 8 94 31C80 54 64 60 48 60C32 60 16 54 2 31Z", leather, (30, 10), 0.1)
    pen.curve("16,14 21,31 16,48", 4, PAPER)
    pen.curve("80,14 75,31 80,48", 4, PAPER)
    pen.line("34,26 62,26", 2.6, PAPER)
    for x in (38, 45, 52, 59):
        pen.line(f"{x},22 {x},30", 2.4, PAPER)


@motif("tennis racket, racket, racquet", (60, 112), 0.7, "table", paints="frame")
def racket(pen: Pen, look: Look) -> None:
    frame = look.tone("#e2605c", "#4f8fd0", "#58a88a")
    for x in (18, 26, 34, 42):
        pen.line(f"{x},8 {x},62", 1, "#cfd6df")
    for y in (16, 26, 36, 46, 56):
        pen.line(f"8,{y} 52,{y}", 1, "#cfd6df")
    pen.parts.append(f'<ellipse cx="30" cy="35" rx="25" ry="31" fill="none" stroke="{frame.base}" stroke-width="5.4"/>')
    pen.curve("20,62 27,72 30,80", 5, frame.shade)
    pen.curve("40,62 33,72 30,80", 5, frame.shade)
    pen.box(25, 78, 10, 32, Tone("#4a4a5e"), 4)


@motif("surfboard, surf board", (44, 120), 2.0, "ground", paints="board")
def surfboard(pen: Pen, look: Look) -> None:
    board, stripe = look.tone("#4fb3c8", "#f29a5c", "#f6e3a8"), look.second("#fbf6ea", "#e2605c")
    pen.path("M22 2C38 22 42 60 38 92C36 106 30 116 22 118C14 116 8 106 6 92C2 60 6 22 22 2Z", board, (10, 30), 0.12)
    pen.path("M19 8C20 6 21 4 22 2C23 4 24 6 25 8V117C23 118 21 118 19 117Z", stripe.base)
    pen.curve("8,74 22,68 36,74", 4, stripe.base)


@motif("sled, sledge, sleigh, toboggan", (110, 44), 0.6, "ground", paints="seat", spots={"seat": (48.0, 6.0, 40.0), "top": (48.0, 6.0, 50.0)})  # fmt: skip
def sled(pen: Pen, look: Look) -> None:
    with pen.at(0, -16):
        wood = look.tone("#c8504d", "#b57f4e")
        pen.arc("M6 54H84C102 54 108 38 100 24C96 18 88 20 88 27", 5, "#8a5f45")
        for x in (24, 48, 72):
            pen.line(f"{x},28 {x},52", 4, "#a0764f")
        for y in (18, 25):
            pen.box(8, y, 82, 6, wood, 2)


@motif("dumbbell, weights, barbell", (104, 50), 0.2, "ground", paints="plates")
def dumbbell(pen: Pen, look: Look) -> None:
    plate = look.tone("#4a5a7a", "#e2605c")
    pen.box(30, 20, 44, 9, "#b8bfce", 3)
    for x in (14, 74):
        pen.box(x, 3, 15, 44, plate, 5, 0.16)
    for x in (3, 90):
        pen.box(x, 10, 11, 30, plate.deep, 4)


@motif("goal, soccer goal, net, football goal", (130, 76), 2.4, "ground", paints="posts")
def goal(pen: Pen, look: Look) -> None:
    post = look.tone("#fbfaf7")
    for i in range(11):
        pen.line(f"{8 + i * 11.4:.1f},6 {8 + i * 11.4:.1f},74", 1, "#c9d0da")
    for i in range(6):
        pen.line(f"6,{16 + i * 11} 124,{16 + i * 11}", 1, "#c9d0da")
    pen.arc("M5 74V5H125V74", 6, post.shade)
    pen.arc("M4 74V4H124V74", 4, post.base)


@motif("chess, chess piece", (56, 96), 0.08, "table", paints="piece")
def chess(pen: Pen, look: Look) -> None:
    tone = look.tone("#4a4258", "#f3e6cf")
    pen.path("M18 78C22 64 22 52 18 42H38C34 52 34 64 38 78Z", tone, (18, 44), 0.14)
    pen.circle(28, 22, 17, tone)
    pen.box(12, 36, 32, 8, tone, 4)
    pen.box(10, 72, 36, 9, tone.deep, 4)
    pen.box(3, 80, 50, 15, tone, 6)


@motif("dice, die, board game", (80, 80), 0.05, "table", paints="die")
def dice(pen: Pen, look: Look) -> None:
    tone = look.tone("#fbf8f2", "#e2504c")
    pen.box(4, 4, 72, 72, tone, 14, 0.1)
    dot = INK if tone.base == "#fbf8f2" else PAPER
    for x, y in ((22, 22), (54, 22), (38, 38), (22, 54), (54, 54)):
        pen.circle(x, y, 6.4, dot)


@motif(
    "game controller, gamepad, joystick, video game, controller",
    (104, 68),
    0.15,
    "table",
    paints="case",
)
def gamepad(pen: Pen, look: Look) -> None:
    case = look.tone("#5f6fb8", "#4a5068", "#e2705c")
    pen.path(
        "M30 8H74C92 8 100 26 102 48C103 62 92 70 84 60L74 48H30L20 60C12 70 1 62 2 48C4 26 12 8 30 8Z",
        case,
        (20, 14),
        0.07,
    )
    pen.box(24, 19, 6.4, 19, "#f6f2ea", 2)
    pen.box(17.6, 25.4, 19, 6.4, "#f6f2ea", 2)
    for x, y, c in ((76, 20, "#f7c744"), (68, 28, "#5fc08a"), (84, 28, "#ef6d62"), (76, 36, "#6fb8f0")):
        pen.circle(x, y, 4.4, c)
    pen.box(44, 24, 6, 4, case.deep, 2)
    pen.box(54, 24, 6, 4, case.deep, 2)
