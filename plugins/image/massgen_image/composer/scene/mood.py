"""The colours of a scene: its sky, its land and its light, by place, time, season and weather."""

from __future__ import annotations

from dataclasses import dataclass, replace

from massgen_image.composer.tones import mix, moved
from massgen_image.composer.words.reading import Reading

INDOORS = frozenset({"room", "studio"})
BOUNDLESS = frozenset({"space", "underwater", "sky"})  # places where nothing stands on a ground


@dataclass(frozen=True, slots=True, kw_only=True)
class Mood:
    """Colours from top to bottom; ``tint`` is what the light adds to everything, by ``share``."""

    top: str = "#7cc3ee"
    low: str = "#dff1f7"
    far: str = "#a8d3c4"
    mid: str = "#9ccf8f"
    near: str = "#86c06a"
    ground: str = "#79b560"
    detail: str = "#5f9f50"
    water: str = "#5fb3de"
    cloud: str = "#ffffff"
    tint: str = "#ffffff"
    share: float = 0.0

    def through(self, colour: str) -> str:
        """A colour as it looks in this light."""
        return mix(colour, self.tint, self.share) if self.share else colour


LAND = {
    "desert": {"far": "#f0cf9a", "mid": "#ecc384", "near": "#e8b872", "ground": "#e6b66c", "detail": "#cf9a52"},
    "beach": {"far": "#8fc9c4", "mid": "#f3dca6", "near": "#f3dca6", "ground": "#f1d69a", "detail": "#dcbb78"},
    "snow": {"far": "#c3dbe8", "mid": "#dcebf2", "near": "#eaf3f7", "ground": "#f3f8fa", "detail": "#c9dde8"},
    "savanna": {"far": "#d9c48a", "mid": "#dfc375", "near": "#d8b862", "ground": "#d3b05a", "detail": "#b08f42"},
    "city": {"far": "#b9cbdd", "mid": "#a3b8d0", "near": "#a9b0bd", "ground": "#a4abb8", "detail": "#c9ced8"},
    "street": {"far": "#b9cbdd", "mid": "#a3b8d0", "near": "#b8bdc8", "ground": "#787f90", "detail": "#e8e4d8"},
    "forest": {"far": "#8fc0a4", "mid": "#6aa986", "near": "#7ab56a", "ground": "#6fa95f", "detail": "#548c4c"},
    "jungle": {"far": "#7dbd9a", "mid": "#56a277", "near": "#5fa85a", "ground": "#559b52", "detail": "#3f8045"},
    "mountains": {"far": "#a3b5cf", "mid": "#8fb79c", "near": "#86bd72", "ground": "#7ab264", "detail": "#5f9a52"},
    "lunar": {"far": "#a6a8b8", "mid": "#b4b6c3", "near": "#c1c2cc", "ground": "#b9bac6", "detail": "#9a9bab"},
    "martian": {"far": "#d08a64", "mid": "#cf8058", "near": "#d58a5c", "ground": "#cc7d52", "detail": "#a9603f"},
    "sea": {"far": "#8fc9d8", "mid": "#6fb9dc", "near": "#57aad6", "ground": "#4a9fd0", "detail": "#9fd6ee"},
    "underwater": {
        "top": "#6fd0e4",
        "low": "#1f6f9f",
        "far": "#4aa3bf",
        "mid": "#3a8fae",
        "near": "#e0c894",
        "ground": "#d9bd84",
        "detail": "#b9995f",
    },
    "space": {
        "top": "#191a3d",
        "low": "#3a2f68",
        "far": "#4b3f86",
        "mid": "#3f3676",
        "near": "#2d2a5c",
        "ground": "#2d2a5c",
        "detail": "#6a5fb0",
    },
    "room": {
        "top": "#f3e2c8",
        "low": "#f6ead6",
        "far": "#ead3b2",
        "mid": "#e3c8a2",
        "near": "#c99a6c",
        "ground": "#c99a6c",
        "detail": "#b5845a",
    },
    "studio": {
        "top": "#f6ead9",
        "low": "#f9f1e5",
        "far": "#f2d9b8",
        "mid": "#efd2ac",
        "near": "#ecdcc6",
        "ground": "#e9d7be",
        "detail": "#d8c2a2",
    },
    "farm": {"far": "#a8d3b4", "mid": "#d8c973", "near": "#93c468", "ground": "#85b95e", "detail": "#669c4a"},
    "field": {"far": "#a8d3b4", "mid": "#e0cf76", "near": "#a9cc68", "ground": "#97c05c", "detail": "#76a048"},
}
STUDIOS = ("#f2d9b8", "#bfe0e6", "#f6cfc8", "#cfe3c0", "#d9d0ee", "#f7e2a0")
TIMES = {
    "night": {"top": "#151a40", "low": "#39477f", "cloud": "#4c5a94", "tint": "#28306a", "share": 0.58},
    "dusk": {"top": "#3f3f7a", "low": "#e59a8c", "cloud": "#c58fa8", "tint": "#5a4a86", "share": 0.34},
    "sunset": {"top": "#f07f5a", "low": "#fbd48a", "cloud": "#fbb9a0", "tint": "#c9605a", "share": 0.2},
    "dawn": {"top": "#8fb8e8", "low": "#fbd3c0", "cloud": "#fde4dc", "tint": "#f0a89a", "share": 0.14},
}
SEASONS = {
    "autumn": {"mid": "#d9b25c", "near": "#c9a94f", "ground": "#bfa050", "detail": "#a87f3a", "far": "#cfa97a"},
    "winter": LAND["snow"],
    "spring": {"near": "#98cf72", "ground": "#8cc668", "detail": "#6fae52"},
}
GREEN = frozenset({"", "meadow", "field", "farm", "forest", "mountains", "garden", "park", "village", "lake"})


