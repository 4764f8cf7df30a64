"""The whole picture: its backdrop, its things in their light, its weather."""

from __future__ import annotations

import random
from dataclasses import replace

from massgen_image.composer.motif import Draw, Look
from massgen_image.composer.motifs.sky import moon, sun
from massgen_image.composer.pen import Pen
from massgen_image.composer.scene import places, sky, towns, waters, weather
from massgen_image.composer.scene.casting import Casting
from massgen_image.composer.scene.cluster import Part
from massgen_image.composer.scene.frame import Box, Frame, Placed
from massgen_image.composer.scene.layout import lay_out
from massgen_image.composer.scene.mood import INDOORS, Mood, mood_of
from massgen_image.composer.scene.setting import place_of
from massgen_image.composer.scene.stage import Backdrop, Stage, graded
from massgen_image.composer.words.reading import Reading

HORIZONS = {
    "sea": 0.5,
    "beach": 0.48,
    "lake": 0.5,
    "room": 0.66,
    "studio": 0.68,
    "underwater": 0.84,
    "street": 0.6,
    "space": 0.9,
    "sky": 0.9,
}
BACKDROPS: dict[str, Backdrop] = {
    "meadow": places.meadow, "forest": places.forest, "jungle": places.jungle, "mountains": places.mountains,
    "desert": places.desert, "savanna": places.savanna, "snow": places.snowfield, "lunar": places.lunar,
    "martian": places.lunar, "field": places.field, "farm": places.farm, "garden": places.garden, "park": places.park,
    "sea": waters.sea, "beach": waters.beach, "lake": waters.lake, "underwater": waters.underwater,
    "space": waters.space, "sky": waters.sky_only, "city": towns.city, "street": towns.street,
    "village": towns.village, "room": towns.room, "studio": towns.studio,
}  # fmt: skip
GLOWING = frozenset({"fire", "candle", "lantern", "light bulb", "ufo", "magic wand"})
LAMPS = frozenset({"sun", "moon", "crescent moon"})
SKYLESS = INDOORS | {"space", "underwater"}


def paint(reading: Reading, width: float, height: float, seed: str, backdrop: bool) -> str:
    """The shapes of a picture, ``width`` by ``height`` units, as SVG without its root."""
    dice = random.Random(seed.encode("utf-8", "surrogatepass"))
    place = place_of(reading)
    clusters = Casting(reading, dice).clusters()
    frame = frame_of(place, width, height)
    placed = lay_out(clusters, frame, dice)
    mood = mood_of(reading, place, dice.randrange(1 << 16)) if backdrop else Mood()
    pen = Pen()
    if backdrop:
        night = reading.time in ("night", "dusk")
        names = frozenset(one.cluster.main.motif.name for one in placed)
        busy = tuple(one.box for one in placed)
        _scenery(Stage(pen, width, height, frame.horizon, mood, dice, night, names, busy), reading, place, placed)
    for one in placed:
        _thing(pen, one, mood, frame, backdrop)
    if backdrop and place not in SKYLESS:
        weather.draw(pen, reading.weather, mood, dice, (width, height), frame.horizon)
    return pen.svg


def frame_of(place: str, width: float, height: float) -> Frame:
    """Where the horizon of a place is; in upright pictures there is more ground."""
    share = HORIZONS.get(place, 0.62 if width >= height else 0.57)
    return Frame(width, height, height * share, place)


def _scenery(stage: Stage, reading: Reading, place: str, placed: list[Placed]) -> None:
    names = stage.names
    stage.pen.box(-9, -9, stage.width + 18, stage.height + 18, stage.mood.ground)  # no edge shines through
    if place not in SKYLESS:
        sky.bands(
            stage.pen,
            stage.width,
            0,
            stage.horizon + 40 if place != "sky" else stage.height,
            stage.mood.top,
            stage.mood.low,
        )
        lamps = _lights(stage, reading, place, placed)
        if "cloud" not in names and not reading.weather & {"sunny"} and place not in ("lunar", "martian"):
            count = 5 if reading.weather & {"cloudy", "storm", "rain", "snow"} else 2 if stage.night else 3
            sky.clouds(stage.pen, stage.dice, stage.mood, stage.width, stage.horizon, count, lamps)
        if "storm" in reading.weather:
            stage.stamp("lightning", stage.width * stage.dice.uniform(0.2, 0.8), stage.horizon * 0.56, 240)
    if reading.beyond and place not in SKYLESS | {"sky", "mountains"}:
        places.peaks(stage)
    BACKDROPS[place](stage)


