"""The work function of speech: a text becomes a file, sentence by sentence."""

import base64
from collections.abc import Iterator
from typing import Any

from massgen_audio.provenance import AI_SPEECH, SYNTHETIC, made_by
from massgen_audio.sound.formats import format_named
from massgen_audio.sound.resampling import resampled
from massgen_audio.sound.stream import Samples, Sound, of
from massgen_audio.sound.writing import write
from massgen_audio.speech import hibari
from massgen_audio.speech.engines import able
from massgen_audio.speech.plan import Line, planned
from massgen_audio.speech.saying import RATE, Said, said
from massgen_core.workers import Work

_LISTED = 500
"""Lines that a result tells the times of."""


def speak(work: Work) -> dict[str, Any]:
    """Say a text into a file.

    Options: text; voice, language, speed, seed, engines; format, bit_rate, sample_rate; `parts` has each sentence
    handed over as a WAV file (base64) as soon as it is said.
    """
    options = work.options
    engines = able() & frozenset(options.get("engines") or able())
    lines = planned(options["text"], voice=options.get("voice"), language=options.get("language"), able=engines)
    speech = _Speech(work, lines)
    name = options.get("format") or "mp3"
    facts = write(
        resampled(speech.sound(), options.get("sample_rate") or RATE),
        work.folder / f"speech.{format_named(name).ending}",
        name,
        bit_rate=options.get("bit_rate"),
        tags=made_by(_source(lines), what=speech.what(), description=options["text"]),
    )
    facts |= {"model": _models(lines), "seed": speech.seed, "lines": speech.told[:_LISTED]}
    facts["voices"] = sorted({line.voice.name for line in lines})
    return {"outputs": [facts], "warnings": _notes(lines)}


class _Speech:
    """The lines of one text while they are said.

    told: what was said so far: text, voice, start and end in seconds
    """

    def __init__(self, work: Work, lines: list[Line]) -> None:
        self._work = work
        self._lines = lines
        self._speed = float(work.options.get("speed") or 1.0)
        self.seed: int = work.options.get("seed") or 0
        self.told: list[dict[str, Any]] = []

    def sound(self) -> Sound:
        return Sound(rate=RATE, channels=1, blocks=self._blocks())

    def what(self) -> str:
        voices = ", ".join(dict.fromkeys(line.voice.name for line in self._lines))
        return f"speech by {_models(self._lines)}, voice {voices}, speed {self._speed:g}, seed {self.seed}"

    def _blocks(self) -> Iterator[Samples]:
        for number, each in enumerate(said(self._lines, speed=self._speed, seed=self.seed)):
            end = each.start + len(each.samples)
            fact = {"text": each.line.text, "voice": each.line.voice.name}
            self.told.append(fact | {"start": round(each.start / RATE, 3), "end": round(end / RATE, 3)})
            if self._work.options.get("parts"):
                self._hand_over(number, each)
            yield each.samples
            self._work.progress(each.line.done, f"{number + 1} of {len(self._lines)} sentences")

    def _hand_over(self, number: int, each: Said) -> None:
        part = self._work.folder / "part.wav"
        facts = write(of(each.samples, RATE), part, "wav")
        data = base64.b64encode(part.read_bytes()).decode()
        part.unlink()
        told = {"number": number + 1, "of": len(self._lines), "duration": facts["duration"]} | self.told[-1]
        self._work.early(told | {"mime_type": "audio/wav", "data": data})


def _models(lines: list[Line]) -> str:
    engines = dict.fromkeys(line.voice.engine for line in lines)
    return " and ".join(hibari.MODEL if engine == "hibari" else "eSpeak NG" for engine in engines)


def _source(lines: list[Line]) -> str:
    """A formant synthesiser is a formula; as soon as the neural voice says a word, a model has made it."""
    return AI_SPEECH if any(line.voice.engine == "hibari" for line in lines) else SYNTHETIC


def _notes(lines: list[Line]) -> list[str]:
    voices = {line.voice.name: line.voice.language for line in lines}
    if len(voices) < 2:
        return []
    others = ", ".join(f"{name} ({language})" for name, language in voices.items())
    return [f"more than one voice speaks, since no one can say all of it: {others}"]
