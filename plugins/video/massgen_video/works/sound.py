"""The sound of a film: replaced, mixed, removed, taken out; its pictures stay as they are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import numpy as np

from massgen_core.workers import Work
from massgen_video.cutting.copying import Copy
from massgen_video.cutting.parts import Known, known
from massgen_video.opening.facts import tags_of
from massgen_video.opening.source import check_length, opened
from massgen_video.problems import refuse
from massgen_video.reading.sounds import RATE, Samples, of_length, sounds
from massgen_video.storyboard.mixing import added, ducked, looped, louder
from massgen_video.works.frame import counted, moment, names
from massgen_video.writing.formats import format_named
from massgen_video.writing.provenance import carried
from massgen_video.writing.sound import write_sound


def replace(work: Work) -> dict[str, Any]:
    """A film with other sound; the first file is the film, the second one the sound.

    Options: mode (``replace``, ``mix``, ``remove``), volume and original_volume (factors), start (seconds at which
    the new sound begins), loop, duck (lower the new sound where the original is loud), format.
    """
    mode = work.options.get("mode") or "replace"
    form = format_named(work.options.get("format") or "mp4")
    film = known(work.files[0], names(work)[0])
    if film.duration is None:
        raise refuse(f"{film.name}: it does not say how long it is: convert it with video_convert first")
    if mode != "remove" and len(work.files) != 2:
        raise refuse("no sound was given: name a file with `audio`, or use mode `remove`")
    with ExitStack() as stack:
        new = None if mode == "remove" else _sound(work, stack, film, mode)
        source = stack.enter_context(opened(work.files[0], film.name))
        tags = carried(tags_of(source.container.metadata))
        copy = Copy(source, work.folder / f"film.{form.name}", form, sound=False, new_sound=new, tags=tags)
        copy.write(progress=counted(work, film.duration, "writing"))
        facts: dict[str, Any] = {"file": copy.path.name, "mime_type": form.mime_type}
        facts |= {"width": film.width, "height": film.height, "duration": round(copy.duration, 3)}
        if new is not None:
            facts |= {"sample_rate": RATE, "channels": 2}
        return {"outputs": [facts], "warnings": source.notes}


def extract(work: Work) -> dict[str, Any]:
    """A film's sound as a file of its own.

    Options: start, end, format (``m4a``, ``mp3``, ``wav``, ``flac``, ``opus``), rate, mono.
    """
    options, name = work.options, names(work)[0]
    start, end = moment(options.get("start"), "start") or 0.0, moment(options.get("end"), "end")
    with opened(work.files[0], name, sounds=True) as source:
        check_length(source)
        if source.sound() is None:
            raise refuse(f"{name}: there is no sound in it")
        rate = int(options.get("rate") or RATE)
        expected = (min(end or source.duration or 0.0, source.duration or end or 0.0) - start) * rate
        facts = write_sound(
            work.folder, "sound", options.get("format") or "m4a", sounds(source, start, end, rate), rate,
            mono=bool(options.get("mono")), progress=counted(work, expected, "writing"),
        )  # fmt: skip
        if not facts["duration"]:
            raise refuse(f"{name}: there is no sound in that part")
        return {"outputs": [facts], "warnings": source.notes}


def _sound(work: Work, stack: ExitStack, film: Known, mode: str) -> Iterator[Samples]:
    options = work.options
    length = round((film.duration or 0.0) * RATE)
    begin = round((moment(options.get("start"), "start") or 0.0) * RATE)
    given = stack.enter_context(opened(work.files[1], names(work)[1], sounds=True))
    if given.sound() is None:
        raise refuse(f"{given.name}: there is no sound in it")
    again = looped(lambda: sounds(given)) if options.get("loop") else sounds(given)
    new = of_length(_after(begin, louder(again, float(options.get("volume", 1.0)))), length)
    if mode == "replace" or not film.sound:
        return new
    own = stack.enter_context(opened(work.files[0], film.name))
    original = of_length(louder(sounds(own), float(options.get("original_volume", 1.0))), length)
    return ducked(original, new) if options.get("duck") else added(original, new)


def _after(samples: int, blocks: Iterator[Samples]) -> Iterator[Samples]:
    for at in range(0, samples, RATE):
        yield np.zeros((min(RATE, samples - at), 2), np.float32)
    yield from blocks
