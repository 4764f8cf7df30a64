"""Moments as people write them."""

from __future__ import annotations


def clock(seconds: float) -> str:
    """A moment as people write it: ``1:02:03``, ``0:07.5``."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"{hours}:{minutes:02}:{int(rest):02}" if hours else f"{minutes}:{int(rest * 10) / 10:04.1f}"