def _lights(stage: Stage, reading: Reading, place: str, placed: list[Placed]) -> list[Box]:
    """Stars at night, the low sun of a sunset, rings of light; where sun and moon are."""
    if reading.time == "night" or place == "lunar":
        sky.stars(stage.pen, stage.dice, stage.width, stage.horizon * 0.9, int(stage.width / 14))
    lamps = [one.box for one in placed if one.cluster.main.motif.name in LAMPS]
    for left, top, right, foot in lamps:
        sky.glow(stage.pen, stage.mood, (left + right) / 2, (top + foot) / 2, (foot - top) / 2)
    if lamps:
        return lamps
    if reading.time in ("sunset", "dawn"):
        x = stage.width * stage.dice.uniform(0.25, 0.75)
        sky.glow(stage.pen, stage.mood, x, stage.horizon - 24, 120)
        stage.pen.circle(x, stage.horizon - 24, 104, "#fff0c0" if reading.time == "dawn" else "#fde08a")
    elif "sunny" in reading.weather:
        return [_corner(stage, sun, 170)]
    elif reading.time == "night" and place != "lunar":
        return [_corner(stage, moon, 120)]
    return []


def _corner(stage: Stage, draw: Draw, size: float) -> Box:
    y = stage.height * 0.07 + size / 2
    x, y = stage.freer(size, *((stage.width * share, y) for share in (0.13, 0.86, 0.5, 0.3, 0.7)))
    with stage.pen.at(x - size / 2, y - size / 2, size / 100):
        draw(stage.pen, Look())
    return x - size / 2, y - size / 2, x + size / 2, y + size / 2


def _thing(pen: Pen, placed: Placed, mood: Mood, frame: Frame, backdrop: bool) -> None:
    """One cluster: the shadows first, then its drawings in the light of the scene."""
    cluster, scale = placed.cluster, placed.scale
    parts = [
        replace(part, x=placed.x + part.x * scale, y=placed.y + part.y * scale, scale=part.scale * scale)
        for part in cluster.parts
    ]
    if backdrop and placed.layer > 0 and not placed.afloat and frame.place not in ("space", "sky"):
        for part in parts:
            floats = part.motif.where in ("sky", "air", "deep") or (frame.place == "underwater" and placed.layer < 50)
            if part.shadow and part.y >= placed.y - scale * 0.9 and not floats:
                _shadow(pen, part, mood)
    for part in parts:
        _part(pen, part, mood)
    if backdrop and placed.afloat:
        _waterline(pen, placed, frame, mood)


def _shadow(pen: Pen, part: Part, mood: Mood) -> None:
    rx = part.width * 0.44
    pen.parts.append(
        f'<ellipse cx="{part.x:.1f}" cy="{part.y - 1:.1f}" rx="{rx:.1f}" ry="{min(rx * 0.16, 26):.1f}" '
        f'fill="{mood.through("#2f3358")}" fill-opacity=".2"/>'
    )


def _part(pen: Pen, part: Part, mood: Mood) -> None:
    inner = Pen()
    part.motif.draw(inner, part.look)
    with pen.at(part.x - part.width / 2, part.y - part.height, part.scale):
        glows = part.motif.where == "sky" or part.motif.name in GLOWING
        pen.parts.append(inner.svg if glows else graded(inner.svg, mood))


def _waterline(pen: Pen, placed: Placed, frame: Frame, mood: Mood) -> None:
    """Water over the foot of what swims, and a ring around it."""
    left, top, right, foot = placed.box
    depth = (foot - frame.horizon) / (frame.height - frame.horizon)
    water = waters.sea_colour(mood, min(1.0, depth)) if frame.place == "sea" else mood.water
    w, dip = right - left, min((foot - top) * 0.1, 26)
    wave = f"M{left - w * 0.06:.1f} {foot - dip:.1f}"
    step = w * 1.12 / 6
    wave += "".join(f"q{step / 2:.1f} {-dip * 0.55 if i % 2 else dip * 0.55:.1f} {step:.1f} 0" for i in range(6))
    pen.path(f"{wave}V{foot + 4:.1f}H{left - w * 0.06:.1f}Z", water)
    pen.arc(wave, 4, "#ffffff80")