def mood_of(reading: Reading, place: str, seed: int) -> Mood:
    """The colours that the words about place, time, season and weather ask for."""
    mood = replace(Mood(), **LAND.get(place, {}))
    if place in INDOORS:
        return _indoors(mood, reading.time, place, seed)
    if reading.season in SEASONS and (place in GREEN or reading.season == "winter"):
        mood = replace(mood, **SEASONS[reading.season]) if place not in BOUNDLESS | {"sea", "desert"} else mood
    if place in ("space", "underwater"):
        return mood
    if place in ("lunar", "martian"):
        return replace(
            mood, top="#191a3d" if place == "lunar" else "#d99a76", low="#2f2f5f" if place == "lunar" else "#f3cfae"
        )
    return _weathered(replace(mood, **TIMES.get(reading.time, {})), reading)


def _weathered(mood: Mood, reading: Reading) -> Mood:
    if reading.weather & {"rain", "storm", "cloudy", "snow"} and reading.time not in ("night", "dusk"):
        dark = "storm" in reading.weather
        mood = replace(
            mood,
            top=mix(mood.top, "#5a6580" if dark else "#93a8bb", 0.75),
            low=mix(mood.low, "#9aa5b5" if dark else "#d3dde4", 0.75),
            cloud="#8f9aae" if dark else "#eef2f5",
            tint="#5a6580" if dark else "#8fa0b3",
            share=max(mood.share, 0.22 if dark else 0.1),
        )
    shades = {name: mood.through(getattr(mood, name)) for name in ("far", "mid", "near", "ground", "detail", "water")}
    return replace(mood, **shades)


def _indoors(mood: Mood, time: str, place: str, seed: int) -> Mood:
    if place == "studio":
        disc = STUDIOS[seed % len(STUDIOS)]
        mood = replace(
            mood,
            far=disc,
            top=mix(disc, "#ffffff", 0.62),
            low=mix(disc, "#ffffff", 0.7),
            ground=mix(disc, "#c9b8a0", 0.3),
            near=mix(disc, "#fff4e2", 0.35),
        )
    else:
        wall = ("#f3e2c8", "#d3e3e0", "#f0d5cc", "#dcd8ea")[seed % 4]
        mood = replace(mood, top=wall, low=moved(wall, 0.012), far=moved(wall, -0.04))
    return replace(mood, tint="#28306a", share=0.16) if time == "night" else mood
