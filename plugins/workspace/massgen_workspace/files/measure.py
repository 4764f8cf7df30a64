"""How much there is: entries, bytes, and what they take on the disk."""

from __future__ import annotations

import stat
from contextlib import closing
from dataclasses import dataclass

from massgen_core.jail.place import Spot
from massgen_workspace.files.descent import Wanted, visits
from massgen_workspace.files.meter import Meter

_BLOCK = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """Files, folders and links; the bytes of all files; and the bytes that they take on the disk.

    A file with several hard links counts once for each.
    """

    entries: int = 0
    bytes: int = 0
    disk: int = 0


def measure(spot: Spot, *, wanted: Wanted | None = None, meter: Meter | None = None) -> Amount:
    """How much is at a spot and in it, the top itself included.

    Raises:
        OSError: It is not there, or a folder cannot be opened.
        TooMuch: It is more than the meter admits.
    """
    entries = size = disk = 0
    with closing(visits(spot, wanted=wanted)) as found:
        for visit in found:
            if visit.what == "leave":
                continue
            own = visit.found.st_size if stat.S_ISREG(visit.found.st_mode) else 0
            entries += 1
            size += own
            disk += visit.found.st_blocks * _BLOCK
            if meter is not None:
                meter.add(entries=1, bytes=own)
    return Amount(entries=entries, bytes=size, disk=disk)
