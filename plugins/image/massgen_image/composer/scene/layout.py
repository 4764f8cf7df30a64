"""Where each cluster goes: lanes on the ground, the air, the sky, or anywhere.

Places are found by trying: arrangements are drawn by lot and the one with the least covering is kept, so that the same
seed gives the same picture and no two things hide each other where there is room.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from massgen_image.composer.scene.air import aloft, floating, in_the_sky
from massgen_image.composer.scene.cluster import Cluster
from massgen_image.composer.scene.frame import Frame, Placed, zone
from massgen_image.composer.scene.lanes import standing


def lay_out(clusters: Sequence[Cluster], frame: Frame, dice: random.Random) -> list[Placed]:
    """Every cluster in its place, from back to front."""
    zones: dict[str, list[Cluster]] = {"sky": [], "air": [], "water": [], "ground": [], "free": []}
    for cluster in clusters:
        zones[zone(cluster, frame.place)].append(cluster)
    rows = standing(
        zones["ground"], zones["water"], frame, dice, 0.36 if zones["free"] else 0.5 if zones["air"] else 0.66
    )
    placed = list(rows)
    placed += floating(zones["free"], frame, dice, placed)
    unit = rows[0].scale if rows else frame.height * 0.36
    placed += aloft(zones["air"], frame, dice, placed, unit)
    placed += in_the_sky(zones["sky"], frame, dice, placed)
    return sorted(placed, key=lambda one: one.layer)
