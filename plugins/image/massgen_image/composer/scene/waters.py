"""Backdrops with water, in water, and above all of it."""

from __future__ import annotations

from massgen_image.composer.motif import Look
from massgen_image.composer.pen import num
from massgen_image.composer.scene.mood import Mood
from massgen_image.composer.scene.places import hills, tufts
from massgen_image.composer.scene.sky import bands, stars
from massgen_image.composer.scene.stage import Stage
from massgen_image.composer.tones import mix, moved


def _ripples(stage: Stage, top: float, foot: float, count: int, colour: str) -> None:
    parts: list[str] = []
    for _ in range(count):
        y = stage.dice.uniform(top, foot)
        length = 26 + (y - top) / max(1.0, foot - top) * 70
        parts.append(f"M{num(stage.dice.uniform(-20, stage.width))} {num(y)}h{num(length)}")
    stage.pen.arc("".join(parts), 4, colour)


def sea_colour(mood: Mood, depth: float) -> str:
    """Open water at a place between the horizon (0) and our feet (1)."""
    return mix(mix(mood.water, mood.low, 0.35), moved(mood.water, -0.07), depth)


def sea(stage: Stage) -> None:
    """Open water to the horizon."""
    mood = stage.mood
    bands(
        stage.pen,
        stage.width,
        stage.horizon,
        stage.height,
        sea_colour(mood, 0),
        sea_colour(mood, 1),
        12,
    )
    _ripples(stage, stage.horizon + 12, stage.height - 10, int(stage.width / 42), mix(mood.water, "#ffffff", 0.35))


def beach(stage: Stage) -> None:
    """Sea, foam, sand."""
    mood, shore = stage.mood, stage.horizon + (stage.height - stage.horizon) * 0.36
    bands(stage.pen, stage.width, stage.horizon, shore + 60, mix(mood.water, mood.low, 0.3), mood.water, 8)
    _ripples(stage, stage.horizon + 10, shore - 24, int(stage.width / 60), mix(mood.water, "#ffffff", 0.4))
    stage.land(shore, 12, mix(mood.water, "#ffffff", 0.75), 3)
    stage.land(shore + 16, 8, mood.near, 3)
    stage.land(shore + (stage.height - shore) * 0.5, 18, mood.ground, 2)
    for _ in range(int(stage.width / 40)):
        x, y = stage.dice.uniform(0, stage.width), stage.dice.uniform(shore + 40, stage.height)
        stage.pen.circle(x, y, 3, mood.detail)


def lake(stage: Stage) -> None:
    """Water between hills and a green bank."""
    mood, bank = stage.mood, stage.horizon + (stage.height - stage.horizon) * 0.62
    hills(stage)
    bands(stage.pen, stage.width, stage.horizon + 24, bank + 60, mix(mood.water, mood.low, 0.3), mood.water, 8)
    _ripples(stage, stage.horizon + 34, bank - 14, int(stage.width / 60), mix(mood.water, "#ffffff", 0.4))
    stage.land(bank, 14, mood.near, 3)
    stage.land(bank + 60, 14, mood.ground, 2)
    tufts(stage, int(stage.width / 60), bank + 30)


def underwater(stage: Stage) -> None:
    """Blue light from above, sand, weeds, corals and bubbles."""
    pen, w, h, mood = stage.pen, stage.width, stage.height, stage.mood
    bands(pen, w, 0, h, mood.top, mood.low)
    for i in range(3):  # narrow: what shines through costs most of all that is drawn
        x, reach = w * (0.14 + i * 0.32), h * 0.86
        pen.path(f"M{num(x)} 0H{num(x + w * 0.05)}L{num(x + w * 0.03)} {num(reach)}H{num(x - w * 0.07)}Z", "#ffffff1c")
    stage.land(h * 0.8, 30, mix(mood.far, mood.low, 0.45), 2)
    stage.land(h * 0.87, 18, mood.near, 2)
    stage.land(h * 0.94, 12, mood.ground, 2)
    for i, x in enumerate(stage.spread(max(5, int(w / 120)))):
        tall, foot = stage.dice.uniform(90, 230), h * 0.93
        colour = ("#3f9f7a", "#2f8a74", "#58b07a")[i % 3]
        with pen.at(x, foot, tall / 100):
            pen.curve("0,0 7,-35 -6,-70 4,-100", 1200 / tall, colour)
    for i, x in enumerate(stage.spread(max(3, int(w / 260)))):
        colour = ("#ee7f8a", "#f2a35c", "#c98fd8")[i % 3]
        for dx, tall in ((-24, 46), (-8, 74), (10, 60), (26, 40)):
            with pen.at(x, h * 0.95):
                pen.curve(f"0,0 {num(dx * 0.6)},{num(-tall * 0.5)} {dx},{-tall}", 13, colour)
    for _ in range(int(w / 60)):
        pen.ring(
            stage.dice.uniform(0, w), stage.dice.uniform(h * 0.1, h * 0.8), stage.dice.uniform(4, 12), 2.4, "#d9f2fa"
        )


def space(stage: Stage) -> None:
    """Stars, clouds of light, far planets."""
    pen, w, h, mood = stage.pen, stage.width, stage.height, stage.mood
    bands(pen, w, 0, h, mood.top, mood.low)
    for x, y, r, share in ((0.82, 0.2, 330, 0.3), (0.12, 0.86, 420, 0.24), (0.88, 0.28, 190, 0.42)):
        pen.ellipse(w * x, h * y, r, r * 0.8, mix(mood.low, mood.far, share + 0.2))
    stars(pen, stage.dice, w, h * 1.02, int(w * h / 9000))
    if stage.names & {"planet", "mars", "earth", "moon"}:
        return
    x, y = stage.freer(240, (w * 0.08, h * 0.9), (w * 0.93, h * 0.9), (w * 0.07, h * 0.14), (w * 0.93, h * 0.14))
    stage.stamp("mars", x, y + 115, 230, Look(seed=stage.dice.randrange(3)))


def sky_only(stage: Stage) -> None:
    """Banks of cloud below."""
    white = mix(stage.mood.cloud, stage.mood.low, 0.25)
    for y, share in ((stage.height * 0.86, 0.4), (stage.height * 0.94, 0.0)):
        for x in stage.spread(max(5, int(stage.width / 150))):
            stage.pen.circle(x, y + 40, stage.dice.uniform(80, 130), mix(white, stage.mood.low, share))
        stage.pen.box(0, y + 40, stage.width, stage.height, mix(white, stage.mood.low, share))
