"""Work functions that show what is in a file."""

from dataclasses import asdict
from typing import Any

from PIL.PngImagePlugin import PngInfo

from massgen_audio.failing import failed
from massgen_audio.pictures.axes import BOTTOM, LEFT, RIGHT, TOP
from massgen_audio.pictures.spectrogram import spectrogram
from massgen_audio.pictures.waveform import waveform
from massgen_audio.provenance import SOFTWARE
from massgen_audio.sound.reading import Facts, Source
from massgen_audio.sound.stream import Counted
from massgen_audio.works.files import heard, name_of, opened, result
from massgen_core.workers import Work

KINDS = ("waveform", "spectrogram")
_SMALLEST, _LARGEST = 200, 4000


def picture(work: Work) -> dict[str, Any]:
    """Draw a file. Options: kind (waveform, spectrogram), scale (mel, linear), width, height in pixels."""
    options = work.options
    kind = options.get("kind") or "waveform"
    width, height = options.get("width") or 1000, options.get("height") or 400
    if kind not in KINDS:
        raise failed(f"no picture {kind!r}; there are {', '.join(KINDS)}")
    if not (_SMALLEST <= width <= _LARGEST and _SMALLEST <= height <= _LARGEST):
        raise failed(f"{width}x{height} pixels; each side must be {_SMALLEST} to {_LARGEST}")
    with opened(work) as source:
        title = _title(name_of(work), source.facts)
        sound = heard(work, source.sound(), "drawn")
        if kind == "waveform":
            image, seconds = waveform(sound, width, height, title)
        else:
            image, seconds = spectrogram(sound, width, height, title, options.get("scale") or "mel")
        texts = PngInfo()
        texts.add_text("Software", SOFTWARE)
        texts.add_itxt("Description", f"{kind} of {name_of(work)}")
        image.save(work.folder / f"{kind}.png", pnginfo=texts)
        facts = {"file": f"{kind}.png", "mime_type": "image/png", "width": width, "height": height}
        inside = {"left": LEFT, "right": width - RIGHT, "top": TOP, "bottom": height - BOTTOM}
        facts |= {"alt": f"{kind} of {title}, {seconds:.2f} seconds"}
        facts["details"] = {"seconds": round(seconds, 3), "drawn_in": inside}
        return result(facts, [source])


def _title(name: str, facts: Facts) -> str:
    shown = name if len(name) <= 60 else f"{name[:57]}…"
    return f"{shown} · {facts.codec}, {facts.rate} Hz, {_channels(facts.channels)}"


def _channels(count: int) -> str:
    return {1: "mono", 2: "stereo"}.get(count, f"{count} channels")


def info(work: Work) -> dict[str, Any]:
    """Tell what a file is. Option: exact goes through all of it, and counts."""
    with opened(work) as source:
        facts = _facts(source, work)
        return {"outputs": [{"text": _in_words(facts), "details": facts}], "warnings": source.warnings}


def _facts(source: Source, work: Work) -> dict[str, Any]:
    facts = {key: value for key, value in asdict(source.facts).items() if value not in (None, 0)}
    facts["seconds"] = facts.get("seconds") and round(facts["seconds"], 6)
    facts["tags"] = {key[:80]: value[:500] for key, value in list(source.facts.tags.items())[:50]}
    if work.options.get("exact"):
        counted = Counted(heard(work, source.sound(), "counted"))
        for _ in counted.sound.blocks:
            pass
        facts |= {"frames": counted.frames, "seconds": round(counted.frames / source.facts.rate, 6), "exact": True}
    return facts


def _in_words(facts: dict[str, Any]) -> str:
    seconds = f"{facts['seconds']:.3f} s" if facts.get("seconds") else "an unknown length"
    rate = f", {facts['bit_rate'] // 1000} kb/s" if facts.get("bit_rate") else ""
    film = ", with pictures" if facts.get("has_video") else ""
    what = f"{facts['container']}: {facts['codec']}, {facts['rate']} Hz, {_channels(facts['channels'])}"
    return f"{what}, {seconds}{rate}{film}"
