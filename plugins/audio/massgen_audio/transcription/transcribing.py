"""The work function of transcription."""

from collections.abc import Iterator
from typing import Any

from massgen_audio.failing import failed
from massgen_audio.sound.reading import Source
from massgen_audio.sound.resampling import mapped, resampled
from massgen_audio.sound.stream import Sound
from massgen_audio.transcription.segments import Segment, joined
from massgen_audio.transcription.subtitles import MIME_TYPES, written
from massgen_audio.transcription.weights import chosen
from massgen_audio.transcription.whisper import Whisper, loaded
from massgen_audio.transcription.windows import RATE, windows
from massgen_audio.works.files import opened
from massgen_core.workers import Work

_UNSURE = -0.9
"""Mean log probability below which most of a text is guessed."""

_LISTED = 1000
"""Segments that a result tells; a file has all."""


def transcribe(work: Work) -> dict[str, Any]:
    """Write down what is said in the first file.

    Options: language, prompt, words, vad, salvage, track; format (txt, srt, vtt, json) for a file beside the text;
    model_folder and model_sha256 for other weights than those of the package.
    """
    options = work.options
    form = options.get("format")
    if form is not None and form not in MIME_TYPES:
        raise failed(f"a transcript cannot be written as {form!r}; there are {', '.join(MIME_TYPES)}")
    weights = chosen(options)
    with opened(work) as source:
        hearing = _Hearing(work, loaded(weights), source)
        segments = list(hearing.segments())
        seconds = hearing.heard
        warnings = [*source.warnings, *hearing.notes(segments)]
    facts: dict[str, Any] = {
        "text": joined(segments),
        "model": weights.name,
        "details": {
            "language": hearing.language,
            "seconds": round(seconds, 3),
            "segments": [each.to_json(words=hearing.words) for each in segments[:_LISTED]],
        },
    }
    if len(segments) > _LISTED:
        warnings.append(f"{_LISTED} of {len(segments)} segments are told here: ask for format=json to have all")
    if form is not None:
        text = written(segments, form, words=hearing.words)
        (work.folder / f"transcript.{form}").write_text(text, encoding="utf-8")
        facts |= {"file": f"transcript.{form}", "mime_type": MIME_TYPES[form]}
    return {"outputs": [facts], "warnings": warnings}


class _Hearing:
    """One recording while it is listened to.

    language: the one that was asked for, or that was found in the first window
    heard: seconds that were listened to
    """

    def __init__(self, work: Work, model: Whisper, source: Source) -> None:
        self._work = work
        self._model = model
        self._source = source
        self.words = bool(work.options.get("words"))
        self.language: str | None = self._checked(work.options.get("language"))
        self.heard = 0.0

    def segments(self) -> Iterator[Segment]:
        """What is said, as it is recognised."""
        for start, samples in windows(_for_speech(self._source.sound())):
            self.heard = start + len(samples) / RATE
            self.language, found = self._model.hear(
                samples,
                language=self.language,
                prompt=self._work.options.get("prompt"),
                words=self.words or self._work.options.get("format") in ("srt", "vtt"),
                vad=self._work.options.get("vad", True),
            )
            for segment in found:
                self._tell(start + segment.end)
                if segment.text:
                    yield segment.later(start)
            self._tell(self.heard)

    def notes(self, segments: list[Segment]) -> list[str]:
        """What somebody who relies on the text should know."""
        if not segments:
            return ["no speech was found in it"]
        letters = sum(len(each.text) for each in segments)
        sure = sum(each.confidence * len(each.text) for each in segments) / max(1, letters)
        if sure >= _UNSURE:
            return []
        only = "" if len(self._model.languages) > 1 else " (this model knows English only)"
        return [f"most of this text is guessed: noise, music, or another language{only}"]

    def _tell(self, seconds: float) -> None:
        whole = self._source.facts.seconds
        if whole:
            self._work.progress(min(1.0, seconds / whole), f"{seconds:.0f} of {whole:.0f} s heard")

    def _checked(self, language: str | None) -> str | None:
        if language is None or language in self._model.languages:
            return language
        known = self._model.languages
        there = "English only" if known == ["en"] else f"{', '.join(known)}"
        raise failed(
            f"this model does not know the language {language!r}; it knows {there}."
            " Other weights can be named in the config (whisper.model, whisper.sha256)"
        )


def _for_speech(sound: Sound) -> Sound:
    return resampled(mapped(sound, 1), RATE)
