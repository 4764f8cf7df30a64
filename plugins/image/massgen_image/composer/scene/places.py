"""Backdrops outdoors: meadows, forests, mountains, deserts, shores."""

from __future__ import annotations

from massgen_image.composer.motif import Look
from massgen_image.composer.pen import num
from massgen_image.composer.scene.stage import Stage
from massgen_image.composer.tones import Tone, mix, moved


def tufts(stage: Stage, count: int, top: float) -> None:
    """Tufts of grass, as one path."""
    parts: list[str] = []
    for _ in range(count):
        x, y = stage.dice.uniform(0, stage.width), stage.dice.uniform(top, stage.height - 8)
        parts.append(f"M{num(x - 7)} {num(y - 9)}l4 9M{num(x)} {num(y - 13)}v13M{num(x + 7)} {num(y - 9)}l-4 9")
    stage.pen.arc("".join(parts), 3, stage.mood.detail)


def blossoms(stage: Stage, count: int, top: float, shades: tuple[str, ...] = ("#f7c9d4", "#fbe7a0", "#ffffff")) -> None:
    """Small flowers in the grass."""
    for i in range(count):
        x, y = stage.dice.uniform(0, stage.width), stage.dice.uniform(top, stage.height - 12)
        stage.pen.circle(x, y, stage.dice.choice((3.4, 4.4)), stage.mood.through(shades[i % len(shades)]))


def hills(stage: Stage) -> None:
    """Two chains of hills, the further one paler."""
    stage.land(stage.horizon - 34, 34, stage.mood.far, 3)
    stage.land(stage.horizon - 2, 18, stage.mood.mid, 2)


def ground(stage: Stage) -> None:
    """The land in front, in two tones."""
    stage.land(stage.horizon + 26, 10, stage.mood.near, 2)
    stage.land(stage.horizon + (stage.height - stage.horizon) * 0.52, 20, stage.mood.ground, 2)


def meadow(stage: Stage) -> None:
    """Hills and grass."""
    hills(stage)
    _distant_trees(stage, 5)
    ground(stage)
    tufts(stage, int(stage.width / 60), stage.horizon + 50)
    blossoms(stage, int(stage.width / 70), stage.horizon + 60)


def _distant_trees(stage: Stage, count: int) -> None:
    dark = mix(stage.mood.mid, stage.mood.detail, 0.55)
    for x in stage.spread(count):
        size, y = stage.dice.uniform(20, 34), stage.horizon + stage.dice.uniform(4, 16)
        stage.pen.box(x - 3, y - 6, 6, 22, stage.mood.through("#8a6a55"))
        stage.pen.ellipse(x, y - size * 0.9, size * 0.8, size, dark)
        stage.pen.ellipse(x - size * 0.2, y - size * 1.1, size * 0.5, size * 0.6, mix(dark, stage.mood.far, 0.25))


def _conifers(stage: Stage, y: float, height: float, count: int, colour: str) -> None:
    parts: list[str] = []
    for x in stage.spread(count):
        h = height * stage.dice.uniform(0.7, 1.15)
        w = h * 0.3
        parts.append(
            f"M{num(x)} {num(y - h)}L{num(x + w * 0.62)} {num(y - h * 0.55)}h{num(-w * 0.26)}L{num(x + w)} {num(y)}"
            f"H{num(x - w)}L{num(x - w * 0.36)} {num(y - h * 0.55)}H{num(x - w * 0.62)}Z"
        )
    stage.pen.path("".join(parts), colour)


def forest(stage: Stage) -> None:
    """Rows of conifers, darker towards us, and grass."""
    mood, many = stage.mood, max(5, int(stage.width / 70))
    dark = moved(mood.detail, -0.04)
    stage.land(stage.horizon - 30, 24, mood.far)
    _conifers(stage, stage.horizon + 14, 230, many + 3, mix(mood.far, dark, 0.28))
    _conifers(stage, stage.horizon + 24, 190, many, mix(mood.far, dark, 0.55))
    ground(stage)
    for x in (stage.dice.uniform(-20, 60), stage.width - stage.dice.uniform(-20, 60)):
        stage.stamp(
            "pine",
            x,
            stage.horizon + stage.dice.uniform(70, 120),
            stage.dice.uniform(430, 520),
            Look(seed=stage.dice.randrange(99), colours=_pale(stage)),
        )
    tufts(stage, int(stage.width / 50), stage.horizon + 50)


