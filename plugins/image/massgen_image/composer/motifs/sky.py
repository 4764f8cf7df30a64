"""What is seen in the sky."""

from __future__ import annotations

from massgen_image.composer.motif import Look, motif
from massgen_image.composer.motifs._creature import PINK
from massgen_image.composer.pen import Pen
from massgen_image.composer.tones import Tone


@motif("sun, sunshine", (100, 100), 60, "sky", paints="disc")
def sun(pen: Pen, look: Look) -> None:
    disc = look.tone("#f9c440")
    for i in range(12):
        with pen.at(50, 50, turn=i * 30):
            pen.poly(f"-5.4,-36 0,{-49 if i % 2 == 0 else -45} 5.4,-36", disc.light if i % 2 else disc.base, 2)
    pen.circle(50, 50, 33, disc)


@motif("moon, full moon", (90, 90), 50, "sky", paints="disc")
def moon(pen: Pen, look: Look) -> None:
    disc = look.tone("#f6eecb")
    pen.circle(45, 45, 43, disc)
    for x, y, r in ((30, 30, 8), (54, 52, 10.5), (26, 58, 5.4), (58, 24, 5)):
        pen.circle(x, y, r, disc.shade)
        pen.circle(x + r * 0.12, y + r * 0.14, r * 0.82, Tone(disc.shade).light)


@motif("crescent moon, crescent, half moon", (80, 92), 50, "sky", paints="disc")
def crescent_moon(pen: Pen, look: Look) -> None:
    disc = look.tone("#f8e7a8")
    pen.path("M52 3C24 6 4 24 4 48C4 72 24 90 48 90C62 90 72 84 78 76C50 80 32 66 32 44C32 26 40 12 52 3Z", disc.shade)
    pen.path("M48 6C24 9 6 25 6 47C6 70 24 87 46 87C30 80 22 64 24 46C25.4 28 34 14 48 6Z", disc.base)


@motif("star", (90, 88), 20, "sky", paints="star")
def star(pen: Pen, look: Look) -> None:
    tone = look.tone("#f9cf4f")
    pen.poly("45,2 58,29 88,33 66,54 71,86 45,70 19,86 24,54 2,33 32,29", tone, 6, 0)
    pen.poly("45,4 45,44 68,84 71,85 66,54 87,34 58,30", tone.shade, 3)
    pen.poly("45,4 45,44 4,34 31,30", tone.light, 3)


@motif("shooting star, comet, meteor, falling star", (130, 66), 20, "sky", paints="star")
def comet(pen: Pen, look: Look) -> None:
    tone = look.tone("#f9cf4f", "#9fd8f0")
    pen.path("M2 64C36 44 62 28 92 12L112 38C78 48 40 58 2 64Z", tone.deep)
    pen.path("M22 54C52 40 74 26 96 16L108 34C80 44 50 52 22 54Z", tone.light)
    with pen.at(106, 24, turn=16):
        pen.poly("0,-23 7,-8 23,-6 11,5 14,21 0,13 -14,21 -11,5 -23,-6 -7,-8", tone, 3)


@motif("cloud", (120, 70), 30, "sky", paints="cloud", spots={"seat": (60.0, 26.0, 40.0), "top": (60.0, 24.0, 50.0)})
def cloud(pen: Pen, look: Look) -> None:
    tone = look.tone("#fbfcfe")
    puff(pen, tone)


def puff(pen: Pen, tone: Tone) -> None:
    """A cloud, 120 by 70."""
    pen.path("M24 69C10 69 2 60 2 49C2 38 10 30 22 30C24 14 38 3 54 3C68 3 78 10 84 20C102 16 118 28 118 46C118 60 108 69 96 69Z", tone.shade)  # fmt: skip
    pen.path("M24 60C11 60 3 54 3 46C3 37 11 30 22 30C24 14 38 3 54 3C68 3 78 10 84 20C99 17 112 25 115 38C108 50 98 60 88 60Z", tone.base)  # fmt: skip


