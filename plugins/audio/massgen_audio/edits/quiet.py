"""Finds where a sound is silent."""

import numpy as np

from massgen_audio.edits.cutting import Span, frame_at
from massgen_audio.sound.stream import Sound, evened

_HOP = 0.01
"""Seconds over which the level is looked at."""


def silences(sound: Sound, *, threshold: float, minimum: float, padding: float) -> tuple[list[Span], int]:
    """The spans that are silent and can go, and how many moments the sound has; goes through all of it.

    Args:
        threshold: level in dBFS (root mean square over 10 ms, loudest channel) below which it is silent
        minimum: seconds that a silence lasts to be one
        padding: seconds of it that stay at each side that meets sound
    """
    hop = max(1, frame_at(_HOP, sound.rate))
    quiet: list[np.ndarray] = []
    frames = 0
    for block in evened(sound.blocks, hop * 100):
        whole = len(block) // hop * hop
        parts = [block[:whole].reshape(-1, hop, sound.channels), block[whole:][None]]
        energies = [np.square(part, dtype=np.float64).mean(axis=1).max(axis=1) for part in parts if part.size]
        quiet.append(np.concatenate(energies) < 10 ** (threshold / 10))
        frames += len(block)
    runs = _runs(np.concatenate(quiet)) if quiet else []
    spans = [(start * hop, min(end * hop, frames)) for start, end in runs]
    pad, least = frame_at(padding, sound.rate), frame_at(minimum, sound.rate)
    inner = [
        (start + (pad if start else 0), end - (pad if end < frames else 0))
        for start, end in spans
        if end - start >= least
    ]
    return [(start, end) for start, end in inner if end > start], frames


def _runs(values: np.ndarray) -> list[Span]:
    """Where values are true, from and to."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], values, [False]]).astype(np.int8)))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]


def without(spans: list[Span], frames: int) -> list[Span]:
    """What is left of so many moments when these spans are gone."""
    edges = [0, *(edge for span in spans for edge in span), frames]
    pairs = zip(edges[::2], edges[1::2], strict=True)
    return [(start, end) for start, end in pairs if end > start]
