"""What work functions share: options in, facts of a film out."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from massgen_core.workers import Work
from massgen_video.problems import refuse
from massgen_video.writing.film import Film, Shape


def names(work: Work) -> list[str]:
    """The files' names, for messages."""
    given = [str(each) for each in work.options.get("names", ())]
    return given + [f"file {number + 1}" for number in range(len(given), len(work.files))]


def moment(value: Any, what: str) -> float | None:
    """A number of seconds that may be left out. Raises `ToolFailed` for what is none."""
    if value is None:
        return None
    if not math.isfinite(value) or value < 0:
        raise refuse(f"{what}: {value!r} is no number of seconds from the beginning")
    return float(value)


def counted(work: Work, expected: float | None, message: str) -> Callable[[float], None]:
    """A function that tells how much of what is expected has been done."""
    last = 0.0

    def tell(done: float) -> None:
        nonlocal last
        share = min(0.99, done / expected) if expected else 0.0
        if share - last >= 0.004:
            last = share
            work.progress(share, message)

    return tell


def film_facts(film: Film, shape: Shape, file: str, **more: Any) -> dict[str, Any]:
    """What is known of a film that was written."""
    facts: dict[str, Any] = {
        "file": file,
        "mime_type": shape.format.mime_type,
        "width": shape.size.width,
        "height": shape.size.height,
        "duration": round(film.duration, 6),
        "fps": round(float(shape.fps), 3),
        "frames": film.frames,
    }
    if shape.sound:
        facts |= {"sample_rate": 48_000, "channels": 2}
    return facts | more
