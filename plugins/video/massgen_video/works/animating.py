"""Parts of films as animations."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from av.video.frame import VideoFrame

from massgen_core.workers import Work
from massgen_video.bounds import LONGEST_ANIMATION
from massgen_video.cutting.parts import Stretch, checked, known, seconds_of
from massgen_video.cutting.sizes import rate_of
from massgen_video.opening.source import opened
from massgen_video.problems import refuse
from massgen_video.reading.pacing import paced
from massgen_video.reading.pictures import pictures
from massgen_video.reading.shaping import Shaper, Size
from massgen_video.works.frame import counted, moment, names
from massgen_video.writing.animation import MIME_TYPES, Kind, write_gif, write_webp

_WIDEST = 1280


def animate(work: Work) -> dict[str, Any]:
    """A part of a film as a GIF or an animated WebP.

    Options: start, end, width, fps, colours, quality, loop, format.
    """
    options, name = work.options, names(work)[0]
    kind: Kind = options.get("format") or "gif"
    if kind not in MIME_TYPES:
        raise refuse(f"no animation is written as {kind!r}; there are: {', '.join(MIME_TYPES)}")
    stretch = Stretch(
        file=work.files[0], name=name,
        start=moment(options.get("start"), "start") or 0.0, end=moment(options.get("end"), "end"),
    )  # fmt: skip
    film = known(stretch.file, name)
    stretch = checked(stretch, film)
    length = seconds_of(stretch, film)
    if length is None or length > LONGEST_ANIMATION:
        raise refuse(f"{name}: give start and end: an animation is at most {LONGEST_ANIMATION:.0f} s long")
    fps = _steps(rate_of(options.get("fps") or min(12.0, float(film.fps)), film.fps), kind)
    across = min(int(options.get("width") or 480), _WIDEST)
    size = Size(across, max(1, round(film.height * across / film.width)))
    tell = counted(work, length * float(fps) * (2 if kind == "gif" else 1), "animating")
    notes: list[str] = []
    done = 0

    def frames() -> Iterable[VideoFrame]:
        nonlocal done
        with opened(stretch.file, name) as source:
            shaper = Shaper(size, "stretch", kind="rgb24")
            timed = pictures(source, stretch.start, stretch.end)
            for frame in paced(timed, fps, start=stretch.start, end=stretch.end, step=1 / float(source.fps)):
                done += 1
                tell(done)
                yield shaper.of(frame)
            notes.extend(note for note in source.notes if note not in notes)

    path = work.folder / f"animation.{kind}"
    loop = options.get("loop", True)
    if kind == "gif":
        count = write_gif(path, frames, fps, colours=int(options.get("colours") or 256), loop=loop)
    else:
        count = write_webp(path, frames, fps, quality=int(options.get("quality") or 75), loop=loop)
    facts = {"file": path.name, "mime_type": MIME_TYPES[kind], "width": size.width, "height": size.height}
    facts |= {"frames": count, "fps": round(float(fps), 3), "duration": round(count / float(fps), 3)}
    return {"outputs": [facts], "warnings": notes}


def _steps(fps: Fraction, kind: Kind) -> Fraction:
    """A rate whose frames last whole hundredths of a second, which is how GIF counts; nothing is faster than 50."""
    return fps if kind != "gif" else Fraction(100, max(2, round(100 / fps)))
