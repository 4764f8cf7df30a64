"""Faster or slower at the same pitch."""

from massgen_audio.failing import failed
from massgen_audio.sound.filtering import Filter, filtered
from massgen_audio.sound.stream import Sound

SLOWEST, FASTEST = 0.25, 4.0


def hastened(sound: Sound, speed: float) -> Sound:
    """The sound at `speed` times its pace, by overlapping pieces of waves (FFmpeg's atempo).

    Raises:
        ToolFailed: slower or faster than it can be understood.
    """
    if not SLOWEST <= speed <= FASTEST:
        raise failed(f"a speed of {speed:g}; from {SLOWEST:g} to {FASTEST:g} are possible")
    steps: list[Filter] = []
    while not 0.5 <= speed <= 2.0:
        step = 2.0 if speed > 2.0 else 0.5
        steps.append(("atempo", f"{step:g}"))
        speed /= step
    chain = [*steps, ("atempo", f"{speed:.6f}")]
    total = speed
    for _, step in steps:
        total *= float(step)
    return filtered(sound, chain, stretch=1 / total)
