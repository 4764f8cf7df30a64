"""Backdrops that people built: cities, streets, villages, rooms."""

from __future__ import annotations

from massgen_image.composer.motif import Look
from massgen_image.composer.pen import num
from massgen_image.composer.scene.places import ground, hills, tufts
from massgen_image.composer.scene.sky import bands
from massgen_image.composer.scene.stage import Stage
from massgen_image.composer.tones import Tone, mix, moved

LIT = "#ffdf8e"


def _skyline(stage: Stage, foot: float, tall: float, colour: str, windows: str) -> None:
    x, lights, plain = -20.0, list[str](), list[str]()
    while x < stage.width + 20:
        w, h = stage.dice.uniform(60, 110), tall * stage.dice.uniform(0.5, 1.0)
        plain.append(f"M{num(x)} {num(foot)}v{num(-h)}h{num(w)}v{num(h)}Z")
        if stage.dice.random() < 0.3:
            plain.append(f"M{num(x + w / 2 - 3)} {num(foot - h)}v-34h6v34Z")
        for column in range(int(w / 24)):
            for line in range(int(h / 30)):
                if stage.dice.random() < 0.62:
                    lights.append(f"M{num(x + 11 + column * 24)} {num(foot - h + 14 + line * 30)}h10v14h-10Z")
        x += w + stage.dice.choice((0.0, 4.0, 12.0))
    stage.pen.path("".join(plain), colour)
    stage.pen.path("".join(lights), windows)


def city(stage: Stage) -> None:
    """Two rows of towers, and a square in front."""
    mood = stage.mood
    foot, tall = stage.horizon + 40, stage.horizon * 0.62
    far = mix(mood.far, mood.low, 0.4)
    _skyline(stage, foot, tall, far, mix(far, LIT if stage.night else "#ffffff", 0.3))
    _skyline(stage, foot, tall * 0.62, mood.mid, LIT if stage.night else mix(mood.mid, "#ffffff", 0.38))
    _pavement(stage)


def _pavement(stage: Stage) -> None:
    mood, y = stage.mood, stage.horizon + 36
    stage.pen.box(0, y, stage.width, stage.height - y, mood.ground)
    stage.pen.box(0, y, stage.width, 12, mix(mood.ground, mood.detail, 0.6))
    middle = stage.width / 2
    joints = "".join(
        f"M{num(middle + i * 60)} {num(y + 12)}L{num(middle + i * 210)} {num(stage.height)}" for i in range(-12, 13)
    )
    rows = "".join(f"M0 {num(y + 12 + (stage.height - y) * share)}H{num(stage.width)}" for share in (0.12, 0.32, 0.62))
    stage.pen.arc(joints + rows, 2.4, moved(mood.ground, -0.04))


def street(stage: Stage) -> None:
    """Houses, a pavement, a road with its line."""
    mood, y = stage.mood, stage.horizon + 36
    far = mix(mood.far, mood.low, 0.4)
    _skyline(stage, y, stage.horizon * 0.46, far, mix(far, LIT if stage.night else "#ffffff", 0.3))
    x = 50.0
    while x < stage.width + 60:
        name = stage.dice.choice(("shop", "office", "house", "office", "shop"))
        tall = {"shop": 190, "office": 270, "house": 200}[name]
        stage.stamp(name, x, y + 6, tall, Look(seed=stage.dice.randrange(99), night=stage.night))
        x += {"shop": 236, "office": 240, "house": 250}[name]
    pen, h = stage.pen, stage.height
    pen.box(0, y, stage.width, h - y, mood.near)
    pen.box(0, y + (h - y) * 0.24, stage.width, 10, moved(mood.near, -0.07))
    pen.box(0, y + (h - y) * 0.24 + 10, stage.width, h, mood.ground)
    dashes = "".join(f"M{num(i * 130 + 20)} {num(y + (h - y) * 0.66)}h70" for i in range(int(stage.width / 130) + 1))
    pen.arc(dashes, 9, mood.detail)


