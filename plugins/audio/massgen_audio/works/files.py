"""What all work functions do: open what they were given, and write what they made."""

from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from massgen_audio.failing import failed
from massgen_audio.provenance import carried
from massgen_audio.sound.formats import format_named
from massgen_audio.sound.limits import Limits
from massgen_audio.sound.reading import Source, reading
from massgen_audio.sound.resampling import mapped, resampled
from massgen_audio.sound.stream import Sound, told
from massgen_audio.sound.writing import write
from massgen_core.workers import Work

_SAME = {
    "flac": "flac",
    "mp3": "mp3",
    "opus": "opus",
    "aac": "m4a",
}
"""The format for an edited file whose format nobody asked for, by the codec that it came with."""


def limits_of(options: dict[str, Any]) -> Limits:
    """The bounds that the config sets, or the usual ones."""
    usual = Limits()
    return Limits(
        seconds=options.get("longest_seconds") or usual.seconds,
        file_bytes=options.get("largest_bytes") or usual.file_bytes,
    )


@contextmanager
def opened(work: Work, number: int = 0) -> Generator[Source]:
    """One of the files of the work; its warnings belong into the result."""
    options = work.options
    if number >= len(work.files):
        raise failed("no file was given")
    raw = (options.get("raw_rate") or 24_000, options.get("raw_channels") or 1) if options.get("raw") else None
    with reading(
        work.files[number],
        name_of(work, number),
        limits=limits_of(options),
        salvage=bool(options.get("salvage")),
        track=options.get("track") or 0,
        raw=raw,
    ) as source:
        yield source


@contextmanager
def all_opened(work: Work) -> Generator[list[Source]]:
    """All files of the work."""
    with ExitStack() as stack:
        yield [stack.enter_context(opened(work, number)) for number in range(len(work.files))]


def name_of(work: Work, number: int = 0) -> str:
    """What the caller calls a file."""
    names: Sequence[str] = work.options.get("names") or ()
    return names[number] if number < len(names) else "the file"


def between(work: Work, low: float, high: float, what: str) -> Callable[[float], None]:
    """Progress of one pass, as a part of the whole work."""
    return lambda share: work.progress(low + (high - low) * share, what)


def heard(work: Work, sound: Sound, what: str, *, low: float = 0.0, high: float = 1.0) -> Sound:
    """The sound, whose progress is told."""
    return told(sound, between(work, low, high, what))


def saved(work: Work, sound: Sound, sources: Sequence[Source], stem: str, **more: Any) -> dict[str, Any]:
    """Write a sound that was made from files, as the options ask, or in the format of the first."""
    options = work.options
    name = options.get("format") or (_SAME.get(sources[0].facts.codec, "wav") if sources else "wav")
    if options.get("channels"):
        sound = mapped(sound, options["channels"])
    if options.get("sample_rate"):
        sound = resampled(sound, options["sample_rate"])
    tags = options.get("tags") or carried(*(source.facts.tags for source in sources))
    return write(
        sound,
        work.folder / f"{stem}.{format_named(name).ending}",
        name,
        bit_rate=options.get("bit_rate"),
        bits=options.get("bits"),
        tags=tags,
        **more,
    )


def result(facts: dict[str, Any], sources: Sequence[Source], *notes: str) -> dict[str, Any]:
    """What a work function returns: one file, and what should be known of it."""
    warnings = [warning for source in sources for warning in source.warnings]
    return {"outputs": [facts], "warnings": [*warnings, *filter(None, notes)]}
