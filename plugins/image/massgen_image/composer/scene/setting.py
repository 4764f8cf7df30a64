"""The place of a prompt that names none: what its things are at home in."""

from __future__ import annotations

from massgen_image.composer.motifs import MOTIFS
from massgen_image.composer.words.reading import Reading

HOMES = {
    "sea": {"whale", "dolphin", "ship", "pirate ship", "iceberg", "island", "wave"},
    "space": {"astronaut", "satellite", "planet", "mars", "earth", "shooting star"},
    "snow": {"snowman", "igloo", "penguin", "polar bear", "sled"},
    "desert": {"cactus", "camel", "pyramid"},
    "savanna": {"lion", "elephant", "giraffe", "zebra", "rhino", "hippo"},
    "beach": {"lighthouse", "sandcastle", "seashell", "surfboard", "crab", "starfish"},
    "farm": {"barn", "tractor", "pig", "cow", "chicken", "sheep"},
    "city": {"skyscraper", "office"},
    "street": {"traffic light", "bus", "tram", "taxi"},
    "jungle": {"monkey", "tiger", "parrot"},
    "forest": {"wolf", "bear", "deer", "owl", "fox"},
    "lake": {"duck", "swan", "boat", "sailboat"},
    "underwater": {"octopus", "jellyfish", "shark", "seahorse", "submarine", "mermaid", "diver", "fish"},
}


def place_of(reading: Reading) -> str:
    """The place the prompt names, or the one where most of its things are found."""
    if reading.place:
        if reading.place == "sea" and _only(reading, {"deep"}) and _all_deep(reading):
            return "underwater"
        return "sky" if reading.place == "sky" and _only(reading, {"air", "sky"}) else _grounded(reading)
    kinds = {MOTIFS.by_name[thing.motif].where for thing in reading.things}
    names = {thing.motif for thing in reading.things}
    outdoors = bool(reading.weather or reading.season or reading.time not in ("", "night"))
    for place, home in HOMES.items():
        if place == "underwater":
            if kinds and kinds <= {"deep"} and not outdoors:
                return place
        elif names & home and (
            place not in ("space", "forest", "jungle", "savanna") or len(names & home) == len(names)
        ):
            return place
    return _otherwise(reading, kinds, outdoors)


def _otherwise(reading: Reading, kinds: set[str], outdoors: bool) -> str:
    if kinds & {"floor", "wall"} and not outdoors and not kinds & {"water", "deep"}:
        return "room"
    small = all(MOTIFS.by_name[thing.motif].tall < 0.9 for thing in reading.things)
    if kinds and kinds <= {"table"} and small and not outdoors:
        return "studio"
    if kinds and kinds <= {"air", "sky"}:
        return "meadow" if kinds == {"sky"} or outdoors else "sky"
    if "winter" in reading.season or "snow" in reading.weather:
        return "snow"
    return "meadow"


def _grounded(reading: Reading) -> str:
    return "meadow" if reading.place == "sky" else reading.place


def _only(reading: Reading, kinds: set[str]) -> bool:
    return all(MOTIFS.by_name[thing.motif].where in kinds or thing.pose == "air" for thing in reading.things)


def _all_deep(reading: Reading) -> bool:
    return bool(reading.things)
