"""What was found in a film, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from massgen_video.understanding.clock import clock

_MOST_LETTERS = 20_000
_MOST_SCENES = 60


def in_words(found: Mapping[str, Any]) -> str:
    """Facts, scenes, text in pictures and speech, each with its times; bounded."""
    text = "\n".join(_lines(found))
    return text if len(text) <= _MOST_LETTERS else text[:_MOST_LETTERS] + "\n… (more is in the structured result)"


def _lines(found: Mapping[str, Any]) -> Iterator[str]:
    facts = found["facts"]
    sound = f", sound at {facts['sample_rate']} Hz" if "sample_rate" in facts else ", no sound"
    size = f"{facts['width']}x{facts['height']} at {facts['fps']:g} frames a second"
    yield f"{clock(facts.get('duration') or 0)} long, {size}{sound}."
    scenes = found.get("scenes", [])
    if scenes:
        begin = ", ".join(clock(each["start"]) for each in scenes[:_MOST_SCENES])
        yield f"Scenes: {len(scenes)}, beginning at {begin}."
    yield "Pictures on the sheet: " + ", ".join(clock(each["time"]) for each in found["frames"]) + "."
    for frame in found["frames"]:
        if text := frame.get("text"):
            yield f"Text at {clock(frame['time'])}: {' / '.join(text.split(chr(10)))}"
        for code in frame.get("codes", ()):
            yield f"Code at {clock(frame['time'])}: {code}"
    if speech := found.get("speech"):
        yield "Speech:" if speech["text"].strip() else "Speech: none was heard."
        for each in speech["segments"]:
            yield f"[{clock(each['start'])}–{clock(each['end'])}] {each['text'].strip()}"
        if not speech["segments"]:
            yield speech["text"]
