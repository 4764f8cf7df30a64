"""Films cut, put together and converted."""

from __future__ import annotations

from typing import Any

from massgen_core.workers import Work
from massgen_video.bounds import MOST_PARTS
from massgen_video.cutting.copying import Copy
from massgen_video.cutting.parts import Known, Stretch, checked, known, read, seconds_of
from massgen_video.cutting.sizes import rate_of, size_of
from massgen_video.opening.facts import tags_of
from massgen_video.opening.source import opened
from massgen_video.problems import refuse
from massgen_video.works.frame import counted, film_facts, moment, names
from massgen_video.writing.film import Shape, write
from massgen_video.writing.formats import format_named
from massgen_video.writing.provenance import carried


def trim(work: Work) -> dict[str, Any]:
    """A part of a film, from ``start`` to ``end``: encoded anew, or with ``copy`` from the key picture before.

    Options: start, end, copy, format, quality, crf.
    """
    stretch = Stretch(
        file=work.files[0], name=names(work)[0],
        start=moment(work.options.get("start"), "start") or 0.0, end=moment(work.options.get("end"), "end"),
    )  # fmt: skip
    return _copied(work, stretch) if work.options.get("copy") else _made(work, [stretch])


def concat(work: Work) -> dict[str, Any]:
    """Films one after the other, in the first one's size and rate unless others are given.

    Options: size, fps, fit, format, quality, crf.
    """
    if not 1 <= len(work.files) <= MOST_PARTS:
        raise refuse(f"{len(work.files)} films: from 1 to {MOST_PARTS} are put together at once")
    films = zip(work.files, names(work), strict=True)
    return _made(work, [Stretch(file=file, name=name) for file, name in films])


def convert(work: Work) -> dict[str, Any]:
    """A film in another format, size or rate.

    Options: size, fps, fit, format, quality, crf, sound.
    """
    return _made(work, [Stretch(file=work.files[0], name=names(work)[0])])


def _made(work: Work, stretches: list[Stretch]) -> dict[str, Any]:
    options = work.options
    films = [known(stretch.file, stretch.name) for stretch in stretches]
    stretches = [checked(stretch, film) for stretch, film in zip(stretches, films, strict=True)]
    shape = _shape(options, films)
    lengths = [seconds_of(stretch, film) for stretch, film in zip(stretches, films, strict=True)]
    whole = sum(each or 0.0 for each in lengths) * float(shape.fps)
    notes: list[str] = []
    parts = read(stretches, shape.size, shape.fps, fit=options.get("fit") or "contain", notes=notes, sound=shape.sound)
    file = f"film.{shape.format.name}"
    film = write(work.folder / file, shape, parts, counted(work, whole, "encoding"))
    return {"outputs": [film_facts(film, shape, file)], "warnings": notes}


def _shape(options: dict[str, Any], films: list[Known]) -> Shape:
    first = films[0]
    return Shape(
        format=format_named(options.get("format") or "mp4"),
        size=size_of(options.get("size"), first.width, first.height),
        fps=rate_of(options.get("fps"), first.fps),
        sound=options.get("sound", True) and any(film.sound for film in films),
        quality=options.get("quality") or "standard",
        crf=options.get("crf"),
        tags=carried(*(film.tags for film in films)),
    )


def _copied(work: Work, stretch: Stretch) -> dict[str, Any]:
    form = format_named(work.options.get("format") or "mp4")
    film = known(stretch.file, stretch.name)
    stretch = checked(stretch, film)
    with opened(stretch.file, stretch.name) as source:
        tags = carried(tags_of(source.container.metadata))
        copy = Copy(source, work.folder / f"film.{form.name}", form, tags=tags)
        copy.write(stretch.start, stretch.end, counted(work, seconds_of(stretch, film), "copying"))
        notes = list(source.notes)
    if stretch.start - copy.start > 0.001:
        notes.append(f"cut at the key picture before: it begins at {copy.start:.3f} s, not at {stretch.start:g} s")
    facts = {"file": copy.path.name, "mime_type": form.mime_type, "width": film.width, "height": film.height}
    facts |= {"duration": round(copy.duration, 3), "fps": round(float(film.fps), 3), "begins_at": round(copy.start, 3)}
    return {"outputs": [facts], "warnings": notes}