def _pale(stage: Stage) -> tuple[str, ...]:
    return ("#dce9f0",) if stage.mood.ground.startswith(("#f", "#e")) else ()


def jungle(stage: Stage) -> None:
    """Round crowns, palms and big leaves."""
    mood = stage.mood
    for shift, share in ((120, 0.2), (50, 0.5)):
        for x in stage.spread(max(5, int(stage.width / 130))):
            r = stage.dice.uniform(90, 150)
            stage.pen.ellipse(x, stage.horizon - shift, r, r * 0.9, mix(mood.far, mood.detail, share))
        stage.pen.box(0, stage.horizon - shift, stage.width, shift + 40, mix(mood.far, mood.detail, share))
    ground(stage)
    for x, flip in ((40, False), (stage.width - 40, True)):
        stage.stamp("palm", x, stage.horizon + 110, 560, Look(seed=1), flip=flip)
    for x in stage.spread(5):
        stage.stamp("grass", x, stage.height + 10, stage.dice.uniform(50, 90), Look(seed=stage.dice.randrange(9)))


def peaks(stage: Stage) -> None:
    """Two chains of snowy peaks."""
    mood, pen = stage.mood, stage.pen
    rock = Tone(mix(mood.far, "#7d8bad", 0.35))
    many = max(2, round(stage.width / 420))
    for row, lift in ((0, 330), (1, 230)):
        fill = mix(rock.base, mood.low, 0.35 - row * 0.35)
        for x in stage.spread(many + 1 - row):
            h = lift * stage.dice.uniform(0.75, 1.1)
            with pen.at(x, stage.horizon + 20 - h, h / 100):
                pen.poly("0,0 95,118 -95,118", fill, 4)
                pen.poly("0,0 95,118 19,118 -6,46 10,30", Tone(fill).shade, 3)
                pen.poly("0,0 28,30 12,24 0,34 -12,25 -28,30", mood.through("#f7fafc"), 2.4)


def mountains(stage: Stage) -> None:
    """Snowy peaks behind meadows."""
    peaks(stage)
    stage.land(stage.horizon + 4, 18, stage.mood.mid, 3)
    ground(stage)
    tufts(stage, int(stage.width / 60), stage.horizon + 50)


def desert(stage: Stage) -> None:
    """Dunes."""
    mood = stage.mood
    stage.land(stage.horizon - 50, 40, mood.far, 2)
    stage.land(stage.horizon, 22, mood.mid, 2)
    stage.land(stage.horizon + 50, 16, mood.near, 2)
    stage.land(stage.horizon + (stage.height - stage.horizon) * 0.58, 24, mood.ground, 1)
    for _ in range(7):
        x, y = stage.dice.uniform(0, stage.width), stage.dice.uniform(stage.horizon + 70, stage.height - 20)
        stage.pen.arc(f"M{num(x)} {num(y)}q30 -10 60 0t60 0", 3.4, mood.detail)


def savanna(stage: Stage) -> None:
    """Dry grass and flat trees."""
    mood = stage.mood
    stage.land(stage.horizon - 20, 20, mood.far)
    for x in stage.spread(3):
        y, s = stage.horizon + 10, stage.dice.uniform(0.8, 1.2)
        bark = mood.through("#7a5a48")
        stage.pen.line(f"{num(x)},{num(y)} {num(x)},{num(y - 80 * s)}", 9 * s, bark)
        stage.pen.line(f"{num(x)},{num(y - 50 * s)} {num(x + 40 * s)},{num(y - 96 * s)}", 6 * s, bark)
        stage.pen.ellipse(x, y - 96 * s, 96 * s, 20 * s, mood.through("#8f9a4c"))
        stage.pen.ellipse(x - 10 * s, y - 106 * s, 60 * s, 14 * s, mood.through("#a5ae5c"))
    ground(stage)
    tufts(stage, int(stage.width / 34), stage.horizon + 40)


