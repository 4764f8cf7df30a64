"""Subtitles of a film: put beside it, into it, onto it, and taken out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from av.video.frame import VideoFrame

from massgen_core.workers import Work
from massgen_video.bounds import LARGEST_SUBTITLES
from massgen_video.cutting.copying import Copy
from massgen_video.cutting.parts import Stretch, known, read
from massgen_video.cutting.sizes import rate_of, size_of
from massgen_video.lettering import lacking_letters
from massgen_video.opening.facts import tags_of
from massgen_video.opening.source import opened
from massgen_video.problems import refuse
from massgen_video.subtitles.burning import burned
from massgen_video.subtitles.cues import Cue, parse, to_srt, to_vtt
from massgen_video.subtitles.extracting import extracted
from massgen_video.works.frame import counted, film_facts, names
from massgen_video.writing.film import Shape, write
from massgen_video.writing.formats import format_named
from massgen_video.writing.provenance import carried

_MIME_TYPES = {"srt": "application/x-subrip", "vtt": "text/vtt"}


def add(work: Work) -> dict[str, Any]:
    """A film with subtitles from the second file (SubRip, WebVTT), or from the option ``cues``.

    Options: mode (``soft``, ``burned``, ``sidecar``), cues, language, format, quality.
    """
    cues = _given(work)
    mode = work.options.get("mode") or "soft"
    if mode == "sidecar":
        return {"outputs": [_text_file(work, cues)], "warnings": _late(work, cues)}
    return (_soft if mode == "soft" else _burned)(work, cues)


def extract(work: Work) -> dict[str, Any]:
    """The subtitles that a film has as a file.

    Options: language (the first track where none is given), format (``srt``, ``vtt``).
    """
    with opened(work.files[0], names(work)[0]) as source:
        cues = extracted(source, work.options.get("language"))
        return {"outputs": [_text_file(work, cues)], "warnings": source.notes}


def _given(work: Work) -> list[Cue]:
    if len(work.files) > 1:
        data = work.files[1].read(LARGEST_SUBTITLES + 1)
        if len(data) > LARGEST_SUBTITLES:
            raise refuse(f"{names(work)[1]}: subtitles of more than {LARGEST_SUBTITLES} bytes are not read")
        return parse(data.decode("utf-8", errors="replace"), names(work)[1])
    given: list[dict[str, Any]] = work.options.get("cues") or []
    cues = sorted(Cue(float(each["start"]), float(each["end"]), str(each["text"]).strip()) for each in given)
    if not cues or any(cue.end <= cue.start or cue.start < 0 or not cue.text for cue in cues):
        raise refuse("give subtitles: a file (.srt, .vtt), or `cues` whose texts end after they start")
    return cues


def _soft(work: Work, cues: list[Cue]) -> dict[str, Any]:
    form = format_named(work.options.get("format") or "mp4")
    film = known(work.files[0], names(work)[0])
    with opened(work.files[0], film.name) as source:
        tags = carried(tags_of(source.container.metadata))
        language = work.options.get("language")
        copy = Copy(source, work.folder / f"film.{form.name}", form, cues=cues, language=language, tags=tags)
        copy.write(progress=counted(work, film.duration, "writing"))
        facts = {"file": copy.path.name, "mime_type": form.mime_type, "width": film.width, "height": film.height}
        facts |= {"duration": round(copy.duration, 3), "cues": len(cues)}
        return {"outputs": [facts], "warnings": [*source.notes, *_late(work, cues)]}


def _burned(work: Work, cues: list[Cue]) -> dict[str, Any]:
    options = work.options
    film = known(work.files[0], names(work)[0])
    shape = Shape(
        format=format_named(options.get("format") or "mp4"), size=size_of(None, film.width, film.height),
        fps=rate_of(None, film.fps), sound=film.sound, quality=options.get("quality") or "standard",
        tags=carried(film.tags),
    )  # fmt: skip
    over: Callable[[VideoFrame, float], VideoFrame] = burned(cues, shape.size)
    notes = [f"no font here has these letters: {lacking}"] if (lacking := _lacking(cues)) else []
    stretch = Stretch(file=work.files[0], name=film.name)
    parts = read([stretch], shape.size, shape.fps, notes=notes, sound=shape.sound, over=over)
    file = f"film.{shape.format.name}"
    expected = (film.duration or 0.0) * float(shape.fps)
    made = write(work.folder / file, shape, parts, counted(work, expected, "encoding"))
    return {"outputs": [film_facts(made, shape, file, cues=len(cues))], "warnings": [*notes, *_late(work, cues)]}


def _text_file(work: Work, cues: list[Cue]) -> dict[str, Any]:
    kind = work.options.get("format") or "srt"
    if kind not in _MIME_TYPES:
        raise refuse(f"no subtitles are written as {kind!r}; there are: {', '.join(_MIME_TYPES)}")
    (work.folder / f"subtitles.{kind}").write_text(to_vtt(cues) if kind == "vtt" else to_srt(cues), "utf-8")
    return {"file": f"subtitles.{kind}", "mime_type": _MIME_TYPES[kind], "cues": len(cues)}


def _late(work: Work, cues: list[Cue]) -> list[str]:
    with opened(work.files[0], names(work)[0]) as source:
        length = source.duration
    late = sum(cue.start >= length for cue in cues) if length else 0
    return [f"{late} of the subtitles begin after the film has ended"] if late else []


def _lacking(cues: list[Cue]) -> str:
    return " ".join(lacking_letters("".join(cue.text for cue in cues[:2000]))[:12])