@motif("rain cloud, storm cloud, thundercloud", (110, 100), 30, "sky", paints="drops")
def rain(pen: Pen, look: Look) -> None:
    drop = look.tone("#5fa8e0")
    with pen.at(0, 0, 0.9):
        puff(pen, Tone("#c9d3e0"))
    for x, y in ((24, 74), (44, 84), (64, 74), (84, 84)):
        pen.path(f"M{x} {y - 6}C{x + 6} {y + 2} {x + 5} {y + 9} {x} {y + 9}C{x - 5} {y + 9} {x - 6} {y + 2} {x} {y - 6}Z", drop, (x - 3, y), 0.2)  # fmt: skip


@motif("raindrop, drop, water drop, droplet, tear", (60, 84), 0.1, "air", paints="drop")
def raindrop(pen: Pen, look: Look) -> None:
    drop = look.tone("#5fb0e8")
    pen.path("M30 2C44 24 58 38 58 55C58 72 46 82 30 82C14 82 2 72 2 55C2 38 16 24 30 2Z", drop, (16, 34), 0.12)
    pen.curve("14,56 15,66 22,71", 4, drop.light)


@motif("rainbow", (140, 74), 60, "sky")
def rainbow(pen: Pen, look: Look) -> None:
    bands = ("#e8605c", "#f29a4a", "#f8d258", "#6fbf6a", "#5fa8e0", "#8f7fd0")
    for i, band in enumerate(bands):
        r = 66 - i * 7.4
        pen.arc(f"M{70 - r} 70A{r} {r} 0 0 1 {70 + r} 70", 7.6, band)


@motif("lightning, thunderbolt, bolt, thunder, lightning bolt", (60, 100), 30, "sky", paints="bolt")
def lightning(pen: Pen, look: Look) -> None:
    tone = look.tone("#f9cb3f")
    pen.poly("32,2 4,56 26,56 16,98 56,38 34,38 48,2", tone, 3, 0)
    pen.poly("48,2 34,38 56,38 16,98 40,44 26,44", tone.shade, 2)


@motif("snowflake, snow crystal", (90, 90), 0.1, "sky", paints="flake")
def snowflake(pen: Pen, look: Look) -> None:
    tone = look.tone("#8fc7ea")
    for i in range(6):
        with pen.at(45, 45, turn=i * 60):
            pen.line("0,0 0,-41", 5, tone.base)
            pen.line("-10,-34 0,-25 10,-34", 4, tone.base if i % 2 else tone.shade)
            pen.line("-7,-20 0,-13 7,-20", 3.4, tone.light)
    pen.circle(45, 45, 6, tone.light)


@motif("planet, saturn", (130, 90), 40, "sky", paints="planet")
def planet(pen: Pen, look: Look) -> None:
    tone, ring = look.tone("#e8a55c", "#c98fd0", "#7fb8d8"), look.second("#f3dca8", "#d8c9ee")
    with pen.at(65, 45, turn=-16):
        pen.arc("M-60 0A60 15 0 0 1 60 0", 8, ring.shade)
        pen.circle(0, 0, 34, tone)
        pen.path("M-32 -10C-10 -4 12 -4 32 -10L33.4 -2C12 4 -10 4 -33.4 -2Z", tone.shade)
        pen.path("M-28 16C-8 21 10 21 27 16L23 23C8 28 -10 28 -24 23Z", tone.shade)
        pen.arc("M-60 0A60 15 0 0 0 60 0", 8, ring.base)


@motif("earth, globe planet, world", (90, 90), 40, "sky", paints="sea")
def earth(pen: Pen, look: Look) -> None:
    sea, land = look.tone("#5fa8e0"), Tone("#7fbf6a")
    pen.circle(45, 45, 43, sea)
    pen.blob("14,22 30,8 44,12 42,24 50,32 40,42 28,40 22,52 12,40", land.base)
    pen.blob("52,40 66,34 80,44 76,60 64,66 58,80 50,68 54,54", land.shade)
    pen.blob("22,62 34,60 38,72 30,78", land.base)
    pen.blob("62,12 72,16 74,24 64,24", land.base)