def snowfield(stage: Stage) -> None:
    """Snow, and pines under snow."""
    mood = stage.mood
    stage.land(stage.horizon - 40, 34, mood.far)
    _conifers(stage, stage.horizon + 10, 120, max(4, int(stage.width / 130)), mix(mood.far, "#5f8fa0", 0.5))
    stage.land(stage.horizon + 2, 14, mood.mid, 2)
    ground(stage)
    for _ in range(9):
        x, y = stage.dice.uniform(0, stage.width), stage.dice.uniform(stage.horizon + 60, stage.height - 16)
        stage.pen.arc(f"M{num(x)} {num(y)}q18 -8 40 0", 3.4, mood.detail)


def lunar(stage: Stage) -> None:
    """Grey or red ground with craters."""
    mood = stage.mood
    stage.land(stage.horizon - 24, 26, mood.far)
    ground(stage)
    for x in stage.spread(max(4, int(stage.width / 180))):
        y, r = stage.dice.uniform(stage.horizon + 60, stage.height - 20), stage.dice.uniform(24, 60)
        stage.pen.ellipse(x, y, r, r * 0.34, mood.detail)
        stage.pen.ellipse(x + r * 0.08, y + r * 0.07, r * 0.86, r * 0.25, mix(mood.detail, mood.ground, 0.5))


def field(stage: Stage) -> None:
    """Rows of crops that run to the horizon."""
    mood = stage.mood
    hills(stage)
    _distant_trees(stage, 4)
    ground(stage)
    middle, top = stage.width * 0.5, stage.horizon + 36
    for i in range(-9, 10):
        near, wide = middle + i * stage.width * 0.13, 9.0
        far = middle + i * stage.width * 0.05
        stage.pen.path(
            f"M{num(far)} {num(top)}L{num(near + wide)} {num(stage.height)}H{num(near - wide)}Z", mood.detail + "66"
        )


def farm(stage: Stage) -> None:
    """Fields, a barn far away, a fence."""
    hills(stage)
    x = stage.width * stage.dice.choice((0.16, 0.84))
    stage.stamp("barn", x, stage.horizon + 34, 120)
    ground(stage)
    for i in range(int(stage.width / 150) + 1):
        stage.stamp("fence", i * 150 + 60, stage.horizon + 70, 64, Look(seed=0))
    tufts(stage, int(stage.width / 60), stage.horizon + 80)


def garden(stage: Stage) -> None:
    """A hedge, a fence, flowers."""
    hills(stage)
    for x in stage.spread(max(4, int(stage.width / 200))):
        stage.stamp(
            "bush",
            x,
            stage.horizon + 50,
            stage.dice.uniform(110, 150),
            Look(seed=stage.dice.randrange(9), colours=_pale(stage)),
        )
    ground(stage)
    for i in range(int(stage.width / 160) + 1):
        stage.stamp("fence", i * 160 + 70, stage.horizon + 72, 78, Look(seed=0))
    tufts(stage, int(stage.width / 60), stage.horizon + 80)
    blossoms(stage, int(stage.width / 26), stage.horizon + 96, ("#f28ca6", "#fbd86a", "#ffffff", "#b79be0"))


def park(stage: Stage) -> None:
    """Trees, grass and a path."""
    hills(stage)
    for x in stage.spread(max(3, int(stage.width / 260))):
        stage.stamp(
            "tree",
            x,
            stage.horizon + 44,
            stage.dice.uniform(190, 250),
            Look(seed=stage.dice.randrange(9), colours=_pale(stage)),
        )
    ground(stage)
    top, foot, w = stage.horizon + 40, stage.height + 10, stage.width
    bend = num(top + (foot - top) * 0.5)
    left = f"M{num(w * 0.56)} {num(top)}C{num(w * 0.5)} {bend} {num(w * 0.3)} {bend} {num(w * 0.2)} {num(foot)}"
    right = f"H{num(w * 0.74)}C{num(w * 0.66)} {bend} {num(w * 0.6)} {bend} {num(w * 0.58)} {num(top)}Z"
    stage.pen.path(left + right, stage.mood.through("#ecdcb8"))
    tufts(stage, int(stage.width / 60), stage.horizon + 60)