def village(stage: Stage) -> None:
    """Small houses on hills."""
    hills(stage)
    for x in stage.spread(max(3, int(stage.width / 210))):
        stage.stamp(
            "house",
            x,
            stage.horizon + stage.dice.uniform(16, 44),
            stage.dice.uniform(110, 140),
            Look(seed=stage.dice.randrange(99), night=stage.night),
        )
    stage.stamp(
        "church", stage.width * stage.dice.uniform(0.3, 0.7), stage.horizon + 20, 210, Look(seed=1, night=stage.night)
    )
    ground(stage)
    tufts(stage, int(stage.width / 60), stage.horizon + 50)


def room(stage: Stage) -> None:
    """A wall with a window, a skirting board, a wooden floor, a rug."""
    mood, pen, w, h, y = stage.mood, stage.pen, stage.width, stage.height, stage.horizon
    pen.box(0, 0, w, y, mood.top)
    for i in range(int(w / 120) + 1):
        pen.box(i * 120 + 30, 0, 44, y, mood.far + "80")
    left, right = (w * 0.16, y * 0.2 + 120), (w * 0.84, y * 0.2 + 120)
    side = stage.freer(240, *((left, right) if stage.dice.random() < 0.5 else (right, left)))[0] / w
    if "window" not in stage.names:
        _window(stage, w * side, y * 0.2)
    if "picture" not in stage.names:
        stage.stamp("picture", w * (1.0 - side), y * 0.2 + 130, 120, Look(seed=stage.dice.randrange(9)))
    floor = mood.through(mood.ground)
    bands(pen, w, y, h, moved(floor, -0.03), moved(floor, 0.03), 6)
    planks = "".join(f"M{num(w / 2 + i * 90)} {num(y)}L{num(w / 2 + i * 190)} {num(h)}" for i in range(-14, 15))
    pen.arc(planks, 2.6, mood.through(mood.detail))
    pen.box(0, y - 20, w, 20, mood.through("#fbf6ec"))
    pen.box(0, y - 3, w, 5, mood.through("#d8c6ac"))
    rug = Tone(mood.through(("#d9a0a0", "#8fb8b4", "#a89bc8", "#d8b878")[stage.dice.randrange(4)]))
    rx, ry = min(w * 0.4, 560), (h - y) * 0.36
    pen.ellipse(w / 2, y + (h - y) * 0.6, rx, ry, rug.base)
    pen.ellipse(w / 2, y + (h - y) * 0.6, rx * 0.86, ry * 0.82, rug.light)
    pen.ellipse(w / 2, y + (h - y) * 0.6, rx * 0.78, ry * 0.73, rug.base)


def _window(stage: Stage, x: float, y: float) -> None:
    pen, night = stage.pen, stage.night
    x -= 95
    pen.box(x - 12, y - 12, 214, 254, "#fbf6ec", 8)
    pen.box(x, y, 190, 230, "#2a3468" if night else "#a9dcf2", 4)
    if night:
        pen.circle(x + 140, y + 56, 24, "#f6eecb")
        for dx, dy in ((30, 40), (70, 90), (50, 160), (150, 130), (110, 30)):
            pen.circle(x + dx, y + dy, 3, "#fff3c4")
    else:
        pen.path(f"M{num(x)} {num(y + 230)}v-50q60 -40 100 -10t90 -10v70Z", "#8cc66a")
        for dx, r in ((46, 16), (66, 22), (90, 16)):
            pen.circle(x + dx, y + 60, r, "#ffffff")
    pen.box(x + 90, y, 10, 230, "#fbf6ec")
    pen.box(x, y + 104, 190, 10, "#fbf6ec")
    pen.box(x - 24, y + 238, 238, 16, "#f1e4cf", 6)


def studio(stage: Stage) -> None:
    """A plain ground with a disc behind the things, as for a picture of a product."""
    mood, pen, w, h = stage.mood, stage.pen, stage.width, stage.height
    pen.box(0, 0, w, h, mood.through(mood.top))
    r = min(w, h) * 0.4
    pen.circle(w / 2, h * 0.48, r, mood.through(mood.far))
    y = stage.horizon
    pen.box(0, y, w, h - y, mood.through(mood.ground))
    pen.box(0, y, w, 7, mood.through(mix(mood.ground, "#ffffff", 0.4)))
