"""Sizes and ages as people read them."""

from __future__ import annotations

_SIZES = ((1024**3, "GiB"), (1024**2, "MiB"), (1024, "KiB"))
_TIMES = ((86400, "d"), (3600, "h"), (60, "min"))


def rough_size(size: int) -> str:
    """A number of bytes to three figures or so: ``47.6 MiB``."""
    for factor, unit in _SIZES:
        if size >= factor:
            return f"{size / factor:.1f} {unit}"
    return f"{size} bytes"


def age_text(seconds: float) -> str:
    """A time in its largest unit: ``3 min``."""
    for size, unit in _TIMES:
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return f"{max(0, int(seconds))} s"
