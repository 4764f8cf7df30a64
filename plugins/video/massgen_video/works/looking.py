"""Films looked at: what is in them, single pictures, and sheets of many."""

from __future__ import annotations

from typing import Any

from massgen_core.workers import Work
from massgen_video.opening.facts import display_size, facts_of, rotation_of
from massgen_video.opening.source import Source, opened
from massgen_video.problems import refuse
from massgen_video.understanding.sheet import laid_out, saved, shown
from massgen_video.works.frame import moment, names

_MOST = 100
_SHEET_PREVIEW = 1280


def info(work: Work) -> dict[str, Any]:
    """What is in a film: container, streams, size, rate, length, tags, chapters."""
    with opened(work.files[0], names(work)[0], sounds=True) as source:
        facts = facts_of(source)
        return facts | {"warnings": source.notes}


def thumbnail(work: Work) -> dict[str, Any]:
    """Single pictures of a film.

    Options: times (seconds), width, format (``jpg`` or ``png``).
    """
    with opened(work.files[0], names(work)[0]) as source:
        times = [moment(each, "times") or 0.0 for each in work.options.get("times") or [_usual(source)]]
        _check(times)
        width, height = _size(source, work.options.get("width"))
        outputs: list[dict[str, Any]] = []
        for number, (asked, (time, image)) in enumerate(zip(times, shown(source, times, width, height), strict=False)):
            file = saved(image, work.folder, f"picture-{number + 1:03}", work.options.get("format") or "jpg")
            outputs.append(file | {"time": round(time, 3), "asked": asked, "alt": f"{source.name} at {time:.2f} s"})
            work.progress((number + 1) / len(times), "looking")
        if not outputs:
            raise refuse(f"{source.name}: not one of its pictures can be read")
        return {"outputs": outputs, "warnings": source.notes}


def contact_sheet(work: Work) -> dict[str, Any]:
    """Pictures from all over a film on one sheet, each with its time.

    Options: count, columns, width (of the sheet), start, end, format.
    """
    options = work.options
    with opened(work.files[0], names(work)[0]) as source:
        times = _spread(source, int(options.get("count") or 12), options)
        _check(times)
        columns = int(options.get("columns") or min(len(times), 4))
        across = int(options.get("width") or 1280)
        width, height = _size(source, max(64, across // columns - 8))
        found: list[tuple[float, Any]] = []
        for pair in shown(source, times, width, height):
            found.append(pair)
            work.progress(len(found) / len(times), "looking")
        if not found:
            raise refuse(f"{source.name}: not one of its pictures can be read")
        file = saved(laid_out(found, columns), work.folder, "sheet", options.get("format") or "jpg")
        alt = f"{len(found)} pictures of {source.name}, from {found[0][0]:.1f} s to {found[-1][0]:.1f} s"
        return {
            "outputs": [file | {"alt": alt, "times": [round(time, 3) for time, _ in found]}],
            "warnings": source.notes,
        }


def _usual(source: Source) -> float:
    """A moment that shows more than the first picture, which is often black."""
    return round((source.duration or 0.0) * 0.1, 3)


def _spread(source: Source, count: int, options: dict[str, Any]) -> list[float]:
    start = moment(options.get("start"), "start") or 0.0
    end = moment(options.get("end"), "end") or source.duration or start
    length = max(0.0, min(end, source.duration or end) - start)
    return [round(start + length * (number + 0.5) / count, 3) for number in range(count)] if length else [start]


def _size(source: Source, width: int | None) -> tuple[int, int]:
    own_width, own_height = display_size(source, rotation_of(source))
    across = min(width or own_width, 4096)
    return across, max(1, round(own_height * across / own_width))


def _check(times: list[float]) -> None:
    if len(times) > _MOST:
        raise refuse(f"{len(times)} pictures: at most {_MOST} at once")
