"""Work functions that make one file out of others."""

import math
from dataclasses import replace
from typing import Any

from massgen_audio.edits.cutting import faded, kept, trimmed
from massgen_audio.edits.joining import joined
from massgen_audio.edits.loudness import Meter, amplified, gain_for, limited, measured
from massgen_audio.edits.mixing import Track, loudest, mixed
from massgen_audio.edits.quiet import silences, without
from massgen_audio.edits.tempo import hastened
from massgen_audio.failing import failed
from massgen_audio.sound.reading import Source
from massgen_audio.sound.stream import Sound
from massgen_audio.works.files import all_opened, heard, opened, result, saved
from massgen_core.workers import Work

_TELLABLE = 500
"""Cuts that a result lists."""


def convert(work: Work) -> dict[str, Any]:
    """Write a file in another format. Options: speed, gain, and those of `saved`."""
    with opened(work) as source:
        sound = heard(work, source.sound(), "converted")
        if work.options.get("speed"):
            sound = hastened(sound, work.options["speed"])
        sound = amplified(sound, work.options.get("gain") or 0.0)
        return result(saved(work, sound, [source], "converted"), [source])


def trim(work: Work) -> dict[str, Any]:
    """Take a part of a file. Options: start, end or duration, fade_in, fade_out (seconds)."""
    options = work.options
    start, end = options.get("start") or 0.0, options.get("end")
    if options.get("duration") is not None:
        if end is not None:
            raise failed("end and duration say the same: give one of them")
        end = start + options["duration"]
    with opened(work) as source:
        part = trimmed(source.sound(), start, end)
        sound = faded(heard(work, part, "cut"), options.get("fade_in") or 0.0, options.get("fade_out") or 0.0)
        return result(saved(work, sound, [source], "part"), [source])


def join(work: Work) -> dict[str, Any]:
    """Put files one after the other. Options: gap, crossfade (seconds)."""
    options = work.options
    with all_opened(work) as sources:
        sounds = [source.sound() for source in sources]
        whole = joined(sounds, gap=options.get("gap") or 0.0, crossfade=options.get("crossfade") or 0.0)
        return result(saved(work, heard(work, whole, "joined"), sources, "joined"), sources)


def mix(work: Work) -> dict[str, Any]:
    """Lay files over each other.

    Options: tracks, one for each file (gain in dB, start in seconds, duck in dB); length "longest" or "first";
    fade_out in seconds. Goes through the files twice, so that the sum is never louder than full scale.
    """
    with all_opened(work) as sources:
        peak = loudest(heard(work, _mixed(work, sources), "measured", high=0.4))
    turned_down = 20 * math.log10(peak) if peak > 1 else 0.0
    with all_opened(work) as sources:
        sound = heard(work, _mixed(work, sources), "mixed", low=0.4)
        sound = faded(amplified(sound, -turned_down), 0.0, work.options.get("fade_out") or 0.0)
        note = f"all of it was turned down by {turned_down:.1f} dB: the sum was louder than full scale"
        return result(saved(work, sound, sources, "mix"), sources, note if turned_down else "")


def _mixed(work: Work, sources: list[Source]) -> Sound:
    settings: list[dict[str, Any]] = work.options.get("tracks") or [{} for _ in sources]
    if len(settings) != len(sources):
        raise failed(f"{len(settings)} tracks are described, {len(sources)} files are given")
    tracks = [
        Track(sound=source.sound(), **{key: float(each.get(key) or 0) for key in ("gain", "start", "duck")})
        for source, each in zip(sources, settings, strict=True)
    ]
    whole = mixed(tracks)
    if work.options.get("length") != "first":
        return whole
    first = sources[0].facts.seconds
    if first is None:
        raise failed("the first file does not say how long it is: trim the result instead")
    return trimmed(whole, 0.0, first + tracks[0].start)


def loudness(work: Work) -> dict[str, Any]:
    """Measure how loud a file is; with the option target (LUFS), write it that loud.

    Options: target, peak (dBTP, the most), limit (turn peaks down instead of all).
    """
    options = work.options
    target = options.get("target")
    with opened(work) as source:
        share = 1.0 if target is None else 0.5
        before = measured(heard(work, source.sound(), "measured", high=share))
        warnings = list(source.warnings)
    facts: dict[str, Any] = {"details": {"before": before.to_json()}}
    if target is None:
        return {"outputs": [{"text": _loudness_in_words(before.to_json()), **facts}], "warnings": warnings}
    ceiling = -1.0 if options.get("peak") is None else options["peak"]
    gain, over = gain_for(before, target, ceiling)
    with opened(work) as source:
        sound = heard(work, source.sound(), "written", low=0.5)
        if over and not options.get("limit"):
            gain = min(gain, ceiling - (before.true_peak or 0.0))
            warnings.append(f"it stays softer than {target:g} LUFS: its peaks are at {ceiling:g} dBTP; set limit=true")
        sound = amplified(sound, gain)
        if over and options.get("limit"):
            sound = limited(sound, ceiling - 0.3)
        meter = Meter(sound)
        written = saved(work, replace(sound, blocks=meter.through(sound)), [source], "loudness")
    facts["details"] |= {"after": meter.loudness().to_json(), "gain": round(gain, 2)}
    return {"outputs": [written | facts], "warnings": warnings}


def _loudness_in_words(facts: dict[str, float | None]) -> str:
    if facts["integrated"] is None:
        return "It is silent, or shorter than 0.4 seconds: it has no loudness."
    return f"{facts['integrated']} LUFS integrated, range {facts['range']} LU, true peak {facts['true_peak']} dBTP"


def cut_silence(work: Work) -> dict[str, Any]:
    """Leave silences out. Options: threshold (dBFS), minimum, padding (seconds), ends_only, dry_run."""
    options = work.options
    with opened(work) as source:
        spans, frames = silences(
            heard(work, source.sound(), "listened to", high=0.5),
            threshold=-45.0 if options.get("threshold") is None else options["threshold"],
            minimum=0.5 if options.get("minimum") is None else options["minimum"],
            padding=0.1 if options.get("padding") is None else options["padding"],
        )
        rate = source.facts.rate
    if options.get("ends_only"):
        spans = [(start, end) for start, end in spans if start == 0 or end == frames]
    facts = _cuts(spans, frames, rate)
    if options.get("dry_run"):
        return {"outputs": [{"text": _cuts_in_words(facts), "details": facts}], "warnings": []}
    with opened(work) as source:
        sound = heard(work, kept(source.sound(), without(spans, frames)), "written", low=0.5)
        return result(saved(work, sound, [source], "cut") | {"details": facts}, [source])


def _cuts(spans: list[tuple[int, int]], frames: int, rate: int) -> dict[str, Any]:
    gone = sum(end - start for start, end in spans)
    listed = [[round(start / rate, 3), round(end / rate, 3)] for start, end in spans[:_TELLABLE]]
    return {"cuts": listed, "count": len(spans), "removed": round(gone / rate, 3), "seconds": round(frames / rate, 3)}


def _cuts_in_words(facts: dict[str, Any]) -> str:
    return f"{facts['count']} silences, {facts['removed']} of {facts['seconds']} seconds in all"
