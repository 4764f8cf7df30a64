"""The drawings, by subject; importing this registers them all."""

from massgen_image.composer.motif import MOTIFS
from massgen_image.composer.motifs import (
    birds,
    buildings,
    craft,
    farm,
    fruit,
    furniture,
    jobs,
    legends,
    meals,
    nature,
    people,
    pets,
    plants,
    play,
    road,
    sea,
    sky,
    small,
    things,
    tools,
    wild,
)

__all__ = [
    "MOTIFS", "birds", "buildings", "craft", "farm", "fruit", "furniture", "jobs", "legends", "meals", "nature",
    "people", "pets", "plants", "play", "road", "sea", "sky", "small", "things", "tools", "wild",
]  # fmt: skip
