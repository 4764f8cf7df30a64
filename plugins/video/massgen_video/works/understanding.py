"""What a film shows and says, made ready for those who read it."""

from __future__ import annotations

from typing import Any

from massgen_core.workers import Work
from massgen_video.bounds import LONGEST
from massgen_video.opening.facts import display_size, facts_of, rotation_of
from massgen_video.opening.source import Source, opened
from massgen_video.problems import refuse
from massgen_video.reading.sounds import sounds
from massgen_video.understanding.scenes import Stretch, chosen, scenes
from massgen_video.understanding.sheet import laid_out, saved, shown
from massgen_video.works.frame import counted, moment, names
from massgen_video.writing.sound import write_sound

_WIDEST = 1280
_MOST_TOLD = 200
_SHEET = 1280
_HEARD = 16_000
"""Samples a second: what speech recognition takes."""


def look(work: Work) -> dict[str, Any]:
    """The pictures that show a film's scenes, each as a file, and all on a sheet.

    Options: frames, mode (``scenes``, ``uniform``), start, end.
    """
    options = work.options
    with opened(work.files[0], names(work)[0]) as source:
        facts = facts_of(source)
        start, end = _part(source, options)
        work.progress(0.05, "looking for scenes")
        uniform = options.get("mode") == "uniform"
        found = [Stretch(start, end)] if uniform else scenes(source, start, end)
        moments = chosen(found, int(options.get("frames") or 12))
        work.progress(0.6, "looking")
        seen = _seen(work, source, moments)
        pictures = [pair[1] for pair in seen]
        small = [(time, image.resize(_small(image.size, len(seen)))) for (time, image), _ in seen]
        sheet = saved(laid_out(small, 4 if len(small) > 6 else 3), work.folder, "sheet", "jpg")
        told: dict[str, Any] = {
            "facts": facts,
            "pictures": pictures,
            "sheet": sheet,
            "part": [round(start, 3), round(end, 3)],
        }
        if not uniform:
            told["scenes"] = [{"start": round(each.start, 3), "end": round(each.end, 3)} for each in found[:_MOST_TOLD]]
        return told | {"warnings": source.notes}


def hear(work: Work) -> dict[str, Any]:
    """The sound of a part of a film, for those who write down what is said.

    Options: start, end.
    """
    options, name = work.options, names(work)[0]
    with opened(work.files[0], name) as source:
        start, end = float(options["start"]), float(options["end"])
        blocks = sounds(source, start, end, _HEARD)
        tell = counted(work, (end - start) * _HEARD, "listening")
        return write_sound(work.folder, "heard", "wav", blocks, _HEARD, mono=True, progress=tell) | {
            "warnings": source.notes
        }


def _part(source: Source, options: dict[str, Any]) -> tuple[float, float]:
    start = moment(options.get("start"), "start") or 0.0
    length = source.duration
    if length is None or length > 100 * LONGEST:
        raise refuse(f"{source.name}: it does not say how long it is: convert it with video_convert first")
    end = min(moment(options.get("end"), "end") or length, length)
    if start >= end:
        raise refuse(f"{source.name}: it is {length:.2f} s long; there is nothing from {start:g} to {end:g} s")
    return start, end


def _seen(work: Work, source: Source, moments: list[float]) -> list[tuple[tuple[float, Any], dict[str, Any]]]:
    own_width, own_height = display_size(source, rotation_of(source))
    factor = min(1.0, _WIDEST / max(own_width, own_height))
    width, height = max(1, round(own_width * factor)), max(1, round(own_height * factor))
    seen: list[tuple[tuple[float, Any], dict[str, Any]]] = []
    for number, (time, image) in enumerate(shown(source, moments, width, height), 1):
        file = saved(image, work.folder, f"frame-{number:03}", "jpg")
        seen.append(((time, image), file | {"time": round(time, 3), "alt": f"{source.name} at {time:.1f} s"}))
        work.progress(0.6 + 0.4 * number / len(moments), "looking")
    if not seen:
        raise refuse(f"{source.name}: not one of its pictures can be read")
    return seen


def _small(size: tuple[int, int], count: int) -> tuple[int, int]:
    across = _SHEET // (4 if count > 6 else 3) - 10
    factor = min(1.0, across / size[0], across / size[1])
    return max(1, round(size[0] * factor)), max(1, round(size[1] * factor))