@motif("mars, jupiter, venus, mercury, neptune, uranus, pluto", (90, 90), 40, "sky", paints="planet")
def mars(pen: Pen, look: Look) -> None:
    tone = look.tone("#d9734f", "#d8b07a", "#6f9fd0")
    pen.circle(45, 45, 43, tone)
    for x, y, rx, ry in ((30, 28, 13, 6), (58, 40, 16, 5), (34, 60, 18, 6), (62, 66, 9, 4)):
        pen.ellipse(x, y, rx, ry, tone.shade, -12)
    pen.circle(58, 22, 5, tone.deep)


@motif("kite", (80, 110), 1.0, "air", paints="sail")
def kite(pen: Pen, look: Look) -> None:
    tone, other = look.tone("#e2605c", "#4f9fc8", "#8a6fc0"), look.second("#f8cf5c", "#f29a4a")
    pen.curve("40,72 48,84 36,94 44,108", 1.8, "#8a7a78")
    for x, y in ((45, 82), (39, 95)):
        pen.poly(f"{x - 8},{y - 4} {x},{y} {x - 8},{y + 4}", other.base, 1)
        pen.poly(f"{x + 8},{y - 4} {x},{y} {x + 8},{y + 4}", other.shade, 1)
    pen.poly("40,2 76,32 40,74 4,32", tone.base, 2)
    pen.poly("40,2 76,32 40,32", other.base, 1)
    pen.poly("40,32 76,32 40,74", tone.shade, 1)
    pen.poly("40,32 4,32 40,74", other.light, 1)


@motif("balloon, party balloon", (60, 110), 1.0, "air", paints="balloon", spots={"foot": (30.0, 108.0, 4.0)})
def balloon(pen: Pen, look: Look) -> None:
    tone = look.tone("#e8574f", "#5f9fe0", "#f2b53f", "#6fb86a", "#b07fd8")
    pen.curve("30,72 26,84 34,94 30,109", 1.5, "#8a8794")
    pen.blob("30,2 48,8 57,26 52,46 40,62 30,68 20,62 8,46 3,26 12,8", tone)
    pen.poly("30,66 36,75 24,75", tone.deep, 2)
    pen.ellipse(17, 24, 4, 9, tone.light, 22)


@motif("firework, fireworks", (110, 110), 30, "sky", paints="sparks")
def firework(pen: Pen, look: Look) -> None:
    a, b, c = look.tone("#f2605c", "#f8c84c"), look.second("#f8d35c", "#6fc7e8"), look.own("#8fd0f0", "#f59ac0")
    for i in range(16):
        with pen.at(55, 55, turn=i * 22.5):
            tone = (a, b, c)[i % 3]
            pen.line("0,-14 0,-30", 3, tone.base)
            pen.circle(0, -40 if i % 2 else -48, 3.6 if i % 2 else 4.4, tone.light if i % 2 else tone.base)
    pen.circle(55, 55, 5, b.light)


@motif("heart", (90, 82), 0.5, "air", paints="heart")
def heart(pen: Pen, look: Look) -> None:
    tone = look.tone("#e5484f", "#f07fa0")
    pen.path("M45 80C14 58 2 42 2 26C2 12 12 3 24 3C33 3 41 8 45 16C49 8 57 3 66 3C78 3 88 12 88 26C88 42 76 58 45 80Z", tone, (16, 10), 0.11)  # fmt: skip
    pen.ellipse(20, 22, 6, 9, tone.light, 34)


@motif("bubble, bubbles, soap bubble", (80, 80), 0.3, "air", paints="rim")
def bubble(pen: Pen, look: Look) -> None:
    tone = look.tone("#a8dcf0")
    pen.circle(40, 40, 38, tone.base + "88")
    pen.ring(40, 40, 36, 3, tone.base)
    pen.curve("16,36 20,22 32,15", 5, "#ffffff")
    pen.circle(56, 58, 3.4, PINK)
